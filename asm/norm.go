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

// The functions of columns take them in groups of eight: neighbours in the rows of
// a matrix, or the channels of a block. Distances are in bytes: stride is that from
// a row to the next, group that from a group to the next.

const columnGroups = "groups > 0 groups of eight columns, of rows > 0 rows"

// columnSums emits sums of columns, of two groups side by side, because the chains
// of one would wait for the latency of their additions. A group has four columns
// in each of two registers of float64. What binds are the conversions, so squares
// have a function that takes one of them.
//
// Registers: 8 sums + 2 elements = 10 of 16.
func (g *gen) columnSums() {
	g.function("columnSumsAVX2", "func(sum, products *float64, x, z *float32, rows, stride, groups, group int)",
		"columnSumsAVX2 works like columnSumsGeneric on "+columnGroups+". It goes on from what sum and products hold.")
	g.sumsOfGroups("x", "z")
	g.function("columnMomentsAVX2", "func(sum, products *float64, x *float32, rows, stride, groups, group int)",
		"columnMomentsAVX2 is columnSumsAVX2 of x and x.")
	g.sumsOfGroups("x")
}

// sumsOfGroups ends a function that takes two groups at a time, and then one that is
// left.
func (g *gen) sumsOfGroups(operands ...string) {
	sum, products := g.arg("sum"), g.arg("products")
	for _, n := range []int{2, 1} {
		top, next := g.label("groups"), g.label("fewer")
		g.Label(top)
		g.CMPQ(g.argMem("groups"), Imm(uint64(n)))
		g.JLT(LabelRef(next))
		g.addRows(n, sum, products, operands)
		g.ADDQ(U32(uint32(2*n*vector)), sum)
		g.ADDQ(U32(uint32(2*n*vector)), products)
		group := g.arg("group")
		for _, o := range operands {
			for range n {
				g.ADDQ(group, g.argMem(o))
			}
		}
		g.SUBQ(Imm(uint64(n)), g.argMem("groups"))
		g.JMP(LabelRef(top))
		g.Label(next)
	}
	g.done()
}

// addRows emits the sums of n groups over the rows.
func (g *gen) addRows(n int, sum, products reg.GPVirtual, operands []string) {
	s, p := g.ymms(2*n), g.ymms(2*n)
	for i := range s {
		g.VMOVUPD(at(sum, i*vector), s[i])
		g.VMOVUPD(at(products, i*vector), p[i])
	}
	group, stride, rows := g.arg("group"), g.arg("stride"), g.arg("rows")
	var bases []reg.GPVirtual
	for _, o := range operands {
		bases = append(bases, g.arg(o))
	}
	g.loop("columnSums", rows, func() {
		for i := range s {
			var v []reg.VecVirtual
			for _, base := range bases {
				v = append(v, g.YMM())
				g.VCVTPS2PD(indexedIf(i/2, base, group, i%2*vector/2), v[len(v)-1])
			}
			x, z := v[0], v[len(v)-1]
			g.VADDPD(x, s[i], s[i])
			g.VFMADD231PD(x, z, p[i])
		}
		for _, base := range bases {
			g.ADDQ(stride, base)
		}
	})
	for i := range s {
		g.VMOVUPD(s[i], at(sum, i*vector))
		g.VMOVUPD(p[i], at(products, i*vector))
	}
}

// indexedIf is the memory at base + n*step + disp, where n is 0 or 1.
func indexedIf(n int, base, step reg.Register, disp int) Mem {
	if n == 0 {
		return at(base, disp)
	}
	return indexed(base, step, 1, disp)
}

// eachGroup emits the loop over groups: its body treats one, whose operands of a
// number for each column begin at offset.
func (g *gen) eachGroup(operands []string, body func(offset reg.GPVirtual)) {
	offset, top := g.GP64(), g.label("group")
	g.XORQ(offset, offset)
	g.Label(top)
	body(offset)
	g.ADDQ(Imm(vector), offset)
	group := g.arg("group")
	for _, o := range operands {
		g.ADDQ(group, g.argMem(o))
	}
	g.DECQ(g.argMem("groups"))
	g.JNZ(LabelRef(top))
	g.done()
}

// factor loads the numbers of a group's columns.
func (g *gen) factor(name string, offset reg.GPVirtual) reg.VecVirtual {
	return g.load(indexed(g.arg(name), offset, 1, 0))
}

// scaleColumns emits a linear function of columns. Registers: 3 factors + 1
// element = 4 of 16.
func (g *gen) scaleColumns() {
	g.function("scaleColumnsAVX2", "func(y, x, scale, centre, shift *float32, rows, stride, groups, group int)",
		"scaleColumnsAVX2 works like scaleColumnsGeneric on "+columnGroups+".")
	g.eachGroup([]string{"y", "x"}, func(offset reg.GPVirtual) {
		scale, centre, shift := g.factor("scale", offset), g.factor("centre", offset), g.factor("shift", offset)
		y, x, rows, stride := g.arg("y"), g.arg("x"), g.arg("rows"), g.arg("stride")
		g.loop("scaleColumns", rows, func() {
			v := g.load(at(x, 0))
			g.VSUBPS(centre, v, v)
			g.VFMADD213PS(shift, scale, v) // scale*v + shift
			g.VMOVUPS(v, at(y, 0))
			g.ADDQ(stride, x)
			g.ADDQ(stride, y)
		})
	})
}

// scaleColumnsGrad emits its gradient. Registers: 4 factors + 2 elements = 6 of 16.
func (g *gen) scaleColumnsGrad() {
	g.function("scaleColumnsGradAVX2", "func(dx, dy, x, scale, slope, centre, shift *float32, rows, stride, groups, group int)",
		"scaleColumnsGradAVX2 works like scaleColumnsGradGeneric on "+columnGroups+".")
	g.eachGroup([]string{"dx", "dy", "x"}, func(offset reg.GPVirtual) {
		scale, slope := g.factor("scale", offset), g.factor("slope", offset)
		centre, shift := g.factor("centre", offset), g.factor("shift", offset)
		dx, dy, x, rows, stride := g.arg("dx"), g.arg("dy"), g.arg("x"), g.arg("rows"), g.arg("stride")
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
	})
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
