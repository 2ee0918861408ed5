package conv_test

import (
	"slices"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// TestFarPadding computes gradients where the padding is so large that distances
// from its corner do not fit 32 bits.
func TestFarPadding(t *testing.T) {
	op := bind(t, conv.Layer{Filters: 1, Size: 1, Stride: 1 << 12, Padding: 1 << 12}, layer.Image(1, 4, 16385))
	x := make([]float32, 4*16385*kernels.Lanes)
	for i := range x {
		x[i] = 1
	}
	dy := make([]float32, op.Out().Len()*kernels.Lanes)
	for i := range dy {
		dy[i] = 1
	}
	for _, impl := range kernels.Impls() {
		restore := kernels.Use(impl)
		dw, db := make([]float32, 1), make([]float32, 1)
		op.Gradient(dw, db, x, dy, 8)
		restore()
		// Of three rows of seven outputs, five of one row meet the image.
		if want := []float32{5 * 8}; !slices.Equal(dw, want) {
			t.Errorf("%v: gradient %v, want %v", impl, dw, want)
		}
	}
}
