package kernels

// This file leads from the windows of a pooling to its assembly. It compiles
// everywhere; only useAVX2 lets it run.

// maxCallWindows is the number of windows that one call of the assembly pools:
// some tens of microseconds.
const maxCallWindows = 1 << 14

func maxPoolForward2x2(s *PoolShape, channels int, y, x []float32) {
	outH, outW := s.H/2, s.W/2
	channels, rows := s.joined2x2(channels)
	each := max(1, maxCallWindows/outW)
	for c := range channels {
		for r := 0; r < rows; r += each {
			in, out := (c*s.H+2*r)*s.W*Lanes, (c*outH+r)*outW*Lanes
			maxPoolForward2x2AVX2(&y[out], &x[in], min(each, rows-r), outW, s.W*laneBytes)
		}
	}
}

func maxPoolBackward2x2(s *PoolShape, channels int, dx, x, dy []float32) {
	if s.H%2 != 0 || s.W%2 != 0 {
		clear(dx) // the remainder at the edges
	}
	outH, outW := s.H/2, s.W/2
	channels, rows := s.joined2x2(channels)
	each := max(1, maxCallWindows/outW)
	for c := range channels {
		for r := 0; r < rows; r += each {
			in, out := (c*s.H+2*r)*s.W*Lanes, (c*outH+r)*outW*Lanes
			maxPoolBackward2x2AVX2(&dx[in], &x[in], &dy[out], min(each, rows-r), outW, s.W*laneBytes)
		}
	}
}

// joined2x2 returns the numbers of channels and rows of windows: those of one
// channel that joins all of a number, unless a remainder lies between them.
func (s *PoolShape) joined2x2(all int) (channels, rows int) {
	if s.H%2 != 0 {
		return all, s.H / 2
	}
	return 1, all * s.H / 2
}

// eachCall calls f with the spans of each call of the assembly for a number of
// channels, and with where the channel begins in blocks of the input and of the
// output. It clears the channel of dx first, unless that is nil or f writes all of
// it: just before f adds to it, because a whole block would be in the L1 cache no
// more.
func (p *Pool) eachCall(channels int, dx []float32, f func(spans *int32, n, in, out int)) {
	for c := range channels {
		if dx != nil && !p.tiles {
			clear(dx[c*p.inLen*Lanes:][:p.inLen*Lanes])
		}
		for _, spans := range p.plan.chunks {
			f(&spans[0].x, len(spans), c*p.inLen*Lanes, c*p.outLen*Lanes)
		}
	}
}

func (p *Pool) maxForwardAVX2(channels int, y, x []float32) {
	p.eachCall(channels, nil, func(spans *int32, n, in, out int) {
		maxPoolAVX2(spans, n, &y[out], &x[in], p.plan.xStep, &p.plan.lists[0])
	})
}

// eachStrip calls f with the strips of each channel, and with where in blocks of the
// input and of the output it begins.
func (p *Pool) eachStrip(channels int, f func(s *poolStrip, in, out int)) {
	for c := range channels {
		for i := range p.strips.all {
			f(&p.strips.all[i], c*p.inLen*Lanes, (c*p.outLen+p.strips.all[i].first)*Lanes)
		}
	}
}

func (p *Pool) maxBackwardStrips(channels int, dx, x, dy []float32) {
	var sent sentByStrip
	ids := sent.start()
	p.eachStrip(channels, func(s *poolStrip, in, out int) {
		for _, spans := range s.windows {
			maxPoolWinnersAVX2(&spans[0].x, len(spans), ids, &x[in], p.plan.xStep, &p.strips.lists[0])
		}
		for _, spans := range s.pixels {
			maxPoolGatherAVX2(&spans[0].x, len(spans), &dx[in], ids, &dy[out], p.plan.xStep, &p.strips.lists[0])
		}
	})
}

func (p *Pool) averageBackwardStrips(channels int, dx, dy []float32) {
	var sent sentByStrip
	shares := sent.start()
	p.eachStrip(channels, func(s *poolStrip, in, out int) {
		for _, spans := range s.windows {
			averagePoolSharesAVX2(&spans[0].x, len(spans), shares, &dy[out])
		}
		for _, spans := range s.pixels {
			averagePoolGatherAVX2(&spans[0].x, len(spans), &dx[in], shares, &dy[out], p.plan.xStep, &p.strips.lists[0])
		}
	})
}

