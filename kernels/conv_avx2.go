package kernels

import "math"

// This file leads from the tables of a convolution to its assembly.

var noFloor = float32(math.Inf(-1))

func convForwardAVX2(c *Conv, y, x []float32, f *Filters, n int, relu bool) {
	floor := noFloor
	if relu {
		floor = 0
	}
	c.forward.run(y, x, f.forward, f.Bias, n, floor)
}

func convDataGradAVX2(c *Conv, dx, dy []float32, f *Filters, n int) {
	c.data.run(dx, dy, f.data, nil, n, noFloor)
}

// run computes all positions of y for n images. Chains start at bias, or at +0
// if it is nil.
//
// The loops from the outside in: groups; chunks, which read what fits into the
// L2 cache; blocks of channels, whose weights fit into the L1 cache, and of
// which all but the first go on from what y holds; tiles of output channels;
// and, in assembly, spans of positions.
func (g *gather) run(y, x, packed, bias []float32, n int, floor float32) {
	half := n <= halfLanes
	if g.depth.applies && !half {
		g.runDepthwise(y, x, packed, bias, floor)
		return
	}
	for group := range g.groups {
		y := y[group*g.outC*g.outLen*Lanes:][:g.outC*g.outLen*Lanes]
		x := x[group*g.inC*g.inLen*Lanes:][:g.inC*g.inLen*Lanes]
		w := packed[group*g.tiles()*g.tileLen():][:g.tiles()*g.tileLen()]
		init := bias
		if bias != nil {
			init = bias[group*g.outC:][:g.outC]
		}
		g.fill(y, init, half, floor)
		for _, spans := range g.chunks {
			for first := 0; first < g.inC; first += g.block {
				for t := range g.tiles() {
					g.call(spans, t, first, y, x, w, init, half, floor)
				}
			}
		}
	}
}

// call runs the assembly for tile t over the block of channels that begins with
// first.
func (g *gather) call(spans []span, t, first int, y, x, w, bias []float32, half bool, floor float32) {
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
	ahead := g.ahead(t, first, n)
	yTile, xBlock := &y[lo*g.outLen*Lanes], &x[first*g.inLen*Lanes]
	wBlock := &w[t*g.tileLen()+first*g.taps*g.slot()]
	yFilter, xFold, wFold := g.outLen*laneBytes, g.fold*g.inLen*laneBytes, g.fold*g.taps*g.slot()*4
	if half {
		convHalf6x4AVX2(hi-lo, &spans[0].x, len(spans), yTile, yFilter, xBlock, xFold, ahead, wBlock, wFold, n/g.fold,
			&g.lists[0], &init[0], resume, floor)
		return
	}
	convTile6x2AVX2(hi-lo, &spans[0].x, len(spans), yTile, yFilter, xBlock, xFold, ahead, wBlock, wFold, n/g.fold,
		&g.lists[0], &init[0], resume, floor)
}

// ahead is the distance in bytes from the pixels of a fold of channels to what
// tile t fetches into the L2 cache meanwhile, of what comes after the n channels
// from first on: those that follow, or the first ones of the chunk below. Each
// tile fetches a channel of the fold, because at once they would hold up one.
func (g *gather) ahead(t, first, n int) int {
	if t >= g.fold {
		return 0
	}
	if first+n < g.inC {
		return ((n+t)*g.inLen + g.fresh) * laneBytes
	}
	return ((t-first)*g.inLen + g.below) * laneBytes
}

