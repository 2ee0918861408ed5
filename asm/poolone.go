package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// maxPoolOne emits max-pooling over 2x2 windows of a single image, whose
// vectors run along columns: eight windows at a time, or four.
func (g *gen) maxPoolOne() {
	const shared = "works like maxPoolOneGeneric on rows of one or more channels: vectors vectors of windows of each, the last of which begins " +
		"yLast bytes from the row's first; what is below floor becomes floor. The rows of x are xRow bytes apart, those of y yRow."
	const signature = "func(y, x *float32, rows, vectors, xRow, yRow, yLast int, floor float32)"
	g.function("maxPoolOne2x16AVX2", signature, "maxPoolOne2x16AVX2 "+shared)
	g.poolRows(vector, g.pool8)
	g.function("maxPoolOne2x8AVX2", signature, "maxPoolOne2x8AVX2 "+shared)
	g.poolRows(vector/2, g.pool4)
}

// poolRows emits the loops over rows and vectors of windows, of size bytes
// each. The last vector of a row may overlap the one before: it computes the
// same again.
func (g *gen) poolRows(size uint64, pool func(top, bottom, y, floor reg.Register)) {
	y, x, rows := g.arg("y"), g.arg("x"), g.arg("rows")
	floor := g.broadcast(g.argMem("floor"))
	top, bottom, out, count := g.GP64(), g.GP64(), g.GP64(), g.GP64()
	last := g.label("last")
	g.loop("row", rows, func() {
		g.MOVQ(x, top)
		g.MOVQ(y, out)
		g.MOVQ(x, bottom)
		g.ADDQ(g.argMem("xRow"), bottom)
		last = g.label("last")
		g.Load(g.Param("vectors"), count)
		g.DECQ(count)
		g.JZ(LabelRef(last))
		g.loop("windows", count, func() {
			pool(top, bottom, out, floor)
			g.ADDQ(Imm(2*size), top)
			g.ADDQ(Imm(2*size), bottom)
			g.ADDQ(Imm(size), out)
		})
		g.Label(last)
		g.Load(g.Param("yLast"), count)
		g.LEAQ(indexed(x, count, 2, 0), top)
		g.LEAQ(indexed(y, count, 1, 0), out)
		g.MOVQ(top, bottom)
		g.ADDQ(g.argMem("xRow"), bottom)
		pool(top, bottom, out, floor)
		g.ADDQ(g.argMem("yRow"), y)
		g.MOVQ(g.argMem("xRow"), count)
		g.LEAQ(indexed(x, count, 2, 0), x)
	})
	g.done()
}

// evenOdd returns the even and the odd elements of a and b: 0 and 2 of a, of b,
// then 4 and 6 of a, of b; and 1 and 3, and so on.
func (g *gen) evenOdd(a, b reg.VecVirtual) (even, odd reg.VecVirtual) {
	even, odd = g.YMM(), g.YMM()
	g.VSHUFPS(U8(0x88), b, a, even)
	g.VSHUFPS(U8(0xdd), b, a, odd)
	return even, odd
}

// pool8 emits the maxima of eight windows.
func (g *gen) pool8(top, bottom, y, floor reg.Register) {
	var v []reg.VecVirtual
	for _, row := range []reg.Register{top, bottom} {
		halves := g.ymms(2)
		g.VMOVUPS(at(row, 0), halves[0])
		g.VMOVUPS(at(row, vector), halves[1])
		even, odd := g.evenOdd(halves[0], halves[1])
		v = append(v, even, odd)
	}
	max := g.maximum(v)
	g.VMAXPS(max, floor, max)
	g.VPERMPD(U8(0xd8), max, max)
	g.VMOVUPS(max, at(y, 0))
}

// maximum returns the maximum of four vectors: x > max ? x : max, so that the
// first of equals stays, and a NaN, all bits set, where any of them is NaN.
func (g *gen) maximum(v []reg.VecVirtual) reg.VecVirtual {
	nan, nan2, max := g.compare(isUnordered, v[0], v[1]), g.compare(isUnordered, v[2], v[3]), g.YMM()
	g.VORPS(nan2, nan, nan)
	g.VMAXPS(v[0], v[1], max)
	g.VMAXPS(max, v[2], max)
	g.VMAXPS(max, v[3], max)
	g.VORPS(nan, max, max)
	return max
}

// pool4 emits the maxima of four windows: the pairs of both rows side by side
// in one vector, then row against row.
func (g *gen) pool4(top, bottom, y, floor reg.Register) {
	rows := g.ymms(2)
	g.VMOVUPS(at(top, 0), rows[0])
	g.VMOVUPS(at(bottom, 0), rows[1])
	first, second := g.evenOdd(rows[0], rows[1])
	nan := g.compare(isUnordered, first, second)
	g.VMAXPS(first, second, first)
	g.VORPS(nan, first, first)
	lower := g.YMM()
	g.VPERMILPS(U8(0x0e), first, lower)
	nan = g.compare(isUnordered, first, lower)
	g.VMAXPS(first, lower, first)
	g.VORPS(nan, first, first)
	g.VMAXPS(first, floor, first)
	g.VPERMPD(U8(0x08), first, first)
	g.VMOVUPS(first.AsX(), at(y, 0))
}
