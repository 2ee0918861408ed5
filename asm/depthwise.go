package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A depthTile is the register tile of a depthwise convolution: neighbouring
// positions of one channel, whose windows share pixels.
type depthTile struct {
	name string
	taps int // columns of a filter's row that meet pixels: at most 3
	turn int // pixels from a tap to the next: 1, or -1 in the data gradient
	step int // pixels from a position to the next; 0 if they lie xStep bytes apart and share none
}

// depthTiles are those of 3x3 filters. Forward: a row of positions with a stride
// of 1 or 2; the columns at the edges, downwards. Data gradient: the same for a
// stride of 1; for a stride of 2, positions two apart, that meet one tap or two.
var depthTiles = []depthTile{
	{"depthRow3", 3, 1, 1}, {"depthRow3Stride2", 3, 1, 2}, {"depthColumn2", 2, 1, 0}, {"depthColumn1", 1, 1, 0},
	{"depthRow3Back", 3, -1, 1}, {"depthRow2Back", 2, -1, 1}, {"depthRow1", 1, 1, 1}, {"depthColumn2Back", 2, -1, 0},
}

// depthPositions is the most positions of a tile.
const depthPositions = 7

// The fields of a span of positions.
const (
	depthSpanX = iota
	depthSpanY
	depthSpanW
	depthSpanRows
	depthSpanTiles
	depthSpanWidth

	depthSpanBytes = 24
)

// depthwise emits the tiles of depthwise convolutions.
//
// Registers, for 7 positions of 3 taps: 7 accumulators + 7 pixels that several
// positions read + 1 weight = 15 of 16. A row of a filter costs 9 loads of pixels, 3
// broadcasts and 21 multiply-adds, 10.5 cycles of the two FMA units: the general
// tile, of one channel by 8 positions, loads a pixel for every multiply-add.
func (g *gen) depthwise() {
	for _, t := range depthTiles {
		g.function(t.name+"AVX2", "func(channels int, spans *int32, n int, y *float32, yChannel, yStep int, x *float32, xChannel, xStep, xRow int, "+
			"w *float32, wChannel, wRow, wCol int, init *float32, initChannel, resume int, floor float32)",
			t.name+"AVX2 computes channels > 0 channels at n spans of positions: for each position a chain that starts at init[channel], or at "+
				"y if resume is not 0, and adds x[row][tap] * w[row][tap] for the rows of the span and "+fmt.Sprint(t.taps)+" taps of each; what is "+
				"below floor becomes floor. Distances are in bytes.")
		g.depthTile(t)
	}
}

// depthSpans is a walk over the spans of channels.
type depthSpans struct {
	*gen
	depthTile
	span reg.GPVirtual
	x, y reg.GPVirtual // the next tile's first pixel and position
	w    reg.GPVirtual
}

func (g *gen) depthTile(t depthTile) {
	d := &depthSpans{gen: g, depthTile: t}
	channel := g.label("channel")
	g.Label(channel)
	d.span = g.arg("spans")
	left := g.arg("n")
	g.loop("span", left, func() {
		d.x, d.y, d.w = g.field(d.span, depthSpanX), g.field(d.span, depthSpanY), g.field(d.span, depthSpanW)
		g.ADDQ(g.argMem("x"), d.x)
		g.ADDQ(g.argMem("y"), d.y)
		g.ADDQ(g.argMem("w"), d.w)
		tiles, done := g.field(d.span, depthSpanTiles), g.label("spanEnd")
		for p := depthPositions; p > 0; p-- {
			next := g.label("width")
			g.CMPL(at(d.span, 4*depthSpanWidth), Imm(uint64(p)))
			g.JNE(LabelRef(next))
			g.Comment(fmt.Sprintf("Tiles of %d positions.", p))
			d.tiles(p, tiles)
			g.JMP(LabelRef(done))
			g.Label(next)
		}
		g.Label(done)
		g.ADDQ(Imm(depthSpanBytes), d.span)
	})
	for _, a := range []string{"x", "y", "w", "init"} {
		next := g.arg(a)
		g.ADDQ(g.argMem(a+"Channel"), next)
		g.MOVQ(next, g.argMem(a))
	}
	g.DECQ(g.argMem("channels"))
	g.JNZ(LabelRef(channel))
	g.done()
}

