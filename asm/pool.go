package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Predicates of VCMPPS, as cmp(a, b).
const (
	isEqual            = U8(0x00) // a == b
	isUnordered        = U8(0x03) // a or b is NaN
	isNotLess          = U8(0x05) // not a < b: a >= b, or a or b is NaN
	isOrdered          = U8(0x07) // neither is NaN
	isGreaterUnordered = U8(0x06) // not a <= b: a > b, or a or b is NaN
	isGreater          = U8(0x0e) // a > b, false for NaN
)

// compare returns the mask cmp(a, b).
func (g *gen) compare(predicate U8, a reg.Register, b Op) reg.VecVirtual {
	mask := g.YMM()
	g.VCMPPS(predicate, b, a, mask)
	return mask
}

// maxPool emits max-pooling over 2x2 windows, forward and backward.
func (g *gen) maxPool() {
	g.maxPoolForward()
	g.maxPoolBackward()
}

// window is a 2x2 window of a row of windows.
type window struct{ top, bottom reg.GPVirtual }

// pixel is element i of the window in row-major order.
func (w window) pixel(i int) Mem {
	if i < 2 {
		return at(w.top, i*vector)
	}
	return at(w.bottom, (i-2)*vector)
}

// windows emits the loops over rows and columns of windows: at the end of a row
// x, whose rows are xRow bytes apart, goes on rowEnd bytes further.
func (g *gen) windows(x window, row func(), body func()) {
	rows, xRow, rowEnd := g.arg("rows"), g.arg("xRow"), g.arg("rowEnd")
	g.loop("row", rows, func() {
		g.MOVQ(x.top, x.bottom)
		g.ADDQ(xRow, x.bottom)
		cols := g.arg("cols")
		g.loop("window", cols, func() {
			body()
			g.ADDQ(Imm(2*vector), x.top)
			g.ADDQ(Imm(2*vector), x.bottom)
		})
		g.ADDQ(rowEnd, x.top)
		row()
	})
}

func (g *gen) maxPoolForward() {
	g.function("maxPoolForward2x2AVX2", "func(y, x *float32, rows, cols, xRow, rowEnd int)",
		"maxPoolForward2x2AVX2 works like maxPoolForwardGeneric on rows x cols windows of one channel; xRow and rowEnd are in bytes.")
	y := g.arg("y")
	x := window{g.arg("x"), g.GP64()}
	g.windows(x, func() {}, func() {
		v := g.ymms(4)
		for i := range v {
			g.VMOVUPS(x.pixel(i), v[i])
		}
		g.Comment("All bits set, a NaN, where the window holds a NaN.")
		nan := g.compare(isUnordered, v[0], v[1])
		nan2 := g.compare(isUnordered, v[2], v[3])
		g.VORPS(nan2, nan, nan)
		g.Comment("x > max ? x : max, so that the first of equals stays.")
		for i := 1; i < 4; i++ {
			g.VMAXPS(v[0], v[i], v[0])
		}
		g.VORPS(nan, v[0], v[0])
		g.VMOVUPS(v[0], at(y, 0))
		g.ADDQ(Imm(vector), y)
	})
	g.done()
}

func (g *gen) maxPoolBackward() {
	g.function("maxPoolBackward2x2AVX2", "func(dx, x, dy *float32, rows, cols, xRow, rowEnd int)",
		"maxPoolBackward2x2AVX2 works like maxPoolBackwardGeneric on rows x cols windows of one channel; xRow and rowEnd are in bytes.")
	dy := g.arg("dy")
	x := window{g.arg("x"), g.GP64()}
	dx := window{g.arg("dx"), g.GP64()}
	xRow, rowEnd := g.arg("xRow"), g.arg("rowEnd")
	g.MOVQ(dx.top, dx.bottom)
	g.ADDQ(xRow, dx.bottom)
	g.windows(x, func() {
		g.ADDQ(rowEnd, dx.top)
		g.ADDQ(rowEnd, dx.bottom)
	}, func() {
		max, taken := g.YMM(), make([]reg.VecVirtual, 4)
		g.VMOVUPS(x.pixel(0), max)
		for i := 1; i < 4; i++ {
			v := g.YMM()
			g.VMOVUPS(x.pixel(i), v)
			g.Comment("Taken if greater, or if NaN and the maximum is not.")
			taken[i] = g.compare(isGreaterUnordered, v, max)
			number := g.compare(isOrdered, max, max)
			g.VANDPS(number, taken[i], taken[i])
			if i < 3 {
				g.VBLENDVPS(taken[i], v, max, max)
			}
		}
		g.Comment("The last pixel taken receives the gradient, the first one if none was.")
		grad := g.YMM()
		g.VMOVUPS(at(dy, 0), grad)
		g.ADDQ(Imm(vector), dy)
		for i := 3; i > 0; i-- {
			d := g.YMM()
			g.VANDPS(taken[i], grad, d)
			g.VMOVUPS(d, dx.pixel(i))
			g.VANDNPS(grad, taken[i], grad)
		}
		g.VMOVUPS(grad, dx.pixel(0))
		g.ADDQ(Imm(2*vector), dx.top)
		g.ADDQ(Imm(2*vector), dx.bottom)
	})
	g.done()
}
