package net_test

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// torchArray returns one of the arrays that testdata/optimizers/make.py writes,
// rounded to float32, and its number of rows.
func torchArray(t *testing.T, name string) ([]float32, int) {
	t.Helper()
	data, shape := golden.File(t, "testdata/optimizers/"+name+".npy")
	return golden.Float32s(data), shape[0]
}

// TestReductionAndClippingLikePyTorch trains a small network for four steps and
// compares all parameters after each.
func TestReductionAndClippingLikePyTorch(t *testing.T) {
	x, images := torchArray(t, "input")
	given, _ := torchArray(t, "labels")
	initial, _ := torchArray(t, "parameters")
	labels := make([]int, images)
	for i := range labels {
		labels[i] = int(given[i])
	}
	for name, c := range map[string]net.TrainerConfig{
		"mean":       {},
		"sum":        {Reduction: net.Sum},
		"value":      {ClipValue: 0.05},
		"norm":       {ClipNorm: 0.25},
		"norm_above": {ClipNorm: 100},
		"norm_sum":   {Reduction: net.Sum, ClipNorm: 0.25},
		"both_sum":   {Reduction: net.Sum, ClipValue: 0.1, ClipNorm: 0.25},
	} {
		t.Run(name, func(t *testing.T) {
			want, steps := torchArray(t, "trainer_"+name)
			n, err := net.New(layer.Vector(5), 1, dense.Layer{Units: 4, Activation: layer.Tanh}, dense.Layer{Units: 3})
			if err == nil {
				err = errors.Join(n.SetParams(0, initial[:20], initial[20:24]), n.SetParams(1, initial[24:36], initial[36:]))
			}
			if err != nil {
				t.Fatal(err)
			}
			c.Optimizer, c.Workers = net.SGD{Rate: 0.05, Momentum: 0.5}, 2
			tr := newTrainer(t, n, c)
			for step := range steps {
				if _, err := tr.Step(x, labels); err != nil {
					t.Fatal(err)
				}
				golden.Close(t, fmt.Sprint("step ", step), allParams(t, n), want[step*len(initial):][:len(initial)], 1e-6)
			}
		})
	}
}

