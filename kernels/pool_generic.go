package kernels

import "iter"

// A poolWindow is the part of a window that lies inside the input.
type poolWindow struct {
	out, in    int // index of its output, and of its first pixel
	rows, cols int
	count      int // pixels that count in its average
}

// windows yields all windows in row-major order.
func (s PoolShape) windows() iter.Seq[poolWindow] {
	return func(yield func(poolWindow) bool) {
		rows, cols := s.rows(), s.cols()
		out := 0
		for c := range s.C {
			for r := range rows.out {
				row := s.edge(rows, r, s.PadBottom)
				for q := range cols.out {
					col := s.edge(cols, q, s.PadRight)
					w := poolWindow{
						out: out, in: (c*s.H+row.first)*s.W + col.first,
						rows: row.n, cols: col.n, count: row.count * col.count,
					}
					if !yield(w) {
						return
					}
					out++
				}
			}
		}
	}
}

// A windowEdge is a window along one axis: the inputs that it meets, and how many
// pixels count in its average.
type windowEdge struct{ first, n, count int }

// edge returns window o of an axis that is padded by after.
func (s *PoolShape) edge(a axis, o, after int) windowEdge {
	lo, hi := o*a.stride-a.before, o*a.stride-a.before+a.taps
	e := windowEdge{first: max(lo, 0), n: min(hi, a.in) - max(lo, 0)}
	if e.count = e.n; s.CountPad {
		e.count = min(hi, a.in+after) - lo
	}
	return e
}

// maxPoolForwardGeneric computes, for each lane, the maximum of each window.
// The window is scanned in row-major order; a value is taken if it is greater
// than the maximum so far, or if it is NaN and the maximum is not.
func maxPoolForwardGeneric(s PoolShape, y, x []float32) {
	for w := range s.windows() {
		best := lane8(y, w.out)
		*best = *lane8(x, w.in)
		for i := range w.rows {
			for j := range w.cols {
				for l, v := range lane8(x, w.in+i*s.W+j) {
					if takes(v, best[l]) {
						best[l] = v
					}
				}
			}
		}
	}
}

// takes reports whether v replaces the maximum m.
func takes(v, m float32) bool { return v > m || v != v && m == m }

// maxPoolBackwardGeneric gives, for each lane, dy of each window to the element
// that maxPoolForwardGeneric took last, and +0 to all others, the remainder at
// the edges included. Where windows overlap it adds dy to what the element has.
func maxPoolBackwardGeneric(s PoolShape, dx, x, dy []float32) {
	clear(dx)
	disjoint := s.disjoint()
	for w := range s.windows() {
		for l, d := range lane8(dy, w.out) {
			best, at := x[w.in*Lanes+l], w.in
			for i := range w.rows {
				for j := range w.cols {
					if v := x[(w.in+i*s.W+j)*Lanes+l]; takes(v, best) {
						best, at = v, w.in+i*s.W+j
					}
				}
			}
			if disjoint {
				dx[at*Lanes+l] = d
			} else {
				dx[at*Lanes+l] += d
			}
		}
	}
}

// averageForwardGeneric computes, for each lane,
//
//	for each window {
//		acc := 0
//		for each pixel x inside { acc += x }
//		y = acc / count
//	}
func averageForwardGeneric(s PoolShape, y, x []float32) {
	for w := range s.windows() {
		acc := lane8(y, w.out)
		*acc = [8]float32{}
		for i := range w.rows {
			for j := range w.cols {
				for l, v := range lane8(x, w.in+i*s.W+j) {
					acc[l] += v
				}
			}
		}
		for l := range acc {
			acc[l] /= float32(w.count)
		}
	}
}

// averageBackwardGeneric computes, for each lane, from dx = +0,
//
//	for each window {
//		for each pixel dx inside { dx += dy / count }
//	}
func averageBackwardGeneric(s PoolShape, dx, dy []float32) {
	clear(dx)
	for w := range s.windows() {
		for l, d := range lane8(dy, w.out) {
			d /= float32(w.count)
			for i := range w.rows {
				for j := range w.cols {
					dx[(w.in+i*s.W+j)*Lanes+l] += d
				}
			}
		}
	}
}
