package net

import (
	"math"
	"testing"
)

func TestArgmax(t *testing.T) {
	inf := float32(math.Inf(1))
	negativeZero := float32(math.Copysign(0, -1))
	for _, c := range []struct {
		x    []float32
		want int
	}{
		{[]float32{5}, 0},
		{[]float32{1, 3, 2}, 1},
		{[]float32{1, 3, 3}, 1}, // the first of equal ones
		{[]float32{-inf, -inf}, 0},
		{[]float32{negativeZero, 0}, 0},
	} {
		if got := argmax(c.x); got != c.want {
			t.Errorf("argmax(%v) = %d, want %d", c.x, got, c.want)
		}
	}
}
