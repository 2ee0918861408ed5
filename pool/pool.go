// Package pool is the pooling layers.
package pool

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Max describes max-pooling over windows that do not overlap: from C x H x W it
// makes C x H/Size x W/Size. A remainder at the bottom or right edge is dropped.
// Of equal elements the first of a window, row by row, receives the gradient; a
// NaN in a window makes its maximum NaN.
type Max struct {
	Size       int // rows and columns of a window; at least 1
	SizeCols   int // columns of a window where they differ from its rows; 0 means Size
	Activation layer.Activation
}

// Bind implements [layer.Layer].
func (l Max) Bind(in layer.Shape) (layer.Op, error) {
	shape, err := l.shape(in)
	if err != nil {
		return nil, fmt.Errorf("max-pooling: %w", err)
	}
	return &maxOp{shape: shape, act: l.Activation}, nil
}

func (l Max) shape(in layer.Shape) (kernels.PoolShape, error) {
	var none kernels.PoolShape
	if err := l.Activation.Check(); err != nil {
		return none, err
	}
	cols := l.SizeCols
	if cols == 0 {
		cols = l.Size
	}
	if l.Size < 1 || cols < 1 {
		return none, fmt.Errorf("%w: want a Size of at least 1, have a window of %dx%d", layer.ErrOption, l.Size, cols)
	}
	if in.IsVector() {
		return none, fmt.Errorf("%w: want an image (channels, rows, columns), have a vector of %v", layer.ErrShape, in)
	}
	if err := in.Check(); err != nil {
		return none, err
	}
	if l.Size > in.H || cols > in.W {
		return none, fmt.Errorf("%w: a window of %dx%d is larger than the input, %v", layer.ErrShape, l.Size, cols, in)
	}
	return kernels.PoolShape{C: in.C, H: in.H, W: in.W, FH: l.Size, FW: cols}, nil
}

type maxOp struct {
	shape kernels.PoolShape
	act   layer.Activation
}

func (o *maxOp) String() string {
	return fmt.Sprintf("max-pool %dx%d, %v", o.shape.FH, o.shape.FW, o.act)
}

func (o *maxOp) Activation() layer.Activation { return o.act }

func (o *maxOp) Out() layer.Shape {
	return layer.Image(o.shape.C, o.shape.OutH(), o.shape.OutW())
}

// MultiplyAdds is 0: a maximum compares.
func (o *maxOp) MultiplyAdds() int64 { return 0 }

func (o *maxOp) Forward(y, x []float32, n int) {
	kernels.MaxPoolForward(o.shape, y, x)
	o.act.Forward(y)
}

func (o *maxOp) ScratchOne() int { return 0 }

func (o *maxOp) ForwardOne(y, x, _ []float32) {
	fused := o.act == layer.ReLU
	kernels.MaxPoolOne(o.shape, y, x, fused)
	if !fused {
		o.act.Forward(y)
	}
}

func (o *maxOp) Backward(dx, dy, x, y []float32, n int) {
	o.act.Backward(dy, y)
	if dx != nil {
		kernels.MaxPoolBackward(o.shape, dx, x, dy)
	}
}
