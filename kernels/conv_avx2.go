package kernels

import "math"

// This file leads from the tables of a convolution to its assembly.

var noFloor = float32(math.Inf(-1))

func convForwardAVX2(c *Conv, y, x []float32, f *Filters, relu bool) {
	floor := noFloor
	if relu {
		floor = 0
	}
	c.forward.run(y, x, f.forward, f.Bias, floor)
}

func convDataGradAVX2(c *Conv, dx, dy []float32, f *Filters) {
	c.data.run(dx, dy, f.data, nil, noFloor)
}

// run computes all positions of y. Chains start at bias, or at +0 if it is nil.
//
// The loops from the outside in: groups; chunks, which read what fits into the
// L2 cache; blocks of channels, whose weights fit into the L1 cache, and of
// which all but the first go on from what y holds; tiles of output channels;
// and, in assembly, spans of positions.
func (g *gather) run(y, x, packed, bias []float32, floor float32) {
	for group := range g.groups {
		y := y[group*g.outC*g.outLen*Lanes:][:g.outC*g.outLen*Lanes]
		x := x[group*g.inC*g.inLen*Lanes:][:g.inC*g.inLen*Lanes]
		w := packed[group*g.tiles()*g.tileLen():][:g.tiles()*g.tileLen()]
		init := bias
		if bias != nil {
			init = bias[group*g.outC:][:g.outC]
		}
		g.fill(y, init, floor)
		for _, spans := range g.chunks {
			for first := 0; first < g.inC; first += g.block {
				for t := range g.tiles() {
					g.call(spans, t, first, y, x, w, init, floor)
				}
			}
		}
	}
}

// call runs the assembly for tile t over the block of channels that begins with
// first.
func (g *gather) call(spans []span, t, first int, y, x, w, bias []float32, floor float32) {
	lo, hi := g.tile(t)
	var init [tileFilters]float32
	if bias != nil {
		copy(init[:], bias[lo:hi])
	}
	resume := 0
	if first > 0 {
		resume = 1
	}
	n := min(g.block, g.inC-first)
	if first+n < g.inC {
		floor = noFloor
	}
	convTile6x2AVX2(hi-lo, &spans[0].x, len(spans),
		&y[lo*g.outLen*Lanes], g.outLen*laneBytes,
		&x[first*g.inLen*Lanes], g.fold*g.inLen*laneBytes,
		&w[t*g.tileLen()+first*g.taps*g.slot()], g.fold*g.taps*g.slot()*4, n/g.fold,
		&g.lists[0], &init[0], resume, floor)
}

// fill sets the positions that read nothing.
func (g *gather) fill(y, bias []float32, floor float32) {
	for _, s := range g.empty {
		for c := range g.outC {
			var v float32
			if bias != nil {
				v = bias[c]
			}
			if floor > v {
				v = floor
			}
			at := c*g.outLen*Lanes + int(s.y)/4
			for range s.n {
				*lane8(y[at:], 0) = *splat(v)
				at += int(s.yStep) / 4
			}
		}
	}
}

// laneMasks[8-n:][:8] has all bits set for the first n of eight lanes.
var laneMasks = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}

// laneMask returns a vector with all bits set for the first n lanes.
func laneMask(n int) *int32 { return &laneMasks[Lanes-n] }

func convWeightGradAVX2(c *Conv, dw, db, x, dy []float32, n int) {
	biasGradAVX2(c, db, dy, n)
	p := &c.weights
	if p.leavesOut(c.Taps()) {
		clear(dw)
	}
	var acc [gradAccumulators * Lanes]float32
	outLen, perGroup := c.OutH()*c.OutW(), c.groupFilters()
	parts := (perGroup + p.filters - 1) / p.filters
	for group := range c.groups() {
		channels := x[group*c.groupC()*c.H*c.W*Lanes:]
		for part := range parts {
			lo, hi := group*perGroup+part*perGroup/parts, group*perGroup+(part+1)*perGroup/parts
			for batch := range p.batches {
				weights := len(p.batches[batch].weights)
				sums := acc[:(hi-lo)*weights*Lanes]
				clear(sums)
				p.sumPositions(batch, sums, channels, dy[lo*outLen*Lanes:], hi-lo, outLen)
				p.sumLanes(batch, dw[lo*c.Taps():hi*c.Taps()], sums, hi-lo, n)
			}
		}
	}
}

func biasGradAVX2(c *Conv, db, dy []float32, n int) {
	outLen := c.OutH() * c.OutW()
	for f := 0; f < c.Filters; f += Lanes {
		var acc [Lanes * Lanes]float32
		filters := min(Lanes, c.Filters-f)
		sumPositions8AVX2(&acc[0], &dy[f*outLen*Lanes], filters, outLen*laneBytes, outLen)
		sumLanesAVX2(&db[f], &acc[0], filters, laneMask(n))
	}
}

// leavesOut reports whether some of a filter's taps meet no pixel anywhere, so
// that no tile has them.
func (p *gradPlan) leavesOut(taps int) bool {
	for _, b := range p.batches {
		taps -= len(b.weights)
	}
	return taps > 0
}

// sumPositions adds to acc, for a few filters with gradients dy and the weights
// of a batch, the products at all positions of channels x, lane by lane.
func (p *gradPlan) sumPositions(batch int, acc, x, dy []float32, filters, outLen int) {
	for _, chunk := range p.chunks {
		tiles := p.classes[chunk.class][batch]
		if len(tiles) > 0 {
			convGradAVX2(filters, &tiles[0].taps, len(tiles), &acc[0], len(p.batches[batch].weights)*laneBytes,
				&x[0], chunk.x*4, &dy[chunk.dy], outLen*laneBytes, &p.positions[0])
		}
	}
}

// sumLanes writes the sums of the first n lanes of acc to where the weights of
// the batch lie in the filters' gradients dw.
func (p *gradPlan) sumLanes(batch int, dw, acc []float32, filters, n int) {
	b := &p.batches[batch]
	taps, weights := len(dw)/filters, len(b.weights)
	if b.inOrder {
		for f := range filters {
			sumLanesAVX2(&dw[f*taps+int(b.weights[0])], &acc[f*weights*Lanes], weights, laneMask(n))
		}
		return
	}
	var sums [gradAccumulators]float32
	sumLanesAVX2(&sums[0], &acc[0], filters*weights, laneMask(n))
	for f := range filters {
		filter := dw[f*taps:][:taps]
		for i, w := range b.weights {
			filter[w] = sums[f*weights+i]
		}
	}
}
