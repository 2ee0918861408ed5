package dense

import (
	"errors"
	"math"
	"testing"

	"github.com/simdlanes/lanes/layer"
)

// TestInit wants initial weights of the variance that the numbers of inputs and
// units ask for, also from a replica, and biases of 0.
func TestInit(t *testing.T) {
	const in, units, weights = 100, 200, 100 * 200
	for _, c := range []struct {
		init     layer.Init
		act      layer.Activation
		variance float64
	}{
		{layer.Init{}, layer.ReLU, 2. / in},
		{layer.Init{}, layer.Tanh, 1. / in},
		{layer.He, layer.Tanh, 2. / in},
		{layer.Glorot, layer.ReLU, 2. / (in + units)},
		{layer.LeCun, layer.ReLU, 1. / in},
		{layer.Notebook, layer.ReLU, 0.01 * 0.01},
		{layer.NormalInit(0.5), layer.ReLU, 0.25},
	} {
		bound, err := Layer{Units: units, Activation: c.act, Init: c.init}.Bind(layer.Vector(in))
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range []layer.Trained{bound.(layer.Trained), bound.(layer.Replicated).Replica()} {
			w, b := make([]float32, weights), make([]float32, units)
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
}

func TestInitUnusable(t *testing.T) {
	_, err := Layer{Units: 1, Init: layer.NormalInit(-1)}.Bind(layer.Vector(2))
	if !errors.Is(err, layer.ErrOption) {
		t.Errorf("want ErrOption, have %v", err)
	}
}