func (p *Pool) maxBackwardAVX2(channels int, dx, x, dy []float32) {
	disjoint := p.disjoint()
	p.eachCall(channels, dx, func(spans *int32, n, in, out int) {
		if disjoint {
			maxPoolPlaceAVX2(spans, n, &dx[in], &x[in], &dy[out], p.plan.xStep, &p.plan.lists[0])
		} else {
			maxPoolScatterAVX2(spans, n, &dx[in], &x[in], &dy[out], p.plan.xStep, &p.plan.lists[0])
		}
	})
}

func (p *Pool) averageForwardAVX2(channels int, y, x []float32) {
	p.eachCall(channels, nil, func(spans *int32, n, in, out int) {
		averagePoolAVX2(spans, n, &y[out], &x[in], p.plan.xStep, &p.plan.lists[0])
	})
}

func (p *Pool) averageBackwardAVX2(channels int, dx, dy []float32) {
	disjoint := p.disjoint()
	p.eachCall(channels, dx, func(spans *int32, n, in, out int) {
		if disjoint {
			averagePoolPlaceAVX2(spans, n, &dx[in], &dy[out], p.plan.xStep, &p.plan.lists[0])
		} else {
			averagePoolScatterAVX2(spans, n, &dx[in], &dy[out], p.plan.xStep, &p.plan.lists[0])
		}
	})
}

// globalForwardAVX2 sums the pixels of eight channels side by side, which hides
// the latency of the additions.
func (p *Pool) globalForwardAVX2(all int, y, x []float32) {
	clear(y)
	quotients := poolSpan{count: float32(p.inLen)}
	for c := 0; c < all; c += Lanes {
		channels := min(Lanes, all-c)
		for first := 0; first < p.inLen; first += maxCallElements / Lanes {
			n := min(maxCallElements/Lanes, p.inLen-first)
			sumPositions8AVX2(&y[c*Lanes], &x[(c*p.inLen+first)*Lanes], channels, p.inLen*laneBytes, n)
		}
		quotients.n = int32(channels)
		averagePoolSharesAVX2(&quotients.x, 1, &y[c*Lanes], &y[c*Lanes])
	}
}

// globalBackwardAVX2 repeats each channel's share of the gradient.
func (p *Pool) globalBackwardAVX2(all int, dx, dy []float32) {
	positions := min(p.inLen, maxCallElements/Lanes)
	each := maxCallElements / Lanes / positions
	for c := 0; c < all; c += each {
		for first := 0; first < p.inLen; first += positions {
			repeatPositionsAVX2(&dx[(c*p.inLen+first)*Lanes], &dy[c*Lanes], min(each, all-c), p.inLen*laneBytes,
				min(positions, p.inLen-first), float32(p.inLen))
		}
	}
}

// maxCallVectors bounds the vectors of windows of one call of the assembly, at
// about 5 cycles each.
const maxCallVectors = 1 << 15

func maxPoolOne2x2(s *PoolShape, y, x []float32, relu bool) {
	floor := noFloor
	if relu {
		floor = 0
	}
	outH, outW := s.H/2, s.W/2
	windows := min(Lanes, outW&^(Lanes/2-1)) // of a vector: eight, or twice four
	vectors := divided(outW, windows)
	channels := 1
	if s.H%2 == 0 {
		// The rows of all channels lie at the same distance.
		channels = max(1, maxCallVectors/(outH*vectors))
	}
	xRow, yRow, yLast := s.W*4, outW*4, (outW-windows)*4
	for c := 0; c < s.C; c += channels {
		yc, xc := &y[c*outH*outW], &x[c*s.H*s.W]
		rows := min(channels, s.C-c) * outH
		if windows == Lanes {
			maxPoolOne2x16AVX2(yc, xc, rows, vectors, xRow, yRow, yLast, floor)
		} else {
			maxPoolOne2x8AVX2(yc, xc, rows, xRow, yRow, yLast, floor)
		}
	}
}

// eachEight pools a single image whose channels take the place of images in a
// block, eight at a time: pool gets blocks of one channel.
func (p *Pool) eachEight(y, x, scratch []float32, pool func(channels int, y, x []float32)) {
	in, out := scratch[:p.inLen*Lanes], scratch[p.inLen*Lanes:]
	for c := 0; c < p.C; c += Lanes {
		n := min(Lanes, p.C-c)
		interleaveAVX2(in, x[c*p.inLen:], p.inLen, p.inLen, n)
		pool(1, out, in)
		deinterleaveAVX2(y[c*p.outLen:], out, p.outLen, p.outLen, n)
	}
}
