package kernels

import "math"

func convForwardOneAVX2(c *Conv, y, x, scratch []float32, f *Filters, relu bool) {
	floor := float32(math.Inf(-1))
	if relu {
		floor = 0
	}
	if c.one.channels {
		c.forwardChannels(y, x, scratch, f, floor)
		return
	}
	g, r := &c.forward, &c.one.rects[0]
	for t := range g.tiles() {
		lo, hi := g.tile(t)
		p := onePixels{
			filters: hi - lo,
			yFilter: g.outH * g.outW * 4,
			w:       f.forward[t*g.tileLen():],
			floor:   floor,
		}
		copy(p.init[:], f.Bias[lo:hi])
		for row := 0; row < r.rows; row += r.table {
			// The last rows are shifted back over those before.
			first := min(row, r.rows-r.table)
			p.run(r, y[(lo*g.outH+r.first+first)*g.outW:], x[r.x+first*r.xRow:])
		}
	}
}

// onePixels is one tile of output channels along pixels.
type onePixels struct {
	filters int
	yFilter int
	w       []float32
	init    [tileFilters]float32
	floor   float32
}

// run computes the places of both tables from y and x on.
func (p *onePixels) run(r *oneRect, y, x []float32) {
	p.tiles(r, r.places, tileVectors, y, x)
	p.tiles(r, r.quads, tileQuads, y, x)
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
				convPixels6x8x2AVX2(p.filters, &y[0], p.yFilter, &x[0], &p.w[0], taps, n, &p.init[0], resume, floor, &places[i], tiles)
			} else {
				convPixels6x4x4AVX2(p.filters, &y[0], p.yFilter, &x[0], &p.w[0], taps, n, &p.init[0], resume, floor, &places[i], tiles)
			}
		}
	}
}

// steps says into how many tiles and taps at a time the calls for k taps are
// split.
func steps(k int) (tiles, taps int) {
	const most = maxCallTaps / tilePositions
	return max(1, most/k), min(k, most)
}

// resumption says whether the call for tapStep taps from tap on goes on from
// y, and which floor it applies: the last call that of all.
func resumption(tap, tapStep, k int, floor float32) (resume int, callFloor float32) {
	if tap > 0 {
		resume = 1
	}
	if tap+tapStep < k {
		floor = float32(math.Inf(-1))
	}
	return resume, floor
}

// forwardChannels computes 16 output channels at a time, strip by strip of
// output rows.
func (c *Conv) forwardChannels(y, x, scratch []float32, f *Filters, floor float32) {
	k := c.Taps()
	for lo := 0; lo < c.Filters; lo += tileChannels {
		t := oneChannels{
			filters: min(tileChannels, c.Filters-lo),
			w:       f.panels[lo*k:],
			wGroup:  k * laneBytes,
			floor:   floor,
		}
		copy(t.init[:], f.Bias[lo:lo+t.filters])
		for row := 0; row < c.OutH(); row += c.one.stripRows {
			rows := min(c.one.stripRows, c.OutH()-row)
			t.strip = scratch[:rows*c.OutW()*t.width()*Lanes]
			for i := range c.one.rects {
				t.rect(&c.one.rects[i], x, row, rows, c.OutW())
			}
			t.transpose(y[(lo*c.OutH()+row)*c.OutW():], rows*c.OutW(), c.OutH()*c.OutW())
		}
	}
}

// oneChannels is one tile of output channels.
type oneChannels struct {
	filters int
	w       []float32
	wGroup  int
	init    [tileChannels]float32
	floor   float32
	strip   []float32 // [width][position][8]
}

// width is the number of vectors of the tile.
func (t *oneChannels) width() int { return (t.filters + Lanes - 1) / Lanes }

// rect computes the part of a rectangle that lies in output rows row to row +
// rows.
func (t *oneChannels) rect(r *oneRect, x []float32, row, rows, outW int) {
	lo, hi := max(row, r.first), min(row+rows, r.first+r.rows)
	if lo >= hi {
		return
	}
	x, y := x[r.x+(lo-r.first)*r.xRow:], t.strip[(lo-row)*outW*Lanes:]
	positions := (hi - lo) * r.cols
	tiles := (positions + tilePositions - 1) / tilePositions
	n, larger := positions/tiles, positions%tiles
	t.run(r, y, x, r.places, n+1, larger)
	t.run(r, y, x, r.places[larger*(n+1)*2:], n, tiles-larger)
}

// run computes tiles of n positions, in calls that are short enough.
func (t *oneChannels) run(r *oneRect, y, x []float32, places []int32, n, tiles int) {
	k := len(r.taps) / 2
	tileStep, tapStep := steps(k)
	for i := 0; i < tiles; i += tileStep {
		for tap := 0; tap < k; tap += tapStep {
			resume, floor := resumption(tap, tapStep, k, t.floor)
			if t.width() == 2 {
				convChannels6x16AVX2(n, &y[0], &x[0], &t.w[0], &r.taps[2*tap], min(tapStep, k-tap), &t.init[0], resume, floor,
					&places[i*n*2], min(tileStep, tiles-i), t.wGroup, len(t.strip)/2*4)
			} else {
				convChannels6x8AVX2(n, &y[0], &x[0], &t.w[0], &r.taps[2*tap], min(tapStep, k-tap), &t.init[0], resume, floor,
					&places[i*n*2], min(tileStep, tiles-i))
			}
		}
	}
}

// transpose writes a strip of positions to the rows of y, one for each output
// channel, stride apart. The last eight positions overlap those before.
func (t *oneChannels) transpose(y []float32, positions, stride int) {
	for c := 0; c < t.filters; c += Lanes {
		group := t.strip[c/Lanes*positions*Lanes:][:positions*Lanes]
		rows, n := y[c*stride:], min(Lanes, t.filters-c)
		if positions < Lanes {
			deinterleaveGeneric(rows, group, positions, stride, n)
			continue
		}
		deinterleave8AVX2(&rows[0], &group[0], positions/Lanes, stride*4, n)
		if positions%Lanes > 0 {
			last := positions - Lanes
			deinterleave8AVX2(&rows[last], &group[last*Lanes], 1, stride*4, n)
		}
	}
}
