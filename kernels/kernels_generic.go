package kernels

// The files that end in _generic.go hold the portable kernels: this one those of
// convolutions, blocks and matrix products. They are the specification of the
// assembly: each is the textbook loop, with every multiply-add fused and every
// chain in its documented order, and each runs in every build, so that tests can
// compare both in one binary.

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
