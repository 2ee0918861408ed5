package benchmarks

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/simdlanes/lanes/kernels"
)

// BenchmarkMemory times the kernels that move data more than they compute, at
// LeNet-5's sizes. It reports the rate of bytes read and written, and the share
// of it ("of-copy") in the rate of a plain copy between two halves of as much
// memory as the kernel touches, so that both find their data in the same cache.
func BenchmarkMemory(b *testing.B) {
	for _, impl := range kernels.Impls() {
		for _, p := range memoryPasses() {
			b.Run(p.name+"/impl="+impl.String(), func(b *testing.B) {
				defer kernels.Use(impl)()
				p.bench(b)
			})
		}
	}
}

// memoryPass is a kernel with its operands.
type memoryPass struct {
	name    string // of the benchmark
	traffic int    // numbers read and written
	touched int    // numbers that it has to do with
	run     func()
}

// bench runs the kernel and the copy by turns, and reports the best round of
// each: what the machine does beside them hits both alike.
func (p memoryPass) bench(b *testing.B) {
	const bytes = 4
	half := p.touched / 2
	dst, src := gaussian(half), gaussian(half)
	best, bestCopy := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		best = min(best, perRun(p.run))
		bestCopy = min(bestCopy, perRun(func() { copy(dst, src) }))
	}
	rate := float64(p.traffic*bytes) / best.Seconds()
	copyRate := float64(2*half*bytes) / bestCopy.Seconds()
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

func memoryPasses() []memoryPass {
	var passes []memoryPass
	for _, s := range []kernels.PoolShape{
		{C: 6, H: 28, W: 28, FH: 2, FW: 2},
		{C: 16, H: 10, W: 10, FH: 2, FW: 2},
	} {
		passes = append(passes, poolPasses(s)...)
		passes = append(passes, reluPasses(s)...)
	}
	passes = append(passes, windowPasses()...)
	passes = append(passes, blockPasses("1x32x32", 32*32)...)
	passes = append(passes, blockPasses("16x5x5", 16*5*5)...)
	return append(passes, adamPass(61706), sumRowsPass(32, 120))
}

func poolPasses(s kernels.PoolShape) []memoryPass {
	x, dx := gaussian(s.InLen()), gaussian(s.InLen())
	y, dy := gaussian(s.OutLen()), gaussian(s.OutLen())
	p, shape := kernels.NewPool(s), fmt.Sprintf("shape=%dx%dx%d", s.C, s.H, s.W)
	return []memoryPass{
		{"op=maxpool/pass=fwd/" + shape, len(x) + len(y), len(x) + len(y), func() { p.MaxForward(y, x) }},
		{"op=maxpool/pass=bwd/" + shape, len(x) + len(dx) + len(dy), len(x) + len(dx) + len(dy), func() { p.MaxBackward(dx, x, dy) }},
	}
}

// windowPasses are poolings of larger networks: windows that overlap, averages,
// and the average of whole images.
func windowPasses() (passes []memoryPass) {
	for _, c := range []struct {
		name  string
		shape kernels.PoolShape
		max   bool
	}{
		{"maxpool-3x3s2", kernels.PoolShape{C: 16, H: 28, W: 28, FH: 3, FW: 3, StrideH: 2, StrideW: 2, PadTop: 1, PadBottom: 1, PadLeft: 1, PadRight: 1}, true},
		{"avgpool-2x2", kernels.PoolShape{C: 16, H: 28, W: 28, FH: 2, FW: 2}, false},
		{"avgpool-3x3s2", kernels.PoolShape{C: 16, H: 28, W: 28, FH: 3, FW: 3, StrideH: 2, StrideW: 2, PadTop: 1, PadBottom: 1, PadLeft: 1, PadRight: 1}, false},
		{"avgpool-global", kernels.PoolShape{C: 128, H: 7, W: 7, FH: 7, FW: 7}, false},
	} {
		p := kernels.NewPool(c.shape)
		x, dx := gaussian(p.InLen()), gaussian(p.InLen())
		y, dy := gaussian(p.OutLen()), gaussian(p.OutLen())
		forward, backward, read := func() { p.AverageForward(y, x) }, func() { p.AverageBackward(dx, dy) }, 0
		if c.max {
			forward, backward, read = func() { p.MaxForward(y, x) }, func() { p.MaxBackward(dx, x, dy) }, len(x)
		}
		shape := fmt.Sprintf("/shape=%dx%dx%d", p.C, p.H, p.W)
		passes = append(passes,
			memoryPass{"op=" + c.name + "/pass=fwd" + shape, len(x) + len(y), len(x) + len(y), forward},
			memoryPass{"op=" + c.name + "/pass=bwd" + shape, len(dx) + len(dy) + read, len(dx) + len(dy) + read, backward})
	}
	return passes
}

// reluPasses are those of the layer before pooling, in place as in the network.
func reluPasses(s kernels.PoolShape) []memoryPass {
	y, dy := gaussian(s.InLen()), gaussian(s.InLen())
	shape := fmt.Sprintf("shape=%dx%dx%d", s.C, s.H, s.W)
	return []memoryPass{
		{"op=relu/pass=fwd/" + shape, 2 * len(y), len(y), func() { kernels.ReLU(y, y) }},
		{"op=relu/pass=bwd/" + shape, 3 * len(y), 2 * len(y), func() { kernels.ReLUGrad(dy, dy, y) }},
	}
}

func blockPasses(shape string, size int) []memoryPass {
	const n = kernels.Lanes
	images, block := gaussian(n*size), gaussian(n*size)
	return []memoryPass{
		{"op=blocks/pass=interleave/shape=" + shape, 2 * n * size, 2 * n * size, func() { kernels.Interleave(block, images, size, size, n) }},
		{"op=blocks/pass=deinterleave/shape=" + shape, 2 * n * size, 2 * n * size, func() { kernels.Deinterleave(images, block, size, size, n) }},
	}
}

// adamPass has a rate of 0, so that the weights stay, and gradients that keep
// the moments from becoming subnormal.
func adamPass(n int) memoryPass {
	w, m, v, g := gaussian(n), make([]float32, n), make([]float32, n), gaussian(n)
	step := kernels.AdamStep{Scale: 1, Beta1: 0.9, OneMinusBeta1: 0.1, Beta2: 0.999, OneMinusBeta2: 0.001, Epsilon: 1e-8}
	return memoryPass{fmt.Sprintf("op=adam/pass=update/shape=%d", n), 7 * n, 4 * n, func() { kernels.Adam(w, m, v, g, &step) }}
}

func sumRowsPass(rows, cols int) memoryPass {
	dst, a := gaussian(cols), gaussian(rows*cols)
	return memoryPass{fmt.Sprintf("op=sumrows/pass=bwd/shape=%dx%d", rows, cols), len(a) + len(dst), len(a) + len(dst),
		func() { kernels.SumRows(dst, a, rows, cols) }}
}
