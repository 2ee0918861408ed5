package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const lanes = 8

// blocks emits the transposition between rows of images and blocks, eight
// columns of eight images at a time.
func (g *gen) blocks() {
	g.interleave()
	g.deinterleave()
	g.deinterleaveFour()
}

// imageRows returns the addresses of eight rows, stride bytes apart. Rows from
// n on repeat row n-1, so that no address lies outside the slice.
func (g *gen) imageRows(rows, stride reg.GPVirtual) []reg.GPVirtual {
	row := make([]reg.GPVirtual, lanes)
	row[0] = rows
	for i := 1; i < lanes; i++ {
		row[i] = g.GP64()
		g.MOVQ(row[i-1], row[i])
		next := g.GP64()
		g.MOVQ(row[i], next)
		g.ADDQ(stride, next)
		g.CMPQ(g.argMem("n"), Imm(uint64(i)))
		g.CMOVQGT(next, row[i])
	}
	return row
}

func (g *gen) interleave() {
	g.function("interleave8AVX2", "func(dst, src *float32, groups, stride, n int, mask *int32)",
		"interleave8AVX2 works like interleaveGeneric on groups of eight columns; stride is in bytes, and mask has all bits set for the first n lanes.")
	dst, groups, stride := g.arg("dst"), g.arg("groups"), g.arg("stride")
	row := g.imageRows(g.arg("src"), stride)
	offset := stride // no longer needed
	g.XORQ(offset, offset)
	loop := func(clean func(v reg.VecVirtual)) {
		g.loop("group", groups, func() {
			v := g.transposed(func(i int) Mem { return indexed(row[i], offset, 1, 0) })
			for j := range v {
				clean(v[j])
				g.VMOVUPS(v[j], at(dst, j*vector))
			}
			g.ADDQ(U32(lanes*vector), dst)
			g.ADDQ(Imm(vector), offset)
		})
		g.done()
	}
	full := g.label("full")
	g.CMPQ(g.argMem("n"), Imm(lanes))
	g.JEQ(LabelRef(full))
	maskAddr, mask := g.arg("mask"), g.YMM()
	g.VMOVUPS(at(maskAddr, 0), mask)
	loop(func(v reg.VecVirtual) { g.VANDPS(mask, v, v) })
	g.Label(full)
	loop(func(v reg.VecVirtual) {})
}

func (g *gen) deinterleave() {
	g.function("deinterleave8AVX2", "func(dst, src *float32, groups, stride, n int)",
		"deinterleave8AVX2 works like deinterleaveGeneric on groups of eight columns; stride is in bytes.")
	src, groups, stride := g.arg("src"), g.arg("groups"), g.arg("stride")
	row := g.imageRows(g.arg("dst"), stride)
	offset := stride // no longer needed
	g.XORQ(offset, offset)
	g.loop("group", groups, func() {
		v := g.transposed(func(j int) Mem { return at(src, j*vector) })
		g.Comment("Last row first: where rows repeat row n-1, its own values come last.")
		for i := lanes - 1; i >= 0; i-- {
			g.VMOVUPS(v[i], indexed(row[i], offset, 1, 0))
		}
		g.ADDQ(U32(lanes*vector), src)
		g.ADDQ(Imm(vector), offset)
	})
	g.done()
}

// deinterleaveFour emits the transposition for rows that crowd into one set of a
// cache: it has room for four rows and the block, where eight rows evict each other.
// A whole line of each row, 16 columns, is written at once.
func (g *gen) deinterleaveFour() {
	g.function("deinterleave4AVX2", "func(dst, src *float32, groups, stride int)",
		"deinterleave4AVX2 works like deinterleaveGeneric for four images, on groups of eight columns; stride is in bytes.")
	src, groups, dst := g.arg("src"), g.arg("groups"), g.arg("dst")
	rows := g.row(lanes/2, dst, g.arg("stride"))
	for _, n := range []int{2, 1} {
		again, next := g.label("groups"), g.label("fewer")
		g.Label(again)
		g.CMPQ(groups, Imm(uint64(n)))
		g.JLT(LabelRef(next))
		images := make([][]reg.VecVirtual, n)
		for group := range images {
			columns := make([]Mem, lanes)
			for j := range columns {
				columns[j] = at(src, (group*lanes+j)*vector)
			}
			images[group] = g.fourColumns(columns, 0)
		}
		for i := range lanes / 2 {
			for group := range images {
				to := rows.address(i)
				to.Disp = group * vector
				g.VMOVUPS(images[group][i], to)
			}
		}
		g.ADDQ(U32(uint32(n*lanes*vector)), src)
		g.ADDQ(Imm(uint64(n*vector)), dst)
		g.SUBQ(Imm(uint64(n)), groups)
		g.JMP(LabelRef(again))
		g.Label(next)
	}
	g.done()
}

// transposed returns the columns of the 8x8 matrix whose rows lie in memory.
func (g *gen) transposed(row func(i int) Mem) []reg.VecVirtual {
	g.Comment("Transpose 8x8: pairs, quadruples, halves.")
	pairs := g.ymms(lanes)
	for i := 0; i < lanes; i += 2 {
		even := g.load(row(i))
		g.VUNPCKLPS(row(i+1), even, pairs[i])
		g.VUNPCKHPS(row(i+1), even, pairs[i+1])
	}
	quads := g.ymms(lanes)
	for i := 0; i < lanes; i += 4 {
		for j := range 2 {
			g.VSHUFPS(U8(0x44), pairs[i+2+j], pairs[i+j], quads[i+2*j])
			g.VSHUFPS(U8(0xee), pairs[i+2+j], pairs[i+j], quads[i+2*j+1])
		}
	}
	column := g.ymms(lanes)
	for i := range lanes / 2 {
		g.VPERM2F128(U8(0x20), quads[i+4], quads[i], column[i])
		g.VPERM2F128(U8(0x31), quads[i+4], quads[i], column[i+4])
	}
	return column
}
