package net_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

func TestNewChecksShapes(t *testing.T) {
	image := layer.Image(1, 8, 8)
	for _, c := range []struct {
		name   string
		in     layer.Shape
		layers []layer.Layer
		want   error
		text   string
	}{
		{"no layers", image, nil, layer.ErrOption, "at least one layer"},
		{"nil layer", image, []layer.Layer{nil}, layer.ErrOption, "layer 0"},
		{"nil pointer", image, []layer.Layer{pool.Max{Size: 2}, (*conv.Layer)(nil)}, layer.ErrOption, "layer 1: option is not usable: want a layer, have a nil *conv.Layer"},
		{"empty input", layer.Image(1, 0, 8), []layer.Layer{dense.Flatten{}}, layer.ErrShape, "1x0x8"},
		{"no filters", image, []layer.Layer{conv.Layer{Size: 3}}, layer.ErrOption, "0 filters"},
		{"large filter", image, []layer.Layer{pool.Max{Size: 2}, conv.Layer{Filters: 1, Size: 5}}, layer.ErrShape, "layer 1: convolution"},
		{"large window", image, []layer.Layer{pool.Max{Size: 9}}, layer.ErrShape, "9x9"},
		{"no window", image, []layer.Layer{pool.Max{}}, layer.ErrOption, "0x0"},
		{"dense on image", image, []layer.Layer{dense.Layer{Units: 2}}, layer.ErrShape, "dense.Flatten"},
		{"conv on vector", layer.Vector(8), []layer.Layer{conv.Layer{Filters: 1, Size: 1}}, layer.ErrShape, "vector"},
		{"pool on vector", layer.Vector(8), []layer.Layer{pool.Max{Size: 1}}, layer.ErrShape, "vector"},
		{"flatten on vector", layer.Vector(8), []layer.Layer{dense.Flatten{}}, layer.ErrShape, "vector"},
		{"no units", layer.Vector(8), []layer.Layer{dense.Layer{}}, layer.ErrOption, "Units"},
		{"unknown activation", layer.Vector(8), []layer.Layer{dense.Layer{Units: 1, Activation: 9}}, layer.ErrOption, "activation 9"},
		{"huge filters", image, []layer.Layer{conv.Layer{Filters: math.MaxInt, Size: 3}}, layer.ErrShape, "elements"},
		{"huge units", layer.Vector(8), []layer.Layer{dense.Layer{Units: math.MaxInt}}, layer.ErrShape, "elements"},
		{"huge input", layer.Image(math.MaxInt, math.MaxInt, math.MaxInt), []layer.Layer{dense.Flatten{}}, layer.ErrShape, "elements"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := net.New(c.in, 1, c.layers...)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %v, want %q that names %q", err, c.want, c.text)
			}
		})
	}
}

// blobs is a small problem that a small network learns.
func blobs() (*net.Network, []float32, []int) {
	n, err := net.New(layer.Vector(2), 3, dense.Layer{Units: 8, Activation: layer.Tanh}, dense.Layer{Units: 2})
	if err != nil {
		panic(err)
	}
	x, labels := make([]float32, 0, 64), make([]int, 0, 32)
	for i := range 32 {
		a, b := float32(i%4)/4, float32(i/4)/8
		x, labels = append(x, a, b), append(labels, i%4/2)
	}
	return n, x, labels
}

// TestOptimizersLearn combines every optimiser with every loss.
func TestOptimizersLearn(t *testing.T) {
	for optName, opt := range map[string]net.Optimizer{
		"Adam": net.Adam{Rate: 0.05}, "NotebookAdam": net.NotebookAdam(0.05), "AdamW": net.AdamW{Rate: 0.05},
		"SGD": net.SGD{Rate: 0.5}, "momentum": net.SGD{Rate: 0.1, Momentum: 0.9}, "Nesterov": net.SGD{Rate: 0.1, Momentum: 0.9, Nesterov: true},
		"RMSProp": net.RMSProp{Rate: 0.02},
	} {
		for lossName, loss := range map[string]net.Loss{
			"cross-entropy": net.CrossEntropy{}, "smoothed": net.CrossEntropy{Smoothing: 0.1}, "binary": net.BinaryCrossEntropy{}, "squared": net.SquaredError{},
		} {
			t.Run(optName+" "+lossName, func(t *testing.T) {
				n, x, labels := blobs()
				tr := newTrainer(t, n, net.TrainerConfig{Optimizer: opt, Loss: loss})
				first, err := tr.Step(x, labels)
				if err != nil {
					t.Fatal(err)
				}
				last := first
				for range 300 {
					if last, err = tr.Step(x, labels); err != nil {
						t.Fatal(err)
					}
				}
				if !(last < first) {
					t.Errorf("loss %v after 300 steps, %v before", last, first)
				}
				if a, err := n.Accuracy(net.Examples{Images: x, Labels: labels}); err != nil || a != 1 {
					t.Errorf("accuracy %v and error %v, want 1", a, err)
				}
			})
		}
	}
}

// failing is a Dataset that fails from an index on.
type failing struct {
	net.Examples
	from int
}

var errBroken = errors.New("broken")

func (f failing) Read(x []float32, labels []int, indices []int) error {
	for _, i := range indices {
		if i >= f.from {
			return errBroken
		}
	}
	return f.Examples.Read(x, labels, indices)
}