// allParams are the parameters of a network of dense layers.
func allParams(t *testing.T, n *net.Network) (all []float32) {
	t.Helper()
	for i := 0; len(all) < n.NumParams(); i++ {
		w, b, err := n.Params(i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(append(all, w...), b...)
	}
	return all
}

// everyOptimizer has each kind of kernel.
var everyOptimizer = []net.Optimizer{
	net.Adam{}, net.AdamW{}, net.AdamW{WeightDecay: 0.1, DecayBiases: true},
	net.SGD{}, net.SGD{WeightDecay: 0.1}, net.SGD{Momentum: 0.9, WeightDecay: 0.1}, net.SGD{Momentum: 0.9, Nesterov: true},
	net.RMSProp{WeightDecay: 0.1}, net.RMSProp{Momentum: 0.9},
}

// everyReduction are the ways to make the gradient.
var everyReduction = []net.TrainerConfig{
	{}, {Reduction: net.Sum}, {ClipValue: 0.01}, {ClipNorm: 0.02}, {ClipValue: 0.01, ClipNorm: 0.02, Reduction: net.Sum},
}

// TestOptimizersIgnoreWorkers trains with every optimiser and every way to clip:
// the same bits for any number of workers, with assembly and without.
func TestOptimizersIgnoreWorkers(t *testing.T) {
	in, x, labels := randomImages(9, 3)
	train := func(c net.TrainerConfig) [32]byte {
		n, err := net.New(in, 5, conv.Layer{Filters: 4, Size: 3, Activation: layer.Tanh},
			dense.Flatten{}, dense.Layer{Units: 30, Activation: layer.ReLU}, dense.Layer{Units: 3})
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrainer(t, n, c)
		defer tr.Close()
		for range 2 {
			if _, err := tr.Step(x, labels); err != nil {
				t.Fatal(err)
			}
		}
		return n.Hash()
	}
	workers := []int{2, 3, 7}
	if testkit.Race {
		workers = []int{3}
	}
	seen := map[[32]byte]string{}
	for _, o := range everyOptimizer {
		for _, c := range everyReduction {
			c.Optimizer, c.Workers = o, 1
			name := fmt.Sprintf("%T%+v %v %v %v", o, o, c.Reduction, c.ClipValue, c.ClipNorm)
			want := train(c)
			if other, ok := seen[want]; ok {
				t.Errorf("%s trains to the weights of %s", name, other)
			}
			seen[want] = name
			for _, c.Workers = range workers {
				if train(c) != want {
					t.Errorf("%s: other weights with %d workers", name, c.Workers)
				}
			}
			undo := kernels.Use(kernels.Generic)
			if train(c) != want {
				t.Errorf("%s: other weights with portable kernels", name)
			}
			undo()
		}
	}
}

// randomImages are small images of random pixels with random labels.
func randomImages(images, classes int) (in layer.Shape, x []float32, labels []int) {
	in = layer.Image(2, 6, 6)
	x, labels = make([]float32, images*in.Len()), make([]int, images)
	layer.Normal(x, 1, layer.Stream(1, "random images", 0))
	for i := range labels {
		labels[i] = i % classes
	}
	return in, x, labels
}

// TestClipNormOfNothing bounds a norm that is below the bound: the bits are those
// without it.
func TestClipNormOfNothing(t *testing.T) {
	for _, o := range everyOptimizer {
		var hashes [][32]byte
		for _, c := range []net.TrainerConfig{{}, {ClipNorm: 1e6}} {
			n, x, labels := blobs()
			c.Optimizer = o
			if _, err := newTrainer(t, n, c).Step(x, labels); err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, n.Hash())
		}
		if hashes[0] != hashes[1] {
			t.Errorf("%T%+v: a bound that is not reached changes the weights", o, o)
		}
	}
}

// TestGradientsBeforeClipping wants Trainer.Gradients to be what it is without
// reduction and clipping.
func TestGradientsBeforeClipping(t *testing.T) {
	var want []float32
	for _, c := range everyReduction {
		n, x, labels := blobs()
		tr := newTrainer(t, n, c)
		if _, err := tr.Step(x, labels); err != nil {
			t.Fatal(err)
		}
		dw, db, err := tr.Gradients(1)
		if err != nil {
			t.Fatal(err)
		}
		if got := append(dw, db...); want == nil {
			want = got
		} else {
			sameBits(t, fmt.Sprintf("%+v", c), got, want)
		}
	}
}

// overflowing is a network whose loss is finite, and whose gradient is not.
func overflowing(t *testing.T) (n *net.Network, x []float32, labels []int) {
	n, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2})
	if err == nil {
		err = n.SetParams(0, make([]float32, 4), make([]float32, 2))
	}
	if err != nil {
		t.Fatal(err)
	}
	labels = make([]int, 9)
	for range labels {
		x = append(x, 3e38, 0)
	}
	return n, x, labels
}

// TestClipNormOfInfinity is an error that changes nothing, neither weights nor
// moments, for any number of workers; the training goes on.
func TestClipNormOfInfinity(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		c := net.TrainerConfig{Workers: workers, ClipNorm: 1}
		n, x, labels := overflowing(t)
		tr := newTrainer(t, n, c)
		before := n.Hash()
		for range 3 {
			if _, err := tr.Step(x, labels); !errors.Is(err, net.ErrNotFinite) {
				t.Fatalf("%d workers: error %v, want ErrNotFinite", workers, err)
			}
		}
		if n.Hash() != before {
			t.Fatalf("%d workers: a step that failed has changed the weights", workers)
		}
		same, _, _ := overflowing(t)
		for _, tr := range []*net.Trainer{tr, newTrainer(t, same, c)} {
			if _, err := tr.Step(x[:8], labels[:4]); err == nil {
				t.Fatal("half as many images do not overflow")
			}
			if _, err := tr.Step([]float32{1, 2}, []int{1}); err != nil {
				t.Fatal(err)
			}
		}
		if n.Hash() != same.Hash() {
			t.Errorf("%d workers: a step after an error is another", workers)
		}
	}
}

