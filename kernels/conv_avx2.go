package kernels

import "math"

// maxCallTaps bounds the taps times positions of one call of the convolution's
// assembly: at about 3 cycles each, some 50 microseconds. Assembly cannot be
// preempted, and the garbage collector waits for it.
const maxCallTaps = 1 << 16

func convForwardAVX2(c *Conv, y, x []float32, f *Filters, relu bool) {
	floor := float32(math.Inf(-1))
	if relu {
		floor = 0
	}
	g := &c.forward
	for t := range g.tiles() {
		lo, hi := g.tile(t)
		var init [tileFilters]float32
		copy(init[:], f.Bias[lo:hi])
		g.runTile(t, y, x, f.forward, &init, floor)
	}
}

func convDataGradAVX2(c *Conv, dx, dy []float32, f *Filters) {
	g := &c.data
	for t := range g.tiles() {
		var zero [tileFilters]float32
		g.runTile(t, dx, dy, f.data, &zero, float32(math.Inf(-1)))
	}
}

// runTile computes the output channels of tile t at all positions.
func (g *gather) runTile(t int, y, x, packed []float32, init *[tileFilters]float32, floor float32) {
	lo, hi := g.tile(t)
	for i := range g.rects {
		rc := &g.rects[i]
		r := tileRun{
			gather:  g,
			taps:    rc.taps,
			filters: hi - lo,
			y:       y[lo*g.outH*g.outW*Lanes:],
			x:       x,
			w:       packed[t*g.tileLen():],
			init:    init,
			floor:   floor,
		}
		out := rc.rows.first*g.outW + rc.cols.first
		across := line{n: rc.cols.n, x: 1, y: 1}
		down := line{n: rc.rows.n, x: g.inW, y: g.outW}
		if odd := rc.cols.n % 2; odd == 1 {
			// A column without a neighbour pairs its rows instead.
			last := rc.cols.n - 1
			across.n = 1
			r.lines(out+last, rc.base+last, down, across)
			across.n = last
		}
		r.lines(out, rc.base, across, down)
	}
}

// tileRun is one tile over one rectangle of positions.
type tileRun struct {
	*gather
	taps    []int32
	filters int
	y, x, w []float32
	init    *[tileFilters]float32
	floor   float32
}

// A line is n positions, each x pixels further in the input and y pixels
// further in the output than the one before.
type line struct{ n, x, y int }

// lines runs over outer.n lines of inner.n positions, the first of which reads
// pixel in and writes pixel out. It splits what would take too long for one
// call: first by lines, then by positions, then by channels, of which later
// ones go on from what y holds.
func (r *tileRun) lines(out, in int, inner, outer line) {
	if inner.n == 0 || outer.n == 0 {
		return
	}
	perPosition := len(r.taps) / 2 * r.inC
	if outer.n > 1 && perPosition*inner.n*outer.n > maxCallTaps {
		n := max(1, maxCallTaps/(perPosition*inner.n))
		for i := 0; i < outer.n; i += n {
			r.lines(out+i*outer.y, in+i*outer.x, inner, line{min(n, outer.n-i), outer.x, outer.y})
		}
		return
	}
	if inner.n > 2 && perPosition*inner.n > maxCallTaps {
		n := max(2, maxCallTaps/perPosition&^1)
		for i := 0; i < inner.n; i += n {
			r.lines(out+i*inner.y, in+i*inner.x, line{min(n, inner.n-i), inner.x, inner.y}, outer)
		}
		return
	}
	channels := r.inC
	if perPosition > maxCallTaps {
		channels = max(1, maxCallTaps/(len(r.taps)/2))
	}
	for c := 0; c < r.inC; c += channels {
		r.call(out, in, inner, outer, c, min(channels, r.inC-c))
	}
}

// call runs the assembly over channels [first, first+n).
func (r *tileRun) call(out, in int, inner, outer line, first, n int) {
	resume, floor := 0, r.floor
	if first > 0 {
		resume = 1
	}
	if first+n < r.inC {
		floor = float32(math.Inf(-1))
	}
	convTile6x2AVX2(r.filters,
		&r.y[out*Lanes], r.outH*r.outW*laneBytes,
		&r.x[(first*r.inH*r.inW+in)*Lanes], r.inH*r.inW*laneBytes,
		&r.w[first*r.channelTaps*tileFilters], r.channelTaps*tileFilters*4, n,
		&r.taps[0], len(r.taps)/2, &r.init[0], resume, floor,
		inner.n, inner.x*laneBytes, inner.y*laneBytes,
		outer.n, outer.x*laneBytes, outer.y*laneBytes)
}

const (
	gradFilters = 2  // filters of the weight gradient's register tile
	gradTaps    = 5  // taps of it
	gradTiles   = 15 // tiles whose sums over positions wait for the sum over lanes
)

// laneMasks[8-n:][:8] has all bits set for the first n of eight lanes.
var laneMasks = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}

// laneMask returns a vector with all bits set for the first n lanes.
func laneMask(n int) *int32 { return &laneMasks[Lanes-n] }

func convWeightGradAVX2(c *Conv, dw, db, x, dy []float32, n int) {
	outLen := c.OutH() * c.OutW()
	for f := 0; f < c.Filters; f += Lanes {
		var acc [Lanes * Lanes]float32
		filters := min(Lanes, c.Filters-f)
		sumPositions8AVX2(&acc[0], &dy[f*outLen*Lanes], filters, outLen*laneBytes, outLen)
		sumLanesAVX2(&db[f], &acc[0], filters, laneMask(n))
	}
	for t := 0; t < c.Taps(); t += gradTiles * gradTaps {
		for f := 0; f < c.Filters; f += gradFilters {
			c.weightGradTiles(dw, x, dy, f, t, n)
		}
	}
}

// weightGradTiles computes the weight gradients of up to gradFilters filters
// from f on and up to gradTiles*gradTaps taps from t on.
func (c *Conv) weightGradTiles(dw, x, dy []float32, f, t, n int) {
	var acc [gradFilters][gradTiles * gradTaps * Lanes]float32
	filters := min(gradFilters, c.Filters-f)
	taps := min(gradTiles*gradTaps, c.Taps()-t)
	outLen := c.OutH() * c.OutW()
	for i := 0; i < taps; i += gradTaps {
		for p := 0; p < outLen; {
			// The table serves every group of rows, from the group's first pixel.
			row, at := p/c.OutW()*c.W, p%len(c.positions)
			row -= at / c.OutW() * c.W
			positions := min(maxCallTaps/4, len(c.positions)-at, outLen-p)
			convGrad2x5AVX2(filters, min(gradTaps, taps-i), &acc[0][i*Lanes], len(acc[0])*4,
				&x[row*Lanes], &c.taps[t+i],
				&dy[(f*outLen+p)*Lanes], outLen*laneBytes, &c.positions[at], positions)
			p += positions
		}
	}
	for j := range filters {
		sumLanesAVX2(&dw[(f+j)*c.Taps()+t], &acc[j][0], taps, laneMask(n))
	}
}
