package kernels

// A single image has seven lanes of a block to spare. Conv.ForwardOne computes
// what Conv.Forward computes for each of eight images, the same chains, from
// plain row-major tensors, with vectors that run along the pixels of an output
// channel or along the output channels at one position.

const (
	quad          = 4 // pixels of half a vector
	tileVectors   = 2 // vectors of the tile along pixels
	tileQuads     = 2 * tileVectors
	tilePositions = 6 // positions of the tile along output channels
	tileChannels  = 2 * Lanes

	// onePlaces bounds the places of a table along pixels, and stripPositions the
	// positions whose results along output channels wait to be transposed, in 24
	// KiB: both stay in the L1 cache. Later rows are reached by moving x and y.
	onePlaces      = 1024
	stripPositions = 384
)

// convOne is a convolution prepared for single images.
type convOne struct {
	groups       int
	inC, outC    int // channels of one group
	inLen, inW   int // pixels of an input channel, and of a row of it
	outLen, outW int // of an output channel
	taps         int // of one filter and channel
	filterCols   int

	channels  bool // vectors run along output channels, not along pixels
	rects     []oneRect
	stripRows int // output rows of a strip
}

// oneRect is a rectangle of output positions with one list of taps. Distances
// in tables are in bytes.
type oneRect struct {
	rows, cols run
	taps       []int32 // pairs: a tap's pixel from that of the first, its weights from those of the first channel's first tap

	// Pairs: a place's first pixel from that of the rectangle, its output from
	// that of the rectangle's first row. Along pixels, places have eight pixels
	// and quads have four.
	places, quads []int32
	tableRows     int // rows of the tables
}

// newConvOne prepares a convolution whose weights along pixels are packed for
// the gather g.
func newConvOne(s ConvShape, g *gather) convOne {
	o := convOne{
		groups: s.groups(), inC: s.groupC(), outC: s.groupFilters(),
		inLen: s.H * s.W, inW: s.W,
		outLen: s.OutH() * s.OutW(), outW: s.OutW(),
		taps: s.FH * s.FW, filterCols: s.FW,
	}
	o.plan(s.rows().forwardRuns(), s.cols().forwardRuns(), g)
	return o
}

// plan chooses what vectors run along, by the cycles that each tap takes in all
// tiles, and makes the tables.
func (o *convOne) plan(rows, cols []run, g *gather) {
	alongPixels := len(rows) == 1 && len(cols) == 1 && rows[0].k*cols[0].k > 0 && cols[0].fromStep == 1 && cols[0].n >= quad
	o.channels = !alongPixels || o.channelCycles() < o.pixelCycles(g)
	o.stripRows = min(o.outLen/o.outW, max(1, stripPositions/o.outW))
	if listTaps(rows)*listTaps(cols)*o.inC > maxLists {
		return
	}
	for _, r := range rows {
		for _, c := range cols {
			o.rects = append(o.rects, o.newRect(r, c, g))
		}
	}
}

// pixelCycles is the number of cycles that a tap takes along pixels: a tile of
// n channels is bound by 2*n multiply-adds of two a cycle, but not faster than
// their latency of four cycles.
func (o *convOne) pixelCycles(g *gather) int {
	cycles := 0
	for t := range g.tiles() {
		lo, hi := g.tile(t)
		cycles += max(4, hi-lo)
	}
	halves := o.outLen / o.outW * divided(o.outW, quad)
	return cycles * (halves + tileQuads - 1) / tileQuads
}

// channelCycles is that number along output channels: six for six positions
// and 16 channels, and four for eight channels.
func (o *convOne) channelCycles() int {
	vectors := divided(o.outC, Lanes)
	tiles := divided(o.outLen, tilePositions)
	return tiles * (vectors/2*6 + vectors%2*4)
}

func (o *convOne) newRect(rows, cols run, g *gather) oneRect {
	r := oneRect{rows: rows, cols: cols}
	slot := g.slot()
	if o.channels {
		slot = Lanes
	}
	for c := range o.inC {
		for i := range rows.k {
			for j := range cols.k {
				x := c*o.inLen + i*rows.fromTap*o.inW + j*cols.fromTap
				w := c*o.taps + (rows.tap+i)*o.filterCols + cols.tap + j
				r.taps = append(r.taps, int32(x*4), int32(w*slot*4))
			}
		}
	}
	if o.channels {
		o.positions(&r)
	} else {
		o.pixels(&r)
	}
	return r
}

