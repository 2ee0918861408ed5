package testkit

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdlanes/lanes/layer"
)

// InitialWeights fails the test unless a layer's initial weights have the
// variance that each [layer.Init] asks for, by the layer's fan (but for its
// Activation), and its biases are 0. bind returns the layer with an Init and an
// activation.
func InitialWeights(t *testing.T, fan layer.Fan, bind func(layer.Init, layer.Activation) layer.Trained) {
	t.Helper()
	in, out := float64(fan.In), float64(fan.Out)
	for _, c := range []struct {
		init     layer.Init
		act      layer.Activation
		variance float64
	}{
		{layer.Init{}, layer.ReLU, 2 / in},
		{layer.Init{}, layer.Tanh, 1 / in},
		{layer.He, layer.Tanh, 2 / in},
		{layer.Glorot, layer.ReLU, 2 / (in + out)},
		{layer.LeCun, layer.ReLU, 1 / in},
		{layer.Notebook, layer.ReLU, float64(fan.Notebook) * float64(fan.Notebook)},
		{layer.NormalInit(0.5), layer.ReLU, 0.25},
	} {
		op := bind(c.init, c.act)
		w, b := make([]float32, op.Params().Weights()), make([]float32, op.Params().Rows)
		b[0] = 1
		op.Init(w, b, layer.Stream(1, "init", 0))
		NormalDeviates(t, fmt.Sprintf("%v before %v", c.init, c.act), w, c.variance)
		if b[0] != 0 {
			t.Errorf("%v before %v: want biases of 0, have %v", c.init, c.act, b[0])
		}
	}
}

// NormalDeviates fails the test unless numbers may well be independent normal
// deviates of mean 0 and the given variance: their mean, and the mean of their
// squares, are within five of its standard deviations of what is expected.
func NormalDeviates(t *testing.T, what string, x []float32, variance float64) {
	t.Helper()
	var sum, squares float64
	for _, v := range x {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	n := float64(len(x))
	if mean := sum / n; !(math.Abs(mean) <= 5*math.Sqrt(variance/n)) {
		t.Errorf("%s: want a mean of about 0, have %v", what, mean)
	}
	if have := squares / n; !(math.Abs(have-variance) <= 5*variance*math.Sqrt(2/n)) {
		t.Errorf("%s: want a variance of about %v, have %v", what, variance, have)
	}
}
