package benchmarks

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/simdlanes/lanes/internal/golden"
)

func TestConvExample(t *testing.T) {
	s := Conv{In: 1, Out: 1, Filter: 3, Height: 4, Width: 4}
	x, w, b := golden.Float32(t, "example4x4_X"), golden.Float32(t, "example4x4_W"), golden.Float32(t, "example4x4_b")
	delta := golden.Float32(t, "example4x4_delta")
	for _, baseline := range baselines {
		t.Run(baseline.name, func(t *testing.T) {
			c := baseline.linear()
			z := make([]float32, s.OutSize())
			c.ConvForward(s, z, x, w, b)
			golden.Close(t, "Z", z, golden.Float64(t, "example4x4_Z"), 0)

			dw, db := make([]float32, len(w)), make([]float32, len(b))
			c.ConvWeightGradient(s, dw, db, x, delta)
			golden.Close(t, "dW", dw, golden.Float64(t, "example4x4_dW"), 0)
			golden.Close(t, "dB", db, golden.Float64(t, "example4x4_dB"), 0)

			dx := make([]float32, len(x))
			c.ConvDataGradient(s, dx, delta, w)
			golden.Close(t, "dX", dx, golden.Float64(t, "example4x4_dX"), 0)
		})
	}
}

func TestMaxPoolExample(t *testing.T) {
	s := Pool{Channels: 2, Height: 5, Width: 5}
	x := golden.Float32(t, "pool5x5_X")
	z, winner := make([]float32, s.OutSize()), make([]int32, s.OutSize())
	MaxPool(s, z, winner, x)
	golden.Close(t, "Z", z, golden.Float64(t, "pool5x5_Z"), 0)

	dx := make([]float32, len(x))
	MaxPoolGradient(dx, golden.Float32(t, "pool5x5_delta"), winner)
	golden.Close(t, "dX", dx, golden.Float64(t, "pool5x5_dX"), 0)
}

func TestSoftmaxOfLargeLogits(t *testing.T) {
	z, want := golden.Float32(t, "softmax_stable_Z"), golden.Float64(t, "softmax_stable_P")
	for i := 0; i < len(z); i += 3 {
		p := make([]float32, 3)
		softmax(p, z[i:i+3])
		golden.Close(t, fmt.Sprint("row ", i/3), p, want[i:i+3], 1e-6)
	}
}

// TestGonumAgrees compares gonum with the naive loops on shapes that LeNet-5
// does not have, in both layouts of patches.
func TestGonumAgrees(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const n = 3
	for _, s := range []Conv{
		{In: 1, Out: 1, Filter: 1, Height: 1, Width: 1},
		{In: 3, Out: 5, Filter: 3, Height: 7, Width: 9},
		{In: 4, Out: 2, Filter: 2, Height: 12, Width: 3},
		{In: 9, Out: 7, Filter: 4, Height: 6, Width: 5},
	} {
		t.Run(fmt.Sprintf("%+v", s), func(t *testing.T) {
			x, dz := normals(random, n*s.InSize()), normals(random, n*s.OutSize())
			w, b := normals(random, s.WeightSize()), normals(random, s.Out)
			type results struct{ z, dw, db, dx []float32 }
			run := func(c linear) results {
				r := results{
					normals(random, len(dz)), normals(random, len(w)), normals(random, len(b)), normals(random, len(x)),
				}
				c.ConvForward(s, r.z, x, w, b)
				c.ConvWeightGradient(s, r.dw, r.db, x, dz)
				c.ConvDataGradient(s, r.dx, dz, w)
				return r
			}
			got, want := run(new(Gonum)), run(Naive{})
			golden.Close(t, "z", got.z, want.z, 1e-4)
			golden.Close(t, "dw", got.dw, want.dw, 1e-4)
			golden.Close(t, "db", got.db, want.db, 1e-4)
			golden.Close(t, "dx", got.dx, want.dx, 1e-4)
		})
	}
}
