package kernels

import "math"

// GemvPanels computes y = bias + x*B for one row x and a matrix B of len(x) rows
// and len(y) columns packed by [PackPanels]; with relu, y is then 0 where it was
// below 0. Element j is one chain of fused multiply-adds that starts at bias[j]
// and takes the elements of x in ascending order, as in [GemmPanels].
func GemvPanels(y, x, panels, bias []float32, relu bool) {
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
		gemvPanelsAVX2(y, x, panels, bias, relu)
		return
	}
	gemvPanelsGeneric(y, x, panels, bias, relu)
}

// gemvPanels is the largest number of panels of one call of the assembly.
const gemvPanels = 12

// maxCallElements bounds the length of x in one call: at 12 panels from main
// memory, less than 100 microseconds.
const maxCallElements = 1 << 11

// gemvPanelsAVX2 takes the panels in tiles that differ by one at most. Tiles
// that would take too long go on from what y holds.
func gemvPanelsAVX2(y, x, panels, bias []float32, relu bool) {
	all := (len(y) + Lanes - 1) / Lanes
	tiles := (all + gemvPanels - 1) / gemvPanels
	for t := range tiles {
		lo, hi := t*all/tiles, (t+1)*all/tiles
		mask := laneMask(min(Lanes, len(y)-(hi-1)*Lanes))
		init := bias
		for p := 0; p < len(x); p += maxCallElements {
			floor := float32(math.Inf(-1))
			if relu && p+maxCallElements >= len(x) {
				floor = 0
			}
			gemv8x12AVX2(hi-lo, &y[lo*Lanes], &x[p], min(maxCallElements, len(x)-p),
				&panels[(lo*len(x)+p)*Lanes], len(x)*laneBytes, &init[lo*Lanes], mask, floor)
			init = y
		}
	}
}
