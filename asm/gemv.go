package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemvRows is the number of rows of B that the product with one row of A takes
// at once: each is a stream from memory, and C is loaded and stored once for all
// of them.
const gemvRows = 8

// gemvGroups is the number of groups of eight columns of B that the product with
// one row of A takes at once, if columns are contiguous. A chain takes eight
// dependent multiply-adds, some 32 cycles, for 8x8 elements, so several
// must run side by side.
const gemvGroups = 2

// gemvSteps is the number of elements of a column that are read at once: a cache
// line, because the lines of as many columns can compete for one place of the
// cache.
const gemvSteps = 16

// columnAhead is how many bytes ahead columns are prefetched.
const columnAhead = 1024

// gemv emits products with a single row of A. They read B once, in the order of
// memory, and it is memory that decides.
func (g *gen) gemv() {
	g.gemvByRows()
	g.gemvByColumns()
}

func (g *gen) gemvByRows() {
	g.function("gemvRows8AVX2", "func(vectors int, a *float32, aCol int, b *float32, bRow, bCol int, c *float32, cols int, mask *int32, zero int)",
		"gemvRows8AVX2 adds a[0] * B[0][j], ..., a[7] * B[7][j] in this order to the chain of c[j], which starts at c[j], or at +0 if zero is not 0, "+
			"for j < 8*vectors + cols, where mask selects the last cols < 8. Elements of a lie aCol bytes apart, rows of B bRow, and its vectors of eight columns bCol.")
	vectors, a, aCol := g.arg("vectors"), g.arg("a"), g.arg("aCol")
	b, bCol, c := g.arg("b"), g.arg("bCol"), g.arg("c")
	rows := g.multiples(b, g.arg("bRow"), gemvRows)
	factors := make([]reg.VecVirtual, gemvRows)
	for i := range factors {
		factors[i] = g.broadcast(at(a, 0))
		g.ADDQ(aCol, a)
	}
	zero := g.arg("zero")
	rest, done := g.label("rest"), g.label("done")
	start := func(load func(m Mem, v reg.VecVirtual)) reg.VecVirtual {
		acc, add := g.YMM(), g.label("add")
		g.zero(acc)
		g.TESTQ(zero, zero)
		g.JNZ(LabelRef(add))
		load(at(c, 0), acc)
		g.Label(add)
		return acc
	}
	g.TESTQ(vectors, vectors)
	g.JZ(LabelRef(rest))
	g.loop("vector", vectors, func() {
		acc := start(func(m Mem, v reg.VecVirtual) { g.VMOVUPS(m, v) })
		for i, m := range rows {
			g.VFMADD231PS(m, factors[i], acc)
		}
		g.VMOVUPS(acc, at(c, 0))
		g.ADDQ(bCol, b)
		g.ADDQ(Imm(vector), c)
	})
	g.Label(rest)
	cols := g.arg("cols")
	g.TESTQ(cols, cols)
	g.JZ(LabelRef(done))
	maskAddr, mask := g.arg("mask"), g.YMM()
	g.VMOVUPS(at(maskAddr, 0), mask)
	load := func(m Mem, v reg.VecVirtual) { g.VMASKMOVPS(m, mask, v) }
	acc := start(load)
	for i, m := range rows {
		v := g.YMM()
		load(m, v)
		g.VFMADD231PS(v, factors[i], acc)
	}
	g.storeFirst(acc, cols, c, 0)
	g.Label(done)
	g.done()
}

// gemvByColumns emits two vectors of columns that go along k side by side, or
// one lag groups of rows behind the other: where the distance between columns is
// a large power of two, all lines that are read at once compete for the eight
// places of a set, and those of one vector fill it.
func (g *gen) gemvByColumns() {
	g.function("gemvColumns16AVX2", "func(groups, lag int, a *float32, aCol int, b *float32, bCol int, c *float32)",
		"gemvColumns16AVX2 adds a[p] * B[p][j], p < 16*groups ascending, groups > 0, to the chains c[0:16]; c[8:16] lag <= groups groups behind. "+
			"Columns of B, which are contiguous, lie bCol bytes apart, elements of a aCol.")
	groups, lag, aCol := g.arg("groups"), g.arg("lag"), g.arg("aCol")
	b, column, c := g.arg("b"), g.arg("bCol"), g.arg("c")
	columns := [][]Mem{g.multiples(b, column, lanes)}
	bases := []reg.GPVirtual{b}
	for range gemvGroups - 1 {
		next := g.GP64()
		g.LEAQ(indexed(bases[len(bases)-1], column, 8, 0), next)
		bases = append(bases, next)
		columns = append(columns, rebased(columns[0], next))
	}
	acc := g.ymms(gemvGroups)
	factors := make([]reg.GPVirtual, gemvGroups)
	for i, v := range acc {
		g.VMOVUPS(at(c, i*vector), v)
		factors[i] = g.arg("a")
	}
	group := func(i int) {
		for p := 0; p < gemvSteps; p += 4 {
			for _, v := range g.fourColumns(columns[i], p) {
				g.VFMADD231PS(g.broadcast(at(factors[i], 0)), v, acc[i])
				g.ADDQ(aCol, factors[i])
			}
		}
		for _, m := range columns[i] {
			m.Disp = columnAhead
			g.PREFETCHT1(m)
		}
		g.ADDQ(Imm(gemvSteps*4), bases[i])
	}
	g.SUBQ(lag, groups)
	// What comes first and last is one vector alone.
	g.whileAny("first", lag, func() { group(0) })
	g.whileAny("both", groups, func() {
		group(0)
		group(1)
	})
	g.whileAny("second", g.arg("lag"), func() { group(1) })
	for i, v := range acc {
		g.VMOVUPS(v, at(c, i*vector))
	}
	g.done()
}

// whileAny is loop for a count that may be 0.
func (g *gen) whileAny(name string, count reg.GPVirtual, body func()) {
	none := g.label("none")
	g.TESTQ(count, count)
	g.JZ(LabelRef(none))
	g.loop(name, count, body)
	g.Label(none)
}

// rebased returns the same distances from another base.
func rebased(m []Mem, base reg.GPVirtual) (other []Mem) {
	for _, r := range m {
		r.Base = base
		other = append(other, r)
	}
	return other
}

// fourColumns returns columns j to j+3 of a matrix of eight rows. Halves of two
// rows make one vector as they are loaded, which saves the shuffles that would
// exchange halves.
func (g *gen) fourColumns(rows []Mem, j int) []reg.VecVirtual {
	g.Comment("Transpose 8x4: rows i and i+4 side by side, pairs, quadruples.")
	v := g.ymms(4)
	for i := range v {
		low, high := rows[i], rows[i+4]
		low.Disp += j * 4
		high.Disp += j * 4
		v[i] = g.twice(low)
		g.VINSERTF128(Imm(1), high, v[i], v[i])
	}
	pairs := g.ymms(4)
	for i := 0; i < 4; i += 2 {
		g.VUNPCKLPS(v[i+1], v[i], pairs[i])
		g.VUNPCKHPS(v[i+1], v[i], pairs[i+1])
	}
	quads := g.ymms(4)
	for i := range 2 {
		g.VSHUFPS(U8(0x44), pairs[2+i], pairs[i], quads[2*i])
		g.VSHUFPS(U8(0xee), pairs[2+i], pairs[i], quads[2*i+1])
	}
	return quads
}
