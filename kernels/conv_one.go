package kernels

// A single image has seven lanes of a block to spare. Conv.ForwardOne computes
// what Conv.Forward computes for each of eight images, the same chains, from
// plain row-major tensors, with vectors that run along the pixels of an output
// channel or along the output channels at one position.

// oneTable bounds the places of a table: later rows of a rectangle are reached
// by moving x and y.
const oneTable = 1024

const (
	quad          = 4 // pixels of half a vector
	tileVectors   = 2 // vectors of the tile along pixels
	tileQuads     = 2 * tileVectors
	tilePositions = 6 // positions of the tile along output channels
	tileChannels  = 2 * Lanes
)

// convOne is a convolution prepared for single images.
type convOne struct {
	channels bool // vectors run along output channels, not along pixels
	rects    []oneRect

	// Along output channels, the results of some output rows at a time wait, as
	// [group of eight channels][position][8], to be transposed.
	stripRows int
}

// oneRect is a rectangle of output positions with one list of taps, as rect is
// for blocks: distances are those of one image, and taps runs over all channels.
type oneRect struct {
	first  int     // output row
	rows   int     // rows of output
	cols   int     // columns of output
	table  int     // rows of the tables of places
	taps   []int32 // pairs: a tap's pixel relative to that of the first, its weights relative to the first tap's
	places []int32 // pairs: where a place's first pixel and its output lie, from the first place of the rectangle or, in the output, of the row
	quads  []int32 // along pixels, places of four pixels; those of places have eight

	x, xRow int // input pixel of the first place, and pixels from row to row
}

// newConvOne chooses what vectors run along, by the cycles that each tap takes
// in all tiles.
func newConvOne(s ConvShape, g *gather) convOne {
	o := convOne{channels: !alongPixels(g) || channelCycles(g) < pixelCycles(g)}
	o.stripRows = min(s.OutH(), max(1, oneTable/4/s.OutW()))
	for i := range g.rects {
		o.rects = append(o.rects, o.newRect(g, &g.rects[i]))
	}
	return o
}

// alongPixels reports whether all output rows hold whole groups of adjacent
// pixels with the same taps.
func alongPixels(g *gather) bool { return len(g.rects) == 1 && g.outW >= quad }

// pixelCycles is the number of cycles that a tap takes along pixels: a tile of
// n channels is bound by 2*n multiply-adds of two a cycle, but not faster than
// the latency of four cycles.
func pixelCycles(g *gather) int {
	cycles := 0
	for t := range g.tiles() {
		lo, hi := g.tile(t)
		cycles += max(4, hi-lo)
	}
	halves := g.outH * ((g.outW + quad - 1) / quad)
	return cycles * (halves + tileQuads - 1) / tileQuads
}

// channelCycles is that number along output channels: six for six positions
// and 16 channels, and four for eight channels.
func channelCycles(g *gather) int {
	groups := (g.outC + Lanes - 1) / Lanes
	tiles := (g.outH*g.outW + tilePositions - 1) / tilePositions
	return tiles * (groups/2*6 + groups%2*4)
}

func (o *convOne) newRect(g *gather, rc *rect) oneRect {
	r := oneRect{first: rc.rows.first, rows: rc.rows.n, cols: rc.cols.n, x: rc.base, xRow: g.inW}
	weight := tileFilters
	if o.channels {
		weight = Lanes
	}
	for c := range g.inC {
		for i := 0; i < len(rc.taps); i += 2 {
			x := c*g.inH*g.inW*4 + int(rc.taps[i])/Lanes
			w := c*g.channelTaps + int(rc.taps[i+1])/(tileFilters*4)
			r.taps = append(r.taps, int32(x), int32(w*weight*4))
		}
	}
	if o.channels {
		r.positions(g, rc, o.stripRows)
	} else {
		r.pixels(g)
	}
	return r
}

