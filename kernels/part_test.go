package kernels

import (
	"fmt"
	"math"
	"testing"
)

// TestPartsStayApart computes one part of a convolution's passes. It wants that part
// of the whole, and all that belongs to other parts to be left as it was.
func TestPartsStayApart(t *testing.T) {
	const value = 7
	fill := func(n int) []float32 {
		s := make([]float32, n)
		for i := range s {
			s[i] = value
		}
		return s
	}
	numbers := func(n int) []float32 {
		s := make([]float32, n)
		for i := range s {
			s[i] = float32(i*7919%101)/50 - 1
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
					f := c.NewFilters(numbers(c.WeightLen()), numbers(c.Filters))
					x, y := numbers(c.InLen()), numbers(c.OutLen())
					outputs, dx, dw, db := fill(c.OutLen()), fill(c.InLen()), fill(c.WeightLen()), fill(c.Filters)
					wholeOutputs, wholeDX, wholeDW, wholeDB := fill(c.OutLen()), fill(c.InLen()), fill(c.WeightLen()), fill(c.Filters)
					c.Forward(wholeOutputs, x, f, n, false)
					c.DataGrad(wholeDX, y, f, n)
					c.WeightGrad(wholeDW, wholeDB, x, y, n)
					const lo, hi = 2, 7
					c.ForwardPart(outputs, x, f, n, false, lo, hi)
					c.DataGradPart(dx, y, f, n, lo, hi)
					c.WeightGradPart(dw, db, x, y, n, lo, hi)
					keeps(t, "y", outputs, wholeOutputs, c.Filters, lo, hi, value)
					keeps(t, "dx", dx, wholeDX, c.C, lo, hi, value)
					keeps(t, "dw", dw, wholeDW, c.Filters, lo, hi, value)
					keeps(t, "db", db, wholeDB, c.Filters, lo, hi, value)
				})
			}
		}
	}
}

// keeps wants the rows [lo, hi) of n to be those of the whole, and value in others.
func keeps(t *testing.T, name string, s, whole []float32, n, lo, hi int, value float32) {
	t.Helper()
	size := len(s) / n
	for i, v := range s {
		want := value
		if i >= lo*size && i < hi*size {
			want = whole[i]
		}
		if math.Float32bits(v) != math.Float32bits(want) {
			t.Fatalf("%s[%d] is %v, want %v", name, i, v, want)
		}
	}
}
