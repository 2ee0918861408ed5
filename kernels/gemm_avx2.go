package kernels

// Block sizes of the matrix multiplication, in BLIS's words.
const (
	gemmMR = 4    // rows of the register tile
	gemmNR = 24   // columns of the register tile: three vectors
	gemmKC = 256  // length of a k block: a sliver of B, KC x NR, is 24 KiB and stays in the L1 cache
	gemmMC = 192  // rows of a block of A, MC x KC: 192 KiB, which stay in the L2 cache
	gemmNC = 1024 // columns of a packed block of B, KC x NC: 1 MiB, which stays in the L3 cache

	pairOfLines = 32 // elements that are prefetched at once: two cache lines

	gemmGroup = 4 * gemmNR // columns of a block if B is large and A not packed; twice as many if they are contiguous
)

// What decides whether an operand is packed.
const (
	// packLen is the number of elements below which an operand lies in the
	// cache as it is.
	packLen = 1 << 16

	// packRowsMin is the number of rows of C from which it pays to pack B: each
	// element then serves that many times.
	packRowsMin = 32

	// Columns that are farApart lie on pages of their own.
	farApart = 512
)

// gemmAVX2 multiplies in five loops around the micro-kernel: blocks of NC
// columns, of KC steps along k, which go on in place through C, of MC rows; and
// in each block slivers of up to NR columns, and tiles of up to MR rows.
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
	if k == 0 {
		return
	}
	g := gemmRun{m: m, n: n, k: k, ldc: ldc, c: c, init: initC}
	if beta == 0 {
		g.init = initZero
	}
	if m == 1 && alpha == 1 && (bcs != 1 || brs >= Lanes) {
		g.gemv(a, acs, b, brs, bcs)
		return
	}
	g.multiply(alpha, a, ars, acs, b, brs, bcs)
}

// gemmRun is a product as its loops see it.
type gemmRun struct {
	m, n, k int
	c       []float32
	ldc     int
	init    gemmInit
	bias    []float32
}

// gemmInit says what a chain starts from.
type gemmInit int

const (
	initZero gemmInit = iota
	initBias          // one row for all rows of C
	initC             // C itself
)

// packsA reports whether it pays to copy A, so that a block of it is contiguous.
func (g *gemmRun) packsA(ars, acs int) bool {
	return g.m*g.k >= packLen && g.n >= gemmGroup && (g.m > gemmMC || ars == 1 && acs >= farApart)
}

// packsRows reports whether it pays to copy a B whose rows are contiguous.
func (g *gemmRun) packsRows() bool {
	return g.m > gemmMC || g.m >= packRowsMin && g.k*g.n >= packLen
}

// multiply runs the outer three loops. Blocks of columns are small if A need not
// be packed again for each: then C, too, stays in the cache along k, and what
// comes next can be prefetched.
func (g *gemmRun) multiply(alpha float32, a []float32, ars, acs int, b []float32, brs, bcs int) {
	packA := alpha != 1 || g.packsA(ars, acs)
	packB := bcs == 1 && (brs < Lanes || g.packsRows())
	var w *workspace
	if packA || packB || bcs != 1 {
		w = borrowWorkspace()
		defer w.giveBack()
	}
	nc := wholeVectors(evenPart(g.n, gemmNC))
	grouped := !packA && g.k*g.n >= packLen
	if grouped {
		nc = gemmGroup
		if bcs != 1 {
			nc *= 2
		}
	}
	for j := 0; j < g.n; j += nc {
		cols := min(nc, g.n-j)
		for p, depth := 0, 0; p < g.k; p += depth {
			depth = evenPart(g.k-p, gemmKC)
			t := gemmBlock{gemmRun: g, j: j, cols: cols, depth: depth, first: p == 0}
			t.b = operandB{b[p*brs+j*bcs:], brs, Lanes}
			switch {
			case bcs != 1:
				t.b = w.packB(t.b.data, bcs, depth, cols)
			case packB:
				t.packed = w.packedB(depth)
				t.ahead = t.nextSliver()
			}
			if grouped {
				t.ahead = g.after(b, brs, bcs, p+depth, j, nc, depth)
			}
			for i := 0; i < g.m; i += gemmMC {
				t.i, t.rows = i, min(gemmMC, g.m-i)
				t.a = operandA{a[i*ars+p*acs:], ars, acs, gemmMR * ars}
				if packA {
					if i > 0 || !packB {
						t.ahead = g.nextA(t.a.data, ars, acs, i, depth)
					}
					t.a = w.packA(t.a.data, alpha, ars, acs, t.rows, depth)
				}
				t.run()
				if t.packed.data != nil { // for the rows below
					t.b, t.packed = t.packed, operandB{}
					if !grouped {
						t.ahead = prefetch{}
					}
				}
			}
		}
	}
}

// nextA is the block of A below the one at row i, for which the data begins.
func (g *gemmRun) nextA(a []float32, ars, acs, i, depth int) prefetch {
	rows := min(gemmMC, g.m-i-gemmMC)
	if rows <= 0 {
		return prefetch{}
	}
	if acs == 1 {
		return prefetch{a[gemmMC*ars:], ars, rows, depth, pairOfLines}
	}
	return prefetch{a[gemmMC*ars:], acs, depth, rows, pairOfLines}
}

// after is the block of B from row p on, or if there is none, the first one of
// the next nc columns.
func (g *gemmRun) after(b []float32, brs, bcs, p, j, nc, depth int) prefetch {
	if p == g.k {
		p, j = 0, j+nc
	}
	depth, cols := min(depth, g.k-p), min(nc, g.n-j)
	switch {
	case cols <= 0:
		return prefetch{}
	case bcs == 1:
		return prefetch{b[p*brs+j:], brs, depth, cols, gemmNR}
	}
	return prefetch{b[p+j*bcs:], bcs, cols, depth, pairOfLines}
}

// wholeVectors is n, rounded up to a multiple of eight.
func wholeVectors(n int) int { return (n + Lanes - 1) &^ (Lanes - 1) }

// evenPart is the size of the first of the fewest parts of n that are not
// larger than limit and differ by one at most.
func evenPart(n, limit int) int {
	parts := (n + limit - 1) / limit
	return (n + parts - 1) / parts
}

// gemmPanelsAVX2 multiplies by a matrix packed in panels of eight columns.
func gemmPanelsAVX2(m, n, k int, a []float32, ars, acs int, panels, bias, c []float32, ldc int) {
	if k == 0 {
		gemmPanelsGeneric(m, n, k, a, ars, acs, panels, bias, c, ldc)
		return
	}
	g := gemmRun{m: m, n: n, k: k, c: c, ldc: ldc, bias: bias, init: initZero}
	if bias != nil {
		g.init = initBias
	}
	whole := operandB{panels, Lanes, k * Lanes}
	if m == 1 {
		g.gemvPanels(a, acs, whole)
		return
	}
	for p, depth := 0, 0; p < k; p += depth {
		depth = evenPart(k-p, gemmKC)
		t := gemmBlock{gemmRun: &g, cols: n, depth: depth, first: p == 0}
		t.b = whole.from(p, 0)
		for i := 0; i < m; i += gemmMC {
			t.i, t.rows = i, min(gemmMC, m-i)
			t.a = operandA{a[i*ars+p*acs:], ars, acs, gemmMR * ars}
			t.run()
		}
	}
}
