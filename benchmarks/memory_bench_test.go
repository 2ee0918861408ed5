package benchmarks

import (
	"math"
	"testing"
	"time"

	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/kernels"
)

// BenchmarkMemory times what moves data more than it computes. It reports the
// rate of bytes read and written, and the share of it ("of-copy") in the rate of
// a plain copy between two halves of as much memory as the operation touches, so
// that both find their data in the same cache.
func BenchmarkMemory(b *testing.B) {
	for _, impl := range kernels.Impls() {
		for _, e := range cases.Elementwises() {
			b.Run(cases.Name(e.Key(), impl.String(), 1), func(b *testing.B) {
				defer kernels.Use(impl)()
				benchMemory(b, e)
			})
		}
	}
}

// benchMemory runs the operation and the copy by turns, and reports the best
// round of each: what the machine does beside them hits both alike.
func benchMemory(b *testing.B, e cases.Elementwise) {
	operation, copying := NewRunner(e, 1), NewCopyRunner(e)
	defer operation.Close()
	defer copying.Close()
	best, bestCopy := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		best = min(best, perRun(operation.Run))
		bestCopy = min(bestCopy, perRun(copying.Run))
	}
	rate := float64(e.Traffic()) / best.Seconds()
	copyRate := float64(e.Touched()) / bestCopy.Seconds()
	b.ReportMetric(float64(best.Nanoseconds()), "ns/op")
	b.ReportMetric(rate/1e9, "GB/s")
	b.ReportMetric(rate/copyRate, "of-copy")
}

// perRun returns the time that each of several runs takes.
func perRun(run func()) time.Duration {
	const runs = 16
	run() // brings the operands into the cache
	start := time.Now()
	for range runs {
		run()
	}
	return time.Since(start) / runs
}
