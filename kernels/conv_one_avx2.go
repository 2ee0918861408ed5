package kernels

// This file leads from the tables of a convolution of single images to its
// assembly.

func convForwardOneAVX2(c *Conv, y, x, scratch []float32, f *Filters, relu bool) {
	floor := noFloor
	if relu {
		floor = 0
	}
	o := &c.one
	for group := range o.groups {
		y := y[group*o.outC*o.outLen:][:o.outC*o.outLen]
		x := x[group*o.inC*o.inLen:][:o.inC*o.inLen]
		bias := f.Bias[group*o.outC:][:o.outC]
		if o.channels {
			size := o.panelsLen() / o.groups
			o.alongChannels(y, x, scratch, f.panels[group*size:][:size], bias, floor)
			continue
		}
		tiles := c.forward.tiles()
		for t := range tiles {
			lo, hi := c.forward.tile(t)
			p := onePixels{convOne: o, filters: hi - lo, w: f.forward[(group*tiles+t)*c.forward.tileLen():], floor: floor}
			copy(p.init[:], bias[lo:hi])
			p.rect(&o.rects[0], y[lo*o.outLen:], x)
		}
	}
}

// steps says into how many tiles and taps at a time the calls for k taps are
// split, so that none is too long.
func steps(k int) (tiles, taps int) {
	const most = maxCallTaps / tilePositions
	return max(1, most/k), min(k, most)
}

// resumption says whether a call for tapStep of k taps, from tap on, goes on
// from y, and which floor it applies: the last call that of all.
func resumption(tap, tapStep, k int, floor float32) (resume int, callFloor float32) {
	if tap > 0 {
		resume = 1
	}
	if tap+tapStep < k {
		floor = noFloor
	}
	return resume, floor
}

// onePixels is one tile of output channels along pixels.
type onePixels struct {
	*convOne
	filters int
	w       []float32
	init    [tileFilters]float32
	floor   float32
}

// rect computes a rectangle. Its last rows are shifted back over those before.
func (p *onePixels) rect(r *oneRect, y, x []float32) {
	for row := 0; row < r.rows.n; row += r.tableRows {
		row := min(row, r.rows.n-r.tableRows)
		y, x := y[(r.rows.first+row)*p.outW:], x[p.from(r, row):]
		p.tiles(r, r.places, tileVectors, y, x)
		p.tiles(r, r.quads, tileQuads, y, x)
	}
}

// tiles computes places, perTile in each tile, in calls that are short enough:
// tiles by tiles, and taps by taps, of which later ones go on from what y holds.
// A tile takes all taps before the next: it may overlap the one before.
func (p *onePixels) tiles(r *oneRect, places []int32, perTile int, y, x []float32) {
	k := len(r.taps) / 2
	tileStep, tapStep := steps(k)
	for i := 0; i < len(places); i += 2 * perTile * tileStep {
		tiles := min(tileStep, (len(places)-i)/(2*perTile))
		for tap := 0; tap < k; tap += tapStep {
			resume, floor := resumption(tap, tapStep, k, p.floor)
			taps, n := &r.taps[2*tap], min(tapStep, k-tap)
			if perTile == tileVectors {
				convPixels6x8x2AVX2(p.filters, &y[0], p.outLen*4, &x[0], &p.w[0], taps, n, &p.init[0], resume, floor, &places[i], tiles)
			} else {
				convPixels6x4x4AVX2(p.filters, &y[0], p.outLen*4, &x[0], &p.w[0], taps, n, &p.init[0], resume, floor, &places[i], tiles)
			}
		}
	}
}

