package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemmRows is MR, the rows of GEMM's register tile.
const gemmRows = 6

// gemm emits the micro-kernels of matrix multiplication: up to MR = 6 rows by
// NR = 16 columns, and by 16 or 8 columns of which a mask selects the valid
// ones.
//
// Registers: 12 accumulators + 2 of B + 1 of A = 15 of 16. A step along k costs
// 2 loads of B, 6 broadcasts of A and 12 multiply-adds.
func (g *gen) gemm() {
	const shared = "computes m <= 6 rows of C: chains that start at init, whose rows are initRow bytes apart (0 repeats one row), " +
		"or at +0 if init is nil, and add A[i][p] * B[p][j] for p < k. A, whose rows are aRow and columns aCol bytes apart, is m x k; " +
		"row p of B is b0[0:8], b1[0:8], and bRow bytes lead to row p+1."
	g.gemmTile("gemm6x16AVX2", 2, false, "gemm6x16AVX2 "+shared)
	g.gemmTile("gemm6x16MaskAVX2", 2, true, "gemm6x16MaskAVX2 works like gemm6x16AVX2 on the columns that mask[0:16] selects: "+
		"the first eight and at least one more.")
	g.gemmTile("gemm6x8MaskAVX2", 1, true, "gemm6x8MaskAVX2 works like gemm6x16AVX2 on the columns that mask[0:8] selects; it does not use b1.")
	g.sumRows()
}

func (g *gen) gemmTile(name string, width int, masked bool, doc string) {
	signature := "func(m, k int, a *float32, aRow, aCol int, b0, b1 *float32, bRow int, init *float32, initRow int, c *float32, cRow int"
	if masked {
		signature += ", mask *int32"
	}
	g.function(name, signature+")", doc)
	for m := gemmRows; m > 1; m-- {
		next := g.label("rows")
		g.CMPQ(g.argMem("m"), Imm(uint64(m)))
		g.JNE(LabelRef(next))
		g.gemmTileOf(m, width, masked)
		g.Label(next)
	}
	g.gemmTileOf(1, width, masked)
}

// gemmTileOf emits the tile of m rows by width vectors.
func (g *gen) gemmTileOf(m, width int, masked bool) {
	g.Comment(fmt.Sprintf("Tile of %d rows by %d columns.", m, width*lanes))
	t := &matrixTile{gen: g, m: m, width: width}
	if masked {
		t.loadMask()
	}
	for range m {
		t.acc = append(t.acc, g.ymms(width))
	}
	t.start()
	t.multiply()
	t.store()
	g.done()
}

type matrixTile struct {
	*gen
	m, width int
	acc      [][]reg.VecVirtual
	mask     reg.VecVirtual // of the last vector of a row; nil if all of it is valid
}

// loadMask loads the mask of the last vector; those before are full.
func (t *matrixTile) loadMask() {
	addr := t.arg("mask")
	t.mask = t.YMM()
	t.VMOVUPS(at(addr, (t.width-1)*vector), t.mask)
}

// load reads vector j of a row, and nothing outside the mask.
func (t *matrixTile) load(j int, m Mem, v reg.VecVirtual) {
	if t.mask != nil && j == t.width-1 {
		t.VMASKMOVPS(m, t.mask, v)
		return
	}
	t.VMOVUPS(m, v)
}

func (t *matrixTile) start() {
	zero, ready := t.label("zero"), t.label("ready")
	init, row := t.arg("init"), t.arg("initRow")
	t.TESTQ(init, init)
	t.JZ(LabelRef(zero))
	for i, acc := range t.acc {
		for j, a := range acc {
			t.load(j, at(init, j*vector), a)
		}
		if i < t.m-1 {
			t.ADDQ(row, init)
		}
	}
	t.JMP(LabelRef(ready))
	t.Label(zero)
	for _, acc := range t.acc {
		t.zero(acc...)
	}
	t.Label(ready)
}

// multiply runs along k. Row i of A lies at a + i*aRow, reached as a or a3 plus
// 0, 1 or 2 times aRow.
func (t *matrixTile) multiply() {
	a, row, col := t.arg("a"), t.arg("aRow"), t.arg("aCol")
	a3 := t.GP64()
	if t.m > 3 {
		t.LEAQ(indexed(a, row, 2, 0), a3)
		t.ADDQ(row, a3)
	}
	element := func(i int) Mem {
		base := a
		if i >= 3 {
			base = a3
		}
		if i%3 == 0 {
			return at(base, 0)
		}
		return indexed(base, row, uint8(i%3), 0)
	}
	b, bRow, k := []reg.GPVirtual{t.arg("b0")}, t.arg("bRow"), t.arg("k")
	if t.width == 2 {
		b = append(b, t.arg("b1"))
	}
	done := t.label("multiplied")
	t.TESTQ(k, k)
	t.JZ(LabelRef(done))
	t.loop("k", k, func() {
		v := t.ymms(t.width)
		for j := range v {
			t.load(j, at(b[j], 0), v[j])
			t.ADDQ(bRow, b[j])
		}
		for i := range t.acc {
			factor := t.broadcast(element(i))
			for j := range v {
				t.VFMADD231PS(factor, v[j], t.acc[i][j])
			}
		}
		t.ADDQ(col, a)
		if t.m > 3 {
			t.ADDQ(col, a3)
		}
	})
	t.Label(done)
}

func (t *matrixTile) store() {
	c, row := t.arg("c"), t.arg("cRow")
	for i, acc := range t.acc {
		for j, a := range acc {
			if t.mask != nil && j == t.width-1 {
				t.VMASKMOVPS(a, t.mask, at(c, j*vector))
			} else {
				t.VMOVUPS(a, at(c, j*vector))
			}
		}
		if i < t.m-1 {
			t.ADDQ(row, c)
		}
	}
}

// sumRows emits the sum of a matrix's rows, eight columns at a time.
func (g *gen) sumRows() {
	g.function("sumRows8AVX2", "func(dst, a *float32, groups, rows, aRow int)",
		"sumRows8AVX2 works like sumRowsGeneric on groups of eight columns; aRow is in bytes.")
	dst, a, groups, row := g.arg("dst"), g.arg("a"), g.arg("groups"), g.arg("aRow")
	g.loop("group", groups, func() {
		sum, current, rows := g.YMM(), g.GP64(), g.arg("rows")
		g.zero(sum)
		g.MOVQ(a, current)
		done := g.label("summed")
		g.TESTQ(rows, rows)
		g.JZ(LabelRef(done))
		g.loop("sumRow", rows, func() {
			g.VADDPS(at(current, 0), sum, sum)
			g.ADDQ(row, current)
		})
		g.Label(done)
		g.VMOVUPS(sum, at(dst, 0))
		g.ADDQ(Imm(vector), dst)
		g.ADDQ(Imm(vector), a)
	})
	g.done()
}
