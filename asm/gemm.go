package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The widest tile of matrix multiplication.
const (
	gemmRows  = 4 // MR
	gemmWidth = 3 // vectors of NR
)

// gemm emits the micro-kernels of matrix multiplication. A tile is up to MR rows
// by NR columns: 4 x 24, or where fewer columns are left 6 x 16 or 8 x 8. One
// call computes many tiles, so that what a call costs does not count.
//
// Registers of the widest: 12 accumulators + 3 of B + 1 of A = 16 of 16. A step
// along k costs it 3 loads of B, 4 broadcasts of A and 12 multiply-adds: the FMA
// units, two a cycle like the load units, decide.
//
// A row's last vector may be valid in part. Only the last step along k masks
// its load of B: before that, what lies behind a row is the next row.
func (g *gen) gemm() {
	for _, s := range []struct {
		name        string
		rows, width int
	}{{"gemm4x24AVX2", gemmRows, gemmWidth}, {"gemm6x16AVX2", 6, 2}, {"gemm8x8AVX2", 8, 1}} {
		g.gemmTiles(s.name, s.rows, s.width)
	}
	g.gemmPack()
	g.packing()
	g.gemv()
	g.sumRows()
}

const aheadDoc = "If k is long, each tile prefetches up to two cache lines of each of aheadRows rows, aheadRow bytes apart, from ahead on: the next tile goes on where it ended."

func (g *gen) gemmTiles(name string, rows, width int) {
	g.function(name, "func(rows, tiles, slivers, k int, a *float32, aRow, aCol, aTile int, b *float32, bRow, bCol int, "+
		"init *float32, initRow int, c *float32, cRow, cols int, mask *int32, ahead *float32, aheadRow, aheadRows int)",
		fmt.Sprintf("%s computes slivers of %d columns of C, each in tiles of rows <= %d rows: chains that start at init, "+
			"whose rows are initRow bytes apart (0 repeats one row), or at +0 if init is nil, and add A[i][p] * B[p][j] for p < k, k > 0. "+
			"Rows of A are aRow bytes apart, columns aCol, tiles aTile; rows of B bRow, and its vectors of eight columns bCol. "+
			"Of the last vector cols columns are valid, which mask selects: eight if there is more than one sliver. "+
			"Seven elements behind the last valid one of a row of B can be read, except of the last row. "+
			aheadDoc, name, width*lanes, rows))
	left := g.AllocLocal(8)
	g.each("rows", rows, func(m int) { g.gemmTilesOf(&matrixTile{gen: g, m: m, width: width, left: left}) })
}

// gemmTilesOf emits the loops over tiles like t: columns outside, so that a
// sliver of B stays in the L1 cache for all rows.
func (g *gen) gemmTilesOf(t *matrixTile) {
	m, width := t.m, t.width
	g.Comment(fmt.Sprintf("Tiles of %d rows by %d columns.", m, width*lanes))
	sliver, tile := g.label("sliver"), g.label("tile")

	g.Label(sliver)
	t.a, t.c, t.init = g.arg("a"), g.arg("c"), g.arg("init")
	t.tiles = g.arg("tiles")

	g.Label(tile)
	t.compute()
	g.DECQ(t.tiles)
	g.JNZ(LabelRef(tile))

	g.Comment("The next columns of B, C and init.")
	bSliver, init := g.arg("bCol"), g.arg("init")
	g.IMUL3Q(Imm(uint64(width)), bSliver, bSliver)
	g.ADDQ(bSliver, g.argMem("b"))
	g.ADDQ(Imm(uint64(width*vector)), g.argMem("c"))
	noInit := g.label("noInit")
	g.TESTQ(init, init)
	g.JZ(LabelRef(noInit))
	g.ADDQ(Imm(uint64(width*vector)), g.argMem("init"))
	g.Label(noInit)
	g.DECQ(g.argMem("slivers"))
	g.JNZ(LabelRef(sliver))
	g.done()
}

// gemmPack emits the tile of a sliver of B that packs it on the way. Its stores
// have a unit of their own, so that packing costs next to nothing.
func (g *gen) gemmPack() {
	width := gemmWidth * lanes
	g.function("gemmPack4x24AVX2", "func(k int, a *float32, aRow, aCol int, b *float32, bRow int, packed *float32, panel int, "+
		"init *float32, initRow int, c *float32, cRow, cols int, mask *int32, ahead *float32, aheadRow, aheadRows int)",
		fmt.Sprintf("gemmPack4x24AVX2 computes one tile of %d x %d as gemm4x24AVX2 does, where all columns are valid (cols is 8, and the mask full), and those of a row of B contiguous. "+
			"It copies B[p][j] to packed[p*8+j%%8] of panel j/8, panels lie panel bytes apart. ", gemmRows, width)+aheadDoc)
	t := &matrixTile{gen: g, m: gemmRows, width: gemmWidth, left: g.AllocLocal(8)}
	t.a, t.c, t.init, t.packed = g.arg("a"), g.arg("c"), g.arg("init"), g.arg("packed")
	t.compute()
	g.done()
}

