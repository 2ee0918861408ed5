package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Predicates of VCMPPS, as cmp(a, b).
const (
	isEqual            = U8(0x00) // a == b
	isLess             = U8(0x01) // a < b, false for NaN
	isAtMost           = U8(0x02) // a <= b, false for NaN
	isUnordered        = U8(0x03) // a or b is NaN
	isNotLess          = U8(0x05) // not a < b: a >= b, or a or b is NaN
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

// rowOfWindows is a tensor's pixels under one row of windows: index, which
// counts the bytes of the windows' outputs, grows to 0 at the end of the row.
type rowOfWindows struct{ top, bottom, index reg.GPVirtual }

// rowOfWindows loads the addresses of the first row of windows.
func (g *gen) rowOfWindows(tensor string, index reg.GPVirtual) rowOfWindows {
	r := rowOfWindows{g.arg(tensor), g.GP64(), index}
	width := g.arg("cols")
	g.SHLQ(Imm(6), width) // two vectors for each window
	g.ADDQ(width, r.top)
	g.MOVQ(r.top, r.bottom)
	g.ADDQ(g.argMem("xRow"), r.bottom)
	return r
}

// pixel is element i, in row-major order, of the window that many windows on.
func (r rowOfWindows) pixel(window, i int) Mem {
	row := r.top
	if i >= 2 {
		row = r.bottom
	}
	return indexed(row, r.index, 2, (2*window+i%2)*vector)
}

// windows emits the loops over rows of windows and the windows of a row, two at
// a time, one alone first if their number is odd. The body finds a window's
// output at the address that it is given; the tensors end with each row where
// the next one begins.
func (g *gen) windows(output string, index reg.GPVirtual, tensors []rowOfWindows, body func(window int, out Mem)) {
	out, width := g.arg(output), g.arg("cols")
	g.SHLQ(Imm(5), width) // one vector for each window
	g.ADDQ(width, out)
	rows, xRow2 := g.arg("rows"), g.arg("xRow")
	g.ADDQ(xRow2, xRow2)
	g.loop("row", rows, func() {
		pairs, end := g.label("pairs"), g.label("rowEnd")
		g.MOVQ(width, index)
		g.NEGQ(index)
		g.TESTQ(U32(vector), index)
		g.JZ(LabelRef(pairs))
		body(0, indexed(out, index, 1, 0))
		g.ADDQ(Imm(vector), index)
		g.JZ(LabelRef(end))
		g.Label(pairs)
		g.upToZero("pair", index, 2*vector, func() {
			for w := range 2 {
				body(w, indexed(out, index, 1, w*vector))
			}
		})
		g.Label(end)
		g.ADDQ(width, out)
		for _, t := range tensors {
			g.ADDQ(xRow2, t.top)
			g.ADDQ(xRow2, t.bottom)
		}
	})
	g.done()
}

func (g *gen) maxPoolForward() {
	g.function("maxPoolForward2x2AVX2", "func(y, x *float32, rows, cols, xRow int)",
		"maxPoolForward2x2AVX2 works like maxPoolForwardGeneric on rows x cols windows; the rows of x are xRow bytes apart.")
	index := g.GP64()
	x := g.rowOfWindows("x", index)
	g.windows("y", index, []rowOfWindows{x}, func(window int, y Mem) {
		v := g.ymms(4)
		for i := 1; i < 4; i++ {
			g.VMOVUPS(x.pixel(window, i), v[i])
		}
		g.Comment("All bits set, itself a NaN, where one of the last three is a NaN.")
		nan := g.compare(isUnordered, v[1], v[2])
		nan = g.compare(isUnordered, nan, v[3])
		g.Comment("x > max ? x : max, so that the first of equals stays, and a NaN in the first.")
		max := g.YMM()
		g.VMAXPS(x.pixel(window, 0), v[1], max)
		for i := 2; i < 4; i++ {
			g.VMAXPS(max, v[i], max)
		}
		g.VORPS(nan, max, max)
		g.VMOVUPS(max, y)
	})
}

func (g *gen) maxPoolBackward() {
	g.function("maxPoolBackward2x2AVX2", "func(dx, x, dy *float32, rows, cols, xRow int)",
		"maxPoolBackward2x2AVX2 works like maxPoolBackwardGeneric on rows x cols windows; the rows of x and dx are xRow bytes apart.")
	index := g.GP64()
	x, dx := g.rowOfWindows("x", index), g.rowOfWindows("dx", index)
	g.windows("dy", index, []rowOfWindows{x, dx}, func(window int, dy Mem) {
		v := g.ymms(4)
		for i := range v {
			g.VMOVUPS(x.pixel(window, i), v[i])
		}
		g.Comment("Which of each row stays, and which row.")
		left := [2]reg.VecVirtual{g.stays(v[0], v[1]), g.stays(v[2], v[3])}
		g.VBLENDVPS(left[0], v[0], v[1], v[0])
		g.VBLENDVPS(left[1], v[2], v[3], v[2])
		top := g.stays(v[0], v[2])
		g.Comment("The gradient goes to that row, and there to that one.")
		all, grad := g.YMM(), g.ymms(2)
		g.VMOVUPS(dy, all)
		g.VANDPS(all, top, grad[0])
		g.VANDNPS(all, top, grad[1])
		for row := range grad {
			d := g.ymms(2)
			g.VANDPS(grad[row], left[row], d[0])
			g.VANDNPS(grad[row], left[row], d[1])
			g.VMOVUPS(d[0], dx.pixel(window, 2*row))
			g.VMOVUPS(d[1], dx.pixel(window, 2*row+1))
		}
	})
}

// stays returns the mask of where max remains the maximum when it meets x: x is
// not greater, or max is a NaN. (The mask of the first is itself a NaN where it
// is true, so that the second comparison is the disjunction of both.)
func (g *gen) stays(max, x reg.VecVirtual) reg.VecVirtual {
	return g.compare(isUnordered, g.compare(isAtMost, x, max), max)
}
