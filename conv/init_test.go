package conv_test

import (
	"errors"
	"math"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/layer"
)

// TestInitVariance wants initial weights of the variance that the numbers of connections
// of a grouped convolution ask for, and biases of 0.
func TestInitVariance(t *testing.T) {
	const (
		channels, filters, size, groups = 40, 60, 5, 2
		weights                         = filters * channels / groups * size * size
		in, out                         = channels / groups * size * size, filters / groups * size * size
	)
	for _, c := range []struct {
		init     layer.Init
		act      layer.Activation
		variance float64
	}{
		{layer.Init{}, layer.ReLU, 2. / in},
		{layer.Init{}, layer.Tanh, 1. / in},
		{layer.He, layer.Tanh, 2. / in},
		{layer.Glorot, layer.ReLU, 2. / (in + out)},
		{layer.LeCun, layer.ReLU, 1. / in},
		{layer.Notebook, layer.ReLU, 1. / weights},
		{layer.NormalInit(0.5), layer.ReLU, 0.25},
	} {
		op := bind(t, conv.Layer{Filters: filters, Size: size, Groups: groups, Activation: c.act, Init: c.init}, layer.Image(channels, 8, 8))
		w, b := make([]float32, op.Params().Weights()), make([]float32, filters)
		b[0] = 1
		op.Init(w, b, layer.Stream(1, "init", 0))
		var squares float64
		for _, v := range w {
			squares += float64(v) * float64(v)
		}
		if variance := squares / weights; !(math.Abs(variance-c.variance) <= 5*c.variance*math.Sqrt(2./weights)) || b[0] != 0 {
			t.Errorf("%v before %v: want a variance of about %v, have %v; bias %v", c.init, c.act, c.variance, variance, b[0])
		}
	}
}

func TestInitUnusable(t *testing.T) {
	_, err := conv.Layer{Filters: 1, Size: 1, Init: layer.NormalInit(-1)}.Bind(layer.Image(1, 2, 2))
	if !errors.Is(err, layer.ErrOption) {
		t.Errorf("want ErrOption, have %v", err)
	}
}
