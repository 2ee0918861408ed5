package kernels

// This file leads from slices and geometry to the assembly of the smaller
// families. It compiles everywhere; only useAVX2 lets it run.

func interleaveAVX2(dst, src []float32, cols, stride, n int) {
	for whole := columnsInCall(cols); whole > 0; whole = columnsInCall(cols) {
		interleave8AVX2(&dst[0], &src[0], whole/Lanes, stride*4, n, laneMask(n))
		dst, src, cols = dst[whole*Lanes:], src[whole:], cols-whole
	}
	if cols > 0 {
		interleaveGeneric(dst, src, cols, stride, n)
	}
}

// Rows whose distance is a multiple of crowdedStride elements begin in the same set
// of an L1 cache of 4 KiB a way. Eight of them are written four at a time, in turns of
// crowdedColumns.
const (
	crowdedStride  = 4096 / 4
	crowdedColumns = 128
)

func deinterleaveAVX2(dst, src []float32, cols, stride, n int) {
	most, crowded := cols, n == Lanes && stride%crowdedStride == 0
	if crowded {
		most = crowdedColumns
	}
	for whole := columnsInCall(min(cols, most)); whole > 0; whole = columnsInCall(min(cols, most)) {
		if crowded {
			deinterleave4AVX2(&dst[0], &src[0], whole/Lanes, stride*4)
			deinterleave4AVX2(&dst[4*stride], &src[4], whole/Lanes, stride*4)
		} else {
			deinterleave8AVX2(&dst[0], &src[0], whole/Lanes, stride*4, n)
		}
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
