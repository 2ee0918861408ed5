package net

import (
	"errors"
	"math"
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

// TestClipFactor is bound/(norm + 1e-6), at most 1, whatever the sizes.
func TestClipFactor(t *testing.T) {
	for _, c := range []struct {
		squares []float64
		n       int
		want    float64
	}{
		{[]float64{9, 16}, 1, 2 / (5 + 1e-6)},
		{[]float64{9, 16}, 5, 1},
		{[]float64{0, 0}, 1, 1},
		{nil, 1, 1},
		{[]float64{0x1p255, 0x1p255}, 1, 0x1p-127},
	} {
		clip := clipping{norm: 2, squares: c.squares}
		if got, err := clip.factor(c.n); got != c.want || err != nil {
			t.Errorf("squares %v, divided by %d: factor %v and error %v, want %v", c.squares, c.n, got, err, c.want)
		}
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		clip := clipping{norm: 2, squares: []float64{1, bad}}
		if _, err := clip.factor(1); !errors.Is(err, ErrNotFinite) {
			t.Errorf("squares of %v: error %v, want ErrNotFinite", bad, err)
		}
	}
}
