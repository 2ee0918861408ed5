package kernels

// This file leads from slices and geometry to the assembly of the smaller
// families. It compiles everywhere; only useAVX2 lets it run.

// maxCallWindows is the number of windows that one call of the assembly pools:
// some tens of microseconds.
const maxCallWindows = 1 << 14

func maxPoolForward2x2(s *PoolShape, y, x []float32) {
	outH, outW := s.H/2, s.W/2
	channels, rows := s.joined2x2()
	each := max(1, maxCallWindows/outW)
	for c := range channels {
		for r := 0; r < rows; r += each {
			in, out := (c*s.H+2*r)*s.W*Lanes, (c*outH+r)*outW*Lanes
			maxPoolForward2x2AVX2(&y[out], &x[in], min(each, rows-r), outW, s.W*laneBytes)
		}
	}
}

func maxPoolBackward2x2(s *PoolShape, dx, x, dy []float32) {
	if s.H%2 != 0 || s.W%2 != 0 {
		clear(dx) // the remainder at the edges
	}
	outH, outW := s.H/2, s.W/2
	channels, rows := s.joined2x2()
	each := max(1, maxCallWindows/outW)
	for c := range channels {
		for r := 0; r < rows; r += each {
			in, out := (c*s.H+2*r)*s.W*Lanes, (c*outH+r)*outW*Lanes
			maxPoolBackward2x2AVX2(&dx[in], &x[in], &dy[out], min(each, rows-r), outW, s.W*laneBytes)
		}
	}
}

// joined2x2 returns the numbers of channels and rows of windows: those of one
// channel that joins all, unless a remainder lies between them.
func (s *PoolShape) joined2x2() (channels, rows int) {
	if s.H%2 != 0 {
		return s.C, s.H / 2
	}
	return 1, s.C * s.H / 2
}

func interleaveAVX2(dst, src []float32, cols, stride, n int) {
	for whole := columnsInCall(cols); whole > 0; whole = columnsInCall(cols) {
		interleave8AVX2(&dst[0], &src[0], whole/Lanes, stride*4, n, laneMask(n))
		dst, src, cols = dst[whole*Lanes:], src[whole:], cols-whole
	}
	if cols > 0 {
		interleaveGeneric(dst, src, cols, stride, n)
	}
}

func deinterleaveAVX2(dst, src []float32, cols, stride, n int) {
	for whole := columnsInCall(cols); whole > 0; whole = columnsInCall(cols) {
		deinterleave8AVX2(&dst[0], &src[0], whole/Lanes, stride*4, n)
		dst, src, cols = dst[whole:], src[whole*Lanes:], cols-whole
	}
	if cols > 0 {
		deinterleaveGeneric(dst, src, cols, stride, n)
	}
}

// columnsInCall is the number of columns that one call of the assembly
// transposes: whole groups of eight.
func columnsInCall(cols int) int { return min(cols, maxCallElements/Lanes) &^ (Lanes - 1) }

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
