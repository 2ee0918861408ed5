package main

import . "github.com/mmcloughlin/avo/operand"

const cacheLine = 64 // bytes

// prefetch emits the fetching of lines that a later call reads, for what no tile
// knows the place of.
func (g *gen) prefetch() {
	g.function("prefetchAVX2", "func(p *float32, rows, stride, lines int)",
		"prefetchAVX2 fetches into the L2 cache the given number of lines from p on, and as many of each of the rows that follow, stride bytes apart.")
	p, stride := g.arg("p"), g.arg("stride")
	g.loop("row", g.arg("rows"), func() {
		line, left := g.GP64(), g.GP64()
		g.MOVQ(p, line)
		g.MOVQ(g.argMem("lines"), left)
		g.loop("line", left, func() {
			g.PREFETCHT1(at(line, 0))
			g.ADDQ(Imm(cacheLine), line)
		})
		g.ADDQ(stride, p)
	})
	g.done()
}
