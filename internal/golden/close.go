package golden

import (
	"math"
	"testing"
)

// Float is the types of number that [Close] compares.
type Float interface{ ~float32 | ~float64 }

// Close fails the test unless |got[i]-want[i]| <= tol for every i, and reports
// the worst element. A NaN is never close; an infinity is close to itself.
func Close[G, W Float](tb testing.TB, name string, got []G, want []W, tol float64) {
	tb.Helper()
	if len(got) != len(want) {
		tb.Errorf("%s: got %d values, want %d", name, len(got), len(want))
		return
	}
	worst, at := 0.0, 0
	for i := range got {
		if d := distance(float64(got[i]), float64(want[i])); d > worst {
			worst, at = d, i
		}
	}
	if !(worst <= tol) {
		tb.Errorf("%s: worst of %d values is [%d]: got %v, want %v, off by %.3g, allowed %.3g",
			name, len(got), at, got[at], want[at], worst, tol)
	}
}

// distance is |a-b|, where a NaN is infinitely far from everything and equal
// infinities are not.
func distance(a, b float64) float64 {
	if a == b {
		return 0
	}
	if d := math.Abs(a - b); d == d {
		return d
	}
	return math.Inf(1)
}
