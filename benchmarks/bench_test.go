package benchmarks

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/net"
)

// Names are keys, as package cases has them. Beside the time there is the rate
// of useful arithmetic and its share ("of-peak") of what the cores could do in
// nothing but multiply-adds.

// coreCounts are the numbers of cores that benchmarks run on.
var coreCounts = []int{1, 2}

// BenchmarkConv times the passes of convolutions, the best of all runs of each.
func BenchmarkConv(b *testing.B) {
	for _, impl := range kernels.Impls() {
		convs := cases.Convs()
		if impl == kernels.Generic {
			convs = cases.LeNetConvs() // the larger ones take portable code seconds
		}
		for _, c := range convs {
			for _, workers := range coreCounts {
				b.Run(cases.Name(c.Key(), impl.String(), workers), func(b *testing.B) {
					defer kernels.Use(impl)()
					r := NewRunner(c, workers)
					defer r.Close()
					best := time.Duration(math.MaxInt64)
					for b.Loop() {
						start := time.Now()
						r.Run()
						best = min(best, time.Since(start))
					}
					b.ReportMetric(float64(best.Nanoseconds()), "ns/op")
					reportFLOPs(b, c.FLOPs(), best, workers)
				})
			}
		}
	}
}

// BenchmarkStep times a training step, batch after batch.
func BenchmarkStep(b *testing.B) {
	x, labels := notebookDigits(b)
	for _, batch := range []int{1, 8, 32, 128} {
		for _, baseline := range baselines {
			run := func(b *testing.B) { benchBaselineStep(b, baseline.new, x, labels, batch) }
			b.Run(cases.Name(cases.Step(batch), baseline.name, 1), func(b *testing.B) { onCores(1, func() { run(b) }) })
		}
		for _, impl := range kernels.Impls() {
			for _, workers := range coreCounts {
				b.Run(cases.Name(cases.Step(batch), impl.String(), workers), func(b *testing.B) {
					defer kernels.Use(impl)()
					onCores(workers, func() { benchLanesStep(b, x, labels, batch, workers) })
				})
			}
		}
	}
}

// onCores calls f while Go uses no more than so many cores.
func onCores(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	f()
}

func benchBaselineStep(b *testing.B, construct func(Weights, Adam, int) *Network, x []float32, labels []int, batch int) {
	var n *Network
	for i := 0; b.Loop(); i++ {
		if i%freshSteps == 0 {
			b.StopTimer()
			n = warmNetwork(b, construct, x, labels, batch)
			b.StartTimer()
		}
		batchX, batchLabels := batchOf(x, labels, i, batch)
		if _, err := n.Step(batchX, batchLabels); err != nil {
			b.Fatal(err)
		}
	}
	reportPerImage(b, b.Elapsed(), batch, cases.LeNetFLOPs(), 1)
}

func benchLanesStep(b *testing.B, x []float32, labels []int, batch, workers int) {
	trainer, err := net.NewTrainer(net.LeNet5(1), net.TrainerConfig{Workers: workers})
	if err != nil {
		b.Fatal(err)
	}
	defer trainer.Close()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := trainer.Step(batchOf(x, labels, i, batch)); err != nil {
			b.Fatal(err)
		}
	}
	reportPerImage(b, b.Elapsed(), batch, cases.LeNetFLOPs(), workers)
}

