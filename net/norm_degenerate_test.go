package net_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
)

// TestNormZeroVariance trains on images of which all elements of all are the same:
// what comes out of batch normalisation is beta, so that the losses are the same
// whatever the number; the running mean goes towards it, and the running variance
// towards 0, but for a vector of which there is but one.
func TestNormZeroVariance(t *testing.T) {
	const steps = 3
	for _, impl := range kernels.Impls() {
		for _, images := range []int{1, 2, 17} {
			var want []float64
			for _, v := range []float32{0, 0.1, 1e6, 1e-38, -3.3e28, 2.7e38, 3e38, -math.MaxFloat32} {
				t.Run(fmt.Sprint(impl, "/", images, "/", v), func(t *testing.T) {
					defer kernels.Use(impl)()
					n, losses := constantImages(t, images, steps, v)
					if want == nil {
						want = losses // of images of 0
					}
					if !slices.Equal(losses, want) || losses[0] != float64(float32(math.Ln2)) || !(losses[steps-1] < losses[0]) {
						t.Errorf("losses %v, want %v, falling from ln 2", losses, want)
					}
					kept := math.Pow(0.9, steps)
					state, err := n.State(0)
					if err != nil {
						t.Fatal(err)
					}
					for c := range 2 {
						near(t, "running mean", state[c], float64(v)*(1-kept))
						near(t, "running variance", state[2+c], kept)
					}
					if images == 1 {
						kept = 1
					}
					if state, err = n.State(2); err != nil {
						t.Fatal(err)
					}
					for i := range 18 {
						near(t, "running variance of vectors", state[18+i], kept)
					}
					for i, p := range probabilities(t, n, slices.Repeat([]float32{v}, 18)) {
						if !(p >= 0 && p <= 1) {
							t.Errorf("probability of class %d: %v", i, p)
						}
					}
				})
			}
		}
	}
}

// constantImages makes steps on images all of whose elements are v.
func constantImages(t *testing.T, images, steps int, v float32) (n *net.Network, losses []float64) {
	t.Helper()
	n, err := net.New(layer.Image(2, 3, 3), 1, norm.Batch{}, dense.Flatten{}, norm.Batch{}, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	tr := newTrainer(t, n, net.TrainerConfig{Workers: 2})
	for range steps {
		loss, err := tr.Step(slices.Repeat([]float32{v}, images*18), make([]int, images))
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, loss)
	}
	return n, losses
}

// near wants a number to six digits, or what is left of them among subnormals.
func near(t *testing.T, what string, have float32, want float64) {
	t.Helper()
	if !(math.Abs(float64(have)-want) <= 1e-6*math.Abs(want)+1e-44) {
		t.Errorf("%s: %v, want %v", what, have, want)
	}
}

// TestNormNegativeVariance predicts with a running variance below 0, which no training
// leaves, as with 0, also when it is folded.
func TestNormNegativeVariance(t *testing.T) {
	n := steadied(t)
	x, _ := steadyData()
	var want []float32
	for _, variance := range []float32{0, -1, -1e-5, -math.MaxFloat32} {
		if err := n.SetState(1, []float32{0, 1, 2, 3, 1, variance, variance, 4}); err != nil {
			t.Fatal(err)
		}
		folded, err := n.Fold()
		if err != nil {
			t.Fatal(err)
		}
		have := append(probabilities(t, n, x), probabilities(t, folded, x)...)
		if want == nil {
			want = have
		}
		if !slices.Equal(have, want) {
			t.Errorf("variance %v predicts otherwise than 0", variance)
		}
	}
}

// TestAllDropped trains with a dropout that leaves nothing, in front of weights and
// behind batch normalisation: the biases that come last learn, and nothing else.
func TestAllDropped(t *testing.T) {
	for _, impl := range kernels.Impls() {
		t.Run(fmt.Sprint(impl), func(t *testing.T) {
			defer kernels.Use(impl)()
			all := norm.Dropout{Rate: 0.99999994} // below 1 by the least that float32 holds
			n, err := net.New(layer.Vector(5), 1,
				all, dense.Layer{Units: 4, Activation: layer.ReLU}, norm.Batch{}, all, dense.Layer{Units: 2})
			if err != nil {
				t.Fatal(err)
			}
			var before [5][]float32
			for i := range before {
				before[i], _, _ = n.Params(i)
			}
			tr := newTrainer(t, n, net.TrainerConfig{})
			for range 4 {
				loss, err := tr.Step([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, []int{0, 1})
				if err != nil || loss != float64(float32(math.Ln2)) {
					t.Fatalf("loss %v, error %v; want ln 2: one image of either class, and nothing to tell them by", loss, err)
				}
			}
			for i := range before {
				if w, _, _ := n.Params(i); !slices.Equal(w, before[i]) {
					t.Errorf("layer %d: weights %v, want those of the beginning, %v", i, w, before[i])
				}
			}
			for i, p := range probabilities(t, n, []float32{1, 2, 3, 4, 5}) {
				if !(p >= 0 && p <= 1) {
					t.Errorf("probability of class %d: %v", i, p)
				}
			}
		})
	}
}
