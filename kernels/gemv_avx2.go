package kernels

// Block sizes of the product with one row of A. A column of C goes on through
// memory from one block to the next.
const (
	gemvRows    = 8    // rows of B at once, if rows are contiguous
	gemvColumns = 16   // columns at once, if columns are contiguous
	gemvSteps   = 16   // rows of B at once in such columns: a cache line
	gemvOneSet  = 1024 // columns whose distance is a multiple have their lines in one set of an L1 cache
	gemvNC      = 4096 // columns of a block, so that C stays in the L1 cache
	gemvKC      = 4096 // length of a block along k, which bounds the time of a call
)

// gemv multiplies one row of A by B, which it reads in the order of memory.
func (g *gemmRun) gemv(a []float32, acs int, b []float32, brs, bcs int) {
	if bcs == 1 {
		g.gemvRows(a, acs, operandB{b, brs, Lanes})
		return
	}
	k, n := g.k&^(gemvSteps-1), g.n&^(gemvColumns-1)
	if k == 0 {
		n = 0
	}
	if n > 0 && g.init == initZero {
		clear(g.c[:n])
	}
	for j := 0; j < n; j += gemvColumns {
		for p := 0; p < k; p += gemvKC {
			groups := min(gemvKC, k-p) / gemvSteps
			lag := 0
			if bcs%gemvOneSet == 0 {
				lag = (groups + 15) / 16
			}
			gemvColumns16AVX2(groups, lag, &a[p*acs], acs*4, &b[j*bcs+p], bcs*4, &g.c[j])
		}
	}
	if n > 0 && k < g.k {
		rest := gemmRun{m: 1, n: n, k: g.k - k, c: g.c, ldc: g.ldc, init: initC}
		rest.multiply(1, a[k*acs:], 0, acs, b[k:], 1, bcs)
	}
	if n < g.n {
		rest := gemmRun{m: 1, n: g.n - n, k: g.k, c: g.c[n:], ldc: g.ldc, init: g.init}
		rest.multiply(1, a, 0, acs, b[n*bcs:], 1, bcs)
	}
}

// gemvPanels is gemv for a B in panels.
func (g *gemmRun) gemvPanels(a []float32, acs int, b operandB) {
	if g.init == initBias {
		copy(g.c[:g.n], g.bias)
		g.init = initC
	}
	g.gemvRows(a, acs, b)
}

// gemvRows multiplies with as many rows of B at a time as are streams from
// memory.
func (g *gemmRun) gemvRows(a []float32, acs int, b operandB) {
	k := g.k &^ (gemvRows - 1)
	for j := 0; j < g.n; j += gemvNC {
		cols := min(gemvNC, g.n-j)
		for p := 0; p < k; p += gemvRows {
			zero := 0
			if p == 0 && g.init == initZero {
				zero = 1
			}
			gemvRows8AVX2(cols/Lanes, &a[p*acs], acs*4, &b.data[p*b.row+j/Lanes*b.vector], b.row*4, b.vector*4,
				&g.c[j], cols%Lanes, laneMask(cols%Lanes), zero)
		}
	}
	if k < g.k {
		t := gemmBlock{gemmRun: g, rows: 1, cols: g.n, depth: g.k - k, first: k == 0}
		t.a, t.b = operandA{a[k*acs:], 0, acs, 0}, b.from(k, 0)
		t.run()
	}
}
