package kernels

// This file leads from the tables of depthwise convolutions to their assembly.

// runDepthwise computes what run computes, of full blocks. A group has one channel
// of y.
func (g *gather) runDepthwise(y, x, packed, bias []float32, floor float32, part bounds) {
	for group := part.lo; group < part.hi; group++ {
		var init []float32
		if bias != nil {
			init = bias[group:][:1]
		}
		g.fill(y[group*g.outLen*Lanes:], init, false, floor, bounds{0, 1})
	}
	if g.inC == 1 {
		if part.n() == 0 {
			return
		}
		if bias != nil {
			bias = bias[part.lo:]
		}
		g.depthChannels(part.n(), y[part.lo*g.outLen*Lanes:], x[part.lo*g.inLen*Lanes:], packed[part.lo*g.taps:], bias, 0, floor)
		return
	}
	for group := part.lo; group < part.hi; group++ {
		for in := range g.inC {
			callFloor := floor
			if in < g.inC-1 {
				callFloor = noFloor
			}
			at := group*g.inC + in
			var init []float32
			if bias != nil {
				init = bias[group:]
			}
			g.depthChannels(1, y[group*g.outLen*Lanes:], x[at*g.inLen*Lanes:], packed[at*g.taps:], init, in, callFloor)
		}
	}
}

// depthChannels adds the products of one input channel for each of a number of
// output channels. All but the first input channel go on from y.
func (g *gather) depthChannels(channels int, y, x, w, bias []float32, first int, floor float32) {
	d := &g.depth
	zero := [1]float32{}
	initChannel := 4
	if bias == nil {
		bias, initChannel = zero[:], 0
	}
	resume := 0
	if first > 0 {
		resume = 1
	}
	for i := range d.kinds {
		k := &d.kinds[i]
		for j := range k.calls {
			call := &k.calls[j]
			each := max(1, maxCallTaps/call.work)
			for c := 0; c < channels; c += each {
				d.call(k.kind, min(each, channels-c), call.spans, &y[c*g.outLen*Lanes], g.outLen*laneBytes, &x[c*g.inLen*Lanes], g.inLen*laneBytes,
					&w[c*g.taps], g.taps*4, &bias[c*initChannel/4], initChannel, resume, floor)
			}
		}
	}
}

// call runs the assembly of a kind of tiles.
func (d *depthwise) call(kind, channels int, spans []depthSpan, y *float32, yChannel int, x *float32, xChannel int,
	w *float32, wChannel int, init *float32, initChannel, resume int, floor float32) {
	s, n := &spans[0].x, len(spans)
	switch kind {
	case 0:
		depthRow3AVX2(channels, s, n, y, yChannel, d.yCol, x, xChannel, 0, d.xRow, w, wChannel, d.wRow, d.wCol, init, initChannel, resume, floor)
	case 1:
		depthRow3Stride2AVX2(channels, s, n, y, yChannel, d.yCol, x, xChannel, 0, d.xRow, w, wChannel, d.wRow, d.wCol, init, initChannel, resume, floor)
	case 2:
		depthColumn2AVX2(channels, s, n, y, yChannel, d.yRow, x, xChannel, d.xDown, d.xRow, w, wChannel, d.wRow, d.wCol, init, initChannel, resume, floor)
	case 3:
		depthColumn1AVX2(channels, s, n, y, yChannel, d.yRow, x, xChannel, d.xDown, d.xRow, w, wChannel, d.wRow, d.wCol, init, initChannel, resume, floor)
	case 4:
		depthRow3BackAVX2(channels, s, n, y, yChannel, d.yCol, x, xChannel, 0, d.xRow, w, wChannel, d.wRow, d.wCol, init, initChannel, resume, floor)
	case 5:
		depthRow2BackAVX2(channels, s, n, y, yChannel, d.yCol, x, xChannel, 0, d.xRow, w, wChannel, d.wRow, d.wCol, init, initChannel, resume, floor)
	case 6:
		depthRow1AVX2(channels, s, n, y, yChannel, d.yCol, x, xChannel, 0, d.xRow, w, wChannel, d.wRow, d.wCol, init, initChannel, resume, floor)
	case 7:
		depthColumn2BackAVX2(channels, s, n, y, yChannel, d.yRow, x, xChannel, d.xDown, d.xRow, w, wChannel, d.wRow, d.wCol, init, initChannel, resume, floor)
	}
}
