package benchmarks

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// patches is the pixels of one image under the filter, a value for each of
// s.taps() taps at each of s.positions() positions, as a matrix of taps x
// positions or the other way round.
type patches struct {
	blas32.General
	byTap      blas.Transpose // makes it taps x positions
	byPosition blas.Transpose // makes it positions x taps
}

// unfold returns the patches of an image, in g's workspace.
//
// Gemm's inner loops run along the rows of this matrix, so its rows are the
// longer side: in LeNet-5 the positions for conv1 (25 x 784) and the taps for
// conv2 (100 x 150). The other way round, the forward pass takes 1.5 and 1.3
// times as long. One product for the
// whole batch, instead of one for each image, takes 1.0 and 1.4 times as long
// forward.
func (g *Gonum) unfold(s Conv, image []float32) patches {
	if s.positions() > s.taps() {
		return g.unfoldByTap(s, image)
	}
	space := g.patchSpace(s)
	unfoldByPosition(s, space, image)
	return patches{matrix(s.positions(), s.taps(), space), blas.Trans, blas.NoTrans}
}

// unfoldByTap returns the patches as a matrix of taps x positions.
func (g *Gonum) unfoldByTap(s Conv, image []float32) patches {
	space := g.patchSpace(s)
	unfoldByTap(s, space, image)
	return patches{matrix(s.taps(), s.positions(), space), blas.NoTrans, blas.Trans}
}

// patchSpace returns the workspace, grown to hold the patches of one image.
func (g *Gonum) patchSpace(s Conv) []float32 {
	size := s.taps() * s.positions()
	if len(g.workspace) < size {
		g.workspace = make([]float32, size)
	}
	return g.workspace[:size]
}

// unfoldByTap writes a row of all positions for each tap: im2col.
func unfoldByTap(s Conv, rows, image []float32) {
	height, width := s.OutHeight(), s.OutWidth()
	for c := range s.In {
		for p := range s.Filter {
			for q := range s.Filter {
				for y := range height {
					copy(rows[:width], image[(c*s.Height+y+p)*s.Width+q:])
					rows = rows[width:]
				}
			}
		}
	}
}

// unfoldByPosition writes a row of all taps for each position: im2row.
func unfoldByPosition(s Conv, rows, image []float32) {
	for y := range s.OutHeight() {
		for k := range s.OutWidth() {
			for c := range s.In {
				for p := range s.Filter {
					copy(rows[:s.Filter], image[(c*s.Height+y+p)*s.Width+k:])
					rows = rows[s.Filter:]
				}
			}
		}
	}
}

// fold adds a row of all taps for each position to the pixels that they were
// under: the transpose of unfoldByPosition.
func fold(s Conv, image, rows []float32) {
	for y := range s.OutHeight() {
		for k := range s.OutWidth() {
			for c := range s.In {
				for p := range s.Filter {
					pixels := image[(c*s.Height+y+p)*s.Width+k:][:s.Filter]
					for q, v := range rows[:len(pixels)] {
						pixels[q] += v
					}
					rows = rows[s.Filter:]
				}
			}
		}
	}
}
