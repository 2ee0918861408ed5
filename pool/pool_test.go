package pool

import (
	"testing"

	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// TestGolden pools a 5x5 image with ties, whose last row and column are dropped.
func TestGolden(t *testing.T) {
	op, err := Max{Size: 2}.Bind(layer.Image(2, 5, 5))
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float32, 50*kernels.Lanes), make([]float32, 8*kernels.Lanes)
	dx, dy := make([]float32, len(x)), make([]float32, len(y))
	kernels.Interleave(x, golden.Float32(t, "pool5x5_X"), 50, 50, 1)
	kernels.Interleave(dy, golden.Float32(t, "pool5x5_delta"), 8, 8, 1)
	op.Forward(y, x, 1)
	op.Backward(dx, dy, x, y, 1)
	golden.Close(t, "Z", firstImage(y), golden.Float64(t, "pool5x5_Z"), 0)
	golden.Close(t, "dX", firstImage(dx), golden.Float64(t, "pool5x5_dX"), 0)
}

func firstImage(block []float32) []float32 {
	image := make([]float32, len(block)/kernels.Lanes)
	kernels.Deinterleave(image, block, len(image), len(image), 1)
	return image
}