// TestClipValueOfInfinity moves a weight by the bound.
func TestClipValueOfInfinity(t *testing.T) {
	n, x, labels := overflowing(t)
	tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.SGD{Rate: 1}, ClipValue: 0.25})
	if _, err := tr.Step(x, labels); err != nil {
		t.Fatal(err)
	}
	w, b, err := n.Params(0)
	if err != nil {
		t.Fatal(err)
	}
	sameBits(t, "weights", w, []float32{0.25, 0, -0.25, 0})
	sameBits(t, "biases", b, []float32{0.25, -0.25})
}

// TestPanicBeforeClipping has a gradient panic while others wait to hear the
// norm: the caller gets the panic, nothing has changed, and all goes on.
func TestPanicBeforeClipping(t *testing.T) {
	armed := new(atomic.Bool)
	_, x, labels := blobs()
	build := func() *net.Network { return wideBefore(t, fragileDense{dense.Layer{Units: 2}, armed}) }
	for _, workers := range []int{1, 2, 3} {
		c := net.TrainerConfig{Workers: workers, ClipNorm: 1e-3}
		n, same := build(), build()
		tr := newTrainer(t, n, c)
		before := n.Hash()
		armed.Store(true)
		for range 20 {
			if got := panicOf(func() { _, _ = tr.Step(x, labels) }); got != errPanic {
				t.Fatalf("%d workers: panic %v, want %v", workers, got, errPanic)
			}
		}
		armed.Store(false)
		if n.Hash() != before {
			t.Errorf("%d workers: a step that panicked before the norm was known has changed weights", workers)
		}
		for _, tr := range []*net.Trainer{tr, newTrainer(t, same, c)} {
			if _, err := tr.Step(x, labels); err != nil {
				t.Fatal(err)
			}
		}
		if n.Hash() != same.Hash() {
			t.Errorf("%d workers: a step after a panic is another", workers)
		}
	}
}

// unpackable is a dense layer whose Pack panics while it is armed.
type unpackable struct {
	dense.Layer
	armed *atomic.Bool
}

func (l unpackable) Bind(in layer.Shape) (layer.Op, error) {
	op, err := l.Layer.Bind(in)
	if err != nil {
		return nil, err
	}
	return &unpackableOp{op.(layer.BatchGradient), l.armed}, nil
}

type unpackableOp struct {
	layer.BatchGradient
	armed *atomic.Bool
}

func (o *unpackableOp) Pack(lo, hi int) {
	if o.armed.Load() {
		panic(errPanic)
	}
	o.BatchGradient.Pack(lo, hi)
}

