package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// poolSpans emits pooling over any windows. The assembly walks over spans of
// neighbouring windows that meet the same pixels, and over the list of these.
func (g *gen) poolSpans() {
	const signature = "func(spans *int32, n int, y, x *float32, xStep int, lists *int32)"
	g.function("maxPoolAVX2", signature,
		"maxPoolAVX2 works like maxPoolForwardGeneric on n spans of windows, whose first pixels are xStep bytes apart.")
	g.poolForward((*poolSpan).maxima)
	g.function("averagePoolAVX2", signature,
		"averagePoolAVX2 works like averageForwardGeneric on n spans of windows, whose first pixels are xStep bytes apart.")
	g.poolForward((*poolSpan).averages)

	const backward = "func(spans *int32, n int, dx, x, dy *float32, xStep int, lists *int32)"
	g.function("maxPoolPlaceAVX2", backward,
		"maxPoolPlaceAVX2 works like maxPoolBackwardGeneric on n spans of windows that do not overlap, whose first pixels are xStep bytes apart; dx is 0.")
	g.maxPoolSpans(false)
	g.function("maxPoolScatterAVX2", backward,
		"maxPoolScatterAVX2 works like maxPoolBackwardGeneric on n spans of windows, which it adds to dx; their first pixels are xStep bytes apart.")
	g.maxPoolSpans(true)
	g.function("averagePoolPlaceAVX2", "func(spans *int32, n int, dx, dy *float32, xStep int, lists *int32)",
		"averagePoolPlaceAVX2 works like averageBackwardGeneric on n spans of windows that do not overlap; their first pixels are xStep bytes apart.")
	g.averagePoolShares()
	g.function("averagePoolScatterAVX2", "func(spans *int32, n int, dx, dy *float32, xStep int, lists *int32)",
		"averagePoolScatterAVX2 works like averageBackwardGeneric on n spans of windows, which it adds to dx; their first pixels are xStep bytes apart.")
	g.averagePoolSpans()
	g.poolGather()
	g.repeatPositions()
}

// The fields of a span of windows.
const (
	poolSpanX = iota
	poolSpanY
	poolSpanN
	poolSpanList
	poolSpanK
	poolSpanCount

	poolSpanBytes = 24
)

// pixelBytes is the size of an entry in a list of pixels.
const pixelBytes = 4

// poolSpan is a walk over the windows of spans.
type poolSpan struct {
	*gen
	span reg.GPVirtual
	x, y reg.GPVirtual // the next window's first pixel, and its output
	list reg.GPVirtual // the pixels of a window
}

// eachPoolSpan emits the loop over spans. Its body does the windows of one, whose
// number it is given.
func (g *gen) eachPoolSpan(output, input string, body func(p *poolSpan, left reg.GPVirtual)) {
	p := &poolSpan{gen: g, span: g.arg("spans")}
	top := g.label("span")
	g.Label(top)
	p.x, p.y, p.list = g.field(p.span, poolSpanX), g.field(p.span, poolSpanY), g.field(p.span, poolSpanList)
	g.ADDQ(g.argMem(input), p.x)
	g.ADDQ(g.argMem(output), p.y)
	g.ADDQ(g.argMem("lists"), p.list)
	body(p, g.field(p.span, poolSpanN))
	g.ADDQ(Imm(poolSpanBytes), p.span)
	g.DECQ(g.argMem("n"))
	g.JNZ(LabelRef(top))
	g.done()
}

// poolForward ends a function that computes the windows of each span.
func (g *gen) poolForward(windows func(p *poolSpan, pixels row, n int) []reg.VecVirtual) {
	g.eachPoolSpan("y", "x", func(p *poolSpan, left reg.GPVirtual) {
		p.eachWindows(left, func(pixels row, n int) {
			for i, v := range windows(p, pixels, n) {
				g.VMOVUPS(v, at(p.y, i*vector))
			}
		})
	})
}

