package kernels

import "sync"

// workspace holds the packed blocks of one product, or the copies of a pointwise
// convolution.
type workspace struct {
	a [gemmMC * gemmPackedRow]float32
	b [(gemmKC + gemmPanelGap/Lanes) * gemmNC]float32
}

// gemmPanelGap lies between panels, lest all of them compete for the same places
// of the cache.
const gemmPanelGap = 16

// gemmPackedRow is the distance between packed rows of A: more than KC, lest
// all rows compete for the same places of the cache.
const gemmPackedRow = gemmKC + 16

const (
	packAtOnce = 4  // panels that the assembly packs in one pass over the rows
	maxPanels  = 16 // panels of contiguous columns in one call, which bounds its time
)

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

func borrowWorkspace() *workspace { return workspaces.Get().(*workspace) }

func (w *workspace) giveBack() { workspaces.Put(w) }

// packedB is where a block of B is packed, in panels of eight columns.
func (w *workspace) packedB(depth int) operandB {
	return operandB{w.b[:], Lanes, depth*Lanes + gemmPanelGap}
}

// packB copies a block of B whose columns are contiguous to panels.
func (w *workspace) packB(b []float32, bcs, depth, cols int) operandB {
	packed := w.packedB(depth)
	panel, whole := packed.vector, cols/Lanes
	if depth < Lanes {
		for j := 0; j < cols; j += Lanes {
			interleaveGeneric(w.b[j/Lanes*panel:][:depth*Lanes], b[j*bcs:], depth, bcs, min(Lanes, cols-j))
		}
		return packed
	}
	for q, n := 0, 0; q < whole; q += n {
		n = min(whole-q, maxPanels)
		packColumns8AVX2(&w.b[q*panel], panel*4, &b[q*Lanes*bcs], depth, bcs*4, n)
	}
	if rest := cols % Lanes; rest > 0 {
		interleaveAVX2(w.b[whole*panel:][:depth*Lanes], b[whole*Lanes*bcs:], depth, bcs, rest)
	}
	return packed
}

// packRows copies rows of cols elements, srcRow apart, to panels of width
// columns, panel apart.
func packRows(dst []float32, panel int, src []float32, rows, srcRow, cols int, alpha float32, width int) {
	for j, n := 0, 0; j < cols; j += n * width {
		n = 1
		if cols-j >= packAtOnce*width {
			n = packAtOnce
		}
		mask := laneMask(min(width, cols-j))
		if width == Lanes {
			packRows8AVX2(&dst[j/width*panel], panel*4, &src[j], rows, srcRow*4, n, alpha, mask)
		} else {
			packRows4AVX2(&dst[j/width*panel], panel*4, &src[j], rows, srcRow*4, n, alpha, mask)
		}
	}
}

// packA copies a block of A, multiplied by alpha: row by row if its rows are
// contiguous, else to tiles of MR rows.
func (w *workspace) packA(a []float32, alpha float32, ars, acs, rows, depth int) operandA {
	packed := w.packedA(acs, depth)
	if acs == 1 {
		for i := range rows {
			scaleTo(w.a[i*packed.row:][:depth], a[i*ars:], alpha)
		}
		return packed
	}
	packRows(w.a[:], packed.tile, a, depth, acs, rows, alpha, gemmMR)
	return packed
}

func (w *workspace) packedA(acs, depth int) operandA {
	if acs == 1 {
		return operandA{w.a[:], gemmPackedRow, 1, gemmMR * gemmPackedRow}
	}
	return operandA{w.a[:], 1, gemmMR, gemmMR*depth + gemmPanelGap}
}

// scaleTo is: for i { dst[i] = alpha * src[i] }.
func scaleTo(dst, src []float32, alpha float32) {
	if alpha == 1 {
		copy(dst, src)
		return
	}
	for i := range dst {
		dst[i] = alpha * src[i]
	}
}
