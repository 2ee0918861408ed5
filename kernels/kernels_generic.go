package kernels

import "iter"

// This file holds the portable kernels. They are the specification of the
// assembly: each is the textbook loop, with every multiply-add fused and every
// chain in its documented order, and each runs in every build, so that tests
// can compare both in one binary.

// lane8 returns the eight lanes of pixel p of a block.
func lane8(block []float32, p int) *[8]float32 {
	return (*[8]float32)(block[p*Lanes:])
}

// convForwardGeneric computes, for each lane,
//
//	for f in part, r, q {
//		acc := bias[f]
//		for c in the group of f, i, j with a pixel {
//			acc = fma(x[c][r*sh+i*dh-top][q*sw+j*dw-left], w[f][c][i][j], acc)
//		}
//		y[f][r][q] = acc // or relu(acc)
//	}
//
// For n <= 4 the last four lanes of y are then +0.
func convForwardGeneric(s ConvShape, y, x, w, bias []float32, n int, relu bool, part bounds) {
	rows, cols := s.rows(), s.cols()
	out := part.lo * rows.out * cols.out
	for f := part.lo; f < part.hi; f++ {
		wf := w[f*s.Taps():][:s.Taps()]
		group := x[f/s.groupFilters()*s.groupC()*s.H*s.W*Lanes:]
		for r := range rows.out {
			for q := range cols.out {
				acc := lane8(y, out)
				*acc = *splat(bias[f])
				for c := range s.groupC() {
					for i := range s.FH {
						row, inside := rows.source(r, i)
						if !inside {
							continue
						}
						for j := range s.FW {
							if col, ok := cols.source(q, j); ok {
								fma8(acc, lane8(group, (c*s.H+row)*s.W+col), splat(wf[(c*s.FH+i)*s.FW+j]))
							}
						}
					}
				}
				if relu {
					reluGeneric(acc[:], acc[:])
				}
				clearHalf(acc, n)
				out++
			}
		}
	}
}

// convDataGradGeneric computes, for each lane,
//
//	for c in part, r, q {
//		acc := 0
//		for f in the group of c, i, j with an output (p, o) that reads (r, q) {
//			acc = fma(dy[f][p][o], w[f][c][i][j], acc)
//		}
//		dx[c][r][q] = acc
//	}
//
// For n <= 4 the last four lanes of dx are then +0.
func convDataGradGeneric(s ConvShape, dx, dy, w []float32, n int, part bounds) {
	rows, cols := s.rows(), s.cols()
	outH, outW := rows.out, cols.out
	in := part.lo * s.H * s.W
	for c := part.lo; c < part.hi; c++ {
		group := c / s.groupC()
		for r := range s.H {
			for q := range s.W {
				acc := lane8(dx, in)
				*acc = [8]float32{}
				for f := group * s.groupFilters(); f < (group+1)*s.groupFilters(); f++ {
					wf := w[f*s.Taps()+c%s.groupC()*s.FH*s.FW:]
					for i := range s.FH {
						row, inside := rows.target(r, i)
						if !inside {
							continue
						}
						for j := range s.FW {
							if col, ok := cols.target(q, j); ok {
								fma8(acc, lane8(dy, (f*outH+row)*outW+col), splat(wf[i*s.FW+j]))
							}
						}
					}
				}
				clearHalf(acc, n)
				in++
			}
		}
	}
}

// halfLanes is the number of images up to which half a block holds them.
const halfLanes = Lanes / 2

// clearHalf sets the last four lanes to +0 if there are at most four images.
func clearHalf(acc *[8]float32, n int) {
	if n <= halfLanes {
		clear(acc[halfLanes:])
	}
}

