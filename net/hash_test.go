package net_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/activation"
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
	"github.com/simdlanes/lanes/pool"
)

var update = flag.Bool("update", false, "rewrite testdata/weights.sha256: the bits of all trainings change, so say why in the commit")

const hashFile = "testdata/weights.sha256"

// digits returns the first n embedded digits as LeNet-5 takes them.
func digits(t testing.TB, n int) *mnist.Examples {
	t.Helper()
	return fewdigits.Padded(t, 0, n).Examples(mnist.Unit)
}

// trainedHash is the hash of LeNet-5's weights after two steps on nine digits
// each: a whole block and one of a single image.
func trainedHash(t *testing.T, workers int) string {
	t.Helper()
	n := net.LeNet5(1)
	tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
	if _, err := tr.Fit(t.Context(), digits(t, 18), net.FitConfig{BatchSize: 9, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", n.Hash())
}

// manyBlocksHash is the hash of the weights of a small network, with the
// activations that LeNet-5 lacks, after three steps on 65 images: nine blocks,
// so that the tree in which blocks are added has branches on four levels.
func manyBlocksHash(t *testing.T, workers int) string {
	t.Helper()
	const images = 65
	n := goldenTiny.build()
	x, labels := make([]float32, images*n.Input().Len()), make([]int, images)
	layer.Normal(x, 1, layer.Stream(1, "blocks", 0))
	for i := range labels {
		labels[i] = i % n.Output().Len()
	}
	tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
	for range 3 {
		if _, err := tr.Step(x, labels); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%x", n.Hash())
}

// normHash is the hash of the parameters and running statistics of a network with
// the layers that the others lack, after three steps on 35 images: five blocks.
func normHash(t *testing.T, workers int) string {
	t.Helper()
	const images = 35
	n, err := net.New(layer.Image(1, 12, 11), 7,
		conv.Layer{Filters: 6, Size: 3, Same: true},
		norm.Batch{Activation: layer.LeakyReLU},
		conv.Layer{Filters: 6, Size: 3, Same: true, Groups: 6},
		norm.Batch{},
		activation.GELU{},
		norm.Dropout{Rate: 0.25, Seed: 2},
		conv.Layer{Filters: 8, Size: 3, Stride: 2, Padding: 1, Groups: 2},
		pool.Avg{Size: 3, Stride: 2, Padding: 1, Ceil: true},
		activation.LeakyReLU{Slope: 0.2},
		dense.Flatten{},
		dense.Layer{Units: 11},
		norm.Batch{Activation: layer.Tanh, Epsilon: 0.01, Momentum: 0.3},
		norm.Dropout{Rate: 0.5},
		dense.Layer{Units: 4},
	)
	if err != nil {
		t.Fatal(err)
	}
	x, labels := make([]float32, images*n.Input().Len()), make([]int, images)
	layer.Normal(x, 1, layer.Stream(1, "norm", 0))
	for i := range labels {
		labels[i] = i % n.Output().Len()
	}
	tr := newTrainer(t, n, net.TrainerConfig{Workers: workers, Optimizer: net.AdamW{Rate: 0.01}})
	for range 3 {
		if _, err := tr.Step(x, labels); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%x", n.Hash())
}

// trainings are the lines of hashFile.
var trainings = []struct {
	name string
	hash func(t *testing.T, workers int) string
}{
	{"digits", trainedHash},
	{"nine blocks", manyBlocksHash},
	{"batch norm, dropout and the like", normHash},
}

// TestWeightHash proves that a training has the same bits on every machine,
// with assembly and without, for any number of workers.
func TestWeightHash(t *testing.T) {
	if *update {
		var lines strings.Builder
		for _, training := range trainings {
			fmt.Fprintln(&lines, training.hash(t, 1))
		}
		if err := os.WriteFile(hashFile, []byte(lines.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(hashFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(b))
	if len(lines) != len(trainings) {
		t.Fatalf("%s has %d lines, want one for each of %d trainings", hashFile, len(lines), len(trainings))
	}
	for i, training := range trainings {
		for _, impl := range kernels.Impls() {
			for _, workers := range []int{1, 2, 3, 7} {
				t.Run(fmt.Sprintf("%s/%v/workers=%d", training.name, impl, workers), func(t *testing.T) {
					defer kernels.Use(impl)()
					if got := training.hash(t, workers); got != lines[i] {
						t.Errorf("weights hash to %s, want %s", got, lines[i])
					}
				})
			}
		}
	}
}
