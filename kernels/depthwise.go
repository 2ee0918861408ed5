package kernels

// A depthwise convolution has one input channel for each filter, or few filters
// for each channel, so that a tile of several output channels would have one to
// compute. Its tiles are several positions of a row instead, which share pixels:
// 3x3 filters read each of them for three positions.
//
// The chains are those of gather, which serves whatever these tiles do not: large
// filters, dilations, and half blocks.

// depthKind is one of the assembly's tiles.
type depthKind struct {
	taps int // columns of a filter's row that meet pixels
	turn int // pixels from a tap to the next; 1 if there is one
	step int // pixels from a position to the next; 0 if they share none
}

// depthKinds are the assembly's tiles. The functions that lead to them have the
// same order.
var depthKinds = [...]depthKind{{3, 1, 1}, {3, 1, 2}, {2, 1, 0}, {1, 1, 0}, {3, -1, 1}, {2, -1, 1}, {1, 1, 1}, {2, -1, 0}}

// depthPositions is the most positions of a tile.
const depthPositions = 7

// depthwise is a gather of one output channel for each group as the assembly
// walks over it.
type depthwise struct {
	kinds   []depthSpans
	applies bool // false if another kind of tiles would be needed

	xRow, yRow int // from a tap, or a position, to the next below, in bytes
	yCol       int // from a position to the next on the right
	xDown      int // from what a position reads to what the next one below does
	wRow, wCol int // from a tap's weight to the next
}

// depthSpans is the spans of one kind of tiles, a call of the assembly's at a
// time.
type depthSpans struct {
	kind  int // of depthKinds
	calls []depthCall
}

// A depthCall is the spans of one call, and their multiply-adds for a channel.
type depthCall struct {
	spans []depthSpan
	work  int
}

// A depthSpan is tiles of as many positions one after another. Distances are in
// bytes.
type depthSpan struct {
	x, y, w int32 // what the first position reads with its first tap, where it lies, and that tap's weight
	rows    int32 // of the filter
	tiles   int32
	width   int32 // positions of a tile
}

// newDepthwise returns the tiles of positions of rows and columns, where in is
// read and out written.
func newDepthwise(rows, cols []run, in, out image, filterCols int) depthwise {
	r, c := rows[0], cols[0]
	d := depthwise{
		xRow: r.fromTap * in.w * laneBytes, xDown: r.fromStep * in.w * laneBytes,
		yRow: r.step * out.w * laneBytes, yCol: c.step * laneBytes,
		wRow: r.tapStep * filterCols * 4, wCol: c.tapStep * 4,
	}
	for _, r := range rows {
		for _, c := range cols {
			if r.k > 0 && c.k > 0 && !d.rectangle(r, c, in, out, filterCols) {
				return depthwise{}
			}
		}
	}
	d.applies = len(d.kinds) > 0
	return d
}

// rectangle adds the positions of rows r and columns c; false means that no kind
// of tiles serves them. A column without neighbours is taken downwards.
func (d *depthwise) rectangle(r, c run, in, out image, filterCols int) bool {
	down := c.n == 1
	kind := depthKindOf(c, down)
	if kind < 0 {
		return false
	}
	s := depthSpan{w: int32((r.tap*filterCols + c.tap) * 4), rows: int32(r.k)}
	line := func(r, c run, n, xStep, yStep int) {
		s.x = int32((r.from*in.w + c.from) * laneBytes)
		s.y = int32((r.first*out.w + c.first) * laneBytes)
		for tiles, width := range evenly(n, depthPositions) {
			most := max(1, maxCallTaps/(r.k*c.k*width)) // of a call
			for s.width = int32(width); tiles > 0; tiles -= int(s.tiles) {
				s.tiles = int32(min(tiles, most))
				d.add(kind, s, c.k)
				s.x += s.tiles * s.width * int32(xStep)
				s.y += s.tiles * s.width * int32(yStep)
			}
		}
	}
	if down {
		line(r, c, r.n, d.xDown, d.yRow)
		return true
	}
	for i := range r.n {
		line(r.part(i, 1), c, c.n, c.fromStep*laneBytes, d.yCol)
	}
	return true
}

// depthKindOf returns the kind of tiles for a run of columns, or -1.
func depthKindOf(c run, down bool) int {
	want := depthKind{taps: c.k, turn: c.fromTap, step: c.fromStep}
	if c.k == 1 {
		want.turn = 1
	}
	if down {
		want.step = 0
	}
	for i, k := range depthKinds {
		if k == want {
			return i
		}
	}
	return -1
}

// add appends a span to those of its kind, cut into calls.
func (d *depthwise) add(kind int, s depthSpan, taps int) {
	i := 0
	for i < len(d.kinds) && d.kinds[i].kind != kind {
		i++
	}
	if i == len(d.kinds) {
		d.kinds = append(d.kinds, depthSpans{kind: kind})
	}
	k := &d.kinds[i]
	work := int(s.rows) * taps * int(s.tiles*s.width)
	if n := len(k.calls); n == 0 || k.calls[n-1].work+work > maxCallTaps {
		k.calls = append(k.calls, depthCall{})
	}
	last := &k.calls[len(k.calls)-1]
	last.spans = append(last.spans, s)
	last.work += work
}
