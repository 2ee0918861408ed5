package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// maxPoolOne emits max-pooling over 2x2 windows of a single image, whose
// vectors run along columns: eight windows of a row at a time, or, in rows of
// four to seven windows, the first four and the last four.
func (g *gen) maxPoolOne() {
	g.maxPoolOneWide()
	g.maxPoolOneNarrow()
}

func (g *gen) maxPoolOneWide() {
	g.function("maxPoolOne2x16AVX2", "func(y, x *float32, rows, vectors, xRow, yRow, yLast int, floor float32)",
		"maxPoolOne2x16AVX2 works like maxPoolOneGeneric on rows of windows: vectors of eight, the last of which begins yLast bytes "+
			"from the row's first; what is below floor becomes floor. The rows of x are xRow bytes apart, those of y yRow.")
	p := &poolOne{gen: g, y: g.arg("y"), x: g.arg("x"), floor: g.broadcast(g.argMem("floor"))}
	p.rows(func(top, bottom, y reg.GPVirtual) {
		eight := func() {
			max := p.maxima([]Mem{at(top, 0), at(top, vector)}, []Mem{at(bottom, 0), at(bottom, vector)})
			g.VMOVUPS(max, at(y, 0))
		}
		last, count := g.label("last"), g.arg("vectors")
		g.DECQ(count)
		g.JZ(LabelRef(last))
		g.loop("windows", count, func() {
			eight()
			g.ADDQ(Imm(2*vector), top)
			g.ADDQ(Imm(2*vector), bottom)
			g.ADDQ(Imm(vector), y)
		})
		g.Label(last)
		g.Comment("The last vector may overlap the one before: it computes the same again.")
		offset := g.arg("yLast")
		g.LEAQ(indexed(p.y, offset, 1, 0), y)
		g.LEAQ(indexed(p.x, offset, 2, 0), top)
		g.MOVQ(top, bottom)
		g.ADDQ(g.argMem("xRow"), bottom)
		eight()
	})
}

func (g *gen) maxPoolOneNarrow() {
	g.function("maxPoolOne2x8AVX2", "func(y, x *float32, rows, xRow, yRow, yLast int, floor float32)",
		"maxPoolOne2x8AVX2 works like maxPoolOne2x16AVX2 on rows of four to seven windows, the last four of which begin yLast bytes from the first.")
	p := &poolOne{gen: g, y: g.arg("y"), x: g.arg("x"), floor: g.broadcast(g.argMem("floor"))}
	offset := g.arg("yLast")
	p.rows(func(top, bottom, y reg.GPVirtual) {
		max := p.maxima([]Mem{at(top, 0), indexed(top, offset, 2, 0)}, []Mem{at(bottom, 0), indexed(bottom, offset, 2, 0)})
		g.VMOVUPS(max.AsX(), at(y, 0))
		g.VEXTRACTF128(Imm(1), max, indexed(y, offset, 1, 0))
	})
}

type poolOne struct {
	*gen
	y, x  reg.GPVirtual // the row of windows
	floor reg.VecVirtual
}

// rows emits the loop over rows of windows, which body may step along.
func (p *poolOne) rows(body func(top, bottom, y reg.GPVirtual)) {
	rows, top, bottom, y := p.arg("rows"), p.GP64(), p.GP64(), p.GP64()
	p.loop("row", rows, func() {
		p.MOVQ(p.x, top)
		p.MOVQ(p.x, bottom)
		p.ADDQ(p.argMem("xRow"), bottom)
		p.MOVQ(p.y, y)
		body(top, bottom, y)
		p.ADDQ(p.argMem("yRow"), p.y)
		step := p.arg("xRow")
		p.LEAQ(indexed(p.x, step, 2, 0), p.x)
	})
	p.done()
}

// maxima returns the maxima of eight windows, of which each of two vectors of a
// row holds four: x > max ? x : max, so that the first of equals stays, and a
// NaN, all bits set, where the window holds a NaN.
func (p *poolOne) maxima(top, bottom []Mem) reg.VecVirtual {
	var v []reg.VecVirtual
	for _, row := range [][]Mem{top, bottom} {
		halves := p.ymms(2)
		for i, m := range row {
			p.VMOVUPS(m, halves[i])
		}
		p.Comment("Even and odd columns: 0 and 2 of both vectors, 4 and 6 of both.")
		even, odd := p.YMM(), p.YMM()
		p.VSHUFPS(U8(0x88), halves[1], halves[0], even)
		p.VSHUFPS(U8(0xdd), halves[1], halves[0], odd)
		v = append(v, even, odd)
	}
	nan, nan2, max := p.compare(isUnordered, v[0], v[1]), p.compare(isUnordered, v[2], v[3]), p.YMM()
	p.VORPS(nan2, nan, nan)
	p.VMAXPS(v[0], v[1], max)
	p.VMAXPS(max, v[2], max)
	p.VMAXPS(max, v[3], max)
	p.VORPS(nan, max, max)
	p.VMAXPS(max, p.floor, max)
	p.Comment("Back to the order of columns.")
	p.VPERMPD(U8(0xd8), max, max)
	return max
}
