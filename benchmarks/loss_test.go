package benchmarks

import (
	"math"
	"testing"
)

// TestLossOfImpossibleLabel has the label's probability vanish: the loss is that
// of 1e-7, and the gradient is the probabilities less 1 at the label.
func TestLossOfImpossibleLabel(t *testing.T) {
	dz := make([]float32, 2*2)
	loss := SoftmaxCrossEntropy(dz, []float32{200, 0, 200, 0}, []int{1, 0})
	if want := (-math.Log(1e-7) - math.Log(1+1e-7)) / 2; !(math.Abs(loss-want) <= 1e-12) {
		t.Errorf("loss %v, want %v", loss, want)
	}
	for i, want := range []float32{1, -1, 0, 0} {
		if math.Abs(float64(dz[i]-want)) > 1e-30 {
			t.Errorf("gradient %d is %v, want %v", i, dz[i], want)
		}
	}
}
