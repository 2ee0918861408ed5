package kernels

import (
	"fmt"
	"testing"
)

func BenchmarkDepthwise(b *testing.B) {
	for _, C := range []int{32, 128} {
		for _, hw := range []int{28, 14} {
			for _, st := range []int{1, 2} {
				s := ConvShape{C: C, H: hw, W: hw, Filters: C, Groups: C, FH: 3, FW: 3, StrideH: st, StrideW: st, PadTop: 1, PadBottom: 1, PadLeft: 1, PadRight: 1}
				c := NewConv(s)
				f := c.NewFilters(vec(s.WeightLen()), vec(C))
				for _, blocks := range []int{1, 4} {
					var x, y [][]float32
					for range blocks {
						x, y = append(x, vec(s.InLen())), append(y, vec(s.OutLen()))
					}
					dw, db := vec(s.WeightLen()), vec(C)
					taps := 0
					r := s.rows()
					for o := range r.out {
						for t := range 3 {
							if _, ok := r.source(o, t); ok {
								taps++
							}
						}
					}
					flops := 2 * float64(taps*taps*C*8*blocks)
					for _, pass := range []string{"fwd", "data", "weights"} {
						b.Run(fmt.Sprintf("c=%d/hw=%d/s=%d/batch=%d/%s", C, hw, st, blocks*8, pass), func(b *testing.B) {
							for b.Loop() {
								for i := range blocks {
									switch pass {
									case "fwd":
										c.Forward(y[i], x[i], f, 8, false)
									case "data":
										c.DataGrad(x[i], y[i], f, 8)
									case "weights":
										c.WeightGrad(dw, db, x[i], y[i], 8)
									}
								}
							}
							b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
						})
					}
				}
			}
		}
	}
}

func BenchmarkPeak(b *testing.B) {
	for b.Loop() {
		Peak(1000)
	}
	b.ReportMetric(PeakFLOPs*1000*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
