package kernels

// Interleave builds a block from the rows of n images, 1 <= n <= 8:
//
//	dst[j*8+i] = src[i*stride+j] for i < n, +0 for n <= i < 8
//
// for j < cols. dst has cols*8 elements, src at least (n-1)*stride+cols; they
// must not overlap. With the rows of a matrix in place of images this is the
// packing of eight columns of its transpose.
func Interleave(dst, src []float32, cols, stride, n int) {
	checkRows(src, dst, cols, stride, n)
	raceReadRows(src, cols, stride, n)
	raceWrite(dst)
	if useAVX2 {
		interleaveAVX2(dst, src, cols, stride, n)
		return
	}
	interleaveGeneric(dst, src, cols, stride, n)
}

// Deinterleave is the inverse of [Interleave]: it writes the rows of n images,
//
//	dst[i*stride+j] = src[j*8+i] for i < n
//
// and leaves the rest of dst alone.
func Deinterleave(dst, src []float32, cols, stride, n int) {
	checkRows(dst, src, cols, stride, n)
	raceRead(src)
	raceWriteRows(dst, cols, stride, n)
	if useAVX2 {
		deinterleaveAVX2(dst, src, cols, stride, n)
		return
	}
	deinterleaveGeneric(dst, src, cols, stride, n)
}

func checkRows(rows, block []float32, cols, stride, n int) {
	if n < 1 || n > Lanes {
		panic(badLanes)
	}
	if cols < 0 || stride < cols || len(block) != cols*Lanes || !holds(rows, n, cols, stride) {
		panic(badLength)
	}
	if overlap(rows, block) {
		panic(badOverlap)
	}
}