// fill sets the positions that read nothing.
func (g *gather) fill(y, bias []float32, half bool, floor float32) {
	for _, s := range g.empty {
		for c := range g.outC {
			var v float32
			if bias != nil {
				v = bias[c]
			}
			if floor > v {
				v = floor
			}
			block := splat(v)
			if half {
				clear(block[halfLanes:])
			}
			at := c*g.outLen*Lanes + int(s.y)/4
			for range s.n {
				*lane8(y[at:], 0) = *block
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
	if c.depth.applies {
		c.depth.run(c, dw, db, x, dy, n)
		return
	}
	p := &c.weights
	if n <= halfLanes && c.halves.planned {
		p = &c.halves
	}
	if !p.bias {
		biasGradAVX2(c, db, dy, n)
	}
	if p.leavesOut(c.Taps()) {
		clear(dw)
	}
	if p.wide {
		weightGradWide(c, p, dw, db, x, dy, n)
		return
	}
	var acc [gradAccumulators * Lanes]float32
	g := weightGrad{Conv: c, plan: p, acc: acc[:], side: 1, dw: dw, db: db, x: x, dy: dy, n: n}
	g.run()
}

// weightGradWide is for convolutions that do not fit into the L2 cache. Its
// accumulators take much of the stack, and time to clear.
func weightGradWide(c *Conv, p *gradPlan, dw, db, x, dy []float32, n int) {
	var acc [gradSide * gradSide * gradAccumulators * Lanes]float32
	g := weightGrad{Conv: c, plan: p, acc: acc[:], side: gradSide, dw: dw, db: db, x: x, dy: dy, n: n}
	g.run()
}

func biasGradAVX2(c *Conv, db, dy []float32, n int) {
	outLen := c.positions
	for f := 0; f < c.Filters; f += Lanes {
		var acc [Lanes * Lanes]float32
		filters := min(Lanes, c.Filters-f)
		for p := 0; p < outLen; p += maxCallElements / Lanes {
			n := min(maxCallElements/Lanes, outLen-p)
			sumPositions8AVX2(&acc[0], &dy[(f*outLen+p)*Lanes], filters, outLen*laneBytes, n)
		}
		sumLanesAVX2(&db[f], &acc[0], filters, laneMask(n))
	}
}

// weightGrad is a weight gradient under way.
//
// The loops from the outside in: groups; up to side parts of the filters by
// side batches of weights, whose accumulators wait in acc; chunks of positions;
// the parts and the batches; and, in assembly, tiles of the batch.
type weightGrad struct {
	*Conv
	plan          *gradPlan
	acc           []float32
	side          int
	dw, db, x, dy []float32
	n             int // images that count
}

func (g *weightGrad) run() {
	parts, batches := g.plan.parts(g.groupFilters()), len(g.plan.batches)
	wide, high := divided(parts, g.side), divided(batches, g.side)
	for group := range g.groups() {
		for i := range wide {
			for j := range high {
				g.block(group, share(parts, wide, i), share(batches, high, j))
			}
		}
	}
}

// block computes the gradients of some parts of a group's filters and some
// batches of their weights.
func (g *weightGrad) block(group int, parts, batches bounds) {
	p := g.plan
	clear(g.acc[:parts.n()*batches.n()*gradAccumulators*Lanes])
	x := g.x[group*g.groupC()*g.H*g.W*Lanes:]
	for _, chunk := range p.chunks {
		acc := g.acc
		for part := parts.lo; part < parts.hi; part++ {
			filters := g.filters(group, part)
			dy := g.dy[filters.lo*g.positions*Lanes:][chunk.dy:]
			for batch := batches.lo; batch < batches.hi; batch++ {
				if tiles := p.classes[chunk.class][batch]; len(tiles) > 0 {
					g.tiles(tiles, filters.n(), acc, p.accumulators(batch), x, chunk.x, dy)
				}
				acc = acc[gradAccumulators*Lanes:]
			}
		}
	}
	acc := g.acc
	for part := parts.lo; part < parts.hi; part++ {
		filters := g.filters(group, part)
		for batch := batches.lo; batch < batches.hi; batch++ {
			if p.pair == 2 {
				g.sumHalves(batch, filters, acc)
			} else {
				g.sumLanes(batch, filters, acc)
			}
			acc = acc[gradAccumulators*Lanes:]
		}
	}
}

// tiles runs the assembly.
func (g *weightGrad) tiles(tiles []gradTile, filters int, acc []float32, accumulators int, x []float32, chunk int, dy []float32) {
	accFilter, dyFilter := accumulators*laneBytes, g.positions*laneBytes
	if g.plan.pair == 2 {
		convGradHalfAVX2(filters/2, &tiles[0].taps, len(tiles), &acc[0], accFilter, &x[0], chunk*4, &dy[0], dyFilter, &g.plan.positions[0])
		return
	}
	convGradAVX2(filters, &tiles[0].taps, len(tiles), &acc[0], accFilter, &x[0], chunk*4, &dy[0], dyFilter, &g.plan.positions[0])
}

// filters returns the filters of a part of a group.
func (g *weightGrad) filters(group, part int) bounds {
	n := g.groupFilters()
	b := g.plan.part(n, part)
	return bounds{group*n + b.lo, group*n + b.hi}
}

// sumLanes writes the sums of the first n lanes of acc to where a batch's
// weights lie in the gradients of some filters, and those of the biases.
func (g *weightGrad) sumLanes(batch int, filters bounds, acc []float32) {
	b, stride := &g.plan.batches[batch], g.plan.accumulators(batch)
	taps := g.weightLen / g.Filters
	if b.inOrder && stride == len(b.weights) {
		for f := range filters.n() {
			sumLanesAVX2(&g.dw[(filters.lo+f)*taps+int(b.weights[0])], &acc[f*stride*Lanes], stride, laneMask(g.n))
		}
		return
	}
	var sums [2 * gradAccumulators]float32
	sumLanesAVX2(&sums[0], &acc[0], filters.n()*stride, laneMask(g.n))
	for f := range filters.n() {
		dw, sums := g.dw[(filters.lo+f)*taps:][:taps], sums[f*stride:][:stride]
		for i, w := range b.weights {
			dw[w] = sums[i]
		}
		if stride > len(b.weights) {
			g.db[filters.lo+f] = sums[len(b.weights)]
		}
	}
}

// sumHalves is sumLanes for pairs of filters: each filter of a pair gets vectors
// of its own, with its half of the pair's.
func (g *weightGrad) sumHalves(batch int, filters bounds, acc []float32) {
	var whole [2 * gradAccumulators * Lanes]float32
	stride := g.plan.accumulators(batch)
	for f := range filters.n() {
		pair, half := f/2, f%2
		for j := range stride {
			copy(whole[(f*stride+j)*Lanes:][:halfLanes], acc[(pair*stride+j)*Lanes+half*halfLanes:])
		}
	}
	g.sumLanes(batch, filters, whole[:])
}
