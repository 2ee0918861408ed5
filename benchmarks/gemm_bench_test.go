package benchmarks

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/net/workers"
)

// gemmShapes are the products that are measured, m, n, k: squares, the dense
// layers of LeNet-5 for a batch and for a block of eight images, convolutions as
// products, odd sizes and a single row.
var gemmShapes = [][3]int{
	{256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048},
	{64, 64, 64}, {80, 80, 80}, {96, 96, 96}, {112, 112, 112}, {128, 128, 128},
	{32, 120, 400}, {32, 84, 120}, {32, 10, 84}, {400, 120, 32}, {120, 400, 32},
	{8, 120, 400}, {8, 84, 120}, {8, 10, 84}, {8, 400, 120}, {8, 120, 84}, {8, 84, 10}, {24, 400, 32},
	{6, 784, 25}, {16, 100, 150}, {64, 3136, 576}, {128, 784, 1152}, {31, 77, 129}, {1, 4096, 4096},
}

// BenchmarkGemm times products with the operands as a dense layer has them:
// trans=NT is the forward pass with its weights as they are, trans=NP with packed
// weights, trans=NN the data gradient, trans=TN the weight gradient.
func BenchmarkGemm(b *testing.B) {
	for _, shape := range gemmShapes {
		for _, trans := range []string{"NN", "NT", "TN", "NP"} {
			b.Run(gemmKey(trans, shape, 1), func(b *testing.B) {
				g := newGemmJob(trans, shape, 1)
				benchmarkOfPeak(b, g.flops(), 1, func() { g.Work(0) })
			})
		}
	}
}

// BenchmarkGemmWorkers times products that the workers of a pool share. Compare
// with one worker, on as many processors.
func BenchmarkGemmWorkers(b *testing.B) {
	for _, shape := range [][3]int{{256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {128, 784, 1152}, {400, 120, 32}, {32, 120, 400}} {
		for _, trans := range []string{"NN", "NT", "TN", "NP"} {
			for _, n := range []int{1, 2} {
				b.Run(gemmKey(trans, shape, n), func(b *testing.B) {
					pool := workers.New(n)
					defer pool.Close()
					g := newGemmJob(trans, shape, n)
					benchmarkOfPeak(b, g.flops(), n, func() { pool.Run(g) })
				})
			}
		}
	}
}

func gemmKey(trans string, shape [3]int, workers int) string {
	return fmt.Sprintf("op=gemm/trans=%s/shape=%dx%dx%d/impl=%v/workers=%d",
		trans, shape[0], shape[1], shape[2], kernels.Active(), workers)
}

// gemmJob is a product of which every worker computes a range of rows of C, or
// of columns if there are more of those.
type gemmJob struct {
	trans           string
	m, n, k         int
	a, b, panels, c []float32
	workers         int
}

func newGemmJob(trans string, shape [3]int, workers int) *gemmJob {
	g := &gemmJob{trans: trans, m: shape[0], n: shape[1], k: shape[2], workers: workers}
	random := rand.New(rand.NewPCG(1, 2))
	g.a, g.b, g.c = normals(random, g.m*g.k), normals(random, g.k*g.n), make([]float32, g.m*g.n)
	if trans == "NP" {
		g.panels = make([]float32, kernels.PanelsLen(g.k, g.n))
		kernels.PackPanels(g.panels, g.b, g.n, g.k, g.k)
	}
	return g
}

func (g *gemmJob) flops() int { return 2 * g.m * g.n * g.k }

// Work implements [workers.Job]. Ranges are whole tiles of eight, so that no two
// workers write to one vector of C.
func (g *gemmJob) Work(worker int) {
	if g.m >= g.n {
		lo, hi := g.share(g.m, worker)
		g.multiply(lo, hi, 0, g.n)
		return
	}
	lo, hi := g.share(g.n, worker)
	g.multiply(0, g.m, lo, hi)
}

func (g *gemmJob) share(n, worker int) (lo, hi int) {
	groups := (n + kernels.Lanes - 1) / kernels.Lanes
	at := func(w int) int { return min(n, groups*w/g.workers*kernels.Lanes) }
	return at(worker), at(worker + 1)
}

// multiply computes rows i0 to i1 of columns j0 to j1 of C.
func (g *gemmJob) multiply(i0, i1, j0, j1 int) {
	m, n, c := i1-i0, j1-j0, g.c[i0*g.n+j0:]
	switch g.trans {
	case "NN":
		kernels.Gemm(false, false, m, n, g.k, 1, g.a[i0*g.k:], g.k, g.b[j0:], g.n, 0, c, g.n)
	case "NT":
		kernels.Gemm(false, true, m, n, g.k, 1, g.a[i0*g.k:], g.k, g.b[j0*g.k:], g.k, 0, c, g.n)
	case "TN":
		kernels.Gemm(true, false, m, n, g.k, 1, g.a[i0:], g.m, g.b[j0:], g.n, 0, c, g.n)
	case "NP":
		panels := g.panels[kernels.PanelsLen(g.k, j0):kernels.PanelsLen(g.k, j1)]
		kernels.GemmPanels(false, m, n, g.k, g.a[i0*g.k:], g.k, panels, nil, c, g.n)
	}
}

// benchmarkOfPeak times calls of run, which takes flops operations, and reports
// their rate and the share of it in what the cores can do. The share is that of
// the best call, or few calls if they are short: on a machine with other work the
// mean says little.
func benchmarkOfPeak(b *testing.B, flops, workers int, run func()) {
	const atLeast = 2e6 // operations between two looks at the clock
	calls := max(1, int(atLeast)/flops)
	run()
	best := time.Duration(math.MaxInt64)
	for b.Loop() {
		start := time.Now()
		for range calls {
			run()
		}
		best = min(best, time.Since(start))
	}
	perCall := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / float64(calls)
	b.ReportMetric(perCall, "ns/op")
	b.ReportMetric(float64(flops)/perCall, "GFLOP/s")
	if peak := peakRate(); peak > 0 {
		b.ReportMetric(float64(flops)*float64(calls)/best.Seconds()/peak/float64(workers), "of-peak")
	}
}

// peakRate measures the floating-point operations per second of one core, or
// returns 0 if no assembly is in use.
func peakRate() float64 {
	const rounds = 20_000
	best := 0.0
	for range 50 {
		start := time.Now()
		if !kernels.Peak(rounds) {
			return 0
		}
		best = max(best, rounds*kernels.PeakFLOPs/time.Since(start).Seconds())
	}
	return best
}
