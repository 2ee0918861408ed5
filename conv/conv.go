// Package conv is the convolutional layer.
package conv

import (
	"fmt"
	"math/rand/v2"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Layer describes a two-dimensional convolution:
//
//	y[f][r][q] = activation(b[f] + sum over c, i, j of w[f][c][i][j] * x[c][r*Stride+i*Dilation-Padding][q*Stride+j*Dilation-Padding])
//
// where c runs over the channels of the filter's group, and what lies in the
// padding is left out. From C x H x W it makes Filters images of
//
//	(H + 2*Padding - Dilation*(Size-1) - 1) / Stride + 1
//
// rows, rounded down, and as many columns for W. Without Padding that is what
// other libraries call 'valid'. With Same it is H / Stride rows, rounded up: the
// input is padded by as little as that takes, half of it on either side, and an
// odd row or column more at the bottom or on the right, as in TensorFlow. With a
// stride of 1 an odd one would shift the whole output by half a pixel: then
// Dilation*(Size-1) must be even.
//
// Its weights are (Filters, C/Groups, Size, Size), row-major, and it has one bias
// for each filter. Initial weights are drawn as Init says, with a fan-in of
// C/Groups*Size*Size and a fan-out of Filters/Groups*Size*Size; initial biases are
// 0. A depthwise convolution is one whose Groups are the channels of the input.
type Layer struct {
	Filters    int // number of filters, that is of output channels; at least 1
	Size       int // rows and columns of a filter; at least 1, and their product at most MaxTaps
	SizeCols   int // columns of a filter where they differ from its rows; 0 means Size
	Stride     int // rows and columns from one output's window to the next; 0 means 1
	Padding    int // rows and columns around the input on every side; 0 with Same
	Dilation   int // rows and columns from one tap of a filter to the next; 0 means 1
	Groups     int // into how many groups input channels and filters are divided; 0 means 1
	Activation layer.Activation
	Init       layer.Init // of the weights; the zero value suits the activation

	// Same pads so that a stride of 1 keeps the size of the input, and another
	// divides it.
	Same bool
}

// MaxTaps bounds the rows times columns of a filter, and with them the time and
// memory that it takes to plan a convolution of any image.
const MaxTaps = 1 << 14

// Bind implements [layer.Layer].
func (l Layer) Bind(in layer.Shape) (layer.Op, error) {
	shape, err := l.shape(in)
	if err != nil {
		return nil, fmt.Errorf("convolution: %w", err)
	}
	return &op{conv: kernels.NewConv(shape), act: l.Activation, init: l.Init, same: l.Same}, nil
}

func (l Layer) shape(in layer.Shape) (kernels.ConvShape, error) {
	var none kernels.ConvShape
	if err := l.Activation.Check(); err != nil {
		return none, err
	}
	if err := l.Init.Check(); err != nil {
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
	if l.Size > MaxTaps || cols > MaxTaps/l.Size {
		return none, fmt.Errorf("%w: want filters of at most %d rows times columns, have %dx%d", layer.ErrOption, MaxTaps, l.Size, cols)
	}
	if in.IsVector() {
		return none, fmt.Errorf("%w: want an image (channels, rows, columns), have a vector of %v", layer.ErrShape, in)
	}
	if err := in.Check(); err != nil {
		return none, err
	}
	s := kernels.ConvShape{
		C: in.C, H: in.H, W: in.W, Filters: l.Filters, FH: l.Size, FW: cols,
		StrideH: l.Stride, StrideW: l.Stride, DilationH: l.Dilation, DilationW: l.Dilation,
		PadTop: l.Padding, PadBottom: l.Padding, PadLeft: l.Padding, PadRight: l.Padding, Groups: l.Groups,
	}.WithDefaults()
	if err := inRange(s); err != nil {
		return none, err
	}
	if l.Same {
		if err := l.padSame(&s); err != nil {
			return none, err
		}
	}
	return s, l.fits(s, in)
}

// inRange returns an error unless each option by itself makes sense.
func inRange(s kernels.ConvShape) error {
	if s.StrideH < 1 || s.DilationH < 1 || s.Groups < 1 || s.PadTop < 0 {
		return fmt.Errorf("%w: want Stride, Dilation and Groups of at least 1 and Padding of at least 0, have %d, %d, %d and %d",
			layer.ErrOption, s.StrideH, s.DilationH, s.Groups, s.PadTop)
	}
	for _, n := range []int{s.StrideH, s.DilationH, s.PadTop} {
		if n > layer.MaxLen {
			return fmt.Errorf("%w: want Stride, Dilation and Padding of at most %d, have %d", layer.ErrOption, layer.MaxLen, n)
		}
	}
	return nil
}

// fits returns an error unless the options fit each other and the input.
func (l Layer) fits(s kernels.ConvShape, in layer.Shape) error {
	if s.C%s.Groups != 0 || s.Filters%s.Groups != 0 {
		return fmt.Errorf("%w: %d groups do not divide the %d channels of the input and the %d filters",
			layer.ErrShape, s.Groups, s.C, s.Filters)
	}
	padH, padW := s.PadTop+s.PadBottom, s.PadLeft+s.PadRight
	if s.FH-1 > (in.H+padH-1)/s.DilationH || s.FW-1 > (in.W+padW-1)/s.DilationW {
		return fmt.Errorf("%w: a filter of %dx%d is larger than the input, %v%s",
			layer.ErrShape, s.FH, s.FW, in, listed([]option{{"padding", s.PadTop, 0}, {"dilation", s.DilationH, 1}}))
	}
	if !s.Valid() {
		return fmt.Errorf("%w: %d filters of %dx%d over %v are more than %d elements",
			layer.ErrShape, s.Filters, s.FH, s.FW, in, layer.MaxLen)
	}
	return nil
}

// op implements layer.DividedGradient, layer.Counted, layer.Dimensioned,
// layer.Single and layer.Blockwise.
type op struct {
	conv    *kernels.Conv
	filters *kernels.Filters
	act     layer.Activation
	init    layer.Init
	same    bool
}

func (o *op) String() string {
	c := o.conv
	padding := listed([]option{{"padding", c.PadTop, 0}})
	if o.same {
		padding = ", padding same"
	}
	return fmt.Sprintf("conv %d filters %dx%d%s%s%s, %v", c.Filters, c.FH, c.FW, listed([]option{{"stride", c.StrideH, 1}}), padding,
		listed([]option{{"dilation", c.DilationH, 1}, {"groups", c.Groups, 1}}), o.act)
}

type option struct {
	name       string
	value, def int
}

// listed names the options that differ from their defaults.
func listed(options []option) (list string) {
	for _, o := range options {
		if o.value != o.def {
			list += fmt.Sprintf(", %s %d", o.name, o.value)
		}
	}
	return list
}

func (o *op) Activation() layer.Activation { return o.act }

func (o *op) Out() layer.Shape {
	return layer.Image(o.conv.Filters, o.conv.OutH(), o.conv.OutW())
}

func (o *op) Params() layer.Params {
	return layer.Params{Rows: o.conv.Filters, RowLen: o.conv.Taps(), Biases: true}
}

func (o *op) WeightDims() []int {
	c := o.conv
	return []int{c.Filters, c.C / c.Groups, c.FH, c.FW}
}

func (o *op) MultiplyAdds() int64 {
	c := o.conv
	rows := tapsAlong(c.H, c.OutH(), c.FH, c.StrideH, c.DilationH, c.PadTop)
	cols := tapsAlong(c.W, c.OutW(), c.FW, c.StrideW, c.DilationW, c.PadLeft)
	return int64(c.Filters) * int64(c.C/c.Groups) * rows * cols
}

// tapsAlong counts, along an axis, the taps of a filter's positions that lie
// inside the image.
func tapsAlong(size, positions, taps, stride, dilation, pad int) (count int64) {
	for p := range positions {
		first := p*stride - pad // where the position's first tap lies
		lo := (max(-first, 0) + dilation - 1) / dilation
		hi := min(taps, (size-first+dilation-1)/dilation)
		count += int64(max(hi-lo, 0))
	}
	return count
}

func (o *op) Init(w, b []float32, r *rand.Rand) {
	o.init.Weights(w, o.fan(), r)
	clear(b)
}

func (o *op) fan() layer.Fan {
	c := o.conv
	return layer.Fan{
		In:         c.Taps(),
		Out:        c.Filters / c.Groups * c.FH * c.FW,
		Activation: o.act,
		Notebook:   kernels.Sqrt(1 / float32(c.WeightLen())),
	}
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

// Blockwise reports true for groups of few filters: where vectors run along the
// output channels of a single image, a depthwise convolution has one for eight lanes.
func (o *op) Blockwise() bool {
	return o.conv.Groups > 1 && o.conv.Filters/o.conv.Groups < kernels.Lanes/2
}

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