// TestPanicAfterClipping has an update panic: no worker may wait for it for ever.
func TestPanicAfterClipping(t *testing.T) {
	_, x, labels := blobs()
	for _, workers := range []int{1, 2, 3} {
		armed := new(atomic.Bool)
		n := wideBefore(t, unpackable{dense.Layer{Units: 2}, armed})
		tr := newTrainer(t, n, net.TrainerConfig{Workers: workers, ClipNorm: 1})
		for range 10 {
			armed.Store(true)
			if got := panicOf(func() { _, _ = tr.Step(x, labels) }); got != errPanic {
				t.Fatalf("%d workers: panic %v, want %v", workers, got, errPanic)
			}
			armed.Store(false)
			if _, err := tr.Step(x, labels); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestDecaySparesBiases gives gradients that are next to nothing, so that decay
// alone moves parameters.
func TestDecaySparesBiases(t *testing.T) {
	for _, c := range []struct {
		name             string
		spares, includes net.Optimizer
	}{
		{"AdamW", net.AdamW{Rate: 0.1, WeightDecay: 0.5, Epsilon: 1e10}, net.AdamW{Rate: 0.1, WeightDecay: 0.5, Epsilon: 1e10, DecayBiases: true}},
		{"SGD", net.SGD{Rate: 0.1, WeightDecay: 0.5}, net.SGD{Rate: 0.1, WeightDecay: 0.5, DecayBiases: true}},
		{"momentum", net.SGD{Rate: 0.1, Momentum: 0.5, WeightDecay: 0.5}, net.SGD{Rate: 0.1, Momentum: 0.5, WeightDecay: 0.5, DecayBiases: true}},
		{"RMSProp", net.RMSProp{Rate: 1e9, WeightDecay: 0.5, Epsilon: 1e10}, net.RMSProp{Rate: 1e9, WeightDecay: 0.5, Epsilon: 1e10, DecayBiases: true}},
	} {
		for i, o := range []net.Optimizer{c.spares, c.includes} {
			n, err := net.New(layer.Image(1, 2, 2), 1, conv.Layer{Filters: 2, Size: 2}, dense.Flatten{}, dense.Layer{Units: 2})
			if err == nil {
				err = errors.Join(n.SetParams(0, []float32{1, 1, 1, 1, 1, 1, 1, 1}, []float32{1, 1}),
					n.SetParams(2, []float32{1, 1, 1, 1}, []float32{1, 1}))
			}
			if err != nil {
				t.Fatal(err)
			}
			tr := newTrainer(t, n, net.TrainerConfig{Optimizer: o, ClipValue: 1e-30})
			if _, err := tr.Step(make([]float32, 4), []int{0}); err != nil {
				t.Fatal(err)
			}
			for _, l := range []int{0, 2} {
				w, b, err := n.Params(l)
				if err != nil {
					t.Fatal(err)
				}
				biases := []float64{1, 0.95}[i]
				golden.Close(t, c.name+": weights", w[:2], []float64{0.95, 0.95}, 1e-6)
				golden.Close(t, c.name+": biases", b, []float64{biases, biases}, 1e-6)
			}
		}
	}
}

// TestNoAllocationInOptimizers steps with every optimiser, clipped and not.
func TestNoAllocationInOptimizers(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector allocates")
	}
	n, x, labels := blobs()
	for _, workers := range []int{1, 2} {
		for _, o := range everyOptimizer {
			for _, c := range []net.TrainerConfig{{}, {ClipValue: 1, ClipNorm: 1, Reduction: net.Sum}} {
				c.Optimizer, c.Workers = o, workers
				tr := newTrainer(t, n, c)
				allocs := testing.AllocsPerRun(3, func() {
					if _, err := tr.Step(x, labels); err != nil {
						t.Error(err)
					}
				})
				if allocs != 0 {
					t.Errorf("%+v: %v allocations in a step, want none", c, allocs)
				}
			}
		}
	}
}

func TestTrainerRefusesClipping(t *testing.T) {
	for _, c := range []net.TrainerConfig{
		{ClipValue: -1}, {ClipValue: math.NaN()}, {ClipValue: math.Inf(1)}, {ClipValue: 1e-31},
		{ClipNorm: -1}, {ClipNorm: math.NaN()}, {ClipNorm: 1e31}, {Reduction: -1}, {Reduction: 2},
	} {
		n, _, _ := blobs()
		if tr, err := net.NewTrainer(n, c); !errors.Is(err, layer.ErrOption) || tr != nil {
			t.Errorf("%+v: error %v, want ErrOption", c, err)
		}
	}
	if got := fmt.Sprint(net.Mean, net.Sum, net.Reduction(7)); got != "mean sum Reduction(7)" {
		t.Errorf("the reductions are called %s", got)
	}
}
