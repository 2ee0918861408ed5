package net

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// optimizers are all that there are, with every option.
var optimizers = map[string]Optimizer{
	"adam":               Adam{Rate: 0.05},
	"adam_constants":     Adam{Rate: 0.05, Beta1: 0.5, Beta2: 0.75, Epsilon: 0.25},
	"adamw":              AdamW{Rate: 0.05},
	"adamw_biases":       AdamW{Rate: 0.05, Beta1: 0.8, Beta2: 0.9, Epsilon: 1e-3, WeightDecay: 0.5, DecayBiases: true},
	"sgd":                SGD{Rate: 0.05},
	"sgd_decay":          SGD{Rate: 0.05, WeightDecay: 0.3},
	"sgd_decay_biases":   SGD{Rate: 0.05, WeightDecay: 0.3, DecayBiases: true},
	"sgd_momentum":       SGD{Rate: 0.05, Momentum: 0.9},
	"sgd_momentum_decay": SGD{Rate: 0.05, Momentum: 0.7, WeightDecay: 0.3},
	"sgd_nesterov":       SGD{Rate: 0.05, Momentum: 0.9, Nesterov: true},
	"sgd_nesterov_decay": SGD{Rate: 0.05, Momentum: 0.7, Nesterov: true, WeightDecay: 0.3, DecayBiases: true},
	"rmsprop":            RMSProp{Rate: 0.05},
	"rmsprop_constants":  RMSProp{Rate: 0.05, Alpha: 0.75, Epsilon: 0.25, WeightDecay: 0.3},
	"rmsprop_momentum":   RMSProp{Rate: 0.05, Momentum: 0.9, WeightDecay: 0.3, DecayBiases: true},
}

// torchFile returns one of the arrays that testdata/optimizers/make.py writes.
func torchFile(t *testing.T, name string) []float64 {
	t.Helper()
	data, _ := golden.File(t, "testdata/optimizers/"+name+".npy")
	return data
}

// TestOptimizersLikePyTorch makes six steps with each optimiser, on gradients
// that are sums of four images, and compares the weights after each.
func TestOptimizersLikePyTorch(t *testing.T) {
	const n, images = 12, 4
	weights, gradients := golden.Float32s(torchFile(t, "weights")), golden.Float32s(torchFile(t, "gradients"))
	for i := range gradients {
		gradients[i] *= images
	}
	for _, impl := range kernels.Impls() {
		defer kernels.Use(impl)()
		for name, o := range optimizers {
			want := torchFile(t, "optimizer_"+name)
			w, u := slices.Clone(weights), o.start(n)
			for step := range len(gradients) / n {
				g := gradients[step*n:][:n]
				u.begin(o.rate(), 1, images)
				u.update(w[:3], g[:3], 0, false)
				u.update(w[3:8], g[3:8], 3, false)
				u.update(w[8:], g[8:], 8, true)
				u.end()
				golden.Close(t, name, w, want[step*n:][:n], 3e-6)
			}
		}
	}
}

// TestOptimizerDefaults compares the defaults with what the documentation says.
func TestOptimizerDefaults(t *testing.T) {
	for _, c := range []struct{ short, long Optimizer }{
		{Adam{}, Adam{Rate: 0.001, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}},
		{AdamW{}, AdamW{Rate: 0.001, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.01}},
		{SGD{}, SGD{Rate: 0.01}},
		{RMSProp{}, RMSProp{Rate: 0.01, Alpha: 0.99, Epsilon: 1e-8}},
	} {
		short, long := c.short.start(1), c.long.start(1)
		if s, l := short.state().Name, long.state().Name; s != l {
			t.Errorf("%T: the defaults are those of %s, want %s", c.short, s, l)
		}
		if c.short.rate() != c.long.rate() {
			t.Errorf("%T: default rate %v, want %v", c.short, c.short.rate(), c.long.rate())
		}
		w, v := []float32{1}, []float32{1}
		for step := range 3 {
			updateOnce(short, w, step)
			updateOnce(long, v, step)
		}
		if w[0] != v[0] {
			t.Errorf("%T: a weight of %v with the defaults, want %v", c.short, w[0], v[0])
		}
	}
}

