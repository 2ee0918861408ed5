package kernels

// This file leads from blocks of a matrix product to the micro-kernels: a block is
// cut into slivers of columns, those into tiles.

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

// from is the matrix from element (p, j) on; j is a multiple of eight.
func (b *operandB) from(p, j int) operandB {
	return operandB{b.data[p*b.row+j/Lanes*b.vector:], b.row, b.vector}
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
	packed  operandB // where the slivers of B are packed on the way, if it has data

	ahead prefetch
}

// nextSliver is what one sliver of B fetches for the next.
func (t *gemmBlock) nextSliver() prefetch {
	if t.cols <= gemmNR {
		return prefetch{}
	}
	return prefetch{t.b.data[gemmNR:], t.b.row, t.depth, t.cols - gemmNR, gemmNR}
}

// prefetch is the matrix that the block after this one reads first: rows x cols
// elements, row apart. Each sliver of C fetches step columns of it.
type prefetch struct {
	data            []float32
	row, rows, cols int
	step            int
}

// maxTileLen bounds the elements of C in one call of the micro-kernel, and with
// KC the call's time: some 20 microseconds, by arithmetic or by memory.
const maxTileLen = 1 << 16

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
	atOnce := max(1, min(gemmKC/t.depth, maxTileLen/(t.rows*gemmNR)))
	if t.packed.data != nil {
		atOnce = 1
	}
	for v, n := 0, 0; v < slivers*wide; v += n * wide {
		n = min(slivers-v/wide, atOnce)
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
	i := 0
	if t.packed.data != nil {
		i = s.pack()
	}
	height := [...]int{0, 8, 6, gemmMR}[width]
	if !t.a.plain() {
		height = gemmMR
		s.tiles(i, height, (t.rows-i)/height)
		s.tiles(t.rows/height*height, t.rows%height, 1)
		return
	}
	rows := t.rows - i
	tiles := (rows + height - 1) / height
	few := rows / tiles
	more := rows % tiles
	s.tiles(i, few+1, more)
	s.tiles(i+more*(few+1), few, tiles-more)
}

// gemmSlivers is slivers of C, of width vectors each.
type gemmSlivers struct {
	*gemmBlock
	width, n, v int
	last        int // valid columns of the last vector
}

// columns returns the columns of B, from which vector on. A packed sliver that no
// other block of rows will need lies where the one before was: it never leaves
// the cache.
func (s *gemmSlivers) columns() (b *operandB, at int) {
	switch {
	case s.packed.data == nil:
		return &s.b, s.v
	case s.rows == s.m:
		return &s.packed, 0
	}
	return &s.packed, s.v
}

// pack packs the sliver of B, a whole one in the first of several tiles, and
// reports how many rows that had.
func (s *gemmSlivers) pack() (rows int) {
	packed, at := s.columns()
	b, to, panel := s.b.data[s.v*Lanes:], packed.data[at*packed.vector:], packed.vector
	cols := (s.width-1)*Lanes + s.last
	if cols == gemmNR && s.rows > gemmMR {
		c := &s.c[s.i*s.ldc+s.j+s.v*Lanes]
		init := c
		if s.first && s.init == initZero {
			init = nil
		}
		ahead, aheadRows := s.prefetch(0)
		gemmPack4x24AVX2(s.depth, s.a.at(0), s.a.row*4, s.a.col*4, &b[0], s.b.row*4, &to[0], panel*4,
			init, s.ldc*4, c, s.ldc*4, Lanes, laneMask(Lanes), ahead, s.ahead.row*4, aheadRows)
		return gemmMR
	}
	packRows(to, panel, b, s.depth, s.b.row, cols, 1, Lanes)
	return 0
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
	a, row, col, tile := s.a.at(i), s.a.row*4, s.a.col*4, s.a.tile*4
	if s.a.plain() {
		tile = height * row
	}
	columns, at := s.columns()
	b, bRow, bCol := &columns.data[at*columns.vector], columns.row*4, columns.vector*4
	mask := laneMask(s.last)
	ahead, aheadRows := s.prefetch(i)
	aheadRow := s.ahead.row * 4
	switch s.width {
	case 3:
		gemm4x24AVX2(height, n, s.n, s.depth, a, row, col, tile, b, bRow, bCol, init, initRow*4, c, s.ldc*4, s.last, mask, ahead, aheadRow, aheadRows)
	case 2:
		gemm6x16AVX2(height, n, s.n, s.depth, a, row, col, tile, b, bRow, bCol, init, initRow*4, c, s.ldc*4, s.last, mask, ahead, aheadRow, aheadRows)
	case 1:
		gemm8x8AVX2(height, n, s.n, s.depth, a, row, col, tile, b, bRow, bCol, init, initRow*4, c, s.ldc*4, s.last, mask, ahead, aheadRow, aheadRows)
	}
}

// prefetch returns where the tiles that start at row i begin to prefetch, and
// how many rows each does.
func (s *gemmSlivers) prefetch(i int) (ahead *float32, rows int) {
	next := &s.ahead
	col := s.v * Lanes / gemmNR * next.step
	rows = (next.rows*gemmMR + s.rows - 1) / s.rows
	at := col + i/gemmMR*rows*next.row
	if col >= next.cols || at >= len(next.data) {
		return nil, 0
	}
	return &next.data[at], rows
}

// plain reports whether tiles may have any number of rows.
func (a *operandA) plain() bool { return a.tile == gemmMR*a.row }

// at is the address of row i.
func (a *operandA) at(i int) *float32 {
	return &a.data[i/gemmMR*a.tile+i%gemmMR*a.row]
}
