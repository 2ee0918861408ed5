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

// tileWidths returns the numbers of positions that tiles of n output channels
// take at once: as many as fill the registers, at most eight, and those that
// remain of a line.
func tileWidths(n, perVector int) (widths []int) {
	most := 2
	switch {
	case n == 1:
		most = 8
	case n <= 3:
		most = 4
	}
	for p := min(8, most*perVector); p > 0; p /= 2 {
		widths = append(widths, p)
	}
	return widths
}

// convTile emits the register tile of the forward convolution and of the data
// gradient: up to 6 output channels at 2 positions, or fewer channels at more.
//
// Registers: 12 accumulators + 2 pixels + 1 weight = 15 of 16. A tap costs 2
// loads of pixels, 6 broadcasts of weights and 12 multiply-adds: 8 vector loads
// against 6 cycles of the two FMA units.
//
// For at most four images there is the same tile over half blocks: a vector is
// four images at one position and the same images at the next. A tap of 6
// channels at 4 positions costs 4 loads of halves and 6 broadcasts.
func (g *gen) convTile() {
	const signature = "func(filters int, spans *int32, n int, y *float32, yFilter int, x *float32, xFold, ahead int, w *float32, wFold int, folds int, " +
		"lists *int32, init *float32, resume int, floor float32)"
	g.function("convTile6x2AVX2", signature,
		"convTile6x2AVX2 computes up to 6 output channels at n spans of positions: for each position a chain that starts at "+
			"init[filter], or at y if resume is not 0, and for each fold of channels and each tap of the span's list adds "+
			"x[tap] * w[tap][filter]; what is below floor becomes floor. It fetches into the L2 cache what lies ahead of each channel's "+
			"first pixel. Distances are in bytes.")
	g.each("filters", tileFilters, func(n int) { g.convTileOf(n, 1) })
	g.function("convHalf6x4AVX2", signature,
		"convHalf6x4AVX2 works like convTile6x2AVX2 on the first four lanes; the others become +0.")
	g.each("filters", tileFilters, func(n int) { g.convTileOf(n, 2) })
}

// field is field i, of 32 bits, of the struct that a register points to.
func (g *gen) field(s reg.GPVirtual, i int) reg.GPVirtual {
	r := g.GP64()
	g.MOVLQSX(at(s, 4*i), r)
	return r
}

// The fields of a span.
const (
	spanX = iota
	spanY
	spanN
	spanXStep
	spanYStep
	spanList
	spanK

	spanBytes = 32
)

// convTileOf emits the loop over spans for a tile of n output channels, whose
// vectors hold one position or the halves of two.
func (g *gen) convTileOf(n, perVector int) {
	g.Comment(fmt.Sprintf("Tile of %d output channels.", n))
	t := &tile{gen: g, n: n, perVector: perVector, span: g.arg("spans")}
	top := g.label("span")
	g.Label(top)
	t.x, t.y = g.field(t.span, spanX), g.field(t.span, spanY)
	g.ADDQ(g.argMem("x"), t.x)
	g.ADDQ(g.argMem("y"), t.y)
	left := g.field(t.span, spanN)
	for _, p := range tileWidths(n, perVector) {
		again, next := g.label("positions"), g.label("fewer")
		g.Label(again)
		g.CMPQ(left, Imm(uint64(p)))
		g.JLT(LabelRef(next))
		t.positions(p)
		g.SUBQ(Imm(uint64(p)), left)
		g.JMP(LabelRef(again))
		g.Label(next)
	}
	g.ADDQ(Imm(spanBytes), t.span)
	g.DECQ(g.argMem("n"))
	g.JNZ(LabelRef(top))
	g.done()
}

// tile is a register tile of n output channels on its way over the positions.
type tile struct {
	*gen
	n         int
	perVector int           // positions of a vector
	span      reg.GPVirtual // the current span
	x, y      reg.GPVirtual // the current position
	width     int           // positions from there on
}

// A row is addresses a step apart: base, base+step, and so on, up to eight.
type row struct{ base, step, step3, base4 reg.GPVirtual }

// row returns the row of n addresses that begins at base.
func (g *gen) row(n int, base, step reg.GPVirtual) row {
	r := row{base: base, step: step}
	if n > 3 {
		r.step3 = g.GP64()
		g.LEAQ(indexed(step, step, 2, 0), r.step3)
	}
	return r
}

// reach makes the addresses from the fifth on follow base.
func (g *gen) reach(r *row, n int) {
	if n > 4 {
		if r.base4 == nil {
			r.base4 = g.GP64()
		}
		g.LEAQ(indexed(r.base, r.step, 4, 0), r.base4)
	}
}

// address is address i of the row.
func (r row) address(i int) Mem {
	base := r.base
	if i >= 4 {
		base = r.base4
	}
	switch i % 4 {
	case 0:
		return at(base, 0)
	case 3:
		return indexed(base, r.step3, 1, 0)
	}
	return indexed(base, r.step, uint8(i%4), 0)
}

