package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The convolution of a single image has no lanes of other images to fill: a
// vector runs along the pixels of an output channel, or along the output
// channels at one position.
func (g *gen) convOne() {
	g.convPixels()
	g.convChannels()
}

const (
	tileVectors   = 2 // vectors of pixels of the tile along pixels
	tilePositions = 6 // positions of the tile along output channels

	placeBytes = 8 // of a place: two distances, in the input and in the output
)

// convPixels emits the register tiles whose vectors run along pixels: up to 6
// output channels by 2 vectors of 8 adjacent pixels, or of two groups of 4 that
// lie anywhere, so that no vector is half empty at the end of a row of 28. The
// groups alone would do, but to put two halves together costs a slot of the FMA
// units: it took 1.2 times as long.
//
// Registers: 12 accumulators + 2 pixels + 1 weight = 15 of 16. A tap costs 2
// loads of pixels (4 of groups), 6 broadcasts of weights and 12 multiply-adds.
func (g *gen) convPixels() {
	const doc = "computes up to 6 output channels of one image at tiles of %s: for each pixel a chain that starts at " +
		"init[filter], or at y if resume is not 0, and adds x[tap] * w[tap][filter] for each of k taps; what is below floor " +
		"becomes floor. Places (pairs of distances in x and y), taps (in x and w) and yFilter are in bytes."
	g.convPixelsTile("convPixels6x8x2AVX2", 1, fmt.Sprintf("convPixels6x8x2AVX2 "+doc, "2 places of 8 pixels"))
	g.convPixelsTile("convPixels6x4x4AVX2", 2, fmt.Sprintf("convPixels6x4x4AVX2 "+doc, "4 places of 4 pixels"))
}

func (g *gen) convPixelsTile(name string, parts int, doc string) {
	g.function(name,
		"func(filters int, y *float32, yFilter int, x, w *float32, taps *int32, k int, init *float32, resume int, floor float32, places *int32, tiles int)", doc)
	g.each("filters", tileFilters, func(n int) { g.convPixelsOf(n, parts) })
}

// convPixelsOf emits the loop over tiles of n output channels by vectors of
// one or two parts.
func (g *gen) convPixelsOf(n, parts int) {
	g.Comment(fmt.Sprintf("Tiles of %d output channels.", n))
	places, tiles := g.arg("places"), g.arg("tiles")
	g.loop("pixels", tiles, func() {
		acc := [][]reg.VecVirtual{g.ymms(n), g.ymms(n)}
		g.startOne(func() {
			init := g.arg("init")
			for f := range n {
				g.VBROADCASTSS(at(init, f*4), acc[0][f])
				g.VMOVAPS(acc[0][f], acc[1][f])
			}
		}, func() { g.eachPixels(places, acc, parts, g.loadParts) })
		place := make([]reg.GPVirtual, tileVectors*parts)
		for i := range place {
			place[i] = g.place(places, i, 0)
		}
		g.eachTap(g.arg("x"), func(xTap, wTap, w reg.GPVirtual) {
			pixels := g.ymms(tileVectors)
			for i, v := range pixels {
				g.loadParts(indexedAll(place[i*parts:][:parts], xTap), v)
			}
			for f := range n {
				weight := g.broadcast(indexed(w, wTap, 1, f*4))
				for i, v := range pixels {
					g.VFMADD231PS(weight, v, acc[i][f])
				}
			}
		})
		floor := g.floor()
		g.eachPixels(places, acc, parts, func(y []Mem, a reg.VecVirtual) {
			g.VMAXPS(a, floor, a)
			if parts == 1 {
				g.VMOVUPS(a, y[0])
				return
			}
			g.VMOVUPS(a.AsX(), y[0])
			g.VEXTRACTF128(Imm(1), a, y[1])
		})
		g.ADDQ(Imm(uint64(tileVectors*parts*placeBytes)), places)
	})
	g.done()
}

