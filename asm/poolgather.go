package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// poolGather emits the gradient of windows that overlap, in two steps. The first
// leaves what a window sends: which pixel is its maximum, or each one's share of
// the average. In the second each pixel adds up what its windows send, so that it
// is written once.
func (g *gen) poolGather() {
	g.function("maxPoolWinnersAVX2", "func(spans *int32, n int, y, x *float32, xStep int, lists *int32)",
		"maxPoolWinnersAVX2 writes to y the pixels that maxPoolBackwardGeneric gives the gradients of n spans of windows to: as their entries in the windows' lists.")
	g.poolForward((*poolSpan).winners)
	g.function("averagePoolSharesAVX2", "func(spans *int32, n int, shares, dy *float32)",
		"averagePoolSharesAVX2 divides the gradients of n spans of windows by the number of their pixels.")
	g.averagePoolQuotients()

	g.function("maxPoolGatherAVX2", "func(spans *int32, n int, dx, ids, dy *float32, xStep int, lists *int32)",
		"maxPoolGatherAVX2 sets n spans of pixels, xStep bytes apart, to the sums of dy over those of their windows whose winners they are.")
	g.gatherPixels("ids", func(w sending, id, from, to reg.VecVirtual) {
		mine := g.YMM()
		g.VPCMPEQD(w.sent, id, mine)
		g.VANDPS(w.dy, mine, mine)
		g.VADDPS(mine, from, to)
	})
	g.function("averagePoolGatherAVX2", "func(spans *int32, n int, dx, shares, dy *float32, xStep int, lists *int32)",
		"averagePoolGatherAVX2 sets n spans of pixels, xStep bytes apart, to the sums of their windows' shares; it does not read dy.")
	g.gatherPixels("shares", func(w sending, _, from, to reg.VecVirtual) {
		g.VADDPS(w.sent, from, to)
	})
}

// winners returns the entries of the list for the pixels that are the maxima of n
// windows. As entries ascend, the last that takes over is the largest.
//
// Registers: 4 maxima + 4 entries + pixel, entry and 1 mask = 11 of 16.
func (p *poolSpan) winners(pixels row, n int) []reg.VecVirtual {
	max, ids := p.ymms(n), p.ymms(n)
	p.toPixel(pixels, at(p.list, 0))
	for i := range max {
		p.VMOVUPS(pixels.address(i), max[i])
		p.VBROADCASTSS(at(p.list, 0), ids[i])
	}
	end, left, entry := p.label("onePixel"), p.field(p.span, poolSpanK), p.GP64()
	p.DECQ(left)
	p.JZ(LabelRef(end))
	p.MOVQ(p.list, entry)
	p.loop("pixel", left, func() {
		p.ADDQ(Imm(pixelBytes), entry)
		p.toPixel(pixels, at(entry, 0))
		id := p.broadcast(at(entry, 0))
		for i, m := range max {
			x, mine := p.load(pixels.address(i)), p.YMM()
			stays := p.stays(m, x)
			p.VBLENDVPS(stays, m, x, m)
			p.VANDNPS(id, stays, mine)
			p.VPMAXSD(mine, ids[i], ids[i])
		}
	})
	p.Label(end)
	return ids
}

// averagePoolQuotients ends a function that divides the gradients of windows.
func (g *gen) averagePoolQuotients() {
	span, dy, toShares := g.arg("spans"), g.GP64(), g.arg("shares")
	g.SUBQ(g.argMem("dy"), toShares)
	g.loop("span", g.arg("n"), func() {
		g.MOVLQSX(at(span, 4*poolSpanY), dy)
		g.ADDQ(g.argMem("dy"), dy)
		count := g.broadcast(at(span, 4*poolSpanCount))
		g.loop("window", g.field(span, poolSpanN), func() {
			share := g.load(at(dy, 0))
			g.VDIVPS(count, share, share)
			g.VMOVUPS(share, indexed(dy, toShares, 1, 0))
			g.ADDQ(Imm(vector), dy)
		})
		g.ADDQ(Imm(poolSpanBytes), span)
	})
	g.done()
}

// windowBytes is the size of an entry in a list of windows: how far the window is,
// and the pixel's entry in the list of its pixels.
const windowBytes = 8

// sending is where a window's gradient lies, and what the first step left of it.
type sending struct{ sent, dy Mem }

// gatherPixels ends a function that sums what the windows of each pixel send.
// Windows of 3 x 3, two apart, are why there is code of its own for one, two and
// four windows.
//
// Registers: 4 entries + 0 + 1 sum and 1 temporary, or 4 sums + entry + 0 and 1
// temporary = 7 of 16.
func (g *gen) gatherPixels(sent string, add func(w sending, id, from, to reg.VecVirtual)) {
	zero := g.YMM()
	g.zero(zero)
	g.eachPoolSpan(sent, "dx", func(p *poolSpan, left reg.GPVirtual) {
		dy := g.arg("dy")
		g.SUBQ(g.argMem(sent), dy)
		g.ADDQ(p.y, dy)
		sending := func(distance reg.GPVirtual, i int) sending {
			return sending{indexed(p.y, distance, 1, i*vector), indexed(dy, distance, 1, i*vector)}
		}
		k, end := g.field(p.span, poolSpanK), g.label("spanEnd")
		for _, few := range []int{1, 2, 4} {
			next := g.label("windowsOfPixel")
			g.CMPQ(k, Imm(uint64(few)))
			g.JNE(LabelRef(next))
			distances, ids := make([]reg.GPVirtual, few), make([]reg.VecVirtual, few)
			for j := range distances {
				distances[j], ids[j] = g.field(p.list, 2*j), g.broadcast(at(p.list, j*windowBytes+pixelBytes))
			}
			p.eachWindows(left, func(pixels row, n int) {
				pixels.base = p.x
				for i := range n {
					sum, from := g.YMM(), zero
					for j, d := range distances {
						add(sending(d, i), ids[j], from, sum)
						from = sum
					}
					g.VMOVUPS(sum, pixels.address(i))
				}
				g.ADDQ(Imm(uint64(n*vector)), dy)
			})
			g.JMP(LabelRef(end))
			g.Label(next)
		}
		p.eachWindows(left, func(pixels row, n int) {
			pixels.base = p.x
			sums := g.ymms(n)
			g.zero(sums...)
			none, count, entry, distance := g.label("noWindow"), g.field(p.span, poolSpanK), g.GP64(), g.GP64()
			g.TESTQ(count, count)
			g.JZ(LabelRef(none))
			g.MOVQ(p.list, entry)
			g.loop("sum", count, func() {
				g.MOVLQSX(at(entry, 0), distance)
				id := g.broadcast(at(entry, pixelBytes))
				for i, sum := range sums {
					add(sending(distance, i), id, sum, sum)
				}
				g.ADDQ(Imm(windowBytes), entry)
			})
			g.Label(none)
			for i, sum := range sums {
				g.VMOVUPS(sum, pixels.address(i))
			}
			g.ADDQ(Imm(uint64(n*vector)), dy)
		})
		g.Label(end)
	})
}
