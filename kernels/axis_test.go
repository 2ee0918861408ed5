package kernels

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRuns compares the runs of small axes with what each position reads, tap by
// tap.
func TestRuns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		a := newAxis(1+r.IntN(20), 1+r.IntN(8), 1+r.IntN(7), 1+r.IntN(7), r.IntN(9), r.IntN(9))
		if a.out < 1 {
			continue
		}
		checkRuns(t, a, "forward", a.forwardRuns(), a.out, a.source)
		checkRuns(t, a, "data", a.dataRuns(), a.in, a.target)
	}
}

// read is what a position reads with a tap.
type read struct{ tap, from int }

func checkRuns(t *testing.T, a axis, name string, runs []run, positions int, reads func(position, tap int) (int, bool)) {
	t.Helper()
	seen := make([]int, positions)
	for _, r := range runs {
		for p := range r.n {
			position := r.first + p*r.step
			seen[position]++
			var have, want []read
			for k := range r.k {
				have = append(have, read{r.tap + k*r.tapStep, r.from + k*r.fromTap + p*r.fromStep})
			}
			for tap := range a.taps {
				if from, ok := reads(position, tap); ok {
					want = append(want, read{tap, from})
				}
			}
			if !slices.Equal(have, want) {
				t.Fatalf("%+v, %s, position %d: want reads %v, have %v", a, name, position, want, have)
			}
		}
	}
	if slices.Max(seen) != 1 || slices.Min(seen) != 1 {
		t.Fatalf("%+v, %s: positions are in %v runs, want one each", a, name, seen)
	}
}