// matrixTile is a tile of C, of m rows of width vectors.
type matrixTile struct {
	*gen
	m, width int
	acc      [][]reg.VecVirtual

	a, c, init reg.GPVirtual // of the current tile
	tiles      reg.GPVirtual // that remain
	left       Mem           // rows that the current tile has still to prefetch

	packed reg.GPVirtual // where B is packed, if it is
}

func (t *matrixTile) compute() {
	for range t.m {
		t.acc = append(t.acc, t.ymms(t.width))
	}
	t.expect()
	t.start()
	t.multiply()
	t.store()
}

// loadLast loads a last vector of a row, nothing outside the mask.
func (t *matrixTile) loadLast(m Mem, v reg.VecVirtual) {
	mask := t.arg("mask")
	t.VMOVUPS(at(mask, 0), v)
	t.VMASKMOVPS(m, v, v)
}

// longTile is the depth from which a tile takes long enough to prefetch for the
// next, between parts of so many steps.
const (
	longTile  = 64
	partSteps = 8
)

// expect asks for the next tile of C in the L2 cache: it may come from memory,
// which takes long. In the L1 cache it would not outlive this tile.
func (t *matrixTile) expect() {
	short := t.label("short")
	t.CMPQ(t.argMem("k"), Imm(longTile))
	t.JLT(LabelRef(short))
	t.MOVQ(t.arg("aheadRows"), t.left)
	c, row := t.GP64(), t.arg("cRow")
	t.MOVQ(t.c, c)
	for range t.m {
		t.ADDQ(row, c)
	}
	t.linesOfC(c, row, t.m, t.PREFETCHT1)
	t.Label(short)
}

// linesOfC fetches rows of C.
func (t *matrixTile) linesOfC(c, row reg.GPVirtual, rows int, fetch func(Op)) {
	for range rows {
		fetch(at(c, 0))
		fetch(at(c, t.width*vector-1))
		t.ADDQ(row, c)
	}
}

// prefetch asks for a row of what the caller will need after these tiles, and,
// shortly before the end, for this tile of C and the next in the L1 cache. (All
// at once would hold up the loads of the steps that follow.)
func (t *matrixTile) prefetch(rest reg.GPVirtual, more LabelRef) {
	none := t.label("none")
	t.CMPQ(t.left, Imm(0))
	t.JE(LabelRef(none))
	ahead := t.arg("ahead")
	t.PREFETCHT1(at(ahead, 0))
	t.PREFETCHT1(at(ahead, cacheLine))
	t.ADDQ(t.argMem("aheadRow"), ahead)
	t.MOVQ(ahead, t.argMem("ahead"))
	t.DECQ(t.left)
	t.Label(none)
	t.CMPQ(rest, Imm(partSteps))
	t.JG(more)
	c := t.GP64()
	t.MOVQ(t.c, c)
	t.linesOfC(c, t.arg("cRow"), 2*t.m, t.PREFETCHT0)
	t.JMP(more)
}

// start sets the accumulators, and init to that of the next tile.
func (t *matrixTile) start() {
	zero, ready := t.label("zero"), t.label("ready")
	t.TESTQ(t.init, t.init)
	t.JZ(LabelRef(zero))
	row := t.arg("initRow")
	for _, acc := range t.acc {
		for j, a := range acc[:t.width-1] {
			t.VMOVUPS(at(t.init, j*vector), a)
		}
		t.loadLast(at(t.init, (t.width-1)*vector), acc[t.width-1])
		t.ADDQ(row, t.init)
	}
	t.JMP(LabelRef(ready))
	t.Label(zero)
	for _, acc := range t.acc {
		t.zero(acc...)
	}
	t.Label(ready)
}

