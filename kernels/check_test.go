package kernels

import (
	"math"
	"testing"
)

func TestFits(t *testing.T) {
	for _, c := range []struct {
		sizes []int
		want  bool
	}{
		{nil, true},
		{[]int{MaxLen}, true},
		{[]int{MaxLen, 1, 1}, true},
		{[]int{MaxLen, 2}, false},
		{[]int{MaxLen + 1}, false},
		{[]int{1 << 13, 1 << 13}, true},
		{[]int{1 << 13, 1 << 13, 2}, false},
		{[]int{math.MaxInt, math.MaxInt}, false},
	} {
		if got := Fits(c.sizes...); got != c.want {
			t.Errorf("Fits(%v): want %v, have %v", c.sizes, c.want, got)
		}
	}
}