// loadParts loads a vector of one part, or of two halves.
func (g *gen) loadParts(parts []Mem, v reg.VecVirtual) {
	if len(parts) == 1 {
		g.VMOVUPS(parts[0], v)
		return
	}
	low := g.XMM()
	g.VMOVUPS(parts[0], low)
	g.VINSERTF128(Imm(1), parts[1], low.AsY(), v)
}

// eachPixels walks over the accumulators and the places of their parts in y.
func (g *gen) eachPixels(places reg.GPVirtual, acc [][]reg.VecVirtual, parts int, do func(y []Mem, a reg.VecVirtual)) {
	step := g.arg("yFilter")
	for i := range acc {
		y, place := g.arg("y"), make([]reg.GPVirtual, parts)
		for p := range place {
			place[p] = g.place(places, i*parts+p, 4)
		}
		for f, a := range acc[i] {
			do(indexedAll(place, y), a)
			if f < len(acc[i])-1 {
				g.ADDQ(step, y)
			}
		}
	}
}

// indexedAll is the memory at each base plus index.
func indexedAll(bases []reg.GPVirtual, index reg.Register) []Mem {
	m := make([]Mem, len(bases))
	for i, b := range bases {
		m[i] = indexed(b, index, 1, 0)
	}
	return m
}

// place loads a distance of place i: in the input (at 0) or in the output (4).
func (g *gen) place(places reg.GPVirtual, i, which int) reg.GPVirtual {
	d := g.GP64()
	g.MOVLQSX(at(places, i*placeBytes+which), d)
	return d
}

// startOne sets the accumulators to their initial values, or to what y holds.
func (g *gen) startOne(first, resumed func()) {
	resume, ready := g.label("resume"), g.label("ready")
	g.CMPQ(g.argMem("resume"), Imm(0))
	g.JNE(LabelRef(resume))
	first()
	g.JMP(LabelRef(ready))
	g.Label(resume)
	g.Comment("Every chain goes on from y.")
	resumed()
	g.Label(ready)
}

// tapsAtOnce is the number of taps of one turn of the loop over taps. The end
// of a loop of 25 turns is mispredicted, of 5 it is not.
const tapsAtOnce = 5

// eachTap emits the loop over the table of taps: xTap is the tap's distance in
// the input plus x, wTap its distance in the weights w.
func (g *gen) eachTap(x reg.GPVirtual, tap func(xTap, wTap, w reg.GPVirtual)) {
	g.Comment("One index, in bytes of the table of taps, leads up to the end.")
	w, taps, index := g.arg("w"), g.arg("taps"), g.arg("k")
	g.LEAQ(indexed(taps, index, tapBytes, 0), taps)
	g.SHLQ(Imm(3), index)
	g.NEGQ(index)
	one := func(i int) {
		xTap, wTap := g.GP64(), g.GP64()
		g.MOVLQSX(indexed(taps, index, 1, i*tapBytes), xTap)
		g.MOVLQSX(indexed(taps, index, 1, i*tapBytes+4), wTap)
		g.ADDQ(x, xTap)
		tap(xTap, wTap, w)
	}
	some, rest, end := g.label("taps"), g.label("rest"), g.label("tapsEnd")
	g.Label(some)
	g.CMPQ(index, I8(-tapsAtOnce*tapBytes))
	g.JGT(LabelRef(rest))
	for i := range tapsAtOnce {
		one(i)
	}
	g.ADDQ(Imm(tapsAtOnce*tapBytes), index)
	g.JNZ(LabelRef(some))
	g.JMP(LabelRef(end))
	g.Label(rest)
	g.upToZero("tap", index, tapBytes, func() { one(0) })
	g.Label(end)
}

// floor loads the floor, below which no output stays: floor > acc ? floor :
// acc, so that NaN and -0 pass.
func (g *gen) floor() reg.VecVirtual {
	g.Comment("floor > acc ? floor : acc, so that NaN and -0 pass.")
	return g.broadcast(g.argMem("floor"))
}

