package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	vector = 32 // bytes of eight lanes

	tileFilters = 6 // output channels of the convolution's register tile
)

// convTile emits the register tile of the forward convolution and of the data
// gradient: up to 6 output channels at 2 positions.
//
// Registers: 12 accumulators + 2 pixels + 1 weight = 15 of 16. A tap costs 2
// loads of pixels, 6 broadcasts of weights and 12 multiply-adds: 8 vector loads
// against 6 cycles of the two FMA units.
func (g *gen) convTile() {
	g.function("convTile6x2AVX2",
		"func(filters int, y *float32, yFilter int, x *float32, xChannel int, w *float32, wChannel int, channels int, "+
			"taps *int32, k int, init *float32, resume int, floor float32, "+
			"positions, xStep, yStep, lines, xLine, yLine int)",
		"convTile6x2AVX2 computes up to 6 output channels at lines of positions: for each position a chain that starts at "+
			"init[filter], or at y if resume is not 0, and for each channel and each of k taps adds x[tap] * w[tap][filter]; "+
			"what is below floor becomes floor. Steps and taps (pairs of distances in x and w) are in bytes.")
	for n := tileFilters; n > 1; n-- {
		next := g.label("filters")
		g.CMPQ(g.argMem("filters"), Imm(uint64(n)))
		g.JNE(LabelRef(next))
		g.convTileOf(n)
		g.Label(next)
	}
	g.convTileOf(1)
}

// convTileOf emits the loops over lines and positions for a tile of n output
// channels: pairs of positions, then a last single one.
func (g *gen) convTileOf(n int) {
	g.Comment(fmt.Sprintf("Tile of %d output channels.", n))
	t := &tile{gen: g, n: n, x: g.arg("x"), y: g.arg("y")}
	lines := g.arg("lines")
	g.loop("line", lines, func() {
		t.xPos, t.yPos = g.GP64(), g.GP64()
		g.MOVQ(t.x, t.xPos)
		g.MOVQ(t.y, t.yPos)
		positions := g.arg("positions")
		pair, single, end := g.label("pair"), g.label("single"), g.label("lineEnd")

		g.Label(pair)
		g.CMPQ(positions, Imm(2))
		g.JLT(LabelRef(single))
		t.positions(2)
		g.SUBQ(Imm(2), positions)
		g.JMP(LabelRef(pair))

		g.Label(single)
		g.TESTQ(positions, positions)
		g.JZ(LabelRef(end))
		t.positions(1)

		g.Label(end)
		g.ADDQ(g.argMem("xLine"), t.x)
		g.ADDQ(g.argMem("yLine"), t.y)
	})
	g.done()
}

// tile is a register tile of n output channels on its way over the positions.
type tile struct {
	*gen
	n          int
	x, y       reg.GPVirtual // the line's first position
	xPos, yPos reg.GPVirtual // the current position
}

// positions emits the computation of p adjacent positions and steps past them.
func (t *tile) positions(p int) {
	g := t.gen
	acc := make([][]reg.VecVirtual, p)
	for i := range acc {
		acc[i] = g.ymms(t.n)
	}
	t.start(acc)
	t.accumulate(acc)
	t.finish(acc)
}

// start sets the accumulators to init or to what y holds.
func (t *tile) start(acc [][]reg.VecVirtual) {
	g := t.gen
	resume, ready := g.label("resume"), g.label("ready")
	g.CMPQ(g.argMem("resume"), Imm(0))
	g.JNE(LabelRef(resume))
	g.Comment("Every chain starts at its filter's initial value.")
	init := g.arg("init")
	for f := range t.n {
		g.VBROADCASTSS(at(init, f*4), acc[0][f])
		for _, a := range acc[1:] {
			g.VMOVAPS(acc[0][f], a[f])
		}
	}
	g.JMP(LabelRef(ready))
	g.Label(resume)
	g.Comment("Every chain goes on from y.")
	t.eachOutput(acc, func(y Mem, a reg.VecVirtual) { g.VMOVUPS(y, a) })
	g.Label(ready)
}

// eachOutput walks y over the positions and output channels of the tile.
func (t *tile) eachOutput(acc [][]reg.VecVirtual, do func(y Mem, a reg.VecVirtual)) {
	g := t.gen
	y, second := g.GP64(), g.GP64()
	g.MOVQ(t.yPos, y)
	if len(acc) == 2 {
		g.MOVQ(t.yPos, second)
		g.ADDQ(g.argMem("yStep"), second)
	}
	for f := range t.n {
		do(at(y, 0), acc[0][f])
		if len(acc) == 2 {
			do(at(second, 0), acc[1][f])
		}
		if f < t.n-1 {
			g.ADDQ(g.argMem("yFilter"), y)
			if len(acc) == 2 {
				g.ADDQ(g.argMem("yFilter"), second)
			}
		}
	}
}

