package kernels

// DenseOne computes y = bias + x*B for one row x and a matrix B of len(x) rows
// and len(y) columns packed by [PackPanels]; with relu, y is then 0 where it was
// below 0. Element j is one chain of fused multiply-adds that starts at bias[j]
// and takes the elements of x in ascending order, as in [GemmPanels].
func DenseOne(y, x, panels, bias []float32, relu bool) {
	if len(panels) != PanelsLen(len(x), len(y)) || len(bias) != len(y) {
		panic(badLength)
	}
	if overlap(y, x) || overlap(y, panels) || overlap(y, bias) {
		panic(badOverlap)
	}
	raceRead(x)
	raceRead(panels)
	raceRead(bias)
	raceWrite(y)
	if useAVX2 && len(x) > 0 && len(y) > 0 {
		denseOneAVX2(y, x, panels, bias, relu)
		return
	}
	denseOneGeneric(y, x, panels, bias, relu)
}

// densePanels is the largest number of panels of one call of the assembly.
const densePanels = 12

// maxCallInputs bounds the length of x in one call: at 12 panels from main
// memory, less than 100 microseconds.
const maxCallInputs = 1 << 11

// denseOneAVX2 takes the panels in tiles that differ by one at most. Tiles
// that would take too long go on from what y holds.
func denseOneAVX2(y, x, panels, bias []float32, relu bool) {
	all := divided(len(y), Lanes)
	tiles := divided(all, densePanels)
	for t := range tiles {
		part := share(all, tiles, t)
		lo, hi := part.lo, part.hi
		mask := laneMask(min(Lanes, len(y)-(hi-1)*Lanes))
		init := bias
		for p := 0; p < len(x); p += maxCallInputs {
			floor := noFloor
			if relu && p+maxCallInputs >= len(x) {
				floor = 0
			}
			denseOne8x12AVX2(hi-lo, &y[lo*Lanes], &x[p], min(maxCallInputs, len(x)-p),
				&panels[(lo*len(x)+p)*Lanes], len(x)*laneBytes, &init[lo*Lanes], mask, floor)
			init = y
		}
	}
}
