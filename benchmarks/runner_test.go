package benchmarks

import (
	"fmt"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/kernels"
)

// TestRunner runs the smaller cases, those whose workers share one result with
// any number of them.
func TestRunner(t *testing.T) {
	const most = 10e6 // FLOPs: portable kernels take a while for more
	for _, c := range cases.All(1) {
		if f, ok := c.(interface{ FLOPs() float64 }); ok && f.FLOPs() > most {
			continue
		}
		if _, ok := c.(cases.Elementwise); ok {
			runCase(c, 1)
			continue
		}
		want := runCase(c, 1)
		for _, workers := range []int{2, 3, 7} {
			t.Run(fmt.Sprintf("%s/workers=%d", c.Key(), workers), func(t *testing.T) {
				if got := runCase(c, workers); !slices.Equal(got, want) {
					t.Error("the result differs from that of one worker")
				}
			})
		}
	}
}

// runCase returns the result of a case.
func runCase(c cases.Case, workers int) []float32 {
	r := NewRunner(c, workers)
	defer r.Close()
	r.Run()
	return r.result
}

func TestRunnerDoesNotAllocate(t *testing.T) {
	check := func(c cases.Case, workers int) {
		r := NewRunner(c, workers)
		defer r.Close()
		if n := testing.AllocsPerRun(3, r.Run); n != 0 {
			t.Errorf("%s on %d workers allocates %v times, want 0", c.Key(), workers, n)
		}
	}
	for _, c := range cases.LeNetConvs() {
		check(c, 1)
		check(c, 2)
	}
	for _, e := range cases.Elementwises() {
		if e.Batch == kernels.Lanes || e.Op == cases.BatchNorm {
			check(e, 1)
		}
	}
}
