package main

import . "github.com/mmcloughlin/avo/operand"

// softmax emits the softmax over the classes of a block.
func (g *gen) softmax() {
	g.function("softmaxAVX2", "func(p, z []float32)", "softmaxAVX2 works like softmaxGeneric; len(z) is eight times the classes, at least one.")
	p, z := g.slice("p"), g.slice("z")
	g.Comment("The largest logit.")
	max := g.YMM()
	g.VMOVUPS(at(z, 0), max)
	offset, classes := g.GP64(), g.vectors("z")
	g.XORQ(offset, offset)
	g.loop("largest", classes, func() {
		v := g.YMM()
		g.VMOVUPS(indexed(z, offset, 1, 0), v)
		g.VMAXPS(max, v, max) // v > max ? v : max
		g.ADDQ(Imm(vector), offset)
	})
	g.Comment("Exponentials and their sum.")
	sum := g.YMM()
	g.zero(sum)
	g.XORQ(offset, offset)
	classes = g.vectors("z")
	g.loop("exp", classes, func() {
		v := g.YMM()
		g.VMOVUPS(indexed(z, offset, 1, 0), v)
		g.VSUBPS(max, v, v)
		e := g.exp(v)
		g.VADDPS(e, sum, sum)
		g.VMOVUPS(e, indexed(p, offset, 1, 0))
		g.ADDQ(Imm(vector), offset)
	})
	g.Comment("Their shares.")
	g.XORQ(offset, offset)
	classes = g.vectors("z")
	g.loop("share", classes, func() {
		v := g.YMM()
		g.VMOVUPS(indexed(p, offset, 1, 0), v)
		g.VDIVPS(sum, v, v)
		g.VMOVUPS(v, indexed(p, offset, 1, 0))
		g.ADDQ(Imm(vector), offset)
	})
	g.done()
}