// tiles emits the loop over tiles of p positions.
func (d *depthSpans) tiles(p int, tiles reg.GPVirtual) {
	d.loop("tile", tiles, func() {
		acc := d.ymms(p)
		d.start(acc)
		d.rows(acc)
		y := d.outputs(p)
		floor := d.broadcast(d.argMem("floor"))
		d.Comment("floor > acc ? floor : acc, so that NaN and -0 pass.")
		for i, a := range acc {
			d.VMAXPS(a, floor, a)
			d.VMOVUPS(a, y.address(i))
		}
		d.advance(d.y, y.step, p)
		if d.step > 0 {
			d.ADDQ(U32(uint32(p*d.step*vector)), d.x)
		} else {
			d.advance(d.x, d.arg("xStep"), p)
		}
	})
}

// advance adds n steps, at most 7, to an address.
func (d *depthSpans) advance(a, step reg.GPVirtual, n int) {
	for _, bit := range []int{4, 2, 1} {
		if n&bit != 0 {
			d.LEAQ(indexed(a, step, uint8(bit), 0), a)
		}
	}
}

// outputs returns the addresses of the tile's p positions.
func (d *depthSpans) outputs(p int) row {
	y := d.gen.row(p, d.y, d.arg("yStep"))
	d.reach(&y, p)
	return y
}

// start sets the accumulators to init or to what y holds.
func (d *depthSpans) start(acc []reg.VecVirtual) {
	resume, ready := d.label("resume"), d.label("ready")
	d.CMPQ(d.argMem("resume"), Imm(0))
	d.JNE(LabelRef(resume))
	init := d.arg("init")
	d.VBROADCASTSS(at(init, 0), acc[0])
	for _, a := range acc[1:] {
		d.VMOVAPS(acc[0], a)
	}
	d.JMP(LabelRef(ready))
	d.Label(resume)
	y := d.outputs(len(acc))
	for i, a := range acc {
		d.VMOVUPS(y.address(i), a)
	}
	d.Label(ready)
}

// rows emits the loop over the rows of the filter.
func (d *depthSpans) rows(acc []reg.VecVirtual) {
	left, base, weights := d.field(d.span, depthSpanRows), d.GP64(), d.GP64()
	d.MOVQ(d.x, base)
	d.MOVQ(d.w, weights)
	columns := row{base: weights, step: d.arg("wCol")}
	pixels := row{base: base}
	if d.step == 0 {
		pixels = d.gen.row(len(acc), base, d.arg("xStep"))
	}
	d.loop("filterRow", left, func() {
		if d.step == 0 {
			d.reach(&pixels, len(acc))
		}
		held := map[int]reg.VecVirtual{}
		for j := range d.taps {
			weight := d.broadcast(columns.address(j))
			for q, a := range acc {
				d.product(held, pixels, q, j, len(acc), weight, a)
			}
		}
		d.ADDQ(d.argMem("xRow"), base)
		d.ADDQ(d.argMem("wRow"), weights)
	})
}

// product adds the pixel that position q reads with tap j, times its weight. A
// pixel that others read too stays in a register.
func (d *depthSpans) product(held map[int]reg.VecVirtual, pixels row, q, j, positions int, weight, acc reg.VecVirtual) {
	if d.step == 0 {
		m := pixels.address(q)
		m.Disp += d.turn * j * vector
		d.VFMADD231PS(m, weight, acc)
		return
	}
	at0 := q*d.step + d.turn*j
	m := at(pixels.base, at0*vector)
	if d.readers(at0, positions) == 1 {
		d.VFMADD231PS(m, weight, acc)
		return
	}
	if held[at0] == nil {
		held[at0] = d.load(m)
	}
	d.VFMADD231PS(held[at0], weight, acc)
}

