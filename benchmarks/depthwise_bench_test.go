package benchmarks

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/kernels"
)

// BenchmarkDepthwise times the passes of 3x3 convolutions of one channel each,
// the best of all runs, block after block. 28x28 of 32 channels are more than
// the L2 cache of most processors holds, 14x14 are less.
func BenchmarkDepthwise(b *testing.B) {
	for _, channels := range []int{32, 128} {
		for _, size := range []int{28, 14} {
			for _, stride := range []int{1, 2} {
				for _, batch := range []int{8, 32} {
					for _, pass := range cases.Passes {
						d := depthwise{channels, size, stride, batch}
						b.Run(fmt.Sprintf("pass=%s/shape=%dx%dx%ds%d/batch=%d", pass, channels, size, size, stride, batch), func(b *testing.B) {
							d.bench(b, pass)
						})
					}
				}
			}
		}
	}
}

type depthwise struct{ channels, size, stride, batch int }

func (d depthwise) bench(b *testing.B, pass string) {
	c := kernels.NewConv(kernels.ConvShape{
		C: d.channels, H: d.size, W: d.size, Filters: d.channels, Groups: d.channels, FH: 3, FW: 3, StrideH: d.stride, StrideW: d.stride,
		PadTop: 1, PadBottom: 1, PadLeft: 1, PadRight: 1,
	})
	w, bias := gaussian(c.WeightLen()), gaussian(c.Filters)
	filters := c.NewFilters(gaussian(c.WeightLen()), gaussian(c.Filters))
	var x, y [][]float32
	for range d.batch / kernels.Lanes {
		x, y = append(x, gaussian(c.InLen())), append(y, gaussian(c.OutLen()))
	}
	run := func() {
		for i := range x {
			switch pass {
			case cases.Forward:
				c.Forward(y[i], x[i], filters, kernels.Lanes, false)
			case cases.Data:
				c.DataGrad(x[i], y[i], filters, kernels.Lanes)
			case cases.Weights:
				c.WeightGrad(w, bias, x[i], y[i], kernels.Lanes)
			}
		}
	}
	best := time.Duration(math.MaxInt64)
	run() // brings the operands into the cache, if they fit
	for b.Loop() {
		start := time.Now()
		run()
		best = min(best, time.Since(start))
	}
	b.ReportMetric(float64(best.Nanoseconds()), "ns/op")
	// As many multiply-adds as one filter for one channel.
	one := cases.Conv{Batch: d.batch, C: 1, H: d.size, W: d.size, Filters: d.channels, Size: 3, Stride: d.stride, Pad: 1}
	reportFLOPs(b, one.FLOPs(), best, 1)
	b.ReportMetric(float64(4*(len(x)*(c.InLen()+c.OutLen())))/best.Seconds()/1e9, "GB/s")
}
