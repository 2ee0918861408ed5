package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// normalisation emits what batch normalisation and dropout take.
func (g *gen) normalisation() {
	g.columnSums()
	g.scaleColumns()
	g.scaleColumnsGrad()
	g.dropout()
}

// columnSums emits sums of eight columns, four in each of two registers of
// float64. Registers: 4 sums + 2 elements = 6 of 16.
func (g *gen) columnSums() {
	g.function("columnSumsAVX2", "func(sum, products *float64, x, z *float32, rows, stride int)",
		"columnSumsAVX2 works like columnSumsGeneric on eight columns; stride is the length of a row in bytes.")
	sum, products, x, z := g.arg("sum"), g.arg("products"), g.arg("x"), g.arg("z")
	rows, stride := g.arg("rows"), g.arg("stride")
	sums, products2 := g.ymms(2), g.ymms(2)
	for i := range sums {
		g.VMOVUPD(at(sum, i*vector), sums[i])
		g.VMOVUPD(at(products, i*vector), products2[i])
	}
	g.loop("columnSums", rows, func() {
		for i := range sums {
			a, b := g.YMM(), g.YMM()
			g.VCVTPS2PD(at(x, i*vector/2), a)
			g.VCVTPS2PD(at(z, i*vector/2), b)
			g.VADDPD(a, sums[i], sums[i])
			g.VFMADD231PD(a, b, products2[i])
		}
		g.ADDQ(stride, x)
		g.ADDQ(stride, z)
	})
	for i := range sums {
		g.VMOVUPD(sums[i], at(sum, i*vector))
		g.VMOVUPD(products2[i], at(products, i*vector))
	}
	g.done()
}

// scaleColumns emits a linear function of eight columns. Registers: 3 factors + 1
// element = 4 of 16.
func (g *gen) scaleColumns() {
	g.function("scaleColumnsAVX2", "func(y, x, scale, centre, shift *float32, rows, stride int)",
		"scaleColumnsAVX2 works like scaleColumnsGeneric on eight columns; stride is the length of a row in bytes.")
	y, x, rows, stride := g.arg("y"), g.arg("x"), g.arg("rows"), g.arg("stride")
	scale, centre, shift := g.load(at(g.arg("scale"), 0)), g.load(at(g.arg("centre"), 0)), g.load(at(g.arg("shift"), 0))
	g.loop("scaleColumns", rows, func() {
		v := g.load(at(x, 0))
		g.VSUBPS(centre, v, v)
		g.VFMADD213PS(shift, scale, v) // scale*v + shift
		g.VMOVUPS(v, at(y, 0))
		g.ADDQ(stride, x)
		g.ADDQ(stride, y)
	})
	g.done()
}

// scaleColumnsGrad emits its gradient. Registers: 4 factors + 2 elements = 6 of 16.
func (g *gen) scaleColumnsGrad() {
	g.function("scaleColumnsGradAVX2", "func(dx, dy, x, scale, slope, centre, shift *float32, rows, stride int)",
		"scaleColumnsGradAVX2 works like scaleColumnsGradGeneric on eight columns; stride is the length of a row in bytes.")
	dx, dy, x, rows, stride := g.arg("dx"), g.arg("dy"), g.arg("x"), g.arg("rows"), g.arg("stride")
	scale, slope := g.load(at(g.arg("scale"), 0)), g.load(at(g.arg("slope"), 0))
	centre, shift := g.load(at(g.arg("centre"), 0)), g.load(at(g.arg("shift"), 0))
	g.loop("scaleColumnsGrad", rows, func() {
		d, v := g.load(at(dy, 0)), g.load(at(x, 0))
		g.VFMADD213PS(shift, scale, d) // scale*d + shift
		g.VSUBPS(centre, v, v)
		g.VFMADD231PS(v, slope, d) // d + slope*v
		g.VMOVUPS(d, at(dx, 0))
		g.ADDQ(stride, x)
		g.ADDQ(stride, dy)
		g.ADDQ(stride, dx)
	})
	g.done()
}

// dropout emits the mask's hash and what it keeps. Registers: 2 keys + 3
// multipliers + number, step, least and scale + hash and 1 temporary = 11 of 16.
func (g *gen) dropout() {
	g.function("dropoutAVX2", "func(y, x []float32, keys, first *uint32, step uint32, least int32, scale float32)",
		"dropoutAVX2 works like dropoutGeneric on whole vectors; keys and first point to the arrays of Mask.")
	y, x, keys, size := g.slice("y"), g.slice("x"), g.arg("keys"), g.bytes("y")
	key0, key1, number := g.load(at(keys, 0)), g.load(at(keys, vector)), g.load(at(g.arg("first"), 0))
	golden, m1, m2 := g.bits(0x9e3779b9), g.bits(0x7feb352d), g.bits(0x846ca68b)
	step, least, scale := g.broadcast(g.argMem("step")), g.broadcast(g.argMem("least")), g.broadcast(g.argMem("scale"))
	offset := g.GP64()
	g.XORQ(offset, offset)
	g.steps(offset, size, 1, func() {
		h := g.YMM()
		g.Comment("hash of the element's number and the image's key")
		g.VPMULLD(golden, number, h)
		g.VPADDD(key0, h, h)
		g.foldBits(h, 16)
		g.VPMULLD(m1, h, h)
		g.foldBits(h, 15)
		g.VPXOR(key1, h, h)
		g.VPMULLD(m2, h, h)
		g.foldBits(h, 16)
		g.VPADDD(step, number, number)
		g.Comment("what is kept: not least > its upper 24 bits")
		g.VPSRLD(Imm(8), h, h)
		g.VPCMPGTD(h, least, h)
		v := g.YMM()
		g.VMULPS(indexed(x, offset, 1, 0), scale, v)
		g.VPANDN(v, h, h)
		g.VMOVUPS(h, indexed(y, offset, 1, 0))
	})
	g.done()
}

// foldBits is h = h ^ h>>n.
func (g *gen) foldBits(h reg.VecVirtual, n uint64) {
	t := g.YMM()
	g.VPSRLD(Imm(n), h, t)
	g.VPXOR(t, h, h)
}
