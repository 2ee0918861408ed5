package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	gradFilters = 6 // the most output channels of the weight gradient's register tile
	gradTaps    = 6 // the most taps of it

	gradProducts = 12 // the most of both: accumulators

	gradPairs = 4 // the most pairs of output channels of the tile over half blocks

	gradBias = 8 // added to the number of taps of a tile that sums the bias's gradient too
)

// The fields of the weight gradient's tile.
const (
	gradTileTaps = iota
	gradTileAcc
	gradTilePositions
	gradTileN
	gradTileDY
	gradTileX

	gradTileBytes = (gradTileX + gradTaps) * 4
)

// convGrad emits the register tile of the weight gradient: some output channels
// by some taps, 12 products at most, such as 4 by 3.
//
// Registers: 12 accumulators + the 3 gradients or pixels of which there are
// fewer + 1 of the others = 16 of 16. A position costs 7 vector loads and 12
// multiply-adds: 6 cycles of the two FMA units. One loop over a table of
// positions, instead of two over rows and columns, because the end of a loop of
// ten columns is mispredicted: it took 1.25 times as long.
//
// A tile with accumulators to spare sums the gradients of the bias too, as if
// it had one more tap whose pixels are all 1: additions have units of their own
// on some processors.
//
// For at most four images there is the same tile over half blocks: a vector is
// the gradients of two output channels, joined before, or the same pixels twice.
func (g *gen) convGrad() {
	const arguments = " int, tiles *int32, n int, acc *float32, accFilter, resume int, x *float32, xChunk int, dy *float32, dyFilter int, positions *int32)"
	g.function("convGradAVX2", "func(filters"+arguments,
		"convGradAVX2 adds, for n tiles of taps and up to 6 filters, x[position + tap] * dy[filter][position] for all positions of the "+
			"tile to acc[filter][tap], or to 0 if resume is 0, lane by lane, in order; a tile with bias adds dy[filter][position] to "+
			"acc[filter][taps]. A tile times "+
			"the filters has at most 12 accumulators. Distances are in bytes.")
	g.each("filters", gradFilters, func(f int) { g.convGradOf(f, 1) })
	g.function("convGradHalfAVX2", "func(pairs"+arguments,
		"convGradHalfAVX2 works like convGradAVX2 on the first four lanes of x, for pairs of filters: dy has vectors of the first one's "+
			"four lanes and then the second one's, and so has acc.")
	g.each("pairs", gradPairs, func(f int) { g.convGradOf(f, 2) })
	g.joinHalves()
}

// joinHalves emits the copy that makes pairs of filters of one chunk's gradients.
// A tile that joined them as it loads would take four slots more of a position, of
// which the multiply-adds leave ten, and twice the room in the L1 cache.
func (g *gen) joinHalves() {
	g.function("joinHalvesAVX2", "func(dst, low, high *float32, n int)",
		"joinHalvesAVX2 makes n vectors dst of the first halves of those of low and of high.")
	dst, low, high := g.arg("dst"), g.arg("low"), g.arg("high")
	g.loop("vector", g.arg("n"), func() {
		v := g.YMM()
		g.VMOVUPS(at(low, 0), v.AsX())
		g.VINSERTF128(Imm(1), at(high, 0), v, v)
		g.VMOVUPS(v, at(dst, 0))
		for _, p := range []reg.GPVirtual{dst, low, high} {
			g.ADDQ(Imm(vector), p)
		}
	})
	g.done()
}

// convGradOf emits the loop over tiles of f filters, or pairs of them.
func (g *gen) convGradOf(f, perVector int) {
	g.Comment(fmt.Sprintf("Tiles of %d filters.", f*perVector))
	tile := g.arg("tiles")
	top, end := g.label("tile"), g.label("tileEnd")
	g.Label(top)
	for t := min(gradTaps, gradProducts/f); t > 0; t-- {
		for bias := range 2 {
			if f*(t+bias) > gradProducts {
				continue
			}
			next := g.label("taps")
			g.CMPL(at(tile, gradTileTaps*4), Imm(uint64(t+bias*gradBias)))
			g.JNE(LabelRef(next))
			g.convGradTile(f, perVector, t, bias, tile)
			g.JMP(LabelRef(end))
			g.Label(next)
		}
	}
	g.Label(end)
	g.ADDQ(Imm(gradTileBytes), tile)
	g.DECQ(g.argMem("n"))
	g.JNZ(LabelRef(top))
	g.done()
}

