package kernels

// This file leads from slices and geometry to the assembly of the smaller
// families. It compiles everywhere; only useAVX2 lets it run.

func maxPoolForward2x2(s PoolShape, y, x []float32) {
	for c := range s.C {
		maxPoolForward2x2AVX2(&y[c*s.OutH()*s.OutW()*Lanes], &x[c*s.H*s.W*Lanes],
			s.OutH(), s.OutW(), s.W*laneBytes, s.rowEnd())
	}
}

func maxPoolBackward2x2(s PoolShape, dx, x, dy []float32) {
	if s.H%2 != 0 || s.W%2 != 0 {
		clear(dx) // the remainder at the edges
	}
	for c := range s.C {
		maxPoolBackward2x2AVX2(&dx[c*s.H*s.W*Lanes], &x[c*s.H*s.W*Lanes], &dy[c*s.OutH()*s.OutW()*Lanes],
			s.OutH(), s.OutW(), s.W*laneBytes, s.rowEnd())
	}
}

// rowEnd is the distance in bytes from the end of one row of 2x2 windows to
// the beginning of the next.
func (s PoolShape) rowEnd() int { return (2*s.W - 2*s.OutW()) * laneBytes }

func interleaveAVX2(dst, src []float32, cols, stride, n int) {
	whole := cols &^ (Lanes - 1)
	if whole > 0 {
		interleave8AVX2(&dst[0], &src[0], whole/Lanes, stride*4, n, laneMask(n))
	}
	if whole < cols {
		interleaveGeneric(dst[whole*Lanes:], src[whole:], cols-whole, stride, n)
	}
}

func deinterleaveAVX2(dst, src []float32, cols, stride, n int) {
	whole := cols &^ (Lanes - 1)
	if whole > 0 {
		deinterleave8AVX2(&dst[0], &src[0], whole/Lanes, stride*4, n)
	}
	if whole < cols {
		deinterleaveGeneric(dst[whole:], src[whole*Lanes:], cols-whole, stride, n)
	}
}

func sumRowsAVX2(dst, a []float32, rows, lda int) {
	whole := len(dst) &^ (Lanes - 1)
	if whole > 0 && rows > 0 {
		sumRows8AVX2(&dst[0], &a[0], whole/Lanes, rows, lda*4)
	} else {
		whole = 0
	}
	if whole < len(dst) {
		sumRowsGeneric(dst[whole:], a[min(whole, len(a)):], rows, lda)
	}
}