// eachWindows emits the loops over the windows of a span, four at a time, then those
// that remain. The body is given a row of addresses for their pixels.
func (p *poolSpan) eachWindows(left reg.GPVirtual, body func(pixels row, n int)) {
	xStep := p.arg("xStep")
	for _, n := range []int{4, 2, 1} {
		again, next := p.label("windows"), p.label("fewer")
		p.Label(again)
		p.CMPQ(left, Imm(uint64(n)))
		p.JLT(LabelRef(next))
		body(p.row(n, p.GP64(), xStep), n)
		p.LEAQ(indexed(p.x, xStep, uint8(n), 0), p.x)
		p.ADDQ(Imm(uint64(n*vector)), p.y)
		p.SUBQ(Imm(uint64(n)), left)
		p.JMP(LabelRef(again))
		p.Label(next)
	}
}

// toPixel makes the row of addresses begin at the pixel that an entry of the list
// names.
func (p *poolSpan) toPixel(pixels row, entry Mem) {
	p.MOVLQSX(entry, pixels.base)
	p.ADDQ(p.x, pixels.base)
}

// maxima returns the maxima of n windows. It takes the pixels after the first in
// pairs; the list's last entry comes twice, so that none is left alone.
//
// Registers: 4 maxima + 4 masks of NaN + 2 pixels + 1 mask = 11 of 16.
func (p *poolSpan) maxima(pixels row, n int) []reg.VecVirtual {
	max, nan := p.ymms(n), p.ymms(n)
	p.zero(nan...)
	p.toPixel(pixels, at(p.list, 0))
	for i, m := range max {
		p.VMOVUPS(pixels.address(i), m)
	}
	p.eachPair(func(one, other Mem) {
		second := row{base: p.GP64(), step: pixels.step, step3: pixels.step3}
		p.toPixel(pixels, one)
		p.toPixel(second, other)
		for i, m := range max {
			a, b := p.load(pixels.address(i)), p.load(second.address(i))
			p.Comment("x > max ? x : max, so that the first of equals stays, and a NaN in the first.")
			p.VMAXPS(m, a, m)
			p.VMAXPS(m, b, m)
			p.VORPS(p.compare(isUnordered, a, b), nan[i], nan[i])
		}
	})
	for i, m := range max {
		p.VORPS(nan[i], m, m)
	}
	return max
}

// eachPair emits the loop over pairs of entries of the list after its first.
func (p *poolSpan) eachPair(body func(one, other Mem)) {
	end, pairs, entry := p.label("noPairs"), p.field(p.span, poolSpanK), p.GP64()
	p.SHRQ(Imm(1), pairs)
	p.JZ(LabelRef(end))
	p.MOVQ(p.list, entry)
	p.loop("pair", pairs, func() {
		body(at(entry, pixelBytes), at(entry, 2*pixelBytes))
		p.ADDQ(Imm(2*pixelBytes), entry)
	})
	p.Label(end)
}

// eachPixel emits the loop over the entries of the list.
func (p *poolSpan) eachPixel(body func(entry Mem)) {
	left, entry := p.field(p.span, poolSpanK), p.GP64()
	p.MOVQ(p.list, entry)
	p.loop("pixel", left, func() {
		body(at(entry, 0))
		p.ADDQ(Imm(pixelBytes), entry)
	})
}

// averages returns the averages of n windows.
func (p *poolSpan) averages(pixels row, n int) []reg.VecVirtual {
	sums := p.ymms(n)
	p.zero(sums...)
	p.eachPixel(func(entry Mem) {
		p.toPixel(pixels, entry)
		for i, s := range sums {
			p.VADDPS(pixels.address(i), s, s)
		}
	})
	count := p.broadcast(at(p.span, 4*poolSpanCount))
	for _, s := range sums {
		p.VDIVPS(count, s, s)
	}
	return sums
}

// eachWindow emits the loop over the windows of a span, one by one: a pixel that
// belongs to several gets their gradients in order.
func (p *poolSpan) eachWindow(left reg.GPVirtual, body func()) {
	p.loop("window", left, func() {
		body()
		p.ADDQ(p.argMem("xStep"), p.x)
		p.ADDQ(Imm(vector), p.y)
	})
}

