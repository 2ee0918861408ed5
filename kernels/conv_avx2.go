package kernels

import "math"

// This file leads from the tables of a convolution to its assembly.

var noFloor = float32(math.Inf(-1))

func convForwardAVX2(c *Conv, y, x []float32, f *Filters, n int, relu bool, part bounds) {
	floor := noFloor
	if relu {
		floor = 0
	}
	c.forward.run(y, x, f.forward, f.Bias, n, floor, part)
}

func convDataGradAVX2(c *Conv, dx, dy []float32, f *Filters, n int, part bounds) {
	c.data.run(dx, dy, f.data, nil, n, noFloor, part)
}

// run computes all positions of some channels of y for n images. Chains start at
// bias, or at +0 if it is nil.
//
// The loops from the outside in: groups; chunks, which read what fits into the
// L2 cache; blocks of channels, whose weights fit into the L1 cache, and of
// which all but the first go on from what y holds; tiles of output channels;
// and, in assembly, spans of positions.
func (g *gather) run(y, x, packed, bias []float32, n int, floor float32, part bounds) {
	half := n <= halfLanes
	if g.depth.applies && !half {
		g.runDepthwise(y, x, packed, bias, floor, part)
		return
	}
	if g.copies && divided(min(part.n(), g.outC), g.slotLen) < copyTiles {
		g = g.plain
	}
	for group := range g.groups {
		channels := part.inGroup(group, g.outC)
		if channels.n() == 0 {
			continue
		}
		y := y[group*g.outC*g.outLen*Lanes:][:g.outC*g.outLen*Lanes]
		x := x[group*g.inC*g.inLen*Lanes:][:g.inC*g.inLen*Lanes]
		w := packed[group*g.tiles()*g.tileLen():][:g.tiles()*g.tileLen()]
		init := bias
		if bias != nil {
			init = bias[group*g.outC:][:g.outC]
		}
		g.fill(y, init, half, floor, channels)
		g.runGroup(y, x, w, init, channels, half, floor)
	}
}

// runGroup is run for some channels of one group.
func (g *gather) runGroup(y, x, w, bias []float32, channels bounds, half bool, floor float32) {
	var copies *workspace
	if g.copies {
		copies = borrowWorkspace()
		defer copies.giveBack()
	}
	tiles := bounds{g.tileOf(channels.lo), g.tileOf(channels.hi-1) + 1}
	fetching := min(tiles.n(), fetchTiles)
	for i, chunk := range g.chunks {
		for first := 0; first < g.inC; first += g.block {
			xBlock := x[first*g.inLen*Lanes:]
			if copies != nil {
				xBlock = copies.copyBlock(g, xBlock, chunk.pixels, min(g.block, g.inC-first))
			}
			for t := range tiles.n() {
				if copies != nil && t < fetching {
					g.fetchNext(x, i, first, share(g.block, fetching, t))
				}
				g.call(chunk.spans, tiles.lo+t, channels, first, g.ahead(t, first), y, xBlock, w, bias, half, floor)
			}
		}
	}
}

// call runs the assembly for those of the given channels that are in tile t, over
// the block of input channels that begins with first.
func (g *gather) call(spans []span, t int, channels bounds, first, ahead int, y, xBlock, w, bias []float32, half bool, floor float32) {
	begin, end := g.tile(t)
	lo, hi := max(begin, channels.lo), min(end, channels.hi)
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
	yTile, x := &y[lo*g.outLen*Lanes], &xBlock[0]
	wBlock := &w[t*g.tileLen()+first*g.taps*g.slot()+lo-begin]
	yFilter, xFold, wFold := g.outLen*laneBytes, g.fold*g.channelLen*laneBytes, g.fold*g.taps*g.slot()*4
	if half {
		convHalf6x4AVX2(hi-lo, &spans[0].x, len(spans), yTile, yFilter, x, xFold, ahead, wBlock, wFold, n/g.fold,
			&g.lists[0], &init[0], resume, floor)
		return
	}
	convTile6x2AVX2(hi-lo, &spans[0].x, len(spans), yTile, yFilter, x, xFold, ahead, wBlock, wFold, n/g.fold,
		&g.lists[0], &init[0], resume, floor)
}

