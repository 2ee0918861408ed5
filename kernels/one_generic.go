package kernels

// This file holds the portable kernels for single images in plain row-major
// order, [channel][row][column].

// convForwardOneGeneric computes
//
//	for f, r, q {
//		acc := bias[f]
//		for c, i, j { acc = fma(x[c][r+i][q+j], w[f][c][i][j], acc) }
//		y[f][r][q] = acc // or relu(acc)
//	}
func convForwardOneGeneric(s ConvShape, y, x, w, bias []float32, relu bool) {
	out := 0
	for f := range s.Filters {
		for r := range s.OutH() {
			for q := range s.OutW() {
				acc, t := bias[f], f*s.Taps()
				for c := range s.C {
					for i := range s.FH {
						for j := range s.FW {
							acc = fma32(x[(c*s.H+r+i)*s.W+q+j], w[t], acc)
							t++
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
// maxPoolForwardGeneric does for each lane, or relu of it.
func maxPoolOneGeneric(s PoolShape, y, x []float32, relu bool) {
	for out, in := range s.windows() {
		best := x[in]
		for i := range s.FH {
			for _, v := range x[in+i*s.W:][:s.FW] {
				if takes(v, best) {
					best = v
				}
			}
		}
		y[out] = best
	}
	if relu {
		reluGeneric(y, y)
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
