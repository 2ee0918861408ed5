package kernels

import "sync"

// workspace holds the packed blocks of one product.
type workspace struct {
	a [gemmMC * gemmPackedRow]float32
	b [gemmKC * gemmNC]float32
}

// gemmPackedRow is the distance between packed rows of A: more than KC, lest
// all rows compete for the same places of the cache.
const gemmPackedRow = gemmKC + 16

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

func borrowWorkspace() *workspace { return workspaces.Get().(*workspace) }

func (w *workspace) giveBack() { workspaces.Put(w) }

// packB copies a block of B to panels of eight columns.
func (w *workspace) packB(b []float32, brs, bcs, depth, cols int) operandB {
	for j := 0; j < cols; j += Lanes {
		panel, n := w.b[j*depth:][:depth*Lanes], min(Lanes, cols-j)
		if brs == 1 {
			interleaveAVX2(panel, b[j*bcs:], depth, bcs, n)
			continue
		}
		packRows8AVX2(&panel[0], &b[j], depth, brs*4, laneMask(n))
	}
	return operandB{w.b[:], Lanes, depth * Lanes}
}

// packA copies a block of A, multiplied by alpha: row by row if its rows are
// contiguous, else to tiles of MR rows.
func (w *workspace) packA(a []float32, alpha float32, ars, acs, rows, depth int) operandA {
	if acs == 1 {
		for i := range rows {
			scaleTo(w.a[i*gemmPackedRow:][:depth], a[i*ars:], alpha)
		}
		return operandA{w.a[:], gemmPackedRow, 1, gemmMR * gemmPackedRow}
	}
	for i := 0; i < rows; i += gemmMR {
		tile, n := w.a[i*depth:][:depth*gemmMR], min(gemmMR, rows-i)
		for p := range depth {
			scaleTo(tile[p*gemmMR:][:n], a[i*ars+p*acs:], alpha)
		}
	}
	return operandA{w.a[:], 1, gemmMR, gemmMR * depth}
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
