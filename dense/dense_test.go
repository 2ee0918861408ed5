package dense

import (
	"slices"
	"testing"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// TestSmall computes a layer of whole numbers by hand.
func TestSmall(t *testing.T) {
	bound, err := Layer{Units: 2}.Bind(layer.Vector(3))
	if err != nil {
		t.Fatal(err)
	}
	op := bound.(layer.BatchGradient)
	op.Attach([]float32{1, 2, 3, 4, 5, 6}, []float32{10, 20})
	x, y := []float32{1, 0, -1, 2, 1, 0}, make([]float32, 4)
	op.Forward(y, x, 2)
	equal(t, "y", y, 8, 18, 14, 33)
	dx, dy := make([]float32, 6), []float32{1, -1, 2, 0}
	op.Backward(dx, dy, x, y, 2)
	equal(t, "dx", dx, -3, -3, -3, 2, 4, 6)
	dw, db := make([]float32, 6), make([]float32, 2)
	op.Gradient(dw, db, x, dy, 2, 0, 2)
	equal(t, "dw", dw, 5, 2, -1, -1, 0, 1)
	equal(t, "db", db, 3, -1)
	op.Gradient(dw[:3], db[:1], x, dy, 2, 1, 2)
	equal(t, "row 1 of dw", dw[:3], -1, 0, 1)
}

// TestPackRange renews a part of the packed weights.
func TestPackRange(t *testing.T) {
	bound, err := Layer{Units: 19}.Bind(layer.Vector(1))
	if err != nil {
		t.Fatal(err)
	}
	op := bound.(layer.Trained)
	w := make([]float32, 19)
	op.Attach(w, make([]float32, 19))
	for i := range w {
		w[i] = float32(i + 1)
	}
	op.Pack(8, 16)
	y := make([]float32, 19)
	op.Forward(y, []float32{1}, 1)
	for i, v := range y {
		if want := w[i]; (i >= 8 && i < 16 && v != want) || (i < 8 && v != 0) || (i >= 16 && v != 0) {
			t.Errorf("unit %d gives %v", i, v)
		}
	}
}

// TestFlatten restores the order of channels, rows and columns, and back.
func TestFlatten(t *testing.T) {
	op, err := Flatten{}.Bind(layer.Image(2, 1, 3))
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 6*kernels.Lanes)
	for e := range 6 {
		for i := range 2 {
			x[e*kernels.Lanes+i] = float32(10*i + e)
		}
	}
	y := make([]float32, 12)
	op.Forward(y, x, 2)
	equal(t, "y", y, 0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15)
	dx := make([]float32, len(x))
	op.Backward(dx, y, x, y, 2)
	equal(t, "dx", dx, x...)
}

func equal(t *testing.T, what string, got []float32, want ...float32) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}