// maxPoolSpans ends a function that gives each window's gradient to its maximum.
func (g *gen) maxPoolSpans(add bool) {
	g.eachPoolSpan("dy", "x", func(p *poolSpan, left reg.GPVirtual) {
		toDX := g.arg("dx")
		g.SUBQ(g.argMem("x"), toDX)
		p.eachWindow(left, func() {
			max := p.maxima(row{base: g.GP64()}, 1)[0]
			rest := g.load(at(p.y, 0))
			g.Comment("The first pixel that is the maximum, or a NaN, takes all that is left of the gradient.")
			p.eachPixel(func(entry Mem) {
				pixel := row{base: g.GP64()}
				p.toPixel(pixel, entry)
				x, mine := g.load(pixel.address(0)), g.YMM()
				wins := g.compare(isEqual, x, max)
				g.VORPS(g.compare(isUnordered, x, x), wins, wins)
				g.VANDPS(rest, wins, mine)
				g.VANDNPS(rest, wins, rest)
				dx := indexed(pixel.base, toDX, 1, 0)
				if add {
					g.VADDPS(dx, mine, mine)
				}
				g.VMOVUPS(mine, dx)
			})
		})
	})
}

// averagePoolShares ends a function that gives each pixel its window's share of the
// gradient. Registers: 4 shares + count and 0 = 6 of 16.
func (g *gen) averagePoolShares() {
	g.eachPoolSpan("dy", "dx", func(p *poolSpan, left reg.GPVirtual) {
		count, zero := g.broadcast(at(p.span, 4*poolSpanCount)), g.YMM()
		g.zero(zero)
		p.eachWindows(left, func(pixels row, n int) {
			shares := g.ymms(n)
			for i, s := range shares {
				g.VMOVUPS(at(p.y, i*vector), s)
				g.VDIVPS(count, s, s)
				g.VADDPS(zero, s, s) // +0 for -0, as a sum that starts at +0
			}
			p.eachPixel(func(entry Mem) {
				p.toPixel(pixels, entry)
				for i, s := range shares {
					g.VMOVUPS(s, pixels.address(i))
				}
			})
		})
	})
}

// averagePoolSpans ends a function that divides each window's gradient among its
// pixels.
func (g *gen) averagePoolSpans() {
	g.eachPoolSpan("dy", "dx", func(p *poolSpan, left reg.GPVirtual) {
		count := g.broadcast(at(p.span, 4*poolSpanCount))
		p.eachWindow(left, func() {
			share := g.load(at(p.y, 0))
			g.VDIVPS(count, share, share)
			p.eachPixel(func(entry Mem) {
				pixel, sum := row{base: g.GP64()}, g.YMM()
				p.toPixel(pixel, entry)
				g.VADDPS(pixel.address(0), share, sum)
				g.VMOVUPS(sum, pixel.address(0))
			})
		})
	})
}

// repeatPositions emits the gradient of the average of whole channels.
func (g *gen) repeatPositions() {
	g.function("repeatPositionsAVX2", "func(dx, dy *float32, channels, xChannel, n int, count float32)",
		"repeatPositionsAVX2 works like averageBackwardGeneric on n positions of windows of whole channels, which lie xChannel bytes apart.")
	dx, dy, xChannel := g.arg("dx"), g.arg("dy"), g.arg("xChannel")
	count, zero := g.broadcast(g.argMem("count")), g.YMM()
	g.zero(zero)
	size := g.arg("n")
	g.SHLQ(Imm(5), size)
	g.loop("channel", g.arg("channels"), func() {
		share, offset := g.load(at(dy, 0)), g.GP64()
		g.VDIVPS(count, share, share)
		g.VADDPS(zero, share, share) // +0 for -0, as a sum that starts at +0
		g.XORQ(offset, offset)
		for _, n := range []int{8, 1} {
			g.steps(offset, size, n, func() {
				for i := range n {
					g.VMOVUPS(share, indexed(dx, offset, 1, i*vector))
				}
			})
		}
		g.ADDQ(xChannel, dx)
		g.ADDQ(Imm(vector), dy)
	})
	g.done()
}
