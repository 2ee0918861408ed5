// Package conv is the convolutional layer.
package conv

import (
	"fmt"
	"math/rand/v2"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Layer describes a two-dimensional convolution with stride 1 and no padding:
//
//	y[f][r][q] = activation(b[f] + sum over c, i, j of w[f][c][i][j] * x[c][r+i][q+j])
//
// From C x H x W it makes Filters x (H-Size+1) x (W-Size+1). Its weights are
// (Filters, C, Size, Size), row-major, and it has one bias for each filter.
// Initial weights are drawn by [layer.InitWeights] with a fan-in of
// C*Size*Size; initial biases are 0.
type Layer struct {
	Filters    int // number of filters, that is of output channels; at least 1
	Size       int // rows and columns of a filter; at least 1
	SizeCols   int // columns of a filter where they differ from its rows; 0 means Size
	Activation layer.Activation
}

// Bind implements [layer.Layer].
func (l Layer) Bind(in layer.Shape) (layer.Op, error) {
	shape, err := l.shape(in)
	if err != nil {
		return nil, fmt.Errorf("convolution: %w", err)
	}
	return &op{conv: kernels.NewConv(shape), act: l.Activation}, nil
}

func (l Layer) shape(in layer.Shape) (kernels.ConvShape, error) {
	var none kernels.ConvShape
	if err := l.Activation.Check(); err != nil {
		return none, err
	}
	cols := l.SizeCols
	if cols == 0 {
		cols = l.Size
	}
	if l.Filters < 1 || l.Size < 1 || cols < 1 {
		return none, fmt.Errorf("%w: want Filters and Size of at least 1, have %d filters of %dx%d",
			layer.ErrOption, l.Filters, l.Size, cols)
	}
	if in.IsVector() {
		return none, fmt.Errorf("%w: want an image (channels, rows, columns), have a vector of %v", layer.ErrShape, in)
	}
	if err := in.Check(); err != nil {
		return none, err
	}
	if l.Size > in.H || cols > in.W {
		return none, fmt.Errorf("%w: a filter of %dx%d is larger than the input, %v", layer.ErrShape, l.Size, cols, in)
	}
	s := kernels.ConvShape{C: in.C, H: in.H, W: in.W, Filters: l.Filters, FH: l.Size, FW: cols}
	if !kernels.Fits(s.Filters, s.OutH(), s.OutW()) || !kernels.Fits(s.Filters, s.C, s.FH, s.FW) {
		return none, fmt.Errorf("%w: %d filters of %dx%d over %v are more than %d elements",
			layer.ErrShape, l.Filters, l.Size, cols, in, layer.MaxLen)
	}
	return s, nil
}

// op implements layer.BlockGradient and layer.Single.
type op struct {
	conv    *kernels.Conv
	filters *kernels.Filters
	act     layer.Activation
}

func (o *op) String() string {
	return fmt.Sprintf("conv %d filters %dx%d, %v", o.conv.Filters, o.conv.FH, o.conv.FW, o.act)
}

func (o *op) Out() layer.Shape {
	return layer.Image(o.conv.Filters, o.conv.OutH(), o.conv.OutW())
}

func (o *op) Params() layer.Params {
	return layer.Params{Rows: o.conv.Filters, RowLen: o.conv.Taps(), Biases: true}
}

func (o *op) Init(w, b []float32, r *rand.Rand) {
	layer.InitWeights(w, o.conv.Taps(), o.act, r)
	clear(b)
}

func (o *op) Attach(w, b []float32) { o.filters = o.conv.NewFilters(w, b) }

func (o *op) Pack(lo, hi int) { o.conv.Pack(o.filters, lo, hi) }

func (o *op) Forward(y, x []float32, n int) {
	// The kernel applies ReLU while the sums are still in registers.
	fused := o.act == layer.ReLU
	o.conv.Forward(y, x, o.filters, n, fused)
	if !fused {
		o.act.Forward(y)
	}
}

func (o *op) ScratchOne() int { return o.conv.OneScratch() }

func (o *op) ForwardOne(y, x, scratch []float32) {
	fused := o.act == layer.ReLU
	o.conv.ForwardOne(y, x, scratch, o.filters, fused)
	if !fused {
		o.act.Forward(y)
	}
}

func (o *op) Backward(dx, dy, x, y []float32, n int) {
	o.act.Backward(dy, y)
	if dx != nil {
		o.conv.DataGrad(dx, dy, o.filters, n)
	}
}

func (o *op) Gradient(dw, db, x, dy []float32, n int) {
	o.conv.WeightGrad(dw, db, x, dy, n)
}