// convWeightGradGeneric computes
//
//	for f in part, c in the group of f, i, j {
//		var acc [8]float32 // one chain for each image
//		for r, q with a pixel {
//			acc = fma(x[c][r*sh+i*dh-top][q*sw+j*dw-left], dy[f][r][q], acc)
//		}
//		dw[f][c][i][j] = sumLanes(acc)
//	}
//
// and db[f] likewise from the chain acc = acc + dy[f][r][q].
func convWeightGradGeneric(s ConvShape, dw, db, x, dy []float32, n int, part bounds) {
	rows, cols := s.rows(), s.cols()
	outLen := rows.out * cols.out
	for f := part.lo; f < part.hi; f++ {
		var bias [8]float32
		for p := range outLen {
			for l, v := range lane8(dy, f*outLen+p) {
				bias[l] += v
			}
		}
		db[f] = sumLanesGeneric(&bias, n)
		first := f / s.groupFilters() * s.groupC() // channel of the group
		for t := range s.Taps() {
			c, i, j := first+t/(s.FH*s.FW), t/s.FW%s.FH, t%s.FW
			var acc [8]float32
			for r := range rows.out {
				row, inside := rows.source(r, i)
				if !inside {
					continue
				}
				for q := range cols.out {
					if col, ok := cols.source(q, j); ok {
						fma8(&acc, lane8(x, (c*s.H+row)*s.W+col), lane8(dy, f*outLen+r*cols.out+q))
					}
				}
			}
			dw[f*s.Taps()+t] = sumLanesGeneric(&acc, n)
		}
	}
}

// sumLanesGeneric adds the first n of eight lanes pairwise,
// ((0+1)+(2+3)) + ((4+5)+(6+7)), where the others count as +0.
func sumLanesGeneric(acc *[8]float32, n int) float32 {
	var l [8]float32
	copy(l[:], acc[:n])
	return ((l[0] + l[1]) + (l[2] + l[3])) + ((l[4] + l[5]) + (l[6] + l[7]))
}

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

// interleaveGeneric is: dst[j*8+i] = src[i*stride+j], and +0 for i >= n.
func interleaveGeneric(dst, src []float32, cols, stride, n int) {
	for j := range cols {
		d := lane8(dst, j)
		*d = [8]float32{}
		for i := range n {
			d[i] = src[i*stride+j]
		}
	}
}

// deinterleaveGeneric is: dst[i*stride+j] = src[j*8+i] for i < n.
func deinterleaveGeneric(dst, src []float32, cols, stride, n int) {
	for j := range cols {
		for i, v := range lane8(src, j)[:n] {
			dst[i*stride+j] = v
		}
	}
}

// gemmGeneric computes C = alpha*op(A)*op(B) + beta*C with strides in place of
// transposition: op(A)[i][p] = a[i*ars+p*acs], op(B)[p][j] = b[p*brs+j*bcs].
//
//	for i, j {
//		acc := beta*C[i][j] // +0 for beta = 0
//		for p { acc = fma(alpha*a[i][p], b[p][j], acc) }
//		C[i][j] = acc
//	}
func gemmGeneric(m, n, k int, alpha float32, a []float32, ars, acs int, b []float32, brs, bcs int, beta float32, c []float32, ldc int) {
	for i := range m {
		ci := c[i*ldc:][:n]
		scaleGeneric(ci, beta)
		if alpha == 0 {
			continue
		}
		for p := range k {
			ap := alpha * a[i*ars+p*acs]
			for j := range ci {
				ci[j] = fma32(ap, b[p*brs+j*bcs], ci[j])
			}
		}
	}
}

// scaleGeneric is: for i { x[i] = beta*x[i] }, where beta = 0 gives +0 without
// reading x and beta = 1 leaves x alone.
func scaleGeneric(x []float32, beta float32) {
	switch beta {
	case 0:
		clear(x)
	case 1:
	default:
		for i := range x {
			x[i] *= beta
		}
	}
}

// gemmPanelsGeneric computes C = op(A)*B, or C = bias + op(A)*B with bias added
// first to every row, for a B packed in panels of eight columns: column j of
// row p lies at panels[(j/8*k+p)*8 + j%8].
func gemmPanelsGeneric(m, n, k int, a []float32, ars, acs int, panels, bias, c []float32, ldc int) {
	for i := range m {
		for j := range n {
			var acc float32
			if bias != nil {
				acc = bias[j]
			}
			panel := panels[j/Lanes*k*Lanes:]
			for p := range k {
				acc = fma32(a[i*ars+p*acs], panel[p*Lanes+j%Lanes], acc)
			}
			c[i*ldc+j] = acc
		}
	}
}

// sumRowsGeneric is: for j { acc := 0; for i { acc += a[i][j] }; dst[j] = acc }.
func sumRowsGeneric(dst, a []float32, rows, lda int) {
	for j := range dst {
		var acc float32
		for i := range rows {
			acc += a[i*lda+j]
		}
		dst[j] = acc
	}
}

// addGeneric is: for i { dst[i] += src[i] }.
func addGeneric(dst, src []float32) {
	for i, v := range src {
		dst[i] += v
	}
}

