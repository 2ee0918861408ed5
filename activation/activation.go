// Package activation is the activations that are layers of their own, beside those
// that a layer applies to its output (layer.Activation): GELU, whose derivative its
// output does not tell, and leaky ReLU with a slope of one's own. They take and give
// activations of any shape.
package activation

import (
	"fmt"
	"math"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// GELU describes the Gaussian error linear unit x*Phi(x), where Phi is the standard
// normal distribution (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016).
// It is the exact form, as PyTorch's by default, not the one by tanh. The layer
// before it has no activation.
type GELU struct{}

// Bind implements [layer.Layer].
func (l GELU) Bind(in layer.Shape) (layer.Op, error) {
	if err := in.Check(); err != nil {
		return nil, fmt.Errorf("gelu: %w", err)
	}
	return &geluOp{shaped{in}}, nil
}

// shaped is what the operations have in common.
type shaped struct{ shape layer.Shape }

func (s shaped) Out() layer.Shape  { return s.shape }
func (s shaped) ScratchOne() int   { return 0 }
func (s shaped) Channelwise() bool { return true }

// MultiplyAdds is 0, as for the activations of other layers: it counts products of
// weights.
func (s shaped) MultiplyAdds() int64 { return 0 }

// geluOp implements layer.Divided and layer.Single.
type geluOp struct{ shaped }

func (o *geluOp) String() string { return "gelu" }

func (o *geluOp) Forward(y, x []float32, n int) { kernels.GELU(y, x) }

func (o *geluOp) ForwardOne(y, x, _ []float32) { kernels.GELU(y, x) }

func (o *geluOp) Backward(dx, dy, x, y []float32, n int) {
	if dx != nil {
		kernels.GELUGrad(dx, dy, x)
	}
}

func (o *geluOp) ForwardPart(y, x []float32, n int, p layer.Part) {
	o.Forward(p.Of(y, o.shape), p.Of(x, o.shape), n)
}

func (o *geluOp) BackwardPart(dx, dy, x, y []float32, n int, p layer.Part) {
	o.Backward(p.Of(dx, o.shape), p.Of(dy, o.shape), p.Of(x, o.shape), p.Of(y, o.shape), n)
}

// LeakyReLU describes x where it is not below 0, else Slope*x; the derivative at 0
// is the slope (Maas et al., "Rectifier Nonlinearities Improve Neural Network
// Acoustic Models", 2013). A slope of 0.01 costs less as layer.LeakyReLU.
type LeakyReLU struct {
	Slope float32 // above 0 and finite; 0 means layer.LeakySlope
}

// Bind implements [layer.Layer].
func (l LeakyReLU) Bind(in layer.Shape) (layer.Op, error) {
	if l.Slope == 0 {
		l.Slope = layer.LeakySlope
	}
	if !(l.Slope > 0 && l.Slope <= math.MaxFloat32) {
		return nil, fmt.Errorf("leaky relu: %w: want a finite Slope above 0, have %v", layer.ErrOption, l.Slope)
	}
	if err := in.Check(); err != nil {
		return nil, fmt.Errorf("leaky relu: %w", err)
	}
	return &leakyOp{shaped{in}, l.Slope}, nil
}

// leakyOp implements layer.Divided and layer.Single.
type leakyOp struct {
	shaped
	slope float32
}

func (o *leakyOp) String() string { return fmt.Sprintf("leaky relu, slope %v", o.slope) }

func (o *leakyOp) Forward(y, x []float32, n int) { kernels.LeakyReLU(y, x, o.slope) }

func (o *leakyOp) ForwardOne(y, x, _ []float32) { kernels.LeakyReLU(y, x, o.slope) }

func (o *leakyOp) Backward(dx, dy, x, y []float32, n int) {
	if dx != nil {
		kernels.LeakyReLUGrad(dx, dy, y, o.slope)
	}
}

func (o *leakyOp) ForwardPart(y, x []float32, n int, p layer.Part) {
	o.Forward(p.Of(y, o.shape), p.Of(x, o.shape), n)
}

func (o *leakyOp) BackwardPart(dx, dy, x, y []float32, n int, p layer.Part) {
	o.Backward(p.Of(dx, o.shape), p.Of(dy, o.shape), p.Of(x, o.shape), p.Of(y, o.shape), n)
}