// BenchmarkPass times each pass of a training step where it stands in the step,
// so that it finds the data and the caches as the others leave them.
func BenchmarkPass(b *testing.B) {
	const batch = 32
	x, labels := notebookDigits(b)
	for _, baseline := range baselines {
		for p, pass := range NewNaive(NotebookWeights(), StandardAdam, batch).Passes() {
			b.Run(passName(pass, batch, baseline.name), func(b *testing.B) {
				n := warmNetwork(b, baseline.new, x, labels, batch)
				passes := n.Passes()
				onCores(1, func() {
					benchPass(b, passes, p, batch, func(i int) error { return n.Load(batchOf(x, labels, i, batch)) })
				})
			})
		}
	}
	for _, impl := range kernels.Impls() {
		lanes, err := LanesPasses(batchOf(x, labels, 0, batch))
		if err != nil {
			b.Fatal(err)
		}
		passes := make([]Pass, len(lanes))
		for i, pass := range lanes {
			passes[i] = pass.Pass
		}
		for p, pass := range passes {
			b.Run(passName(pass, batch, impl.String()), func(b *testing.B) {
				defer kernels.Use(impl)()
				onCores(1, func() { benchPass(b, passes, p, batch, func(int) error { return nil }) })
			})
		}
	}
}

func passName(pass Pass, batch int, impl string) string {
	key := strings.Replace(cases.Step(batch), "/", "/pass="+strings.ReplaceAll(pass.Name, " ", "-")+"/", 1)
	return cases.Name(key, impl, 1)
}

// benchPass times pass p among all passes, each time after load.
func benchPass(b *testing.B, passes []Pass, p, batch int, load func(i int) error) {
	var elapsed time.Duration
	for i := 0; b.Loop(); i++ {
		if err := load(i); err != nil {
			b.Fatal(err)
		}
		run(passes[:p])
		start := time.Now()
		passes[p].Run()
		elapsed += time.Since(start)
		run(passes[p+1:])
	}
	b.ReportMetric(float64(elapsed.Nanoseconds())/float64(b.N), "ns/op")
	reportPerImage(b, elapsed, batch, float64(passes[p].FLOPs), 1)
}

// freshSteps is for how many steps a network is measured. After 800 or so, the
// moments of weights whose gradient is always zero have decayed to subnormal
// numbers, with which Adam takes ten times as long on some processors.
const freshSteps = 500

// warmNetwork returns a network after 16 steps. It uses standard Adam: the
// notebook's settings soon leave most of conv2's outputs at zero for good,
// which flatters implementations that skip zeros.
func warmNetwork(b *testing.B, construct func(Weights, Adam, int) *Network, x []float32, labels []int, batch int) *Network {
	b.Helper()
	n := construct(NotebookWeights(), StandardAdam, batch)
	for i := range 16 {
		batchX, batchLabels := batchOf(x, labels, i, batch)
		if _, err := n.Step(batchX, batchLabels); err != nil {
			b.Fatal(err)
		}
	}
	return n
}

// reportPerImage reports the time for an image, and the rate of arithmetic if
// each of them takes flops.
func reportPerImage(b *testing.B, elapsed time.Duration, batch int, flops float64, workers int) {
	images := float64(b.N) * float64(batch)
	b.ReportMetric(elapsed.Seconds()*1e6/images, "µs/image")
	reportFLOPs(b, flops*images, elapsed, workers)
}

// reportFLOPs reports the rate of arithmetic, if there is any, and its share of
// the cores' peak.
func reportFLOPs(b *testing.B, flops float64, elapsed time.Duration, workers int) {
	if flops == 0 {
		return
	}
	rate := flops / elapsed.Seconds() / 1e9
	b.ReportMetric(rate, "GFLOP/s")
	if peak := fmaPeak(); peak > 0 {
		b.ReportMetric(rate/(peak*float64(workers)), "of-peak")
	}
}

// fmaPeak returns the best rate of independent multiply-adds on one core, in
// GFLOP/s, or 0 on a machine without AVX2.
var fmaPeak = sync.OnceValue(func() float64 {
	if !slices.Contains(kernels.Impls(), kernels.AVX2) {
		return 0
	}
	defer kernels.Use(kernels.AVX2)()
	best := time.Duration(math.MaxInt64)
	for end := time.Now().Add(100 * time.Millisecond); time.Now().Before(end); {
		start := time.Now()
		kernels.Peak(cases.PeakRounds)
		best = min(best, time.Since(start))
	}
	return cases.PeakRounds * kernels.PeakFLOPs / best.Seconds() / 1e9
})