// reluGeneric is: for i { y[i] = 0 if 0 > x[i], else x[i] }: NaN and -0 pass.
func reluGeneric(y, x []float32) {
	for i, v := range x {
		if 0 > v {
			v = 0
		}
		y[i] = v
	}
}

// reluGradGeneric is: for i { dx[i] = dy[i] if y[i] > 0, else +0 }.
func reluGradGeneric(dx, dy, y []float32) {
	for i, v := range y {
		if v > 0 {
			dx[i] = dy[i]
		} else {
			dx[i] = 0
		}
	}
}

// tanhGeneric is: for i { y[i] = tanh(x[i]) }.
func tanhGeneric(y, x []float32) {
	for i, v := range x {
		y[i] = tanh32(v)
	}
}

// tanhGradGeneric is: for i { dx[i] = dy[i] * fma(-y[i], y[i], 1) }.
func tanhGradGeneric(dx, dy, y []float32) {
	for i, v := range y {
		dx[i] = dy[i] * fma32(-v, v, 1)
	}
}

// sigmoidGeneric is: for i { y[i] = sigmoid(x[i]) }.
func sigmoidGeneric(y, x []float32) {
	for i, v := range x {
		y[i] = sigmoid32(v)
	}
}

// sigmoidGradGeneric is: for i { dx[i] = dy[i] * (y[i] * (1 - y[i])) }.
func sigmoidGradGeneric(dx, dy, y []float32) {
	for i, v := range y {
		dx[i] = dy[i] * float32(v*float32(1-v))
	}
}

// leakyReLUGeneric is: for i { y[i] = slope*x[i] if 0 > x[i], else x[i] }: NaN and
// -0 pass.
func leakyReLUGeneric(y, x []float32, slope float32) {
	for i, v := range x {
		if 0 > v {
			v *= slope
		}
		y[i] = v
	}
}

// leakyReLUGradGeneric is: for i { dx[i] = dy[i] if y[i] > 0, else slope*dy[i] }.
func leakyReLUGradGeneric(dx, dy, y []float32, slope float32) {
	for i, v := range y {
		if v > 0 {
			dx[i] = dy[i]
		} else {
			dx[i] = slope * dy[i]
		}
	}
}

// geluGeneric is: for i { y[i] = gelu(x[i]) }.
func geluGeneric(y, x []float32) {
	for i, v := range x {
		y[i] = gelu32(v)
	}
}

// geluGradGeneric is: for i { dx[i] = dy[i] * gelu'(x[i]) }.
func geluGradGeneric(dx, dy, x []float32) {
	for i, v := range x {
		dx[i] = geluGrad32(dy[i], v)
	}
}

// softmaxGeneric turns the logits z of eight images, [classes][8], into
// probabilities:
//
//	m := z[0]; for c { if z[c] > m { m = z[c] } }
//	for c { p[c] = exp(z[c]-m); sum = sum + p[c] }
//	for c { p[c] = p[c] / sum }
func softmaxGeneric(p, z []float32, classes int) {
	for l := range Lanes {
		m := z[l]
		for c := 1; c < classes; c++ {
			if v := z[c*Lanes+l]; v > m {
				m = v
			}
		}
		var sum float32
		for c := range classes {
			e := exp32(z[c*Lanes+l] - m)
			p[c*Lanes+l] = e
			sum += e
		}
		for c := range classes {
			p[c*Lanes+l] /= sum
		}
	}
}

// negLogGeneric is: for i { y[i] = -log(x[i] + eps) }.
func negLogGeneric(y, x []float32, eps float32) {
	for i, v := range x {
		y[i] = -log32(v + eps)
	}
}

