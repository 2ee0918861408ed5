package main

import (
	"time"

	"github.com/simdlanes/lanes/kernels"
)

// bestOf calls f again and again for about the given time, and at least five
// times, and returns the shortest: what it takes when nothing interferes.
func bestOf(total time.Duration, f func()) time.Duration {
	best := time.Duration(1<<63 - 1)
	for calls, end := 0, time.Now().Add(total); calls < 5 || time.Now().Before(end); calls++ {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	return best
}

// repeated returns f called so often that the clock's resolution does not
// matter, and that number.
func repeated(f func()) (many func(), n int) {
	start := time.Now()
	f()
	const enough = 50 * time.Microsecond
	n = 1 + int(enough/max(time.Since(start), time.Nanosecond))
	n = min(n, 1000)
	return func() {
		for range n {
			f()
		}
	}, n
}

// timeOf returns the shortest time of one call of f.
func timeOf(total time.Duration, f func()) time.Duration {
	many, n := repeated(f)
	return bestOf(total, many) / time.Duration(n)
}

// gflops is the rate of n operations in a time.
func gflops(n float64, d time.Duration) float64 { return n / float64(d.Nanoseconds()) }

// measurePeak returns the best rate of independent FMAs on this core, in
// GFLOP/s, or 0 without assembly.
func measurePeak(total time.Duration) float64 {
	if !kernels.Peak(1) {
		return 0
	}
	const rounds = 10_000
	d := bestOf(total, func() { kernels.Peak(rounds) })
	return gflops(rounds*kernels.PeakFLOPs, d)
}

// share is a/b, or 0 if b is.
func share(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