// readers is how many positions of the tile read a pixel.
func (t depthTile) readers(pixel, positions int) (n int) {
	for q := range positions {
		for j := range t.taps {
			if q*t.step+t.turn*j == pixel {
				n++
			}
		}
	}
	return n
}

// The fields of a span of the weight gradient: one row of output positions.
const (
	depthGradX = iota
	depthGradDY
	depthGradRows // which rows of the filter meet pixels: bit i for row i
	depthGradN    // positions where all columns do

	depthGradBytes = 16
)

// depthGrad emits the weight gradient of 3x3 filters of one channel each: nine
// chains, which hide the latency of their multiply-adds from each other, and the
// bias's.
//
// Registers: 10 accumulators + 1 gradient = 11 of 16. A position costs 10 loads and
// 9 multiply-adds: 5 cycles.
func (g *gen) depthGrad() {
	g.function("depthGrad3x3AVX2", "func(acc *float32, spans *int32, n int, x, dy *float32, xRow, xStep, left, right int)",
		"depthGrad3x3AVX2 adds x[position + tap] * dy[position] for the positions of n rows to acc[tap], lane by lane, in order, and dy[position] to "+
			"acc[9]. A row begins with a position whose first column meets no pixel if left is not 0, and ends with one whose last does not if right "+
			"is not 0. Distances are in bytes.")
	addr, acc := g.arg("acc"), g.ymms(10)
	for i, a := range acc {
		g.VMOVUPS(at(addr, i*vector), a)
	}
	span, xRow, xStep := g.arg("spans"), g.arg("xRow"), g.arg("xStep")
	x, dy := g.GP64(), g.GP64()
	top, end := g.label("row"), g.label("rowEnd")

	position := func(rows, columns []int) {
		gradient := g.load(at(dy, 0))
		g.VADDPS(gradient, acc[9], acc[9])
		for k, i := range rows {
			for _, j := range columns {
				pixel := at(x, j*vector)
				if k > 0 {
					pixel = indexed(x, xRow, uint8(k), j*vector)
				}
				g.VFMADD231PS(pixel, gradient, acc[3*i+j])
			}
		}
		g.ADDQ(xStep, x)
		g.ADDQ(Imm(vector), dy)
	}
	g.Label(top)
	g.MOVLQSX(at(span, 4*depthGradX), x)
	g.MOVLQSX(at(span, 4*depthGradDY), dy)
	g.ADDQ(g.argMem("x"), x)
	g.ADDQ(g.argMem("dy"), dy)
	for _, rows := range [][]int{{0, 1, 2}, {1, 2}, {0, 1}, {1}} {
		mask := 0
		for _, i := range rows {
			mask |= 1 << i
		}
		next, inner, last := g.label("rows"), g.label("inner"), g.label("last")
		g.CMPL(at(span, 4*depthGradRows), Imm(uint64(mask)))
		g.JNE(LabelRef(next))
		g.Comment(fmt.Sprintf("Rows %v of the filter.", rows))
		g.CMPQ(g.argMem("left"), Imm(0))
		g.JEQ(LabelRef(inner))
		position(rows, []int{1, 2})
		g.Label(inner)
		n := g.field(span, depthGradN)
		g.TESTQ(n, n)
		g.JZ(LabelRef(last))
		g.loop("position", n, func() { position(rows, []int{0, 1, 2}) })
		g.Label(last)
		g.CMPQ(g.argMem("right"), Imm(0))
		g.JEQ(LabelRef(end))
		position(rows, []int{0, 1})
		g.JMP(LabelRef(end))
		g.Label(next)
	}
	g.Label(end)
	g.ADDQ(Imm(depthGradBytes), span)
	g.DECQ(g.argMem("n"))
	g.JNZ(LabelRef(top))
	for i, a := range acc {
		g.VMOVUPS(a, at(addr, i*vector))
	}
	g.done()
}
