package kernels

// Gemm computes C = alpha*op(A)*op(B) + beta*C for row-major matrices, where
// op(X) is X or, if its trans flag is set, the transpose of X. op(A) is m x k,
// op(B) is k x n and C is m x n; lda, ldb and ldc are the distances between
// rows as the matrices are stored. As in BLAS, beta = 0 does not read C and
// alpha = 0 reads neither A nor B.
//
// Element (i, j) is one chain of fused multiply-adds: it starts at beta*C[i][j]
// rounded once, then adds (alpha*A[i][p] rounded once) * B[p][j], p ascending.
//
// Gemm panics if a size is negative, a leading dimension is too small, a slice
// is too short, or C overlaps A or B.
func Gemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if m < 0 || n < 0 || k < 0 {
		panic(badMatrix)
	}
	ar, ac := storedSize(transA, m, k)
	br, bc := storedSize(transB, k, n)
	ma := checkMatrix(a, ar, ac, lda, badLdA, shortA)
	mb := checkMatrix(b, br, bc, ldb, badLdB, shortB)
	mc := checkMatrix(c, m, n, ldc, badLdC, shortC)
	if mc.overlaps(ma) || mc.overlaps(mb) {
		panic(badOverlap)
	}
	ma.race(raceRead)
	mb.race(raceRead)
	mc.race(raceWrite)
	if m == 0 || n == 0 {
		return
	}
	ars, acs := strides(transA, lda)
	brs, bcs := strides(transB, ldb)
	if useAVX2 {
		gemmAVX2(m, n, k, alpha, a, ars, acs, b, brs, bcs, beta, c, ldc)
		return
	}
	gemmGeneric(m, n, k, alpha, a, ars, acs, b, brs, bcs, beta, c, ldc)
}

// PanelsLen is the length of a k x n matrix packed by [PackPanels].
func PanelsLen(k, n int) int { return (n + Lanes - 1) / Lanes * k * Lanes }

// PackPanels packs the transpose of the n x k matrix b, with leading dimension
// ldb, into panels of eight columns, the last one filled with zeros:
//
//	panels[((j/8)*k+p)*8 + j%8] = b[j*ldb+p]
//
// Panels j0 to j1 alone can be renewed by packing rows 8*j0 to 8*j1 into their
// part of the slice.
func PackPanels(panels, b []float32, n, k, ldb int) {
	if n < 0 || k < 0 {
		panic(badMatrix)
	}
	checkMatrix(b, n, k, ldb, badLdB, shortB)
	if len(panels) != PanelsLen(k, n) {
		panic(badLength)
	}
	if k == 0 {
		return // b may be empty
	}
	for j := 0; j < n; j += Lanes {
		Interleave(panels[j*k:][:k*Lanes], b[j*ldb:], k, ldb, min(Lanes, n-j))
	}
}

// GemmPanels computes C = op(A)*B for a k x n matrix B packed by [PackPanels],
// or, if bias is not nil, C = bias + op(A)*B with bias[j] as the start of every
// chain of column j. It reads and writes as [Gemm] does; bias has n elements.
func GemmPanels(transA bool, m, n, k int, a []float32, lda int, panels, bias, c []float32, ldc int) {
	if m < 0 || n < 0 || k < 0 {
		panic(badMatrix)
	}
	ar, ac := storedSize(transA, m, k)
	ma := checkMatrix(a, ar, ac, lda, badLdA, shortA)
	mc := checkMatrix(c, m, n, ldc, badLdC, shortC)
	if len(panels) != PanelsLen(k, n) || bias != nil && len(bias) != n {
		panic(badLength)
	}
	if mc.overlaps(ma) || mc.overlaps(row(panels)) || mc.overlaps(row(bias)) {
		panic(badOverlap)
	}
	ma.race(raceRead)
	raceRead(panels)
	raceRead(bias)
	mc.race(raceWrite)
	if m == 0 || n == 0 {
		return
	}
	ars, acs := strides(transA, lda)
	if useAVX2 {
		gemmPanelsAVX2(m, n, k, a, ars, acs, panels, bias, c, ldc)
		return
	}
	gemmPanelsGeneric(m, n, k, a, ars, acs, panels, bias, c, ldc)
}

// SumRows adds the rows of a matrix with len(dst) columns and leading dimension
// lda, each column one chain from +0, rows ascending: the gradient of a dense
// layer's bias.
func SumRows(dst, a []float32, rows, lda int) {
	if rows < 0 {
		panic(badMatrix)
	}
	ma := checkMatrix(a, rows, len(dst), lda, badLdA, shortA)
	if row(dst).overlaps(ma) {
		panic(badOverlap)
	}
	ma.race(raceRead)
	raceWrite(dst)
	if useAVX2 && len(dst) > 0 {
		sumRowsAVX2(dst, a, rows, lda)
		return
	}
	sumRowsGeneric(dst, a, rows, lda)
}
