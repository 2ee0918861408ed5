package net_test

import (
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

// TestPredictionIgnoresBatch proves that an image's probabilities have the same
// bits in whatever batch it comes, for any number of workers, from many
// goroutines at once.
func TestPredictionIgnoresBatch(t *testing.T) {
	x := digits(t, 33).Floats()
	n := net.LeNet5(1)
	want, err := n.PredictProba(nil, x)
	if err != nil {
		t.Fatal(err)
	}
	size, classes := n.Input().Len(), n.Output().Len()
	var all sync.WaitGroup
	for _, batch := range []int{1, 2, 6, 7, 8, 9, 33} {
		for _, workers := range []int{1, 2, 3} {
			all.Go(func() {
				p := n.NewPredictor(workers)
				defer p.Close()
				var got []float32
				for lo := 0; lo < 33; lo += batch {
					var err error
					if got, err = p.PredictProba(got, x[lo*size:min(lo+batch, 33)*size]); err != nil {
						t.Error(err)
						return
					}
				}
				sameBits(t, fmt.Sprintf("batches of %d, %d workers", batch, workers), got, want)
			})
		}
	}
	all.Wait()
	if len(want) != 33*classes {
		t.Errorf("%d probabilities, want %d", len(want), 33*classes)
	}
}

// TestSingleImagesOfAnyNetwork predicts one image at a time, and in blocks, with
// networks whose shapes fit neither lanes nor tiles, and with one that has a
// layer without a way of its own for single images.
func TestSingleImagesOfAnyNetwork(t *testing.T) {
	for name, layers := range map[string][]layer.Layer{
		"tanh": {
			conv.Layer{Filters: 21, Size: 3, Activation: layer.Tanh},
			pool.Max{Size: 3, SizeCols: 2},
			conv.Layer{Filters: 5, Size: 2, SizeCols: 4, Activation: layer.Sigmoid},
			dense.Flatten{},
			dense.Layer{Units: 9, Activation: layer.Tanh},
			dense.Layer{Units: 3},
		},
		"pool first":    {pool.Max{Size: 2}, conv.Layer{Filters: 3, Size: 5}, dense.Flatten{}},
		"flatten first": {dense.Flatten{}, dense.Layer{Units: 200}},
		"only blocks":   {conv.Layer{Filters: 4, Size: 3}, centre{}, dense.Flatten{}},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := net.New(layer.Image(2, 13, 17), 5, layers...)
			if err != nil {
				t.Fatal(err)
			}
			size := n.Input().Len()
			x := make([]float32, 8*size)
			layer.Normal(x, 1, layer.Stream(1, "single", 0))
			want, err := n.PredictProba(nil, x)
			if err != nil {
				t.Fatal(err)
			}
			var got []float32
			for i := range 8 {
				if got, err = n.PredictProba(got, x[i*size:(i+1)*size]); err != nil {
					t.Fatal(err)
				}
			}
			sameBits(t, "one by one", got, want)
		})
	}
}

func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d elements, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Errorf("%s: element %d is %v, want %v", what, i, got[i], want[i])
			return
		}
	}
}

// TestBatchSizes trains on batches of every size around a block, growing and
// shrinking, and compares the gradients with those of the images one by one.
func TestBatchSizes(t *testing.T) {
	data := digits(t, 17)
	x, labels := data.Floats(), data.Labels()
	n := net.LeNet5(1)
	size := n.Input().Len()
	tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.SGD{Rate: 1e-30}, Workers: 2})
	single := make([][]float32, len(labels))
	for i := range labels {
		if _, err := tr.Step(x[i*size:(i+1)*size], labels[i:i+1]); err != nil {
			t.Fatal(err)
		}
		single[i], _, _ = tr.Gradients(0)
	}
	for _, batch := range []int{1, 2, 7, 8, 9, 16, 17, 3} {
		if _, err := tr.Step(x[:batch*size], labels[:batch]); err != nil {
			t.Fatal(err)
		}
		got, _, _ := tr.Gradients(0)
		for j := range got {
			sum, magnitude := 0.0, 0.0
			for i := range batch {
				sum += float64(single[i][j])
				magnitude += math.Abs(float64(single[i][j]))
			}
			if diff := math.Abs(float64(got[j]) - sum); !(diff <= 1e-6*magnitude) {
				t.Fatalf("batch of %d: gradient %d is %v, want %v", batch, j, got[j], sum)
			}
		}
	}
}
