package kernels

// Block sizes of the matrix multiplication, in BLIS's words.
const (
	gemmMR = 4   // rows of the register tile
	gemmNR = 24  // columns of the register tile: three vectors
	gemmKC = 256 // length of a k block: a sliver of B, KC x NR, is 24 KiB and stays in the L1 cache
	gemmMC = 192 // rows of a block of A, MC x KC: 192 KiB, which stay in the L2 cache
	gemmNC = 960 // columns of a packed block of B, KC x NC: 960 KiB, which stay in the L3 cache
)

// gemmPackRows is the number of rows of C from which it pays to pack a B whose
// rows lie as they are used: each element then serves that many times.
const gemmPackRows = 64

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

// multiply runs the outer three loops, without packing where it does not pay.
func (g *gemmRun) multiply(alpha float32, a []float32, ars, acs int, b []float32, brs, bcs int) {
	packA := alpha != 1 || g.n >= gemmPackRows && g.m*g.k > 1<<14
	packB := bcs != 1 || brs < Lanes || g.m >= gemmPackRows
	var w *workspace
	if packA || packB {
		w = borrowWorkspace()
		defer w.giveBack()
	}
	nc := g.n
	if packB {
		nc = gemmNC
	}
	for j := 0; j < g.n; j += nc {
		cols := min(nc, g.n-j)
		for p, depth := 0, 0; p < g.k; p += depth {
			depth = evenPart(g.k-p, gemmKC)
			t := gemmBlock{gemmRun: g, j: j, cols: cols, depth: depth, first: p == 0}
			t.b = operandB{b[p*brs+j*bcs:], brs, Lanes}
			if packB {
				t.b = w.packB(t.b.data, brs, bcs, depth, cols)
			}
			for i := 0; i < g.m; i += gemmMC {
				t.i, t.rows = i, min(gemmMC, g.m-i)
				t.a = operandA{a[i*ars+p*acs:], ars, acs, gemmMR * ars}
				if packA {
					t.a = w.packA(t.a.data, alpha, ars, acs, t.rows, depth)
				}
				t.run()
			}
		}
	}
}

// evenPart is the size of the first of the fewest parts of n that are not
// larger than limit and differ by one at most.
func evenPart(n, limit int) int {
	parts := (n + limit - 1) / limit
	return (n + parts - 1) / parts
}

// operandA is rows of A: element (i, p) lies at data[i*row+p*col], except that
// the distance between packed tiles of MR rows is tile.
type operandA struct {
	data           []float32
	row, col, tile int
}

// operandB is columns of B: element (p, j) lies at data[p*row+j/8*vector+j%8].
type operandB struct {
	data        []float32
	row, vector int
}

// gemmBlock is the product of a block of A and one of B.
type gemmBlock struct {
	*gemmRun
	i, rows int
	j, cols int
	depth   int
	first   bool // of the blocks along k
	a       operandA
	b       operandB
}

// run goes through the columns in slivers, as wide as registers allow, the last
// ones even: four vectors are twice two, not three and one.
func (t *gemmBlock) run() {
	const wide = gemmNR / Lanes
	vectors := (t.cols + Lanes - 1) / Lanes
	slivers := vectors / wide
	if vectors%wide == 1 && slivers > 0 {
		slivers--
	}
	// As many at once as fill the cache like one of the longest.
	for v, n := 0, 0; v < slivers*wide; v += n * wide {
		n = min(slivers-v/wide, max(1, gemmKC/t.depth))
		t.slivers(wide, n, v)
	}
	for v := slivers * wide; v < vectors; v += 2 {
		t.slivers(min(2, vectors-v), 1, v)
	}
}

// slivers computes n slivers of width vectors from vector v on, in tiles that
// differ by one row at most, because one of few rows leaves multiply-add units
// idle.
func (t *gemmBlock) slivers(width, n, v int) {
	last := t.cols - (v+n*width-1)*Lanes
	if last < Lanes && n > 1 {
		t.slivers(width, n-1, v)
		t.slivers(width, 1, v+(n-1)*width)
		return
	}
	s := gemmSlivers{gemmBlock: t, width: width, n: n, v: v, last: min(last, Lanes)}
	height := [...]int{0, 8, 6, gemmMR}[width]
	if t.a.tile != gemmMR*t.a.row {
		height = gemmMR
		s.tiles(0, height, t.rows/height)
		s.tiles(t.rows/height*height, t.rows%height, 1)
		return
	}
	tiles := (t.rows + height - 1) / height
	few := t.rows / tiles
	more := t.rows % tiles
	s.tiles(0, few+1, more)
	s.tiles(more*(few+1), few, tiles-more)
}

// gemmSlivers is slivers of C, of width vectors each.
type gemmSlivers struct {
	*gemmBlock
	width, n, v int
	last        int // valid columns of the last vector
}

// tiles computes n tiles of height rows from row i of the block on.
func (s *gemmSlivers) tiles(i, height, n int) {
	if height == 0 || n == 0 {
		return
	}
	j := s.v * Lanes
	c := &s.c[(s.i+i)*s.ldc+s.j+j]
	init, initRow := c, s.ldc
	if s.first {
		switch s.init {
		case initZero:
			init = nil
		case initBias:
			init, initRow = &s.bias[s.j+j], 0
		}
	}
	a, tile := s.a.at(i), s.a.tile
	if tile == gemmMR*s.a.row {
		tile = height * s.a.row
	}
	b := &s.b.data[s.v*s.b.vector]
	switch s.width {
	case 3:
		gemm4x24AVX2(height, n, s.n, s.depth, a, s.a.row*4, s.a.col*4, tile*4, b, s.b.row*4, s.b.vector*4, init, initRow*4, c, s.ldc*4, s.last, laneMask(s.last))
	case 2:
		gemm6x16AVX2(height, n, s.n, s.depth, a, s.a.row*4, s.a.col*4, tile*4, b, s.b.row*4, s.b.vector*4, init, initRow*4, c, s.ldc*4, s.last, laneMask(s.last))
	case 1:
		gemm8x8AVX2(height, n, s.n, s.depth, a, s.a.row*4, s.a.col*4, tile*4, b, s.b.row*4, s.b.vector*4, init, initRow*4, c, s.ldc*4, s.last, laneMask(s.last))
	}
}

// at is the address of row i.
func (a *operandA) at(i int) *float32 {
	return &a.data[i/gemmMR*a.tile+i%gemmMR*a.row]
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
	for p, depth := 0, 0; p < k; p += depth {
		depth = evenPart(k-p, gemmKC)
		t := gemmBlock{gemmRun: &g, cols: n, depth: depth, first: p == 0}
		t.b = operandB{panels[p*Lanes:], Lanes, k * Lanes}
		for i := 0; i < m; i += gemmMC {
			t.i, t.rows = i, min(gemmMC, m-i)
			t.a = operandA{a[i*ars+p*acs:], ars, acs, gemmMR * ars}
			t.run()
		}
	}
}