// pixels makes the tables of vectors of eight pixels and of groups of four. What
// is left of a row is one group, or, if there are more than four, one vector,
// shifted back over the one before.
func (o *convOne) pixels(r *oneRect) {
	n := r.cols.n
	tables := min(r.rows.n, divided(r.rows.n*n, onePlaces*Lanes))
	r.tableRows = divided(r.rows.n, tables)
	for i := range r.tableRows {
		col := 0
		for ; n-col > quad && n >= Lanes; col += Lanes {
			r.places = o.place(r.places, r, i, min(col, n-Lanes), 4)
		}
		for ; col < n; col += quad {
			r.quads = o.place(r.quads, r, i, min(col, n-quad), 4)
		}
	}
	r.places = fillTile(r.places, tileVectors)
	r.quads = fillTile(r.quads, tileQuads)
}

// positions makes the table of positions, of as many rows as a strip has.
func (o *convOne) positions(r *oneRect) {
	r.tableRows = min(o.stripRows, r.rows.n)
	for i := range r.tableRows {
		for col := range r.cols.n {
			r.places = o.place(r.places, r, i, col, laneBytes)
		}
	}
}

// place appends the place at a row and a column of the rectangle to a table; a
// pixel of the output has size bytes.
func (o *convOne) place(table []int32, r *oneRect, row, col, size int) []int32 {
	x := row*r.rows.fromStep*o.inW + col*r.cols.fromStep
	y := row*o.outW + r.cols.first + col
	return append(table, int32(x*4), int32(y*size))
}

// fillTile repeats the last place of a table until its tiles are whole.
func fillTile(table []int32, tile int) []int32 {
	for len(table)%(2*tile) != 0 {
		table = append(table, table[len(table)-2:]...)
	}
	return table
}

// from is the input pixel that the first place of a row reads.
func (o *convOne) from(r *oneRect, row int) int {
	return (r.rows.from+row*r.rows.fromStep)*o.inW + r.cols.from
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
	return c.one.stripRows * c.one.outW * tileChannels
}

// ForwardOne computes, for a single image, what [Conv.Forward] computes for each
// image of a block, with the same bits. x is the image, [channel][row][column],
// of OneLen elements, and y its output, of OneOutLen. scratch is memory of
// OneScratch elements, whose contents are lost. They must not overlap.
func (c *Conv) ForwardOne(y, x, scratch []float32, f *Filters, relu bool) {
	o := &c.one
	c.checkFilters(f)
	if len(x) != o.groups*o.inC*o.inLen || len(y) != o.groups*o.outC*o.outLen ||
		len(scratch) != c.OneScratch() || len(f.panels) != o.panelsLen() {
		panic(badLength)
	}
	if overlap(x, y) || overlap(scratch, x) || overlap(scratch, y) {
		panic(badOverlap)
	}
	raceRead(x)
	raceWrite(y)
	raceWrite(scratch)
	if useAVX2 && len(o.rects) > 0 {
		raceRead(f.panels)  // of which it reads one,
		raceRead(f.forward) // but both are packed at once
		convForwardOneAVX2(c, y, x, scratch, f, relu)
		return
	}
	convForwardOneGeneric(c.ConvShape, y, x, f.W, f.Bias, relu)
}

// filterLen is the number of weights of one filter.
func (o *convOne) filterLen() int { return o.inC * o.taps }

// panelsLen is the length of the weights as they are read along output
// channels: for each group, the transpose of its matrix of filters, packed by
// PackPanels.
func (o *convOne) panelsLen() int {
	if !o.channels {
		return 0
	}
	return o.groups * PanelsLen(o.filterLen(), o.outC)
}

// pack renews filters lo to hi of w in the panels, and no others, which may be
// renewed meanwhile: where groups are not multiples of eight filters, a panel
// can hold some of either.
func (o *convOne) pack(panels, w []float32, lo, hi int) {
	if !o.channels {
		return
	}
	k, size := o.filterLen(), PanelsLen(o.filterLen(), o.outC)
	for g := range o.groups {
		first, end := max(lo-g*o.outC, 0), min(hi-g*o.outC, o.outC)
		for first < end {
			group, rows := panels[g*size:][:size], w[(g*o.outC+first)*k:]
			if n := wholePanels(first, end, o.outC); n > 0 {
				PackPanels(group[first*k:PanelsLen(k, first+n)], rows[:n*k], n, k, k)
				first += n
				continue
			}
			panel := group[first/Lanes*Lanes*k+first%Lanes:]
			for i, v := range rows[:k] {
				panel[i*Lanes] = v
			}
			first++
		}
	}
}

// wholePanels is the number of filters from first on that fill panels, or are
// the last of all, and lie before end; 0 if first is inside a panel.
func wholePanels(first, end, all int) int {
	switch {
	case first%Lanes != 0:
		return 0
	case end == all:
		return end - first
	}
	return (end - first) &^ (Lanes - 1)
}
