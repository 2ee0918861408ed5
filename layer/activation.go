package layer

import (
	"fmt"

	"github.com/simdlanes/lanes/internal/enum"
	"github.com/simdlanes/lanes/kernels"
)

// Activation is the function that a layer applies to each element of its
// output. The zero value is Identity.
type Activation int

// The activations. Their derivatives are expressed in terms of their outputs.
const (
	Identity  Activation = iota
	ReLU                 // max(0, x), derivative 0 at 0
	Tanh                 // hyperbolic tangent
	Sigmoid              // 1 / (1 + exp(-x))
	LeakyReLU            // x where it is not below 0, else LeakySlope*x; derivative LeakySlope at 0

	// Softmax is there to be refused, with the reason, by every layer: it is part
	// of the loss net.CrossEntropy, and Network.PredictProba applies it. The layer
	// before it is the network's last, and has no activation.
	Softmax
)

// LeakySlope is the slope of LeakyReLU below 0. The layer activation.LeakyReLU takes
// any other.
const LeakySlope = 0.01

var activationNames = []string{Identity: "identity", ReLU: "relu", Tanh: "tanh", Sigmoid: "sigmoid", LeakyReLU: "leakyrelu"}

// String returns the activation's name in lower case.
func (a Activation) String() string {
	if a == Softmax {
		return "softmax"
	}
	return enum.Name("Activation", int(a), activationNames)
}

// MarshalText implements [encoding.TextMarshaler] with what String returns.
func (a Activation) MarshalText() ([]byte, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	return []byte(a.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. It takes the activations'
// names; the error wraps ErrOption.
func (a *Activation) UnmarshalText(text []byte) error {
	for i, name := range activationNames {
		if string(text) == name {
			*a = Activation(i)
			return nil
		}
	}
	return fmt.Errorf("%w: activation %q, want one of %v", ErrOption, text, activationNames)
}

// Check returns an error that wraps ErrOption unless a is one of the constants, and
// not Softmax.
func (a Activation) Check() error {
	if a == Softmax {
		return fmt.Errorf("%w: softmax is no activation of a layer: it is part of the loss net.CrossEntropy, and Network.PredictProba "+
			"applies it; leave out the Activation, so that the network ends in logits", ErrOption)
	}
	if a < 0 || int(a) >= len(activationNames) {
		return fmt.Errorf("%w: activation %d, want one of %v", ErrOption, int(a), activationNames)
	}
	return nil
}

// Forward applies the activation to y in place.
func (a Activation) Forward(y []float32) {
	switch a {
	case ReLU:
		kernels.ReLU(y, y)
	case Tanh:
		kernels.Tanh(y, y)
	case Sigmoid:
		kernels.Sigmoid(y, y)
	case LeakyReLU:
		kernels.LeakyReLU(y, y, LeakySlope)
	}
}

// Backward multiplies dy in place by the activation's derivative, given its
// output y.
func (a Activation) Backward(dy, y []float32) {
	switch a {
	case ReLU:
		kernels.ReLUGrad(dy, dy, y)
	case Tanh:
		kernels.TanhGrad(dy, dy, y)
	case Sigmoid:
		kernels.SigmoidGrad(dy, dy, y)
	case LeakyReLU:
		kernels.LeakyReLUGrad(dy, dy, y, LeakySlope)
	}
}
