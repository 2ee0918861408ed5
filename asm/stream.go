package main

import . "github.com/mmcloughlin/avo/operand"

const cacheLine = 64

// stream emits the copy that goes around the caches. A store to a line that
// other cores have read must first take it from all of them, and a core has few
// such requests under way at a time; a non-temporal store of a whole line
// replaces it in memory, without asking for what it held. The fence makes the
// lines visible before whatever the caller does next.
func (g *gen) stream() {
	g.function("streamAVX2", "func(dst, src *float32, lines int)",
		"streamAVX2 works like streamGeneric on whole cache lines; dst is aligned to them.")
	dst, src, lines := g.arg("dst"), g.arg("src"), g.arg("lines")
	g.loop("line", lines, func() {
		v := g.ymms(cacheLine / vector)
		for i := range v {
			g.VMOVUPS(at(src, i*vector), v[i])
		}
		for i := range v {
			g.VMOVNTPS(v[i], at(dst, i*vector))
		}
		g.ADDQ(Imm(cacheLine), src)
		g.ADDQ(Imm(cacheLine), dst)
	})
	g.SFENCE()
	g.done()
}
