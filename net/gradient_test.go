package net_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdlanes/lanes/activation"
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/pool"
)

// TestNumericGradients compares the gradients of every kind of layer, with
// every activation, with central differences of loss = sum of r*y for random r:
// one by one, and the scale of all.
func TestNumericGradients(t *testing.T) {
	for _, act := range []layer.Activation{layer.Identity, layer.ReLU, layer.Tanh, layer.Sigmoid, layer.LeakyReLU} {
		for _, c := range []struct {
			in layer.Shape
			l  layer.Layer
		}{
			{layer.Image(1, 6, 5), conv.Layer{Filters: 2, Size: 3, Activation: act}},
			{layer.Image(3, 5, 7), conv.Layer{Filters: 7, Size: 2, SizeCols: 4, Activation: act}},
			{layer.Image(2, 4, 4), conv.Layer{Filters: 3, Size: 1, Activation: act}},
			{layer.Image(2, 7, 6), conv.Layer{Filters: 4, Size: 3, Stride: 2, Padding: 2, Groups: 2, Activation: act}},
			{layer.Image(2, 7, 6), conv.Layer{Filters: 2, Size: 2, Dilation: 3, Padding: 1, Activation: act}},
			{layer.Image(2, 5, 7), pool.Max{Size: 2, Activation: act}},
			{layer.Image(1, 7, 6), pool.Max{Size: 3, SizeCols: 2, Activation: act}},
			{layer.Image(2, 7, 6), pool.Max{Size: 3, Stride: 2, Padding: 1, Activation: act}},
			{layer.Image(2, 6, 7), pool.Max{Size: 2, Stride: 1, Activation: act}},
			{layer.Image(2, 7, 6), pool.Avg{Size: 3, Stride: 2, Padding: 1, Ceil: true, Activation: act}},
			{layer.Image(2, 7, 6), pool.Avg{Size: 3, SizeCols: 2, Padding: 1, CountPad: true, Activation: act}},
			{layer.Image(5, 3, 4), pool.GlobalAvg{Activation: act}},
			{layer.Image(3, 7, 6), conv.Layer{Filters: 3, Size: 3, Padding: 1, Groups: 3, Activation: act}},
			{layer.Image(3, 7, 6), conv.Layer{Filters: 6, Size: 3, Stride: 2, Same: true, Groups: 3, Activation: act}},
			{layer.Vector(11), dense.Layer{Units: 5, Activation: act}},
			{layer.Vector(3), dense.Layer{Units: 17, Activation: act}},
			{layer.Image(3, 2, 3), dense.Flatten{}},
			{layer.Image(3, 2, 3), activation.GELU{}},
			{layer.Vector(19), activation.GELU{}},
			{layer.Vector(19), activation.LeakyReLU{Slope: 0.3}},
		} {
			op, err := c.l.Bind(c.in)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(fmt.Sprint(op), func(t *testing.T) { checkGradients(t, c.in, op, 3) })
		}
	}
}

// gradCheck is one layer, its inputs and its loss.
type gradCheck struct {
	op     layer.Op
	n      int // images
	x, y   []float32
	r      []float32
	params []float32 // of a Trained op

	// Sums over the variables compared: of gradient times numeric gradient, and
	// of the latter's square.
	product, square float64
}

// compareScale finds the factor by which all gradients together differ from the
// numeric ones. Single differences are known to some 1e-4, because a loss in
// float32 is; over many variables that evens out.
func (c *gradCheck) compareScale(t *testing.T, what string) {
	t.Helper()
	if scale := c.product / c.square; !(math.Abs(scale-1) <= 1e-4) {
		t.Errorf("%v: gradients of %s are %v times the numeric ones", c.op, what, scale)
	}
	c.product, c.square = 0, 0
}

// checkGradients checks the gradients of inputs and parameters for n images.
func checkGradients(t *testing.T, in layer.Shape, op layer.Op, n int) {
	random := layer.Stream(1, "gradient", uint64(in.Len()))
	c := &gradCheck{op: op, n: n, x: make([]float32, room(in, n)), y: make([]float32, room(op.Out(), n)), r: make([]float32, room(op.Out(), n))}
	layer.Normal(c.x, 1, random)
	for i := range c.r {
		if present(op.Out(), i, n) {
			c.r[i] = 2*layer.Uniform(random) - 1
		}
	}
	trained, _ := op.(layer.Trained)
	if trained != nil {
		p := trained.Params()
		c.params = make([]float32, p.Len())
		layer.Normal(c.params, 0.5, random)
		trained.Attach(c.params[:p.Weights()], c.params[p.Weights():])
	}
	op.Forward(c.y, c.x, n)
	dx, dy := make([]float32, len(c.x)), append([]float32(nil), c.r...)
	op.Backward(dx, dy, c.x, c.y, n)
	for i := range c.x {
		if present(in, i, n) {
			c.compare(t, fmt.Sprint("input ", i), &c.x[i], dx[i])
		}
	}
	c.compareScale(t, "inputs")
	if trained == nil {
		return
	}
	grads := parameterGradients(op, c.x, dy, n)
	for i := range c.params {
		c.compare(t, fmt.Sprint("parameter ", i), &c.params[i], grads[i])
	}
	c.compareScale(t, "parameters")
}

func parameterGradients(op layer.Op, x, dy []float32, n int) []float32 {
	p := op.(layer.Trained).Params()
	grads := make([]float32, p.Len())
	dw, db := grads[:p.Weights()], grads[p.Weights():]
	switch g := op.(type) {
	case layer.BlockGradient:
		g.Gradient(dw, db, x, dy, n)
	case layer.BatchGradient:
		g.Gradient(dw, db, x, dy, n, 0, p.Rows)
	}
	return grads
}

// compare moves one variable both ways. What the two sides differ by, because a
// kink or a tie lies between them, is what their mean may be wrong by. The
// variables without a kink count in the scale of all.
func (c *gradCheck) compare(t *testing.T, what string, v *float32, got float32) {
	t.Helper()
	const step = 1.0 / 256
	at, middle := *v, c.loss()
	*v = at + step
	up, high := c.loss(), float64(*v)
	*v = at - step
	down, low := c.loss(), float64(*v)
	*v = at
	right, left := (up-middle)/(high-float64(at)), (middle-down)/(float64(at)-low)
	want, kink := (up-down)/(high-low), math.Abs(right-left)
	if diff := math.Abs(float64(got) - want); !(diff <= 2e-4*(1+math.Abs(want))+kink) {
		t.Errorf("%v: gradient of %s is %v, want %v", c.op, what, got, want)
	}
	if kink <= 1e-2 {
		c.product += float64(got) * want
		c.square += want * want
	}
}

func (c *gradCheck) loss() float64 {
	if trained, ok := c.op.(layer.Trained); ok {
		trained.Pack(0, trained.Params().Rows)
	}
	c.op.Forward(c.y, c.x, c.n)
	sum := 0.0
	for i, r := range c.r {
		if present(c.op.Out(), i, c.n) {
			sum += float64(r) * float64(c.y[i])
		}
	}
	return sum
}

// room is the length of the activations of n images.
func room(s layer.Shape, n int) int {
	if s.IsVector() {
		return n * s.Len()
	}
	return kernels.Lanes * s.Len()
}

// present reports whether element i belongs to one of n images.
func present(s layer.Shape, i, n int) bool { return s.IsVector() || i%kernels.Lanes < n }
