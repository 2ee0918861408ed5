package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packAtOnce is the number of panels to which packRows copies in one pass over
// the rows: so many streams are written, and so many vectors of a row, which are
// contiguous, are read.
const packAtOnce = 4

// packing emits the copies of operands to panels, which are matrices of eight
// or four columns.
func (g *gen) packing() {
	g.packRows("packRows8AVX2", 8, func() reg.VecVirtual { return g.YMM() })
	g.packRows("packRows4AVX2", 4, func() reg.VecVirtual { return g.XMM() })
	g.packColumns()
}

// packRows emits the copy of a matrix whose rows are contiguous.
func (g *gen) packRows(name string, width int, vec func() reg.VecVirtual) {
	bytes := width * 4
	g.function(name, "func(dst *float32, panel int, src *float32, rows, srcRow, panels int, alpha float32, mask *int32)",
		fmt.Sprintf("%s multiplies rows > 0 rows of src, srcRow bytes apart, by alpha and writes element j of row p to dst[p*%d+j%%%d] of panel j/%d, "+
			"panels lie panel bytes apart. There are %d panels, or 1, of which mask selects the columns to read.", name, width, width, width, packAtOnce))
	dst, panel := g.arg("dst"), g.arg("panel")
	src, rows, srcRow := g.arg("src"), g.arg("rows"), g.arg("srcRow")
	alpha := vec()
	g.VBROADCASTSS(g.argMem("alpha"), alpha)
	one := g.label("one")
	g.CMPQ(g.argMem("panels"), Imm(packAtOnce))
	g.JNE(LabelRef(one))

	to := g.multiples(dst, panel, packAtOnce)
	g.loop("rows", rows, func() {
		for i, m := range to {
			v := vec()
			g.VMULPS(at(src, i*bytes), alpha, v)
			g.VMOVUPS(v, m)
		}
		g.ADDQ(srcRow, src)
		g.ADDQ(Imm(uint64(bytes)), dst)
	})
	g.done()

	g.Label(one)
	maskAddr, mask := g.arg("mask"), vec()
	g.VMOVUPS(at(maskAddr, 0), mask)
	g.loop("row", rows, func() {
		v := vec()
		g.VMASKMOVPS(at(src, 0), mask, v)
		g.VMULPS(alpha, v, v)
		g.VMOVUPS(v, at(dst, 0))
		g.ADDQ(srcRow, src)
		g.ADDQ(Imm(uint64(bytes)), dst)
	})
	g.done()
}

// packColumns emits the copy of a matrix whose columns are contiguous.
func (g *gen) packColumns() {
	g.function("packColumns8AVX2", "func(dst *float32, panel int, src *float32, rows, srcColumn, panels int)",
		"packColumns8AVX2 writes panels > 0 panels of eight columns, panel bytes apart: element p < rows of column j, whose columns are srcColumn bytes apart, "+
			"to dst[p*8+j%8] of panel j/8. There are at least eight rows.")
	column := g.arg("srcColumn")
	nextPanel := g.label("panel")
	g.Label(nextPanel)
	src, dst := g.arg("src"), g.arg("dst")
	columns := g.multiples(src, column, lanes)
	groups := g.arg("rows")
	g.SHRQ(Imm(3), groups)
	group := func() {
		for j, v := range g.transposed(func(i int) Mem { return columns[i] }) {
			g.VMOVUPS(v, at(dst, j*vector))
		}
	}
	g.loop("group", groups, func() {
		group()
		g.ADDQ(Imm(lanes*4), src)
		g.ADDQ(U32(lanes*vector), dst)
	})
	g.Comment("The last eight rows once more, if not all of them are in a whole group.")
	whole := g.label("whole")
	rest := g.arg("rows")
	g.ANDQ(Imm(lanes-1), rest)
	g.JZ(LabelRef(whole))
	g.SUBQ(Imm(lanes), rest)
	g.LEAQ(indexed(src, rest, 4, 0), src)
	g.SHLQ(Imm(5), rest)
	g.ADDQ(rest, dst)
	group()
	g.Label(whole)
	g.Comment("Eight columns further.")
	eight := g.arg("srcColumn")
	g.SHLQ(Imm(3), eight)
	g.ADDQ(eight, g.argMem("src"))
	panel := g.arg("panel")
	g.ADDQ(panel, g.argMem("dst"))
	g.DECQ(g.argMem("panels"))
	g.JNZ(LabelRef(nextPanel))
	g.done()
}
