package dense

import (
	"testing"

	"github.com/simdlanes/lanes/layer"
)

// TestPackPieces renews packed weights in pieces as small as layer.Trained.Pack
// allows, among a number of units that is no multiple of them.
func TestPackPieces(t *testing.T) {
	const in, units = 3, 27
	bound, err := Layer{Units: units}.Bind(layer.Vector(in))
	if err != nil {
		t.Fatal(err)
	}
	op := bound.(layer.Trained)
	w := make([]float32, units*in)
	op.Attach(w, make([]float32, units))
	for i := range w {
		w[i] = float32(i + 1)
	}
	for lo := 0; lo < units; lo += layer.PackRows {
		op.Pack(lo, min(lo+layer.PackRows, units))
	}
	y := make([]float32, units)
	op.Forward(y, []float32{1, 10, 100}, 1)
	for o, got := range y {
		if want := w[in*o] + 10*w[in*o+1] + 100*w[in*o+2]; got != want {
			t.Errorf("unit %d gives %v, want %v", o, got, want)
		}
	}
}
