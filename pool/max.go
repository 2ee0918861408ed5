package pool

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// Max describes max-pooling: from C x H x W it makes C images of
//
//	(H + 2*Padding - Size) / Stride + 1
//
// rows and as many columns for W. Without Ceil that is rounded down: what does not
// fill a window at the bottom or right edge is dropped. What a window meets in the
// padding is left out, as if it were -Inf.
//
// Of equal elements the first of a window, row by row, receives the gradient; a
// NaN in a window makes its maximum NaN. Where windows overlap, an element that is
// the maximum of several receives the sum of their gradients.
type Max struct {
	Size       int // rows and columns of a window; at least 1
	SizeCols   int // columns of a window where they differ from its rows; 0 means Size
	Activation layer.Activation

	Stride  int  // rows and columns from one window to the next; 0 means that windows lie side by side
	Padding int  // rows and columns around the input on every side; at most half a window
	Ceil    bool // one more window for what does not fill one, unless it would begin behind the input
}

// Bind implements [layer.Layer].
func (l Max) Bind(in layer.Shape) (layer.Op, error) {
	w := window{size: l.Size, sizeCols: l.SizeCols, stride: l.Stride, padding: l.Padding, ceil: l.Ceil}
	o, err := newOp("max-pool", w, l.Activation, in)
	if err != nil {
		return nil, fmt.Errorf("max-pooling: %w", err)
	}
	return &maxOp{o}, nil
}

// maxOp implements layer.Divided and layer.Single.
type maxOp struct{ op }

func (o *maxOp) Forward(y, x []float32, n int) {
	o.pool.MaxForward(y, x)
	o.act.Forward(y)
}

func (o *maxOp) ForwardOne(y, x, scratch []float32) {
	fused := o.act == layer.ReLU
	o.pool.MaxOne(y, x, scratch, fused)
	if !fused {
		o.act.Forward(y)
	}
}

func (o *maxOp) Backward(dx, dy, x, y []float32, n int) {
	o.act.Backward(dy, y)
	if dx != nil {
		o.pool.MaxBackward(dx, x, dy)
	}
}
