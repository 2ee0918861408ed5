package kernels

import (
	"fmt"
	"math"
	"testing"
)

// TestPartsStayApart computes one part of a convolution's passes, and wants all that
// belongs to other parts to be left as it was.
func TestPartsStayApart(t *testing.T) {
	const value = 7
	fill := func(n int) []float32 {
		s := make([]float32, n)
		for i := range s {
			s[i] = value
		}
		return s
	}
	for _, impl := range Impls() {
		for i, s := range []ConvShape{
			{C: 13, H: 5, W: 6, Filters: 17, FH: 3, FW: 3, PadTop: 1, PadLeft: 1},
			{C: 12, H: 5, W: 6, Filters: 12, FH: 3, FW: 3, PadTop: 1, PadLeft: 1, PadRight: 1, Groups: 12},
			{C: 12, H: 4, W: 6, Filters: 16, FH: 1, FW: 1, Groups: 4, PadLeft: 3},
			{C: 8, H: 4, W: 4, Filters: 8, FH: 2, FW: 2, StrideH: 3, StrideW: 3},
		} {
			for _, n := range []int{3, Lanes} {
				t.Run(fmt.Sprintf("%v/%d/n=%d", impl, i, n), func(t *testing.T) {
					defer Use(impl)()
					c := NewConv(s)
					f := c.NewFilters(fill(c.WeightLen()), fill(c.Filters))
					x, y, dw, db := fill(c.InLen()), fill(c.OutLen()), fill(c.WeightLen()), fill(c.Filters)
					const lo, hi = 2, 7
					c.ForwardPart(y, x, f, n, false, lo, hi)
					keeps(t, "y", y, c.Filters, lo, hi, value)
					y = fill(c.OutLen())
					c.DataGradPart(x, y, f, n, lo, hi)
					keeps(t, "dx", x, c.C, lo, hi, value)
					x = fill(c.InLen())
					c.WeightGradPart(dw, db, x, y, n, lo, hi)
					keeps(t, "dw", dw, c.Filters, lo, hi, value)
					keeps(t, "db", db, c.Filters, lo, hi, value)
				})
			}
		}
	}
}

// keeps wants value in those of n rows that are not in [lo, hi), and not in all others.
func keeps(t *testing.T, name string, s []float32, n, lo, hi int, value float32) {
	t.Helper()
	size, changed := len(s)/n, false
	for i, v := range s {
		inside := i >= lo*size && i < hi*size
		if !inside && math.Float32bits(v) != math.Float32bits(value) {
			t.Fatalf("%s[%d] is %v, want it left as it was", name, i, v)
		}
		changed = changed || inside && v != value
	}
	if !changed {
		t.Errorf("%s: nothing is written", name)
	}
}
