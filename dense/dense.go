// Package dense is the fully connected layer, and the flattening that leads
// from images to it.
package dense

import (
	"fmt"
	"math/rand/v2"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Layer describes a fully connected layer:
//
//	y[o] = activation(b[o] + sum over i of w[o][i] * x[i])
//
// From a vector of any length it makes a vector of Units elements. Its weights
// are (Units, inputs), row-major, and it has one bias for each unit. Initial
// weights are drawn as Init says, with a fan-in of the input's length and a fan-out
// of Units; initial biases are 0.
type Layer struct {
	Units      int // number of outputs; at least 1
	Activation layer.Activation
	Init       layer.Init // of the weights; the zero value suits the activation
}

// Bind implements [layer.Layer].
func (l Layer) Bind(in layer.Shape) (layer.Op, error) {
	if err := l.check(in); err != nil {
		return nil, fmt.Errorf("dense layer: %w", err)
	}
	return &op{in: in.Len(), out: l.Units, act: l.Activation, init: l.Init}, nil
}

func (l Layer) check(in layer.Shape) error {
	if err := l.Activation.Check(); err != nil {
		return err
	}
	if err := l.Init.Check(); err != nil {
		return err
	}
	if l.Units < 1 {
		return fmt.Errorf("%w: want Units of at least 1, have %d", layer.ErrOption, l.Units)
	}
	if !in.IsVector() {
		return fmt.Errorf("%w: want a vector, have an image of %v; put dense.Flatten before this layer", layer.ErrShape, in)
	}
	if err := in.Check(); err != nil {
		return err
	}
	if !kernels.Fits(in.Len(), l.Units) {
		return fmt.Errorf("%w: %d units of %v weights are more than %d elements", layer.ErrShape, l.Units, in, layer.MaxLen)
	}
	return nil
}

// op implements layer.BatchGradient, layer.Counted, layer.Replicated and
// layer.Single.
type op struct {
	in, out int
	act     layer.Activation
	init    layer.Init
	w, b    []float32
	panels  []float32 // w transposed and packed, for the forward pass
}

func (o *op) String() string { return fmt.Sprintf("dense %d units, %v", o.out, o.act) }

func (o *op) Activation() layer.Activation { return o.act }

func (o *op) Out() layer.Shape { return layer.Vector(o.out) }

func (o *op) Params() layer.Params {
	return layer.Params{Rows: o.out, RowLen: o.in, Biases: true}
}

func (o *op) MultiplyAdds() int64 { return int64(o.in) * int64(o.out) }

func (o *op) Init(w, b []float32, r *rand.Rand) {
	o.init.Weights(w, layer.Fan{In: o.in, Out: o.out, Activation: o.act, Notebook: 0.01}, r)
	clear(b)
}

func (o *op) Attach(w, b []float32) {
	o.w, o.b = w, b
	o.panels = make([]float32, kernels.PanelsLen(o.in, o.out))
	o.Pack(0, o.out)
}

func (o *op) Replica() layer.Trained {
	return &op{in: o.in, out: o.out, act: o.act, init: o.init}
}

func (o *op) Pack(lo, hi int) {
	first, last := lo*o.in, kernels.PanelsLen(o.in, hi)
	kernels.PackPanels(o.panels[first:last], o.w[lo*o.in:hi*o.in], hi-lo, o.in, o.in)
}

func (o *op) Forward(y, x []float32, n int) {
	kernels.GemmPanels(false, n, o.out, o.in, x, o.in, o.panels, o.b, y, o.out)
	o.act.Forward(y)
}

func (o *op) ScratchOne() int { return 0 }

func (o *op) ForwardOne(y, x, _ []float32) {
	fused := o.act == layer.ReLU
	kernels.DenseOne(y, x, o.panels, o.b, fused)
	if !fused {
		o.act.Forward(y)
	}
}

func (o *op) Backward(dx, dy, x, y []float32, n int) {
	o.act.Backward(dy, y)
	if dx != nil {
		kernels.Gemm(false, false, n, o.in, o.out, 1, dy, o.out, o.w, o.in, 0, dx, o.in)
	}
}

func (o *op) Gradient(dw, db, x, dy []float32, n, lo, hi int) {
	kernels.Gemm(true, false, hi-lo, o.in, n, 1, dy[lo:], o.out, x, o.in, 0, dw, o.in)
	kernels.SumRows(db, dy[lo:], n, o.out)
}