// pixels makes the tables of vectors of eight pixels and of groups of four. What
// is left of a row is one group, or, if there are more than four, one vector,
// shifted back over the one before.
func (r *oneRect) pixels(g *gather) {
	perRow := (r.cols + Lanes - 1) / Lanes
	tables := min(r.rows, (r.rows*perRow+oneTable-1)/oneTable)
	r.table = (r.rows + tables - 1) / tables
	for i := range r.table {
		col := 0
		for ; r.cols-col > quad && r.cols >= Lanes; col += Lanes {
			r.places = g.place(r.places, i, min(col, r.cols-Lanes))
		}
		for ; col < r.cols; col += quad {
			r.quads = g.place(r.quads, i, min(col, r.cols-quad))
		}
	}
	r.places = fill(r.places, tileVectors)
	r.quads = fill(r.quads, tileQuads)
}

// place appends the place at a row and a column to a table.
func (g *gather) place(table []int32, row, col int) []int32 {
	return append(table, int32((row*g.inW+col)*4), int32((row*g.outW+col)*4))
}

// fill repeats the last place until whole tiles have one.
func fill(table []int32, tile int) []int32 {
	for len(table)%(2*tile) != 0 {
		table = append(table, table[len(table)-2:]...)
	}
	return table
}

// positions makes the table of positions, of as many rows as a strip has.
func (r *oneRect) positions(g *gather, rc *rect, rows int) {
	r.table = min(rows, r.rows)
	for i := range r.table {
		for q := range r.cols {
			r.places = append(r.places, int32((i*g.inW+q)*4), int32((i*g.outW+rc.cols.first+q)*laneBytes))
		}
	}
}

// OneLen is the length of a single image.
func (s ConvShape) OneLen() int { return s.C * s.H * s.W }

// OneOutLen is the length of a single image's output.
func (s ConvShape) OneOutLen() int { return s.Filters * s.OutH() * s.OutW() }

// OneScratch is the length of the memory that [Conv.ForwardOne] needs.
func (c *Conv) OneScratch() int {
	if !c.one.channels {
		return 0
	}
	return c.one.stripRows * c.OutW() * tileChannels
}

// ForwardOne computes, for a single image, what [Conv.Forward] computes for each
// image of a block, with the same bits. x is the image, [channel][row][column],
// of OneLen elements, and y its output, of OneOutLen. scratch is memory of
// OneScratch elements, whose contents are lost. They must not overlap.
func (c *Conv) ForwardOne(y, x, scratch []float32, f *Filters, relu bool) {
	c.checkFilters(f)
	if len(x) != c.OneLen() || len(y) != c.OneOutLen() || len(scratch) != c.OneScratch() || len(f.panels) != c.panelsLen() {
		panic(badLength)
	}
	if overlap(x, y) || overlap(scratch, x) || overlap(scratch, y) {
		panic(badOverlap)
	}
	raceRead(x)
	raceWrite(y)
	raceWrite(scratch)
	if useAVX2 {
		convForwardOneAVX2(c, y, x, scratch, f, relu)
		return
	}
	convForwardOneGeneric(c.ConvShape, y, x, f.W, f.Bias, relu)
}

// panelsLen is the length of the weights as ForwardOne reads them along output
// channels: the transpose of the matrix of filters, packed by PackPanels.
func (c *Conv) panelsLen() int {
	if !c.one.channels {
		return 0
	}
	return PanelsLen(c.Taps(), c.Filters)
}

// packOne renews the panels that hold filters lo to hi.
func (c *Conv) packOne(f *Filters, lo, hi int) {
	if !c.one.channels || lo == hi {
		return
	}
	k := c.Taps()
	lo, hi = lo&^(Lanes-1), min(c.Filters, (hi+Lanes-1)&^(Lanes-1))
	PackPanels(f.panels[lo*k:PanelsLen(k, hi)], f.W[lo*k:hi*k], hi-lo, k, k)
}
