package main

// clipping emits what clips gradients.
func (g *gen) clipping() {
	g.clip()
	g.sumSquares()
}

func (g *gen) clip() {
	g.function("clipAVX2", "func(y, x []float32, scale, limit float32)", "clipAVX2 works like clipGeneric on whole vectors.")
	y, x := g.slice("y"), g.slice("x")
	scale, high := g.broadcast(g.argMem("scale")), g.broadcast(g.argMem("limit"))
	low := g.YMM()
	g.VXORPS(g.bits(signBit), high, low)
	offset, size := g.GP64(), g.bytes("y")
	g.XORQ(offset, offset)
	for _, n := range []int{4, 1} {
		g.steps(offset, size, n, func() {
			for i := range n {
				c := g.YMM()
				g.VMULPS(indexed(x, offset, 1, i*vector), scale, c)
				g.VMAXPS(c, low, c)  // -limit > c ? -limit : c
				g.VMINPS(c, high, c) // limit < c ? limit : c
				g.VMOVUPS(c, indexed(y, offset, 1, i*vector))
			}
		})
	}
	g.done()
}

// sumSquares emits the eight chains of a sum of squares, four in each of two
// registers of float64.
func (g *gen) sumSquares() {
	g.function("sumSquaresAVX2", "func(c *float64, x []float32)",
		"sumSquaresAVX2 works like sumSquaresGeneric on whole vectors; c points to eight chains.")
	c, x := g.arg("c"), g.slice("x")
	chains := g.ymms(2)
	for i, chain := range chains {
		g.VMOVUPD(at(c, i*vector), chain)
	}
	offset, size := g.GP64(), g.bytes("x")
	g.XORQ(offset, offset)
	g.steps(offset, size, 1, func() {
		for i, chain := range chains {
			v := g.YMM()
			g.VCVTPS2PD(indexed(x, offset, 1, i*vector/2), v)
			g.VFMADD231PD(v, v, chain)
		}
	})
	for i, chain := range chains {
		g.VMOVUPD(chain, at(c, i*vector))
	}
	g.done()
}