// accumulate runs over channels and taps.
func (t *tile) accumulate(acc [][]reg.VecVirtual) {
	g := t.gen
	x, second, w := g.GP64(), g.GP64(), g.arg("w")
	g.MOVQ(t.xPos, x)
	channels := g.arg("channels")
	g.loop("channel", channels, func() {
		if len(acc) == 2 {
			g.MOVQ(x, second)
			g.ADDQ(g.argMem("xStep"), second)
		}
		taps, tap := g.tapIndex()
		g.upToZero("tap", tap, tapBytes, func() { t.tap(acc, taps, tap, x, second, w) })
		g.ADDQ(g.argMem("xChannel"), x)
		g.ADDQ(g.argMem("wChannel"), w)
	})
}

// tapBytes is the size of a pair in the table of taps.
const tapBytes = 8

// tapIndex returns the end of the table of taps, and the index, in bytes from
// there, of its beginning.
func (g *gen) tapIndex() (end, index reg.GPVirtual) {
	end, index = g.arg("taps"), g.arg("k")
	g.LEAQ(indexed(end, index, tapBytes, 0), end)
	g.SHLQ(Imm(3), index)
	g.NEGQ(index)
	return end, index
}

// tap adds the products of one tap.
func (t *tile) tap(acc [][]reg.VecVirtual, taps, tap, x, second, w reg.GPVirtual) {
	g := t.gen
	xTap, wTap := g.GP64(), g.GP64()
	g.MOVLQSX(indexed(taps, tap, 1, 0), xTap)
	g.MOVLQSX(indexed(taps, tap, 1, 4), wTap)
	pixels := g.ymms(len(acc))
	g.VMOVUPS(indexed(x, xTap, 1, 0), pixels[0])
	if len(acc) == 2 {
		g.VMOVUPS(indexed(second, xTap, 1, 0), pixels[1])
	}
	for f := range t.n {
		weight := g.YMM()
		g.VBROADCASTSS(indexed(w, wTap, 1, f*4), weight)
		for p := range acc {
			g.VFMADD231PS(weight, pixels[p], acc[p][f])
		}
	}
}

// finish applies the floor, stores, and steps to the next positions.
func (t *tile) finish(acc [][]reg.VecVirtual) {
	g := t.gen
	floor := g.broadcast(g.argMem("floor"))
	g.Comment("floor > acc ? floor : acc, so that NaN and -0 pass.")
	t.eachOutput(acc, func(y Mem, a reg.VecVirtual) {
		g.VMAXPS(a, floor, a)
		g.VMOVUPS(a, y)
	})
	for range acc {
		g.ADDQ(g.argMem("xStep"), t.xPos)
		g.ADDQ(g.argMem("yStep"), t.yPos)
	}
}

const (
	gradFilters = 2 // output channels of the weight gradient's register tile
	gradTaps    = 5 // taps of it: a row of a 5x5 filter
)

// convGrad emits the register tile of the weight gradient: up to 2 output
// channels by 5 taps.
//
// Registers: 10 accumulators + 2 gradients + 1 pixel = 13 of 16. A position
// costs 8 loads and 10 multiply-adds: 5 cycles of the two FMA units. One loop
// over a table of positions, instead of two over rows and columns, because the
// end of a loop of ten columns is mispredicted: it took 1.25 times as long.
func (g *gen) convGrad() {
	g.function("convGrad2x5AVX2",
		"func(filters, taps int, acc *float32, accFilter int, x *float32, offsets *int32, dy *float32, dyFilter int, positions *int32, n int)",
		"convGrad2x5AVX2 adds, for up to 2 filters and 5 taps, x[positions[i]+offsets[tap]] * dy[filter][i] for i < n, at least 1, "+
			"to acc[filter][tap], lane by lane, i ascending. Positions, offsets and the distances between filters are in bytes.")
	for f := gradFilters; f > 0; f-- {
		for t := gradTaps; t > 0; t-- {
			if f == 1 && t == 1 {
				break
			}
			next := g.label("shape")
			g.CMPQ(g.argMem("filters"), Imm(uint64(f)))
			g.JNE(LabelRef(next))
			g.CMPQ(g.argMem("taps"), Imm(uint64(t)))
			g.JNE(LabelRef(next))
			g.convGradOf(f, t)
			g.Label(next)
		}
	}
	g.convGradOf(1, 1)
}