// TestOptimizerOptions refuses every option that is out of range, and takes those
// at its ends.
func TestOptimizerOptions(t *testing.T) {
	nan := math.NaN()
	for _, o := range []Optimizer{
		Adam{Rate: -1}, Adam{Rate: nan}, Adam{Rate: 1e21}, Adam{Beta1: 1}, Adam{Beta1: -0.1}, Adam{Beta2: 1}, Adam{Beta2: nan},
		Adam{Epsilon: 1e-31}, Adam{Epsilon: 1e31}, Adam{Epsilon: nan},
		AdamW{Rate: -1}, AdamW{Beta1: 1}, AdamW{Beta2: 1}, AdamW{Epsilon: -1}, AdamW{WeightDecay: -1}, AdamW{WeightDecay: 1e11}, AdamW{WeightDecay: nan},
		SGD{Rate: -1}, SGD{Momentum: 1}, SGD{Momentum: -0.1}, SGD{Momentum: nan}, SGD{Nesterov: true}, SGD{WeightDecay: -1}, SGD{WeightDecay: math.Inf(1)},
		RMSProp{Rate: nan}, RMSProp{Alpha: 1}, RMSProp{Alpha: -1}, RMSProp{Epsilon: -1}, RMSProp{Momentum: 1}, RMSProp{WeightDecay: -1},
	} {
		if err := o.check(); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%T%+v: error %v, want ErrOption", o, o, err)
		}
	}
	for _, o := range []Optimizer{
		Adam{Rate: 1e20, Epsilon: 1e-30}, AdamW{WeightDecay: 1e10, Rate: 1e20}, SGD{Momentum: 0.999999, Rate: 1e20, WeightDecay: 1e10}, RMSProp{Epsilon: 1e30},
	} {
		if err := o.check(); err != nil {
			t.Errorf("%T%+v: %v", o, o, err)
		}
	}
	for name, o := range optimizers {
		if err := o.check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOptimizersStandStill gives gradients of 0, and a rate of 0: no weight
// changes, but by decay, and none becomes NaN.
func TestOptimizersStandStill(t *testing.T) {
	for name, o := range optimizers {
		u, w := o.start(9), make([]float32, 9)
		for range 3 {
			u.begin(o.rate(), 1, 3)
			u.update(w, make([]float32, 9), 0, false)
			u.end()
		}
		if !slices.Equal(w, make([]float32, 9)) {
			t.Errorf("%s: gradients of 0 move weights of 0 to %v", name, w)
		}
		w = []float32{1, -2, 3, 0x1p-149, 5, 6, 7, 8, 9}
		before := slices.Clone(w)
		for step := range 3 {
			u.begin(0, 1, 3)
			u.update(w, []float32{1, 2, 3, 4, 5, 6, 7, 8, float32(step)}, 0, false)
			u.end()
		}
		if !slices.Equal(w, before) {
			t.Errorf("%s: a rate of 0 moves weights to %v", name, w)
		}
	}
}

// TestOptimizersAtTheEdges steps with the largest and smallest options, on
// gradients of all sizes: a weight may become infinite, but not NaN where its
// gradient is a number.
func TestOptimizersAtTheEdges(t *testing.T) {
	for _, o := range []Optimizer{
		Adam{Rate: 1e20, Epsilon: 1e-30}, Adam{Epsilon: 1e30},
		AdamW{Rate: 1, WeightDecay: 1, Epsilon: 1e-30},
		RMSProp{Rate: 1e20, Epsilon: 1e-30}, RMSProp{Alpha: 0.9999999999, Momentum: 0.9999999999},
		SGD{Rate: 1e-30, Momentum: 0.9999999999, WeightDecay: 1e-30},
	} {
		u, w := o.start(8), make([]float32, 8)
		for range 4 {
			u.begin(o.rate(), 1, 1)
			u.update(w, []float32{0, 0x1p-149, -0x1p-126, 1e-20, 1, -1e10, 1e19, 0}, 0, false)
			u.end()
		}
		for i, v := range w {
			if v != v {
				t.Errorf("%T%+v: weight %d is NaN", o, o, i)
			}
		}
	}
}