// multiply runs along k, and sets a to that of the next tile.
func (t *matrixTile) multiply() {
	a := t.GP64()
	t.MOVQ(t.a, a)
	rows := t.multiples(a, t.arg("aRow"), t.m)
	aCol := t.arg("aCol")
	b, bRow, k := t.arg("b"), t.arg("bRow"), t.arg("k")
	var vectors, panels []Mem
	if t.packed == nil {
		vectors = t.multiples(b, t.arg("bCol"), t.width)
	} else {
		panels = t.multiples(t.packed, t.arg("panel"), t.width)
		for j := range panels {
			vectors = append(vectors, at(b, j*vector))
		}
	}
	step := func(last bool) {
		v := t.ymms(t.width)
		for j, m := range vectors {
			if last && j == t.width-1 {
				t.loadLast(m, v[j])
			} else {
				t.VMOVUPS(m, v[j])
			}
		}
		for j, m := range panels {
			t.VMOVUPS(v[j], m)
		}
		for i, m := range rows {
			factor := t.broadcast(m)
			for j := range v {
				t.VFMADD231PS(factor, v[j], t.acc[i][j])
			}
		}
	}
	part, steps, last := t.label("part"), t.label("steps"), t.label("last")
	t.DECQ(k)
	t.JZ(LabelRef(last))
	t.Comment("A long tile takes its steps in parts.")
	rest := t.GP64()
	t.XORQ(rest, rest)
	t.CMPQ(k, Imm(longTile-1))
	t.JLT(LabelRef(steps))
	t.MOVQ(k, rest)
	t.Label(part)
	t.MOVQ(U32(partSteps), k)
	t.CMPQ(rest, k)
	t.CMOVQLT(rest, k)
	t.SUBQ(k, rest)
	t.Label(steps)
	t.loop("k", k, func() {
		step(false)
		t.ADDQ(aCol, a)
		t.ADDQ(bRow, b)
		if t.packed != nil {
			t.ADDQ(Imm(vector), t.packed)
		}
	})
	t.TESTQ(rest, rest)
	t.JZ(LabelRef(last))
	t.prefetch(rest, LabelRef(part))
	t.Label(last)
	step(true)
	if t.packed == nil {
		t.ADDQ(t.argMem("aTile"), t.a)
	}
}

// multiples returns the memory at base + i*stride for i < n <= 8, all from one
// register that moves.
func (g *gen) multiples(base, stride reg.GPVirtual, n int) []Mem {
	odd := map[int]reg.GPVirtual{1: stride}
	for i := 3; i < n; i += 2 {
		odd[i] = g.GP64()
		g.LEAQ(indexed(odd[i-2], stride, 2, 0), odd[i])
	}
	m := []Mem{at(base, 0)}
	for i := 1; i < n; i++ {
		scale := i & -i
		m = append(m, indexed(base, odd[i/scale], uint8(scale), 0))
	}
	return m
}

// store writes the tile, and sets c to that of the next.
func (t *matrixTile) store() {
	row, cols := t.arg("cRow"), t.arg("cols")
	partial, stored := t.label("partial"), t.label("stored")
	t.CMPQ(cols, Imm(lanes))
	t.JNE(LabelRef(partial))
	for _, acc := range t.acc {
		for j, a := range acc {
			t.VMOVUPS(a, at(t.c, j*vector))
		}
		t.ADDQ(row, t.c)
	}
	t.JMP(LabelRef(stored))
	t.Label(partial)
	for _, acc := range t.acc {
		for j, a := range acc[:t.width-1] {
			t.VMOVUPS(a, at(t.c, j*vector))
		}
		t.storeFirst(acc[t.width-1], cols, t.c, (t.width-1)*vector)
		t.ADDQ(row, t.c)
	}
	t.Label(stored)
}

// storeFirst stores the first cols < 8 elements of v at base + disp in pieces of
// 4, 2 and 1: a masked store takes some processors as long as 20 plain ones. It
// uses up v.
func (g *gen) storeFirst(v reg.VecVirtual, cols, base reg.GPVirtual, disp int) {
	x, to := v.AsX(), g.GP64()
	g.LEAQ(at(base, disp), to)
	piece := func(n uint64, store, shift func()) {
		next := g.label("piece")
		g.TESTB(Imm(n), cols.As8())
		g.JZ(LabelRef(next))
		store()
		shift()
		g.Label(next)
	}
	piece(4, func() { g.VMOVUPS(x, at(to, 0)) }, func() {
		g.VEXTRACTF128(Imm(1), v, x)
		g.ADDQ(Imm(16), to)
	})
	piece(2, func() { g.VMOVLPS(x, at(to, 0)) }, func() {
		g.VPERMILPS(Imm(0xee), x, x)
		g.ADDQ(Imm(8), to)
	})
	piece(1, func() { g.VMOVSS(x, at(to, 0)) }, func() {})
}

// sumRows emits the sum of a matrix's rows, eight columns at a time.
func (g *gen) sumRows() {
	g.function("sumRows8AVX2", "func(dst, a *float32, groups, rows, aRow int)",
		"sumRows8AVX2 works like sumRowsGeneric on groups of eight columns; aRow is in bytes.")
	dst, a, groups, row := g.arg("dst"), g.arg("a"), g.arg("groups"), g.arg("aRow")
	g.loop("group", groups, func() {
		sum, current, rows := g.YMM(), g.GP64(), g.arg("rows")
		g.zero(sum)
		g.MOVQ(a, current)
		done := g.label("summed")
		g.TESTQ(rows, rows)
		g.JZ(LabelRef(done))
		g.loop("sumRow", rows, func() {
			g.VADDPS(at(current, 0), sum, sum)
			g.ADDQ(row, current)
		})
		g.Label(done)
		g.VMOVUPS(sum, at(dst, 0))
		g.ADDQ(Imm(vector), dst)
		g.ADDQ(Imm(vector), a)
	})
	g.done()
}
