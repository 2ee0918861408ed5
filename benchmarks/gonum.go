package benchmarks

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// Gonum is the linear layers through gonum's blas32.Gemm, the convolutions by
// way of matrices of patches (im2col). It takes and gives the same arrays as
// [Naive]. Pooling, activations and the optimiser have no BLAS, so a network
// on Gonum shares those loops with one on Naive.
//
// Gemm starts goroutines, and allocates for them, if the product has four
// blocks of 64x64 or more. It skips the zeros of its left operand, unless the
// right one is transposed.
//
// A zero Gonum is ready to use. It keeps a workspace between calls, so
// goroutines must not share one.
type Gonum struct {
	workspace []float32
}

// ConvForward does the same as [Naive.ConvForward], as the product of the
// weights and the patches of each image.
func (g *Gonum) ConvForward(s Conv, z, x, w, b []float32) {
	weights := matrix(s.Out, s.taps(), w)
	for i := range len(x) / s.InSize() {
		image := matrix(s.Out, s.positions(), z[i*s.OutSize():])
		for o, bias := range b {
			for j := range image.Cols {
				image.Data[o*image.Stride+j] = bias
			}
		}
		p := g.unfold(s, x[i*s.InSize():][:s.InSize()])
		blas32.Gemm(blas.NoTrans, p.byTap, 1, weights, p.General, 1, image)
	}
}

// ConvWeightGradient does the same as [Naive.ConvWeightGradient], as the
// product of the output's gradient and the patches of each image, a row of
// positions for each tap. (With a row of taps for each position it would take
// 0.96 of the time in conv2, and its rounding would leave the reference losses
// of the notebook's experiment ten steps earlier.)
func (g *Gonum) ConvWeightGradient(s Conv, dw, db, x, dz []float32) {
	gradient := matrix(s.Out, s.taps(), dw)
	clear(dw)
	for i := range len(x) / s.InSize() {
		image := matrix(s.Out, s.positions(), dz[i*s.OutSize():])
		p := g.unfoldByTap(s, x[i*s.InSize():][:s.InSize()])
		blas32.Gemm(blas.NoTrans, p.byPosition, 1, image, p.General, 1, gradient)
	}
	convBiasGradient(s, db, dz)
}

// ConvDataGradient does the same as [Naive.ConvDataGradient], as the product of
// the output's gradient, transposed, and the weights: a matrix of patches,
// whose overlaps are then added up. With taps x positions instead, Gemm finds
// no zeros to skip and it takes 1.7 times as long.
func (g *Gonum) ConvDataGradient(s Conv, dx, dz, w []float32) {
	weights := matrix(s.Out, s.taps(), w)
	p := matrix(s.positions(), s.taps(), g.patchSpace(s))
	clear(dx)
	for i := range len(dx) / s.InSize() {
		image := matrix(s.Out, s.positions(), dz[i*s.OutSize():])
		blas32.Gemm(blas.Trans, blas.NoTrans, 1, image, weights, 0, p)
		fold(s, dx[i*s.InSize():][:s.InSize()], p.Data)
	}
}

// DenseForward does the same as [Naive.DenseForward].
func (*Gonum) DenseForward(s Dense, z, x, w, b []float32) {
	n := len(x) / s.In
	for i := range n {
		copy(z[i*s.Out:][:s.Out], b)
	}
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, matrix(n, s.In, x), matrix(s.Out, s.In, w), 1, matrix(n, s.Out, z))
}

// DenseWeightGradient does the same as [Naive.DenseWeightGradient].
func (*Gonum) DenseWeightGradient(s Dense, dw, db, x, dz []float32) {
	n := len(x) / s.In
	blas32.Gemm(blas.Trans, blas.NoTrans, 1, matrix(n, s.Out, dz), matrix(n, s.In, x), 0, matrix(s.Out, s.In, dw))
	denseBiasGradient(s, db, dz)
}

// DenseDataGradient does the same as [Naive.DenseDataGradient].
func (*Gonum) DenseDataGradient(s Dense, dx, dz, w []float32) {
	n := len(dx) / s.In
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, matrix(n, s.Out, dz), matrix(s.Out, s.In, w), 0, matrix(n, s.In, dx))
}

// matrix is a row-major view of the first rows*cols values of data.
func matrix(rows, cols int, data []float32) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data[:rows*cols]}
}
