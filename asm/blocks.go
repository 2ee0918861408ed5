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
	maskAddr, mask := g.arg("mask"), g.YMM()
	g.VMOVUPS(at(maskAddr, 0), mask)
	offset := stride // no longer needed
	g.XORQ(offset, offset)
	g.loop("group", groups, func() {
		v := g.ymms(lanes)
		for i, r := range row {
			g.VMOVUPS(indexed(r, offset, 1, 0), v[i])
		}
		g.transpose(v)
		for j := range v {
			g.VANDPS(mask, v[j], v[j])
			g.VMOVUPS(v[j], at(dst, j*vector))
		}
		g.ADDQ(U32(lanes*vector), dst)
		g.ADDQ(Imm(vector), offset)
	})
	g.done()
}

func (g *gen) deinterleave() {
	g.function("deinterleave8AVX2", "func(dst, src *float32, groups, stride, n int)",
		"deinterleave8AVX2 works like deinterleaveGeneric on groups of eight columns; stride is in bytes.")
	src, groups, stride := g.arg("src"), g.arg("groups"), g.arg("stride")
	row := g.imageRows(g.arg("dst"), stride)
	offset := stride // no longer needed
	g.XORQ(offset, offset)
	g.loop("group", groups, func() {
		v := g.ymms(lanes)
		for j := range v {
			g.VMOVUPS(at(src, j*vector), v[j])
		}
		g.transpose(v)
		g.Comment("Last row first: where rows repeat row n-1, its own values come last.")
		for i := lanes - 1; i >= 0; i-- {
			g.VMOVUPS(v[i], indexed(row[i], offset, 1, 0))
		}
		g.ADDQ(U32(lanes*vector), src)
		g.ADDQ(Imm(vector), offset)
	})
	g.done()
}

// transpose replaces the 8x8 matrix with rows v by its transpose.
func (g *gen) transpose(v []reg.VecVirtual) {
	g.Comment("Transpose 8x8: pairs, quadruples, halves.")
	pairs := g.ymms(lanes)
	for i := 0; i < lanes; i += 2 {
		g.VUNPCKLPS(v[i+1], v[i], pairs[i])
		g.VUNPCKHPS(v[i+1], v[i], pairs[i+1])
	}
	quads := g.ymms(lanes)
	for i := 0; i < lanes; i += 4 {
		for j := range 2 {
			g.VSHUFPS(U8(0x44), pairs[i+2+j], pairs[i+j], quads[i+2*j])
			g.VSHUFPS(U8(0xee), pairs[i+2+j], pairs[i+j], quads[i+2*j+1])
		}
	}
	for i := range lanes / 2 {
		g.VPERM2F128(U8(0x20), quads[i+4], quads[i], v[i])
		g.VPERM2F128(U8(0x31), quads[i+4], quads[i], v[i+4])
	}
}
