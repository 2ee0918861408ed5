// Package pool is the pooling layers: maxima, averages, and the average of whole
// images.
package pool

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// window is the geometry that Max and Avg share.
type window struct {
	size, sizeCols, stride, padding int
	ceil, countPad                  bool
}

// shape returns the pooling of an input, or an error that says what does not
// fit.
func (w window) shape(in layer.Shape) (kernels.PoolShape, error) {
	var none kernels.PoolShape
	cols := w.sizeCols
	if cols == 0 {
		cols = w.size
	}
	if w.size < 1 || cols < 1 {
		return none, fmt.Errorf("%w: want a Size of at least 1, have a window of %dx%d", layer.ErrOption, w.size, cols)
	}
	if w.stride < 0 || w.stride > layer.MaxLen {
		return none, fmt.Errorf("%w: want a Stride from 1 to %d, or 0 for that of the window, have %d", layer.ErrOption, layer.MaxLen, w.stride)
	}
	if most := min(w.size, cols) / 2; w.padding < 0 || w.padding > most {
		return none, fmt.Errorf("%w: want a Padding from 0 to %d, half a window of %dx%d, have %d", layer.ErrOption, most, w.size, cols, w.padding)
	}
	if in.IsVector() {
		return none, fmt.Errorf("%w: want an image (channels, rows, columns), have a vector of %v", layer.ErrShape, in)
	}
	if err := in.Check(); err != nil {
		return none, err
	}
	if w.size-w.padding > in.H+w.padding || cols-w.padding > in.W+w.padding {
		return none, fmt.Errorf("%w: a window of %dx%d is larger than the input, %v%s", layer.ErrShape, w.size, cols, in, w.options())
	}
	s := kernels.PoolShape{
		C: in.C, H: in.H, W: in.W, FH: w.size, FW: cols, StrideH: w.stride, StrideW: w.stride,
		PadTop: w.padding, PadBottom: w.padding, PadLeft: w.padding, PadRight: w.padding, Ceil: w.ceil, CountPad: w.countPad,
	}
	if !s.Valid() {
		return none, fmt.Errorf("%w: windows of %dx%d over %v%s make more than %d elements", layer.ErrShape, w.size, cols, in, w.options(), layer.MaxLen)
	}
	return s, nil
}

// options names those that differ from their defaults.
func (w window) options() (list string) {
	if w.stride != 0 {
		list += fmt.Sprintf(", stride %d", w.stride)
	}
	if w.padding != 0 {
		list += fmt.Sprintf(", padding %d", w.padding)
	}
	if w.ceil {
		list += ", ceil"
	}
	if w.countPad {
		list += ", padding counted"
	}
	return list
}

// op is what the pooling operations have in common.
type op struct {
	pool *kernels.Pool
	name string
	act  layer.Activation
}

func newOp(kind string, w window, act layer.Activation, in layer.Shape) (op, error) {
	if err := act.Check(); err != nil {
		return op{}, err
	}
	shape, err := w.shape(in)
	if err != nil {
		return op{}, err
	}
	name := fmt.Sprintf("%s %dx%d%s, %v", kind, shape.FH, shape.FW, w.options(), act)
	return op{pool: kernels.NewPool(shape), name: name, act: act}, nil
}

func (o *op) String() string { return o.name }

func (o *op) Activation() layer.Activation { return o.act }

func (o *op) Out() layer.Shape {
	return layer.Image(o.pool.C, o.pool.OutH(), o.pool.OutW())
}

// MultiplyAdds is 0: pooling compares or adds.
func (o *op) MultiplyAdds() int64 { return 0 }

func (o *op) ScratchOne() int { return o.pool.OneScratch() }
