package net_test

import (
	"fmt"
	"log"
	"math"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// TestPredictOutputs wants the bits that a trace shows, of one image and of many,
// whatever they mean, behind what dst had.
func TestPredictOutputs(t *testing.T) {
	n := steadied(t)
	steadySteps(t, newTrainer(t, n, net.TrainerConfig{}), 3)
	x, _ := steadyData()
	size := n.Input().Len()
	for _, impl := range kernels.Impls() {
		t.Run(impl.String(), func(t *testing.T) {
			defer kernels.Use(impl)()
			for _, m := range []net.Meaning{net.Logits, net.Odds, net.Scores} {
				if err := n.SetMeaning(m); err != nil {
					t.Fatal(err)
				}
				p := n.NewPredictor(3)
				defer p.Close()
				for _, images := range []int{0, 1, 7, 8, 19} {
					want := []float32{9}
					if images > 0 {
						want = append(want, output(t, n, x[:images*size])...)
					}
					for name, predict := range map[string]func([]float32, []float32) ([]float32, error){
						"network": n.PredictOutputs, "predictor": p.PredictOutputs,
					} {
						have, err := predict([]float32{9}, x[:images*size])
						if err != nil {
							t.Fatal(err)
						}
						sameBits(t, fmt.Sprintf("%s, %v, %d images", name, m, images), have, want)
					}
				}
			}
		})
	}
}

// TestPredictOutputsMean wants the softmax of logits to be the probabilities.
func TestPredictOutputsMean(t *testing.T) {
	n := steadied(t)
	x, _ := steadyData()
	z, err := n.PredictOutputs(nil, x)
	if err != nil {
		t.Fatal(err)
	}
	p := probabilities(t, n, x)
	for i := range len(z) / 3 {
		sum := 0.0
		for _, v := range z[3*i:][:3] {
			sum += math.Exp(float64(v))
		}
		for k, v := range z[3*i:][:3] {
			if d := math.Exp(float64(v))/sum - float64(p[3*i+k]); math.Abs(d) > 1e-6 {
				t.Errorf("image %d: logits %v, probabilities %v", i, z[3*i:][:3], p[3*i:][:3])
			}
		}
	}
}

func TestPredictOutputsErrors(t *testing.T) {
	n := passThrough(t, 3, 1e30, net.Logits)
	images, err := net.New(layer.Image(1, 3, 3), 1, conv.Layer{Filters: 1, Size: 3})
	if err != nil {
		t.Fatal(err)
	}
	closed := n.NewPredictor(1)
	closed.Close()
	for name, c := range map[string]struct {
		predict func([]float32, []float32) ([]float32, error)
		x       []float32
		want    error
	}{
		"part of an image":     {n.PredictOutputs, make([]float32, 4), layer.ErrShape},
		"NaN":                  {n.PredictOutputs, []float32{0, float32(math.NaN()), 0}, net.ErrNotFinite},
		"outputs not finite":   {n.PredictOutputs, []float32{0, 1e30, 0}, net.ErrNotFinite},
		"no vector":            {images.PredictOutputs, make([]float32, 9), layer.ErrShape},
		"a predictor's closed": {closed.PredictOutputs, make([]float32, 3), net.ErrClosed},
	} {
		have, err := c.predict([]float32{4}, c.x)
		wantError(t, name, err, c.want, "net: predict: ")
		if !slices.Equal(have, []float32{4}) {
			t.Errorf("%s: have %v", name, have)
		}
	}
}

func TestPredictOutputsAllocatesNothing(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector allocates")
	}
	n := net.LeNet5(1)
	p := n.NewPredictor(2)
	defer p.Close()
	x, dst := make([]float32, 20*1024), make([]float32, 0, 200)
	for name, predict := range map[string]func([]float32, []float32) ([]float32, error){"network": n.PredictOutputs, "predictor": p.PredictOutputs} {
		for _, images := range []int{1, 20} {
			if allocs := testing.AllocsPerRun(5, func() {
				if _, err := predict(dst, x[:images*1024]); err != nil {
					t.Error(err)
				}
			}); allocs != 0 {
				t.Errorf("%s: %v allocations for %d images", name, allocs, images)
			}
		}
	}
}

// By how much one class leads the other.
func ExampleNetwork_PredictOutputs() {
	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	if err := network.SetParams(0, []float32{1, 0, 0, 1}, []float32{0, 0.5}); err != nil {
		log.Fatal(err)
	}
	logits, err := network.PredictOutputs(nil, []float32{2, 1, 0, 3})
	if err != nil {
		log.Fatal(err)
	}
	for image := range 2 {
		z := logits[2*image:][:2]
		fmt.Println(z, z[1]-z[0])
	}
	// Output:
	// [2 1.5] -0.5
	// [0 3.5] 3.5
}
