package pool

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// Avg describes average-pooling, over the windows of [Max]. An average is the sum
// of a window's elements, row by row from +0, divided by their number.
//
// What a window meets in the padding does not count, so that the edges of an image
// do not fade. CountPad counts it as zeros, as PyTorch does by default
// (count_include_pad). What Ceil adds behind the padding never counts.
type Avg struct {
	Size       int // rows and columns of a window; at least 1
	SizeCols   int // columns of a window where they differ from its rows; 0 means Size
	Activation layer.Activation

	Stride   int  // rows and columns from one window to the next; 0 means that windows lie side by side
	Padding  int  // rows and columns around the input on every side; at most half a window
	Ceil     bool // one more window for what does not fill one, unless it would begin behind the input
	CountPad bool // divide by the number of elements of the window in the padded input
}

// Bind implements [layer.Layer].
func (l Avg) Bind(in layer.Shape) (layer.Op, error) {
	w := window{size: l.Size, sizeCols: l.SizeCols, stride: l.Stride, padding: l.Padding, ceil: l.Ceil, countPad: l.CountPad}
	o, err := newOp("average-pool", w, l.Activation, in)
	if err != nil {
		return nil, fmt.Errorf("average-pooling: %w", err)
	}
	return &avgOp{o}, nil
}

// GlobalAvg describes the average of each channel: from C x H x W it makes C x 1 x
// 1. It takes images of any size, and is what large networks have before their
// last dense layer.
type GlobalAvg struct {
	Activation layer.Activation
}

// Bind implements [layer.Layer].
func (l GlobalAvg) Bind(in layer.Shape) (layer.Op, error) {
	if err := in.Check(); err != nil {
		return nil, fmt.Errorf("global average-pooling: %w", err)
	}
	o, err := newOp("global average-pool", window{size: max(1, in.H), sizeCols: in.W}, l.Activation, in)
	if err != nil {
		return nil, fmt.Errorf("global average-pooling: %w", err)
	}
	return &avgOp{o}, nil
}

// avgOp implements layer.Divided and layer.Single.
type avgOp struct{ op }

func (o *avgOp) Forward(y, x []float32, n int) {
	o.pool.AverageForward(y, x)
	o.act.Forward(y)
}

func (o *avgOp) ForwardOne(y, x, scratch []float32) {
	o.pool.AverageOne(y, x, scratch)
	o.act.Forward(y)
}

func (o *avgOp) Backward(dx, dy, x, y []float32, n int) {
	o.act.Backward(dy, y)
	if dx != nil {
		o.pool.AverageBackward(dx, dy)
	}
}
