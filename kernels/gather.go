package kernels

// A gather is a convolution seen from its result: every output position reads
// a list of input positions (its taps), multiplied by weights, for each input
// channel in turn. The forward pass and the data gradient are both gathers,
// over different weights. Positions that share a list form a rectangle; the
// rectangles of one direction are described by runs.

// A run is a set of consecutive output coordinates, along one axis, that read
// the same filter coordinates.
type run struct {
	first, n int // output coordinates first, first+1, ..., first+n-1
	tap, k   int // filter coordinates tap, tap+1, ..., tap+k-1
	in       int // input coordinate that output first reads with filter coordinate tap
	inStep   int // how the input coordinate moves with the filter coordinate: +1 or -1
}

// forwardRuns returns the runs of the forward pass along one axis: all outputs
// read all taps, output o reads input o+t with tap t.
func forwardRuns(out, filter int) []run {
	return []run{{first: 0, n: out, tap: 0, k: filter, in: 0, inStep: 1}}
}

// dataRuns returns the runs of the data gradient along one axis: position i of
// the input (there are in of them) receives from output i-t with tap t, for
// those t that lie inside: max(0, i-out+1) <= t <= min(filter-1, i).
func dataRuns(in, out, filter int) []run {
	var runs []run
	for i := range in {
		lo, hi := max(0, i-out+1), min(filter-1, i)
		if n := len(runs); n > 0 && runs[n-1].tap == lo && runs[n-1].k == hi-lo+1 {
			runs[n-1].n++
			continue
		}
		runs = append(runs, run{first: i, n: 1, tap: lo, k: hi - lo + 1, in: i - lo, inStep: -1})
	}
	return runs
}

// tileFilters is the largest number of output channels of a register tile, and
// the width of the slot that a tap's weights have in the packed form.
const tileFilters = 6

// A rect is a rectangle of output positions with one list of taps.
type rect struct {
	rows, cols run
	base       int // the input pixel that the first position reads with its first tap

	// taps says, in pairs, where each tap lies, in bytes: its pixel relative to
	// that of the first tap, its weights relative to the channel's first.
	taps []int32
}

type gather struct {
	inC, outC   int
	inH, inW    int
	outH, outW  int
	channelTaps int // filter rows times columns
	rects       []rect
}

func newGather(inC, outC, taps, inH, inW, outH, outW int, rows, cols []run, filterCols int) gather {
	g := gather{inC: inC, outC: outC, inH: inH, inW: inW, outH: outH, outW: outW, channelTaps: taps}
	for _, r := range rows {
		for _, c := range cols {
			g.rects = append(g.rects, newRect(r, c, inW, filterCols))
		}
	}
	return g
}

func newRect(rows, cols run, inW, filterCols int) rect {
	rc := rect{rows: rows, cols: cols, base: rows.in*inW + cols.in}
	for i := range rows.k {
		for j := range cols.k {
			x := i*rows.inStep*inW + j*cols.inStep
			w := (rows.tap+i)*filterCols + cols.tap + j
			rc.taps = append(rc.taps, int32(x*laneBytes), int32(w*tileFilters*4))
		}
	}
	return rc
}

// tiles is the number of register tiles that the output channels are split
// into. The tiles' sizes differ by one at most, because a tile of few channels
// leaves multiply-add units idle.
func (g *gather) tiles() int { return (g.outC + tileFilters - 1) / tileFilters }

// tile returns the output channels [lo, hi) of tile t.
func (g *gather) tile(t int) (lo, hi int) {
	n := g.tiles()
	return t * g.outC / n, (t + 1) * g.outC / n
}

// tileOf returns the tile that holds output channel c.
func (g *gather) tileOf(c int) int { return ((c+1)*g.tiles() - 1) / g.outC }

func (g *gather) packedLen() int { return g.tiles() * g.tileLen() }

// tileLen is the length of the packed weights of one tile.
func (g *gather) tileLen() int { return g.inC * g.channelTaps * tileFilters }

// pack copies the taps w between one input and one output channel to where the
// tiles read them:
//
//	dst[tile][input channel][tap][channel within the tile]
func (g *gather) pack(dst, w []float32, in, out int) {
	t := g.tileOf(out)
	lo, _ := g.tile(t)
	d := dst[t*g.tileLen()+in*g.channelTaps*tileFilters+out-lo:]
	for tap, v := range w {
		d[tap*tileFilters] = v
	}
}
