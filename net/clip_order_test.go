package net

import (
	"slices"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
)

// TestNormIgnoresWorkers compares the numbers that make the norm, in the order in
// which they are added: float32 would hide most differences of their sum.
func TestNormIgnoresWorkers(t *testing.T) {
	var want []float64
	for _, workers := range []int{1, 2, 3, 7} {
		n, err := New(layer.Vector(3), 1, dense.Layer{Units: 100}, dense.Layer{Units: 50}, dense.Layer{Units: 2})
		if err != nil {
			t.Fatal(err)
		}
		tr, err := NewTrainer(n, TrainerConfig{Workers: workers, ClipNorm: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		if _, err := tr.Step([]float32{1, 2, 3, 4, 5, 6}, []int{0, 1}); err != nil {
			t.Fatal(err)
		}
		got := tr.engine.clip.squares
		if want == nil {
			want = got
			if len(got) != 9 || slices.Contains(got, 0) {
				t.Fatalf("sums of squares %v, want nine that are not 0", got)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d workers: sums of squares %v, want %v", workers, got, want)
		}
	}
}
