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
		tap, k := g.arg("taps"), g.arg("k")
		g.loop("tap", k, func() { t.tap(acc, tap, x, second, w) })
		g.ADDQ(g.argMem("xChannel"), x)
		g.ADDQ(g.argMem("wChannel"), w)
	})
}

// tap adds the products of one tap and steps to the next.
func (t *tile) tap(acc [][]reg.VecVirtual, tap, x, second, w reg.GPVirtual) {
	g := t.gen
	xTap, wTap := g.GP64(), g.GP64()
	g.MOVLQSX(at(tap, 0), xTap)
	g.MOVLQSX(at(tap, 4), wTap)
	g.ADDQ(Imm(8), tap)
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
// costs 7 loads and 10 multiply-adds: 5 cycles of the two FMA units.
func (g *gen) convGrad() {
	g.function("convGrad2x5AVX2",
		"func(filters, taps int, acc, x *float32, offsets *int32, dy *float32, dyFilter int, rows, cols, xStep, xRow, dyRow int)",
		"convGrad2x5AVX2 adds, for up to 2 filters and 5 taps, x[tap] * dy[filter] over rows x cols positions to acc[filter][5], "+
			"lane by lane, rows and columns ascending. Offsets and steps are in bytes; xRow and dyRow lead from the end of one row to the next.")
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
	accumulators := g.arg("acc")
	acc := make([][]reg.VecVirtual, f)
	for i := range acc {
		acc[i] = g.ymms(t)
		for j, a := range acc[i] {
			g.VMOVUPS(at(accumulators, (i*gradTaps+j)*vector), a)
		}
	}
	offsets, offset := g.arg("offsets"), make([]reg.GPVirtual, t)
	for j := range offset {
		offset[j] = g.GP64()
		g.MOVLQSX(at(offsets, j*4), offset[j])
	}
	x, dy, xStep, dyFilter := g.arg("x"), g.arg("dy"), g.arg("xStep"), g.arg("dyFilter")
	rows := g.arg("rows")
	g.loop("row", rows, func() {
		cols := g.arg("cols")
		g.loop("column", cols, func() {
			grads := g.ymms(f)
			g.VMOVUPS(at(dy, 0), grads[0])
			if f == 2 {
				g.VMOVUPS(indexed(dy, dyFilter, 1, 0), grads[1])
			}
			g.ADDQ(Imm(vector), dy)
			for j := range t {
				pixel := g.YMM()
				g.VMOVUPS(indexed(x, offset[j], 1, 0), pixel)
				for i := range acc {
					g.VFMADD231PS(pixel, grads[i], acc[i][j])
				}
			}
			g.ADDQ(xStep, x)
		})
		g.ADDQ(g.argMem("xRow"), x)
		g.ADDQ(g.argMem("dyRow"), dy)
	})
	for i := range acc {
		for j, a := range acc[i] {
			g.VMOVUPS(a, at(accumulators, (i*gradTaps+j)*vector))
		}
	}
	g.done()
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