// convGradOf emits the tile of f filters by t taps.
func (g *gen) convGradOf(f, t int) {
	g.Comment(fmt.Sprintf("Tile of %d filters by %d taps.", f, t))
	acc := make([][]reg.VecVirtual, f)
	for i := range acc {
		acc[i] = g.ymms(t)
	}
	g.eachAccumulator(acc, func(m Mem, a reg.VecVirtual) { g.VMOVUPS(m, a) })
	offsets, offset := g.arg("offsets"), make([]reg.GPVirtual, t)
	for j := range offset {
		offset[j] = g.GP64()
		g.MOVLQSX(at(offsets, j*4), offset[j])
	}
	x := g.arg("x")
	for _, o := range offset {
		g.ADDQ(x, o)
	}
	g.Comment("One index, in bytes of the table of positions, leads up to the end of all.")
	positions, index, dy := g.arg("positions"), g.arg("n"), []reg.GPVirtual{g.arg("dy")}
	g.SHLQ(Imm(2), index)
	g.ADDQ(index, positions)
	g.LEAQ(indexed(dy[0], index, vector/4, 0), dy[0])
	g.NEGQ(index)
	if f == 2 {
		dy = append(dy, g.GP64())
		g.MOVQ(dy[0], dy[1])
		g.ADDQ(g.argMem("dyFilter"), dy[1])
	}
	g.upToZero("position", index, 4, func() {
		position, grads := g.GP64(), g.ymms(f)
		g.MOVLQSX(indexed(positions, index, 1, 0), position)
		for i := range grads {
			g.VMOVUPS(indexed(dy[i], index, vector/4, 0), grads[i])
		}
		for j := range t {
			pixel := g.YMM()
			g.VMOVUPS(indexed(offset[j], position, 1, 0), pixel)
			for i := range acc {
				g.VFMADD231PS(pixel, grads[i], acc[i][j])
			}
		}
	})
	g.eachAccumulator(acc, func(m Mem, a reg.VecVirtual) { g.VMOVUPS(a, m) })
	g.done()
}

// eachAccumulator walks over the accumulators and their places in memory.
func (g *gen) eachAccumulator(acc [][]reg.VecVirtual, do func(m Mem, a reg.VecVirtual)) {
	filter := g.arg("acc")
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
	g.Comment("Four sums at once: VHADDPS adds neighbours of two registers.")
	g.CMPQ(n, Imm(4))
	g.JLT(LabelRef(one))
	v := g.ymms(4)
	for i := range v {
		g.VANDPS(at(acc, i*vector), mask, v[i])
	}
	g.VHADDPS(v[1], v[0], v[0])
	g.VHADDPS(v[3], v[2], v[2])
	g.VHADDPS(v[2], v[0], v[0])
	high := g.XMM()
	g.VEXTRACTF128(Imm(1), v[0], high)
	g.VADDPS(high, v[0].AsX(), high)
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

// sumPositions emits the bias gradient's chains: eight channels side by side
// hide the latency of the additions.
func (g *gen) sumPositions() {
	g.function("sumPositions8AVX2", "func(acc, x *float32, channels, xChannel, n int)",
		"sumPositions8AVX2 is, for up to 8 channels and lane by lane: acc[c] = 0; for p < n { acc[c] = acc[c] + x[c][p] }; xChannel is in bytes.")
	const chains = 8
	x, stride, n := g.arg("x"), g.arg("xChannel"), g.arg("n")
	g.Comment("A channel that is absent repeats the last one, and its sum is not stored.")
	channel := make([]reg.GPVirtual, chains)
	channel[0] = x
	for c := 1; c < chains; c++ {
		channel[c] = g.GP64()
		g.MOVQ(channel[c-1], channel[c])
		next := g.GP64()
		g.MOVQ(channel[c], next)
		g.ADDQ(stride, next)
		g.CMPQ(g.argMem("channels"), Imm(uint64(c)))
		g.CMOVQGT(next, channel[c])
	}
	sums := g.ymms(chains)
	g.zero(sums...)
	position := g.GP64()
	g.XORQ(position, position)
	g.loop("position", n, func() {
		for c, s := range sums {
			g.VADDPS(indexed(channel[c], position, 1, 0), s, s)
		}
		g.ADDQ(Imm(vector), position)
	})
	acc := g.arg("acc")
	end := g.label("end")
	for c, s := range sums {
		if c > 0 {
			g.CMPQ(g.argMem("channels"), Imm(uint64(c)))
			g.JLE(LabelRef(end))
		}
		g.VMOVUPS(s, at(acc, c*vector))
	}
	g.Label(end)
	g.done()
}
