package main

import . "github.com/mmcloughlin/avo/operand"

// packRows emits the packing of eight columns of a matrix whose rows are
// contiguous.
func (g *gen) packRows() {
	g.function("packRows8AVX2", "func(dst, src *float32, rows, srcRow int, mask *int32)",
		"packRows8AVX2 copies rows > 0 rows of the elements that mask[0:8] selects, srcRow bytes apart, to rows of eight, +0 in place of the others.")
	dst, src, rows, srcRow := g.arg("dst"), g.arg("src"), g.arg("rows"), g.arg("srcRow")
	maskAddr, mask := g.arg("mask"), g.YMM()
	g.VMOVUPS(at(maskAddr, 0), mask)
	g.loop("row", rows, func() {
		v := g.YMM()
		g.VMASKMOVPS(at(src, 0), mask, v)
		g.VMOVUPS(v, at(dst, 0))
		g.ADDQ(srcRow, src)
		g.ADDQ(Imm(vector), dst)
	})
	g.done()
}
