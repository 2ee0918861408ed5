package kernels

// Block sizes of the matrix multiplication, in BLIS's words.
const (
	gemmMR = 6   // rows of the register tile
	gemmNR = 16  // columns of the register tile: two vectors
	gemmKC = 256 // length of a k block: a packed sliver of B, KC x NR, is 16 KiB and stays in L1
)

// gemmAVX2 multiplies in three loops around the micro-kernel: columns of C in
// slivers of NR, k in blocks of KC, which go on in place through C, and rows in
// tiles of at most MR. A is packed only to be scaled, B only if it is transposed:
// the matrices of small networks fit into the caches.
func gemmAVX2(m, n, k int, alpha float32, a []float32, ars, acs int, b []float32, brs, bcs int, beta float32, c []float32, ldc int) {
	if alpha == 0 {
		k = 0
	}
	if beta != 0 && beta != 1 || k == 0 {
		for i := range m {
			scaleGeneric(c[i*ldc:][:n], beta)
		}
		beta = 1
	}
	var packedB [gemmKC * gemmNR]float32
	var packedA [gemmKC * gemmMR]float32
	for j := 0; j < n; j += gemmNR {
		cols := min(gemmNR, n-j)
		for p := 0; p < k; p += gemmKC {
			t := gemmTile{k: min(gemmKC, k-p), ars: ars, acs: acs, brs: brs, ldc: ldc, cols: cols, init: initC}
			if p == 0 && beta == 0 {
				t.init = initZero
			}
			t.b0, t.b1 = &b[p*brs+j*bcs], nil
			if bcs != 1 {
				packColumns(packedB[:], b[p*brs+j*bcs:], t.k, cols, bcs)
				t.b0, t.b1, t.brs = &packedB[0], &packedB[t.k*Lanes], Lanes
			} else if cols > Lanes {
				t.b1 = &b[p*brs+j+Lanes]
			}
			for i, rows := 0, 0; i < m; i += rows {
				rows = tileRows(i, m)
				t.a, t.c = &a[i*ars+p*acs], &c[i*ldc+j]
				if alpha != 1 {
					scaleTile(packedA[:], a[i*ars+p*acs:], alpha, rows, t.k, ars, acs)
					t.a, t.ars, t.acs = &packedA[0], 1, gemmMR
				}
				t.run(rows)
			}
		}
	}
}

// gemmPanelsAVX2 multiplies by a matrix packed in panels of eight columns, of
// which a sliver of NR columns is two neighbours.
func gemmPanelsAVX2(m, n, k int, a []float32, ars, acs int, panels, bias, c []float32, ldc int) {
	if k == 0 {
		gemmPanelsGeneric(m, n, k, a, ars, acs, panels, bias, c, ldc)
		return
	}
	for j := 0; j < n; j += gemmNR {
		t := gemmTile{k: k, ars: ars, acs: acs, brs: Lanes, ldc: ldc, cols: min(gemmNR, n-j), init: initZero}
		t.b0 = &panels[j*k]
		if t.cols > Lanes {
			t.b1 = &panels[(j+Lanes)*k]
		}
		if bias != nil {
			t.init, t.bias = initBias, &bias[j]
		}
		for i, rows := 0, 0; i < m; i += rows {
			rows = tileRows(i, m)
			t.a, t.c = &a[i*ars], &c[i*ldc+j]
			t.run(rows)
		}
	}
}

// tileRows is the number of rows of the tile that begins at row i of m. Tiles
// differ by one row at most, because one of few rows leaves multiply-add units
// idle.
func tileRows(i, m int) int {
	tiles := (m - i + gemmMR - 1) / gemmMR
	return (m - i + tiles - 1) / tiles
}

// What a chain starts from.
const (
	initZero = iota
	initBias // one row for all rows of C
	initC    // C itself
)

// gemmTile is one call of the micro-kernel; distances are in elements.
type gemmTile struct {
	k        int
	a        *float32
	ars, acs int
	b0, b1   *float32 // columns 0 to 7 and 8 to 15
	brs      int
	init     int
	bias     *float32
	c        *float32
	ldc      int
	cols     int // 1 to gemmNR
}

func (t *gemmTile) run(rows int) {
	var init *float32
	initRow := 0
	switch t.init {
	case initBias:
		init = t.bias
	case initC:
		init, initRow = t.c, t.ldc*4
	}
	switch {
	case t.cols == gemmNR:
		gemm6x16AVX2(rows, t.k, t.a, t.ars*4, t.acs*4, t.b0, t.b1, t.brs*4, init, initRow, t.c, t.ldc*4)
	case t.cols > Lanes:
		gemm6x16MaskAVX2(rows, t.k, t.a, t.ars*4, t.acs*4, t.b0, t.b1, t.brs*4, init, initRow, t.c, t.ldc*4, columnMask(t.cols))
	default:
		gemm6x8MaskAVX2(rows, t.k, t.a, t.ars*4, t.acs*4, t.b0, t.b1, t.brs*4, init, initRow, t.c, t.ldc*4, columnMask(t.cols))
	}
}

// columnMasks[16-n:][:16] has all bits set for the first n of 16 columns.
var columnMasks = func() (m [2 * gemmNR]int32) {
	for i := range gemmNR {
		m[i] = -1
	}
	return m
}()

func columnMask(n int) *int32 { return &columnMasks[gemmNR-n] }

// packColumns copies cols <= 16 columns of a matrix of k rows whose columns are
// contiguous, bcs apart, to one or two panels of eight columns.
func packColumns(dst, b []float32, k, cols, bcs int) {
	for j := 0; j < cols; j += Lanes {
		interleaveAVX2(dst[j*k:][:k*Lanes], b[j*bcs:], k, bcs, min(Lanes, cols-j))
	}
}

// scaleTile copies rows x k elements of A, each multiplied by alpha, to columns
// of MR.
func scaleTile(dst, a []float32, alpha float32, rows, k, ars, acs int) {
	for p := range k {
		for i := range rows {
			dst[p*gemmMR+i] = alpha * a[i*ars+p*acs]
		}
	}
}