// ahead is the distance in bytes from the pixels of a fold of channels to what the
// i-th tile fetches into the L2 cache meanwhile, of what comes after the block of
// channels from first on: the next block, or the first one of the chunk below. Each
// tile fetches a channel of the fold, because at once they would hold up one.
func (g *gather) ahead(i, first int) int {
	if i >= g.fold || g.copies {
		return 0
	}
	if n := min(g.block, g.inC-first); first+n < g.inC {
		return ((n+i)*g.inLen + g.fresh) * laneBytes
	}
	return ((i-first)*g.inLen + g.below) * laneBytes
}

// fill sets the positions of some channels that read nothing.
func (g *gather) fill(y, bias []float32, half bool, floor float32, channels bounds) {
	for _, s := range g.empty {
		for c := channels.lo; c < channels.hi; c++ {
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

func convWeightGradAVX2(c *Conv, dw, db, x, dy []float32, n int, part bounds) {
	if c.depth.applies {
		c.depth.run(c, dw, db, x, dy, n, part)
		return
	}
	p := &c.weights
	if n <= halfLanes && c.halves.planned && c.pairs(part) {
		p = &c.halves
	}
	if !p.bias {
		biasGradAVX2(c, db, dy, n, part)
	}
	if p.leavesOut(c.Taps()) {
		clear(dw[part.lo*c.Taps() : part.hi*c.Taps()])
	}
	g := weightGrad{Conv: c, plan: p, dw: dw, db: db, x: x, dy: dy, n: n}
	if p.pair == 2 {
		g.joinAndRun(part)
		return
	}
	g.run(part)
}

// pairs reports whether every group has none or more than one of the filters.
func (c *Conv) pairs(part bounds) bool {
	for group := range c.groups() {
		if part.inGroup(group, c.groupFilters()).n() == 1 {
			return false
		}
	}
	return true
}

func biasGradAVX2(c *Conv, db, dy []float32, n int, part bounds) {
	outLen := c.positions
	for f := part.lo; f < part.hi; f += Lanes {
		var acc [Lanes * Lanes]float32
		filters := min(Lanes, part.hi-f)
		for p := 0; p < outLen; p += maxCallElements / Lanes {
			n := min(maxCallElements/Lanes, outLen-p)
			sumPositions8AVX2(&acc[0], &dy[(f*outLen+p)*Lanes], filters, outLen*laneBytes, n)
		}
		sumLanesAVX2(&db[f], &acc[0], filters, laneMask(n))
	}
}

// weightGrad is a weight gradient under way.
//
// The loops from the outside in: groups; up to side parts of their filters by
// side batches of weights, whose accumulators wait in acc; chunks of positions;
// the parts and the batches; and, in assembly, tiles of the batch.
type weightGrad struct {
	*Conv
	plan          *gradPlan
	dw, db, x, dy []float32
	n             int // images that count

	acc     []float32
	side    int
	joined  []float32 // pairs of filters of one chunk's gradients
	members bounds    // of the group's filters, those whose gradients are wanted
}

// joinAndRun is run with room for pairs of filters, which take much of the stack,
// and time to clear.
func (g weightGrad) joinAndRun(part bounds) {
	var joined [gradVectors * Lanes]float32
	g.joined = joined[:]
	g.run(part)
}

// run computes the gradients of some filters.
func (g weightGrad) run(part bounds) {
	if g.plan.wide {
		g.runWide(part)
		return
	}
	var acc [gradAccumulators * Lanes]float32
	g.acc, g.side = acc[:], 1
	g.runGroups(part)
}

// runWide is for convolutions that do not fit into the L2 cache: more
// accumulators wait, so that each chunk is read less often.
func (g weightGrad) runWide(part bounds) {
	var acc [gradSide * gradSide * gradAccumulators * Lanes]float32
	g.acc, g.side = acc[:], gradSide
	g.runGroups(part)
}

// runGroups is run once there is room for accumulators.
func (g *weightGrad) runGroups(part bounds) {
	batches := len(g.plan.batches)
	high := divided(batches, g.side)
	for group := range g.groups() {
		g.members = part.inGroup(group, g.groupFilters())
		if g.members.n() == 0 {
			continue
		}
		parts := g.plan.parts(g.members.n())
		wide := divided(parts, g.side)
		for i := range wide {
			for j := range high {
				g.block(group, share(parts, wide, i), share(batches, high, j))
			}
		}
	}
}

// block computes the gradients of some parts of a group's members and some
// batches of their weights.
func (g *weightGrad) block(group int, parts, batches bounds) {
	p := g.plan
	if !p.full {
		clear(g.acc[:parts.n()*batches.n()*gradAccumulators*Lanes])
	}
	x := g.x[group*g.groupC()*g.H*g.W*Lanes:]
	for i, chunk := range p.chunks {
		resume := 1
		if p.full && i == 0 {
			resume = 0
		}
		acc := g.acc
		for part := parts.lo; part < parts.hi; part++ {
			filters := g.filters(group, part)
			dy, dyFilter := g.dy[filters.lo*g.positions*Lanes:][chunk.dy:], g.positions
			if p.pair == 2 {
				dy, dyFilter = g.join(dy, filters.n(), chunk.n), chunk.n
			}
			for batch := batches.lo; batch < batches.hi; batch++ {
				if tiles := p.classes[chunk.class][batch]; len(tiles) > 0 {
					g.tiles(tiles, filters.n(), acc, p.accumulators(batch), resume, x, chunk.x, dy, dyFilter*laneBytes)
				}
				acc = acc[gradAccumulators*Lanes:]
			}
		}
	}
	g.sum(group, parts, batches)
}

// sum writes the gradients that the accumulators of a block add up to.
func (g *weightGrad) sum(group int, parts, batches bounds) {
	acc := g.acc
	for part := parts.lo; part < parts.hi; part++ {
		filters := g.filters(group, part)
		for batch := batches.lo; batch < batches.hi; batch++ {
			if g.plan.pair == 2 {
				g.sumHalves(batch, filters, acc)
			} else {
				g.sumLanes(batch, filters, acc)
			}
			acc = acc[gradAccumulators*Lanes:]
		}
	}
}

// join returns the gradients of filters, in n positions, as pairs.
func (g *weightGrad) join(dy []float32, filters, n int) []float32 {
	for f := 0; f < filters; f += 2 {
		low, high := dy[f*g.positions*Lanes:], dy[(f+1)*g.positions*Lanes:]
		joinHalvesAVX2(&g.joined[f/2*n*Lanes], &low[0], &high[0], n)
	}
	return g.joined
}

// tiles runs the assembly.
func (g *weightGrad) tiles(tiles []gradTile, filters int, acc []float32, accumulators, resume int, x []float32, chunk int, dy []float32, dyFilter int) {
	accFilter := accumulators * laneBytes
	if g.plan.pair == 2 {
		convGradHalfAVX2(filters/2, &tiles[0].taps, len(tiles), &acc[0], accFilter, resume, &x[0], chunk*4, &dy[0], dyFilter, &g.plan.positions[0])
		return
	}
	convGradAVX2(filters, &tiles[0].taps, len(tiles), &acc[0], accFilter, resume, &x[0], chunk*4, &dy[0], dyFilter, &g.plan.positions[0])
}

// filters returns the filters of a part of a group's members.
func (g *weightGrad) filters(group, part int) bounds {
	first := group*g.groupFilters() + g.members.lo
	b := g.plan.part(g.members.n(), part)
	return bounds{first + b.lo, first + b.hi}
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
		if b.inOrder {
			copy(dw[b.weights[0]:], sums[:len(b.weights)])
		} else {
			for i, w := range b.weights {
				dw[w] = sums[i]
			}
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