// convChannels emits the register tile whose vectors run along output channels:
// up to 6 positions by 16 or 8 channels. It is the tile of a matrix product of
// which one factor, the pixels under each position, is never built.
//
// Registers: 12 accumulators + 2 vectors of weights + 1 pixel = 15 of 16. A tap
// costs 2 loads of weights, 6 broadcasts of pixels and 12 multiply-adds.
func (g *gen) convChannels() {
	const shared = "output channels of one image at tiles of up to 6 positions: for each position a chain that starts at init[channel], " +
		"or at y if resume is not 0, and adds x[tap] * w[tap][channel] for each of k taps; what is below floor becomes floor. " +
		"Places (pairs of distances in x and y) and taps (in x and w) are in bytes"
	g.convChannelsTile("convChannels6x16AVX2", 2,
		"convChannels6x16AVX2 computes 16 "+shared+", and so are the distances wGroup and yGroup from the first eight channels to the others.")
	g.convChannelsTile("convChannels6x8AVX2", 1, "convChannels6x8AVX2 computes 8 "+shared+".")
}

func (g *gen) convChannelsTile(name string, width int, doc string) {
	groups := ""
	if width == 2 {
		groups = ", wGroup, yGroup int"
	}
	g.function(name,
		"func(positions int, y, x, w *float32, taps *int32, k int, init *float32, resume int, floor float32, places *int32, tiles int"+groups+")", doc)
	g.each("positions", tilePositions, func(n int) { g.convChannelsOf(n, width) })
}

// convChannelsOf emits the loop over tiles of n positions by width vectors.
func (g *gen) convChannelsOf(n, width int) {
	g.Comment(fmt.Sprintf("Tiles of %d positions by %d output channels.", n, width*lanes))
	places, tiles := g.arg("places"), g.arg("tiles")
	g.loop("channels", tiles, func() {
		acc := make([][]reg.VecVirtual, n)
		for i := range acc {
			acc[i] = g.ymms(width)
		}
		g.startOne(func() {
			init := g.arg("init")
			for j, first := range acc[0] {
				g.VMOVUPS(at(init, j*vector), first)
				for _, a := range acc[1:] {
					g.VMOVAPS(first, a[j])
				}
			}
		}, func() {
			g.eachPosition(places, acc, func(y Mem, a reg.VecVirtual) { g.VMOVUPS(y, a) })
		})
		position := make([]reg.GPVirtual, n)
		for i := range position {
			position[i] = g.place(places, i, 0)
		}
		second := g.GP64()
		if width == 2 {
			g.Load(g.Param("wGroup"), second)
			g.ADDQ(g.argMem("w"), second)
		}
		g.eachTap(g.arg("x"), func(xTap, wTap, w reg.GPVirtual) {
			weights := g.ymms(width)
			g.VMOVUPS(indexed(w, wTap, 1, 0), weights[0])
			if width == 2 {
				g.VMOVUPS(indexed(second, wTap, 1, 0), weights[1])
			}
			for i := range acc {
				pixel := g.broadcast(indexed(position[i], xTap, 1, 0))
				for j := range weights {
					g.VFMADD231PS(pixel, weights[j], acc[i][j])
				}
			}
		})
		floor := g.floor()
		g.eachPosition(places, acc, func(y Mem, a reg.VecVirtual) {
			g.VMAXPS(a, floor, a)
			g.VMOVUPS(a, y)
		})
		g.ADDQ(Imm(uint64(n*placeBytes)), places)
	})
	g.done()
}

// eachPosition walks over the vectors of the tile's positions.
func (g *gen) eachPosition(places reg.GPVirtual, acc [][]reg.VecVirtual, do func(y Mem, a reg.VecVirtual)) {
	y, second := g.arg("y"), g.GP64()
	if len(acc[0]) == 2 {
		g.Load(g.Param("yGroup"), second)
		g.ADDQ(y, second)
	}
	for i := range acc {
		place := g.place(places, i, 4)
		do(indexed(y, place, 1, 0), acc[i][0])
		if len(acc[i]) == 2 {
			do(indexed(second, place, 1, 0), acc[i][1])
		}
	}
}