// convGradTile emits the tile of f filters, or pairs of them, by t taps, and the
// bias if that is 1.
func (g *gen) convGradTile(f, perVector, t, bias int, tile reg.GPVirtual) {
	g.Comment(fmt.Sprintf("%d filters by %d taps, %d bias.", f*perVector, t, bias))
	acc := make([][]reg.VecVirtual, f)
	for i := range acc {
		acc[i] = g.ymms(t + bias)
	}
	g.convGradStart(tile, acc)
	x := make([]reg.GPVirtual, t)
	for j := range x {
		x[j] = g.field(tile, gradTileX+j)
		g.ADDQ(g.argMem("x"), x[j])
		g.ADDQ(g.argMem("xChunk"), x[j])
	}
	first, dy := g.field(tile, gradTileDY), g.row(f, g.GP64(), g.arg("dyFilter"))
	g.ADDQ(g.argMem("dy"), first)
	g.Comment("One index, in bytes of the table of positions, leads up to its end.")
	end, index := g.field(tile, gradTilePositions), g.field(tile, gradTileN)
	g.ADDQ(g.argMem("positions"), end)
	g.LEAQ(indexed(end, index, tapBytes, 0), end)
	g.SHLQ(Imm(3), index)
	g.NEGQ(index)
	g.upToZero("position", index, tapBytes, func() {
		position := g.GP64()
		g.MOVLQSX(indexed(end, index, 1, 0), position)
		g.MOVLQSX(indexed(end, index, 1, 4), dy.base)
		g.ADDQ(first, dy.base)
		g.reach(&dy, f)
		pixel := func(j int) reg.VecVirtual {
			m := indexed(x[j], position, 1, 0)
			if perVector == 1 {
				return g.load(m)
			}
			return g.twice(m)
		}
		addBias := func(i int, grad reg.VecVirtual) {
			if bias > 0 {
				g.VADDPS(grad, acc[i][t], acc[i][t])
			}
		}
		if f <= t {
			grads := make([]reg.VecVirtual, f)
			for i := range grads {
				grads[i] = g.load(dy.address(i))
				addBias(i, grads[i])
			}
			for j := range t {
				v := pixel(j)
				for i := range f {
					g.VFMADD231PS(v, grads[i], acc[i][j])
				}
			}
			return
		}
		pixels := make([]reg.VecVirtual, t)
		for j := range pixels {
			pixels[j] = pixel(j)
		}
		for i := range f {
			grad := g.load(dy.address(i))
			addBias(i, grad)
			for j := range t {
				g.VFMADD231PS(grad, pixels[j], acc[i][j])
			}
		}
	})
	g.eachAccumulator(tile, acc, func(m Mem, a reg.VecVirtual) { g.VMOVUPS(a, m) })
}

// convGradStart sets the accumulators to 0 or to what has been summed so far. A
// loop of the caller's that clears them would take 3 % of LeNet-5's conv2.
func (g *gen) convGradStart(tile reg.GPVirtual, acc [][]reg.VecVirtual) {
	resume, ready := g.label("resume"), g.label("ready")
	g.CMPQ(g.argMem("resume"), Imm(0))
	g.JNE(LabelRef(resume))
	for _, filter := range acc {
		for _, a := range filter {
			g.VXORPS(a, a, a)
		}
	}
	g.JMP(LabelRef(ready))
	g.Label(resume)
	g.eachAccumulator(tile, acc, func(m Mem, a reg.VecVirtual) { g.VMOVUPS(m, a) })
	g.Label(ready)
}