// TestFailedStepChangesNothing compares a training in which steps fail with one
// in which they do not happen: weights and the optimiser's clock stay.
func TestFailedStepChangesNothing(t *testing.T) {
	n, x, labels := blobs()
	clean, _, _ := blobs()
	tr, want := newTrainer(t, n, net.TrainerConfig{Workers: 2}), newTrainer(t, clean, net.TrainerConfig{Workers: 2})
	bad := append([]int(nil), labels...)
	bad[20] = 2
	for range 3 {
		if _, err := tr.Step(x, bad); !errors.Is(err, net.ErrLabel) || !strings.Contains(err.Error(), "image 20") {
			t.Errorf("bad label: error %v", err)
		}
		if _, err := tr.Step(x[:3], labels[:1]); !errors.Is(err, layer.ErrShape) {
			t.Errorf("half an image: error %v", err)
		}
		if _, err := tr.Step(x, labels[:3]); !errors.Is(err, layer.ErrShape) {
			t.Errorf("few labels: error %v", err)
		}
		if _, err := tr.Step(nil, nil); !errors.Is(err, net.ErrData) {
			t.Errorf("no image: error %v", err)
		}
		data := failing{net.Examples{Images: x, Labels: labels}, 9}
		_, err := tr.Fit(t.Context(), data, net.FitConfig{BatchSize: 32, NoShuffle: true})
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "images 8 to 15") {
			t.Errorf("broken data: error %v, want the first block's", err)
		}
		for _, trainer := range []*net.Trainer{tr, want} {
			if _, err := trainer.Step(x, labels); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n.Hash() != clean.Hash() {
		t.Error("failed steps changed the weights")
	}
}

func TestOptionsAreChecked(t *testing.T) {
	n, x, labels := blobs()
	for _, opt := range []net.Optimizer{
		net.Adam{Rate: -1}, net.Adam{Beta1: 1}, net.Adam{Beta2: math.NaN()}, net.Adam{Epsilon: -1}, net.SGD{Rate: math.Inf(1)},
	} {
		if _, err := net.NewTrainer(n, net.TrainerConfig{Optimizer: opt}); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%+v: error %v, want %v", opt, err, layer.ErrOption)
		}
	}
	if _, err := net.NewTrainer(n, net.TrainerConfig{Loss: net.CrossEntropy{Epsilon: 1}}); !errors.Is(err, layer.ErrOption) {
		t.Errorf("Epsilon 1: error %v", err)
	}
	tr := newTrainer(t, n, net.TrainerConfig{})
	for _, rate := range []float64{-1, math.NaN(), math.Inf(1)} {
		if err := tr.SetRate(rate); !errors.Is(err, layer.ErrOption) {
			t.Errorf("rate %v: error %v", rate, err)
		}
	}
	data := net.Examples{Images: x, Labels: labels}
	for _, c := range []net.FitConfig{{Epochs: -1}, {BatchSize: -1}} {
		if _, err := tr.Fit(t.Context(), data, c); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
	for _, c := range []net.FitConfig{{BatchSize: 33, DropLast: true}} {
		if _, err := tr.Fit(t.Context(), data, c); !errors.Is(err, net.ErrData) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
	if _, err := tr.Fit(t.Context(), net.Examples{}, net.FitConfig{}); !errors.Is(err, net.ErrData) {
		t.Errorf("no data: error %v", err)
	}
	if _, _, err := n.Params(9); !errors.Is(err, layer.ErrOption) {
		t.Errorf("layer 9: error %v", err)
	}
	if err := n.SetParams(0, x, nil); !errors.Is(err, layer.ErrShape) {
		t.Errorf("wrong weights: error %v", err)
	}
	if _, err := n.Predict(nil, x[:1]); !errors.Is(err, layer.ErrShape) {
		t.Errorf("half an image: error %v", err)
	}
}

func TestClosed(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{Workers: 2})
	tr.Close()
	tr.Close()
	if _, err := tr.Step(x, labels); !errors.Is(err, net.ErrClosed) {
		t.Errorf("step: error %v", err)
	}
	if _, err := tr.Accuracy(net.Examples{Images: x, Labels: labels}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accuracy: error %v", err)
	}
	p := n.NewPredictor(2)
	p.Close()
	p.Close()
	if _, err := p.Predict(nil, x); !errors.Is(err, net.ErrClosed) {
		t.Errorf("predict: error %v", err)
	}
}

func TestFitStopsAndReports(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	data := net.Examples{Images: x, Labels: labels}
	ctx, cancel := context.WithCancel(t.Context())
	var seen []net.Progress
	var rates []int
	history, err := tr.Fit(ctx, data, net.FitConfig{
		Epochs:    3,
		BatchSize: 10, // 10 + 10 + 10 + 2
		Rate: func(step, steps int) float64 {
			if steps != 12 {
				t.Errorf("%d steps, want 12", steps)
			}
			rates = append(rates, step)
			return 0.01
		},
		Callbacks: []net.Callback{net.OnStep(func(p net.Progress) error {
			if seen = append(seen, p); p.Step == 6 {
				cancel()
			}
			return nil
		})},
		Validation: data,
	})
	if !errors.Is(err, context.Canceled) || len(history.Losses) != 6 || len(history.Epochs) != 1 {
		t.Errorf("error %v after %d steps and %d epochs, want %v after 6 and 1", err, len(history.Losses), len(history.Epochs), context.Canceled)
	}
	if len(seen) != 6 || seen[5].Epoch != 2 || seen[5].Epochs != 3 || seen[5].Steps != 12 || len(rates) != 6 || rates[5] != 5 {
		t.Errorf("progress %+v and rates of %v", seen, rates)
	}
}