// positions emits the computation of p positions of the span and steps past
// them.
func (t *tile) positions(p int) {
	t.width = p
	acc := make([][]reg.VecVirtual, (p+t.perVector-1)/t.perVector)
	for i := range acc {
		acc[i] = t.ymms(t.n)
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
	t.eachOutput(acc, t.load)
	g.Label(ready)
}

// load loads a vector: a position, or the halves of two.
func (t *tile) load(m []Mem, v reg.VecVirtual) {
	if t.perVector == 1 {
		t.VMOVUPS(m[0], v)
		return
	}
	t.VBROADCASTF128(m[0], v)
	if len(m) == 2 {
		t.VINSERTF128(Imm(1), m[1], v, v)
	}
}

// store stores a vector, each half with zeros above it.
func (t *tile) store(m []Mem, v reg.VecVirtual) {
	if t.perVector == 1 {
		t.VMOVUPS(v, m[0])
		return
	}
	for i, half := range m {
		alone := t.YMM()
		t.VPERM2F128(U8(0x80+i), v, v, alone)
		t.VMOVUPS(alone, half)
	}
}

// places are the addresses of vector i of the positions in a row.
func (t *tile) places(r row, i int) (m []Mem) {
	for p := i * t.perVector; p < min(t.width, (i+1)*t.perVector); p++ {
		m = append(m, r.address(p))
	}
	return m
}

// eachOutput walks y over the output channels and positions of the tile.
func (t *tile) eachOutput(acc [][]reg.VecVirtual, do func(y []Mem, a reg.VecVirtual)) {
	g := t.gen
	first := g.GP64()
	g.MOVQ(t.y, first)
	y := g.row(t.width, first, g.field(t.span, spanYStep))
	for f := range t.n {
		g.reach(&y, t.width)
		for i := range acc {
			do(t.places(y, i), acc[i][f])
		}
		if f < t.n-1 {
			g.ADDQ(g.argMem("yFilter"), y.base)
		}
	}
}

// tapBytes is the size of a pair in a list of taps.
const tapBytes = 8

// accumulate runs over folds of channels and the taps of the span's list.
func (t *tile) accumulate(acc [][]reg.VecVirtual) {
	g := t.gen
	channel, w, folds := g.GP64(), g.arg("w"), g.arg("folds")
	g.MOVQ(t.x, channel)
	pixels := g.row(t.width, g.GP64(), g.field(t.span, spanXStep))
	g.Comment("One index, in bytes of the list, leads up to the end of all.")
	end, first := g.field(t.span, spanList), g.field(t.span, spanK)
	g.ADDQ(g.argMem("lists"), end)
	g.LEAQ(indexed(end, first, tapBytes, 0), end)
	g.SHLQ(Imm(3), first)
	g.NEGQ(first)
	g.loop("fold", folds, func() {
		tap := g.GP64()
		g.MOVQ(g.argMem("ahead"), tap)
		g.PREFETCHT1(indexed(channel, tap, 1, 0))
		g.MOVQ(first, tap)
		g.upToZero("tap", tap, tapBytes, func() { t.tap(acc, end, tap, channel, w, pixels) })
		g.ADDQ(g.argMem("xFold"), channel)
		g.ADDQ(g.argMem("wFold"), w)
	})
}

// tap adds the products of one tap. It holds in registers what there is less
// of, pixels or weights.
func (t *tile) tap(acc [][]reg.VecVirtual, end, tap, channel, w reg.GPVirtual, pixels row) {
	g := t.gen
	weights := g.GP64()
	g.MOVLQSX(indexed(end, tap, 1, 0), pixels.base)
	g.MOVLQSX(indexed(end, tap, 1, 4), weights)
	g.ADDQ(channel, pixels.base)
	g.reach(&pixels, t.width)
	if t.n < len(acc) {
		held := make([]reg.VecVirtual, t.n)
		for f := range held {
			held[f] = g.broadcast(indexed(w, weights, 1, f*4))
		}
		for p := range acc {
			pixel := g.YMM()
			t.load(t.places(pixels, p), pixel)
			for f := range held {
				g.VFMADD231PS(pixel, held[f], acc[p][f])
			}
		}
		return
	}
	held := g.ymms(len(acc))
	for p := range held {
		t.load(t.places(pixels, p), held[p])
	}
	for f := range t.n {
		weight := g.broadcast(indexed(w, weights, 1, f*4))
		for p := range acc {
			g.VFMADD231PS(weight, held[p], acc[p][f])
		}
	}
}

// finish applies the floor, stores, and steps to the next positions.
func (t *tile) finish(acc [][]reg.VecVirtual) {
	g := t.gen
	floor := g.broadcast(g.argMem("floor"))
	g.Comment("floor > acc ? floor : acc, so that NaN and -0 pass.")
	t.eachOutput(acc, func(y []Mem, a reg.VecVirtual) {
		g.VMAXPS(a, floor, a)
		t.store(y, a)
	})
	xStep, yStep := g.field(t.span, spanXStep), g.field(t.span, spanYStep)
	g.LEAQ(indexed(t.x, xStep, uint8(t.width), 0), t.x)
	g.LEAQ(indexed(t.y, yStep, uint8(t.width), 0), t.y)
}
