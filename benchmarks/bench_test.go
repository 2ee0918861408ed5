package benchmarks

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkStep times a training step, batch after batch. Compare the
// implementations on one core with -cpu=1.
func BenchmarkStep(b *testing.B) {
	x, labels := notebookDigits(b)
	for _, baseline := range baselines {
		for _, batch := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("impl=%s/batch=%d", baseline.name, batch), func(b *testing.B) {
				var n *Network
				for i := 0; b.Loop(); i++ {
					if i%freshSteps == 0 {
						b.StopTimer()
						n = warmNetwork(b, baseline.new, x, labels, batch)
						b.StartTimer()
					}
					batchX, batchLabels := batchOf(x, labels, i, batch)
					if _, err := n.Step(batchX, batchLabels); err != nil {
						b.Fatal(err)
					}
				}
				flops := 0
				for _, pass := range n.Passes() {
					flops += pass.FLOPs
				}
				reportPerImage(b, b.Elapsed(), batch, flops)
			})
		}
	}
}

// BenchmarkPass times each pass where it stands in the step, so that it finds
// the data and the caches as the others leave them.
func BenchmarkPass(b *testing.B) {
	const batch = 32
	x, labels := notebookDigits(b)
	for _, baseline := range baselines {
		for p, pass := range NewNaive(NotebookWeights(), StandardAdam, batch).Passes() {
			b.Run(fmt.Sprintf("pass=%s/impl=%s/batch=%d", pass.Name, baseline.name, batch), func(b *testing.B) {
				n := warmNetwork(b, baseline.new, x, labels, batch)
				passes := n.Passes()
				var elapsed time.Duration
				for i := 0; b.Loop(); i++ {
					if err := n.Load(batchOf(x, labels, i, batch)); err != nil {
						b.Fatal(err)
					}
					run(passes[:p])
					start := time.Now()
					passes[p].Run()
					elapsed += time.Since(start)
					run(passes[p+1:])
				}
				b.ReportMetric(float64(elapsed.Nanoseconds())/float64(b.N), "ns/op")
				reportPerImage(b, elapsed, batch, pass.FLOPs)
			})
		}
	}
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
func reportPerImage(b *testing.B, elapsed time.Duration, batch, flops int) {
	images := float64(b.N) * float64(batch)
	b.ReportMetric(elapsed.Seconds()*1e6/images, "µs/image")
	if flops > 0 {
		b.ReportMetric(float64(flops)*images/elapsed.Seconds()/1e9, "GFLOP/s")
	}
}