// eachAccumulator walks over a tile's accumulators and their places in memory.
func (g *gen) eachAccumulator(tile reg.GPVirtual, acc [][]reg.VecVirtual, do func(m Mem, a reg.VecVirtual)) {
	filter := g.field(tile, gradTileAcc)
	g.ADDQ(g.argMem("acc"), filter)
	for i := range acc {
		for j, a := range acc[i] {
			do(at(filter, j*vector), a)
		}
		if i < len(acc)-1 {
			g.ADDQ(g.argMem("accFilter"), filter)
		}
	}
}

// sumLanes emits the sum of the eight images' gradients.
func (g *gen) sumLanes() {
	g.function("sumLanesAVX2", "func(dst, acc *float32, n int, mask *int32)",
		"sumLanesAVX2 is: for i < n { dst[i] = sumLanesGeneric(acc[i*8:], lanes) }, where mask has all bits set for the lanes that count.")
	dst, acc, n := g.arg("dst"), g.arg("acc"), g.arg("n")
	maskAddr, mask := g.arg("mask"), g.YMM()
	g.VMOVUPS(at(maskAddr, 0), mask)
	four, one, end := g.label("four"), g.label("one"), g.label("end")

	g.Label(four)
	g.Comment("Four sums at once.")
	g.CMPQ(n, Imm(4))
	g.JLT(LabelRef(one))
	v := g.ymms(4)
	for i := range v {
		g.VANDPS(at(acc, i*vector), mask, v[i])
	}
	pairs := g.addNeighbours(g.addNeighbours(v[0], v[1]), g.addNeighbours(v[2], v[3]))
	high := g.XMM()
	g.VEXTRACTF128(Imm(1), pairs, high)
	g.VADDPS(high, pairs.AsX(), high)
	g.VMOVUPS(high, at(dst, 0))
	g.ADDQ(Imm(4*vector), acc)
	g.ADDQ(Imm(16), dst)
	g.SUBQ(Imm(4), n)
	g.JMP(LabelRef(four))

	g.Label(one)
	g.TESTQ(n, n)
	g.JZ(LabelRef(end))
	g.VANDPS(at(acc, 0), mask, v[0])
	g.VHADDPS(v[0], v[0], v[0])
	g.VHADDPS(v[0], v[0], v[0])
	g.VEXTRACTF128(Imm(1), v[0], high)
	g.VADDSS(high, v[0].AsX(), high)
	g.VMOVSS(high, at(dst, 0))
	g.ADDQ(Imm(vector), acc)
	g.ADDQ(Imm(4), dst)
	g.DECQ(n)
	g.JMP(LabelRef(one))

	g.Label(end)
	g.done()
}

// addNeighbours adds neighbours of two registers: what VHADDPS does, which takes
// twice as long on AMD.
func (g *gen) addNeighbours(a, b reg.VecVirtual) reg.VecVirtual {
	even, odd := g.YMM(), g.YMM()
	g.VSHUFPS(Imm(0x88), b, a, even)
	g.VSHUFPS(Imm(0xdd), b, a, odd)
	g.VADDPS(odd, even, even)
	return even
}

// sumPositions emits the bias gradient's chains: eight channels side by side
// hide the latency of the additions.
func (g *gen) sumPositions() {
	g.function("sumPositions8AVX2", "func(acc, x *float32, channels, xChannel, n int)",
		"sumPositions8AVX2 is, for up to 8 channels and lane by lane: for p < n { acc[c] = acc[c] + x[c][p] }; xChannel is in bytes.")
	g.each("channels", lanes, g.sumPositionsOf)
}

func (g *gen) sumPositionsOf(channels int) {
	sums, acc := g.ymms(channels), g.arg("acc")
	for c, s := range sums {
		g.VMOVUPS(at(acc, c*vector), s)
	}
	n, x := g.arg("n"), g.row(channels, g.arg("x"), g.arg("xChannel"))
	g.reach(&x, channels)
	g.loop("position", n, func() {
		for c, s := range sums {
			g.VADDPS(x.address(c), s, s)
		}
		g.ADDQ(Imm(vector), x.base)
		if channels > 4 {
			g.ADDQ(Imm(vector), x.base4)
		}
	})
	for c, s := range sums {
		g.VMOVUPS(s, at(acc, c*vector))
	}
	g.done()
}
