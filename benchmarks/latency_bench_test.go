package benchmarks

import (
	"fmt"
	"testing"
	"time"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

// BenchmarkPredict times predictions of LeNet-5. Images that do not fill a block
// of eight go one by one.
func BenchmarkPredict(b *testing.B) {
	n := net.LeNet5(1)
	x, _ := notebookDigits(b)
	size := n.Input().Len()
	for _, batch := range []int{1, 2, 3, 6, 7, 8, 256} {
		for _, workers := range []int{1, 2} {
			if workers > 1 && batch <= kernels.Lanes {
				continue // one block is one worker's
			}
			b.Run(fmt.Sprintf("op=predict/batch=%d/impl=%v/workers=%d", batch, kernels.Active(), workers), func(b *testing.B) {
				images := repeatImages(x, batch*size)
				p := n.NewPredictor(workers)
				defer p.Close()
				classes := make([]int, 0, batch)
				for b.Loop() {
					if _, err := p.Predict(classes, images); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N*batch), "µs/image")
				reportOfPeak(b, lenetFLOPs*batch, workers)
			})
		}
	}
}

// lenetFLOPs are those of a prediction of one image: a multiplication and an
// addition for each weight at each place.
const lenetFLOPs = 2 * (6*28*28*25 + 16*10*10*150 + 400*120 + 120*84 + 84*10)

// BenchmarkSingle times LeNet-5's layers on a single image.
func BenchmarkSingle(b *testing.B) {
	for _, l := range []struct {
		name  string
		layer layer.Layer
		in    layer.Shape
		flops int
	}{
		{"conv1", conv.Layer{Filters: 6, Size: 5, Activation: layer.ReLU}, layer.Image(1, 32, 32), 2 * 6 * 28 * 28 * 25},
		{"pool1", pool.Max{Size: 2, Activation: layer.ReLU}, layer.Image(6, 28, 28), 0},
		{"conv2", conv.Layer{Filters: 16, Size: 5, Activation: layer.ReLU}, layer.Image(6, 14, 14), 2 * 16 * 10 * 10 * 150},
		{"pool2", pool.Max{Size: 2, Activation: layer.ReLU}, layer.Image(16, 10, 10), 0},
		{"dense1", dense.Layer{Units: 120, Activation: layer.ReLU}, layer.Vector(400), 2 * 400 * 120},
		{"dense2", dense.Layer{Units: 84, Activation: layer.ReLU}, layer.Vector(120), 2 * 120 * 84},
		{"dense3", dense.Layer{Units: 10}, layer.Vector(84), 2 * 84 * 10},
	} {
		b.Run(fmt.Sprintf("op=%s/batch=1/impl=%v/workers=1", l.name, kernels.Active()), func(b *testing.B) {
			op, err := l.layer.Bind(l.in)
			if err != nil {
				b.Fatal(err)
			}
			if t, ok := op.(layer.Trained); ok {
				w, bias := make([]float32, t.Params().Weights()), make([]float32, t.Params().Rows)
				t.Init(w, bias, layer.Stream(1, "init", 0))
				t.Attach(w, bias)
			}
			single := op.(layer.Single)
			x, y := make([]float32, l.in.Len()), make([]float32, op.Out().Len())
			scratch := make([]float32, single.ScratchOne())
			layer.Normal(x, 1, layer.Stream(1, "image", 0))
			for b.Loop() {
				single.ForwardOne(y, x, scratch)
			}
			reportOfPeak(b, l.flops, 1)
		})
	}
}

// repeatImages repeats images until they fill n elements.
func repeatImages(images []float32, n int) []float32 {
	x := make([]float32, n)
	for filled := 0; filled < n; {
		filled += copy(x[filled:], images)
	}
	return x
}

// reportOfPeak reports the share of the peak of fused multiply-adds, measured
// now, at which an iteration of flops operations ran.
func reportOfPeak(b *testing.B, flops, workers int) {
	rate := float64(flops) * float64(b.N) / b.Elapsed().Seconds()
	if peak := peakFLOPS(); peak > 0 && flops > 0 {
		b.ReportMetric(rate/peak/float64(workers), "of-peak")
	}
}

// peakFLOPS is the best rate of fused multiply-adds of one core, in operations
// a second, or 0 without assembly.
func peakFLOPS() float64 {
	const rounds = 10_000
	best := time.Duration(1<<63 - 1)
	for range 100 {
		start := time.Now()
		if !kernels.Peak(rounds) {
			return 0
		}
		best = min(best, time.Since(start))
	}
	return rounds * kernels.PeakFLOPs / best.Seconds()
}
