package kernels

// This file holds the portable kernels for single images in plain row-major
// order, [channel][row][column].

// convForwardOneGeneric computes what convForwardGeneric does for each lane.
func convForwardOneGeneric(s ConvShape, y, x, w, bias []float32, relu bool) {
	rows, cols := s.rows(), s.cols()
	out := 0
	for f := range s.Filters {
		wf := w[f*s.Taps():][:s.Taps()]
		group := x[f/s.groupFilters()*s.groupC()*s.H*s.W:]
		for r := range rows.out {
			for q := range cols.out {
				acc := bias[f]
				for c := range s.groupC() {
					for i := range s.FH {
						row, inside := rows.source(r, i)
						if !inside {
							continue
						}
						for j := range s.FW {
							if col, ok := cols.source(q, j); ok {
								acc = fma32(group[(c*s.H+row)*s.W+col], wf[(c*s.FH+i)*s.FW+j], acc)
							}
						}
					}
				}
				y[out] = acc
				out++
			}
		}
	}
	if relu {
		reluGeneric(y, y)
	}
}

// maxPoolOneGeneric computes the maximum of each window, as
// maxPoolForwardGeneric does for each lane.
func maxPoolOneGeneric(s PoolShape, y, x []float32) {
	for w := range s.windows() {
		best := x[w.in]
		for i := range w.rows {
			for _, v := range x[w.in+i*s.W:][:w.cols] {
				if takes(v, best) {
					best = v
				}
			}
		}
		y[w.out] = best
	}
}

// averageOneGeneric computes the average of each window, as
// averageForwardGeneric does for each lane.
func averageOneGeneric(s PoolShape, y, x []float32) {
	for w := range s.windows() {
		var acc float32
		for i := range w.rows {
			for _, v := range x[w.in+i*s.W:][:w.cols] {
				acc += v
			}
		}
		y[w.out] = acc / float32(w.count)
	}
}

// denseOneGeneric computes, for a matrix of len(x) rows packed in panels of
// eight columns,
//
//	for j {
//		acc := bias[j]
//		for p { acc = fma(x[p], panels[j/8][p][j%8], acc) }
//		y[j] = acc // or relu(acc)
//	}
func denseOneGeneric(y, x, panels, bias []float32, relu bool) {
	gemmPanelsGeneric(1, len(y), len(x), x, len(x), 1, panels, bias, y, len(y))
	if relu {
		reluGeneric(y, y)
	}
}