// softmaxCrossEntropyGeneric computes, for each of the first len(labels) lanes,
// with a target t of on for the label and off for every other class,
//
//	m := z[0]; for c { if z[c] > m { m = z[c] } }
//	for c { p[c] = exp(z[c]-m); sum = sum + p[c] }
//	others := +0; for c but the label { others = others + (z[c]-m) }
//	for c { grad[c] = p[c]/sum - t[c] }
//	loss = fma(-off, others, fma(-on, z[label]-m, log(sum))) // but for off = 0 without the outer fma
//
// and for the other lanes grad[c] = +0.
func softmaxCrossEntropyGeneric(grad, z []float32, labels []int, losses []float32, on, off float32, classes int) {
	for l, label := range labels {
		m := z[l]
		for c := 1; c < classes; c++ {
			if v := z[c*Lanes+l]; v > m {
				m = v
			}
		}
		var sum, labelled, others float32
		for c := range classes {
			d := z[c*Lanes+l] - m
			if c == label {
				labelled = d
			} else {
				others += d
			}
			e := exp32(d)
			grad[c*Lanes+l] = e
			sum += e
		}
		for c := range classes {
			grad[c*Lanes+l] = grad[c*Lanes+l]/sum - target(c, label, on, off)
		}
		losses[l] = softmaxLoss(log32(sum), labelled, others, on, off)
	}
	clearAbsent(grad, len(labels), classes)
}

// target is what output c of an image should be.
func target(c, label int, on, off float32) float32 {
	if c == label {
		return on
	}
	return off
}

// clearAbsent sets the outputs of the images of a block from n on to +0.
func clearAbsent(grad []float32, n, outputs int) {
	for c := range outputs {
		clear(lane8(grad, c)[n:])
	}
}

// sigmoidCrossEntropyGeneric computes, for each of the first len(labels) lanes,
// with a target t of on for the output of the label and off for every other,
//
//	loss := +0
//	for c {
//		e := exp(-|z[c]|)
//		grad[c] = sigmoid(z[c]) - t[c]
//		loss = loss + (fma(-t[c], z[c], max(z[c], 0)) + log1p(e))
//	}
//
// and for the other lanes grad[c] = +0. With u = 1+e, rounded, and its rest
// e-(u-1), which is exact, log1p(e) is log(u) + rest/u.
func sigmoidCrossEntropyGeneric(grad, z []float32, labels []int, losses []float32, on, off float32, outputs int) {
	for l, label := range labels {
		var loss float32
		for c := range outputs {
			x := z[c*Lanes+l]
			e := exp32(-abs32(x))
			u := 1 + e
			logU := log32(u) + (e-(u-1))/u
			p, positive := 1/u, x
			if 0 > x {
				p, positive = e/u, 0
			}
			t := target(int(classOf(c, outputs)), label, on, off)
			grad[c*Lanes+l] = p - t
			loss += fma32(-t, x, positive) + logU
		}
		losses[l] = loss
	}
	clearAbsent(grad, len(labels), outputs)
}

// squaredErrorGeneric computes, for each of the first len(labels) lanes, with a
// target t of 1 for the output of the label and 0 for every other,
//
//	loss := +0
//	for c { grad[c] = y[c] - t[c]; loss = fma(grad[c], grad[c], loss) }
//	loss = loss / 2
//
// and for the other lanes grad[c] = +0.
func squaredErrorGeneric(grad, y []float32, labels []int, losses []float32, outputs int) {
	for l, label := range labels {
		var loss float32
		for c := range outputs {
			d := y[c*Lanes+l] - target(int(classOf(c, outputs)), label, 1, 0)
			grad[c*Lanes+l] = d
			loss = fma32(d, d, loss)
		}
		losses[l] = loss / 2
	}
	clearAbsent(grad, len(labels), outputs)
}

// firstNotFiniteGeneric is: for i { if x[i] is infinite or NaN { return i } }; return -1.
func firstNotFiniteGeneric(x []float32) int {
	for i, v := range x {
		if v-v != 0 {
			return i
		}
	}
	return -1
}

// adamGeneric is, with every operation rounded but the fused ones:
//
//	for i {
//		d := scale * g[i]
//		m[i] = flush(fma(1-beta1, d, beta1*m[i]))
//		v[i] = flush(fma((1-beta2)*d, d, beta2*v[i]))
//		w[i] = fma(-rate, m[i] / (sqrt(v[i]) + eps), (1-decay)*w[i])
//	}
//
// where flush replaces subnormal numbers by +0: the moments of a weight whose
// gradient has vanished decay until they are subnormal, and the processor takes
// a hundred times as long for such numbers.
func adamGeneric(w, m, v, g []float32, s *AdamStep) {
	keep := 1 - s.Decay
	for i := range w {
		d := s.Scale * g[i]
		mi := flush(fma32(s.OneMinusBeta1, d, float32(s.Beta1*m[i])))
		vi := flush(fma32(float32(s.OneMinusBeta2*d), d, float32(s.Beta2*v[i])))
		m[i], v[i] = mi, vi
		w[i] = fma32(-s.Rate, mi/float32(sqrt32(vi)+s.Epsilon), float32(keep*w[i]))
	}
}