// alongChannels computes 16 output channels at a time, strip by strip of
// output rows.
func (o *convOne) alongChannels(y, x, scratch, panels, bias []float32, floor float32) {
	k := o.filterLen()
	for lo := 0; lo < o.outC; lo += tileChannels {
		t := oneChannels{convOne: o, filters: min(tileChannels, o.outC-lo), w: panels[lo*k:], floor: floor}
		copy(t.init[:], bias[lo:lo+t.filters])
		outH := o.outLen / o.outW
		for row := 0; row < outH; row += o.stripRows {
			rows := min(o.stripRows, outH-row)
			t.strip = scratch[:rows*o.outW*t.width()*Lanes]
			for i := range o.rects {
				t.rect(&o.rects[i], x, row, rows)
			}
			t.transpose(y[lo*o.outLen+row*o.outW:], rows*o.outW)
		}
	}
}

// oneChannels is one tile of output channels.
type oneChannels struct {
	*convOne
	filters int
	w       []float32
	init    [tileChannels]float32
	floor   float32
	strip   []float32 // [width][position][8]
}

// width is the number of vectors of the tile.
func (t *oneChannels) width() int { return divided(t.filters, Lanes) }

// rect computes the part of a rectangle that lies in the strip of rows output
// rows from row on.
func (t *oneChannels) rect(r *oneRect, x []float32, row, rows int) {
	lo, hi := max(row, r.rows.first), min(row+rows, r.rows.first+r.rows.n)
	if lo >= hi {
		return
	}
	positions := (hi - lo) * r.cols.n
	y := t.strip[(lo-row)*t.outW*Lanes:]
	if len(r.taps) == 0 {
		t.fill(r.places[:2*positions], y)
		return
	}
	x = x[t.from(r, lo-r.rows.first):]
	tiles := divided(positions, tilePositions)
	n, larger := positions/tiles, positions%tiles
	t.tiles(r, y, x, r.places, n+1, larger)
	t.tiles(r, y, x, r.places[larger*(n+1)*2:], n, tiles-larger)
}

// fill gives positions that read nothing their initial values.
func (t *oneChannels) fill(places []int32, y []float32) {
	for i := 1; i < len(places); i += 2 {
		for j := range t.width() {
			v := y[int(places[i])/4+j*len(t.strip)/t.width():][:Lanes]
			copy(v, t.init[j*Lanes:])
			if t.floor == 0 {
				reluGeneric(v, v)
			}
		}
	}
}

// tiles computes tiles of n positions, in calls that are short enough.
func (t *oneChannels) tiles(r *oneRect, y, x []float32, places []int32, n, tiles int) {
	k, group := len(r.taps)/2, len(t.strip)/t.width()*4
	tileStep, tapStep := steps(k)
	for i := 0; i < tiles; i += tileStep {
		for tap := 0; tap < k; tap += tapStep {
			resume, floor := resumption(tap, tapStep, k, t.floor)
			taps, some := &r.taps[2*tap], min(tapStep, k-tap)
			place, these := &places[i*n*2], min(tileStep, tiles-i)
			if t.width() == 2 {
				convChannels6x16AVX2(n, &y[0], &x[0], &t.w[0], taps, some, &t.init[0], resume, floor, place, these,
					t.filterLen()*laneBytes, group)
			} else {
				convChannels6x8AVX2(n, &y[0], &x[0], &t.w[0], taps, some, &t.init[0], resume, floor, place, these)
			}
		}
	}
}

// transpose writes the strip of positions to the rows of y, one for each output
// channel. The last eight positions overlap those before.
func (t *oneChannels) transpose(y []float32, positions int) {
	for c := 0; c < t.filters; c += Lanes {
		group := t.strip[c*positions:][:positions*Lanes]
		rows, n := y[c*t.outLen:], min(Lanes, t.filters-c)
		if positions < Lanes {
			deinterleaveGeneric(rows, group, positions, t.outLen, n)
			continue
		}
		for p := 0; p < positions&^(Lanes-1); p += maxCallElements / Lanes {
			whole := columnsInCall(positions - p)
			deinterleave8AVX2(&rows[p], &group[p*Lanes], whole/Lanes, t.outLen*4, n)
		}
		if positions%Lanes > 0 {
			last := positions - Lanes
			deinterleave8AVX2(&rows[last], &group[last*Lanes], 1, t.outLen*4, n)
		}
	}
}