// flush returns +0 in place of a subnormal number.
func flush(x float32) float32 {
	if 0x1p-126 > abs32(x) {
		return 0
	}
	return x
}

// sgdGeneric is: for i { w[i] = fma(-rate, g[i], w[i]) }.
func sgdGeneric(w, g []float32, rate float32) {
	for i, d := range g {
		w[i] = fma32(-rate, d, w[i])
	}
}

// decayedSGDGeneric is: for i { w[i] = fma(-rate, fma(decay, w[i], scale*g[i]), w[i]) }.
func decayedSGDGeneric(w, g []float32, s *SGDStep) {
	for i, v := range g {
		w[i] = fma32(-s.Rate, fma32(s.Decay, w[i], float32(s.Scale*v)), w[i])
	}
}

// momentumGeneric is:
//
//	for i {
//		m[i] = flush(fma(momentum, m[i], fma(decay, w[i], scale*g[i])))
//		w[i] = fma(-rate, m[i], w[i])
//	}
func momentumGeneric(w, m, g []float32, s *SGDStep) {
	for i, v := range g {
		mi := flush(fma32(s.Momentum, m[i], fma32(s.Decay, w[i], float32(s.Scale*v))))
		m[i] = mi
		w[i] = fma32(-s.Rate, mi, w[i])
	}
}

// nesterovGeneric is:
//
//	for i {
//		d := fma(decay, w[i], scale*g[i])
//		m[i] = flush(fma(momentum, m[i], d))
//		w[i] = fma(-rate, fma(momentum, m[i], d), w[i])
//	}
func nesterovGeneric(w, m, g []float32, s *SGDStep) {
	for i, v := range g {
		d := fma32(s.Decay, w[i], float32(s.Scale*v))
		mi := flush(fma32(s.Momentum, m[i], d))
		m[i] = mi
		w[i] = fma32(-s.Rate, fma32(s.Momentum, mi, d), w[i])
	}
}

// rmsPropGeneric is:
//
//	for i {
//		d := fma(decay, w[i], scale*g[i])
//		v[i] = flush(fma((1-alpha)*d, d, alpha*v[i]))
//		w[i] = fma(-rate, d / (sqrt(v[i]) + eps), w[i])
//	}
func rmsPropGeneric(w, v, g []float32, s *RMSPropStep) {
	for i := range w {
		w[i] = fma32(-s.Rate, s.direction(&v[i], w[i], g[i]), w[i])
	}
}

// rmsPropMomentumGeneric is rmsPropGeneric, but for
//
//	m[i] = flush(fma(momentum, m[i], d / (sqrt(v[i]) + eps)))
//	w[i] = fma(-rate, m[i], w[i])
func rmsPropMomentumGeneric(w, v, m, g []float32, s *RMSPropStep) {
	for i := range w {
		mi := flush(fma32(s.Momentum, m[i], s.direction(&v[i], w[i], g[i])))
		m[i] = mi
		w[i] = fma32(-s.Rate, mi, w[i])
	}
}

// direction updates the mean v of squares and returns the gradient in
// proportion to its root.
func (s *RMSPropStep) direction(v *float32, w, g float32) float32 {
	d := fma32(s.Decay, w, float32(s.Scale*g))
	mean := flush(fma32(float32(s.OneMinusAlpha*d), d, float32(s.Alpha**v)))
	*v = mean
	return d / float32(sqrt32(mean)+s.Epsilon)
}

// clipGeneric is, with comparisons that NaN passes:
//
//	for i {
//		c := scale * x[i]
//		if -limit > c { c = -limit }
//		if limit < c { c = limit }
//		y[i] = c
//	}
func clipGeneric(y, x []float32, scale, limit float32) {
	for i, v := range x {
		c := scale * v
		if -limit > c {
			c = -limit
		}
		if limit < c {
			c = limit
		}
		y[i] = c
	}
}

// sumSquaresGeneric is: for i { c[i%8] = c[i%8] + x[i]*x[i] }, in float64, where
// the product is exact.
func sumSquaresGeneric(c *[Lanes]float64, x []float32) {
	for i, v := range x {
		c[i%Lanes] += float64(float64(v) * float64(v))
	}
}
