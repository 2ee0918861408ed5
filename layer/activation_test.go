package layer_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// activations are all activations with their functions, and their derivatives
// in terms of the output y, in float64.
var activations = []struct {
	layer.Activation
	name       string
	function   func(x float64) float64
	derivative func(y float64) float64
}{
	{layer.Identity, "identity",
		func(x float64) float64 { return x },
		func(float64) float64 { return 1 }},
	{layer.ReLU, "relu",
		func(x float64) float64 { return math.Max(0, x) },
		func(y float64) float64 {
			if y > 0 {
				return 1
			}
			return 0
		}},
	{layer.Tanh, "tanh",
		math.Tanh,
		func(y float64) float64 { return 1 - y*y }},
	{layer.Sigmoid, "sigmoid",
		func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
		func(y float64) float64 { return y * (1 - y) }},
	{layer.LeakyReLU, "leakyrelu",
		func(x float64) float64 { return max(x, 0.01*x) },
		func(y float64) float64 {
			if y > 0 {
				return 1
			}
			return 0.01
		}},
}

func TestActivationNames(t *testing.T) {
	for i, a := range activations {
		if int(a.Activation) != i || a.String() != a.name || a.Check() != nil {
			t.Errorf("activation %d: want %q and no error, have %q and %v", i, a.name, a, a.Check())
		}
	}
}

func TestActivationUnknown(t *testing.T) {
	for a, name := range map[layer.Activation]string{-1: "Activation(-1)", layer.Softmax + 1: "Activation(6)"} {
		if err := a.Check(); !errors.Is(err, layer.ErrOption) || !strings.Contains(err.Error(), "relu") {
			t.Errorf("Check: want ErrOption and the list of activations, have %v", err)
		}
		if a.String() != name {
			t.Errorf("String: want %q, have %q", name, a)
		}
	}
}

// TestSoftmaxIsRefused wants an error that says where softmax is to be found.
func TestSoftmaxIsRefused(t *testing.T) {
	err := layer.Softmax.Check()
	if !errors.Is(err, layer.ErrOption) || !strings.Contains(err.Error(), "net.CrossEntropy") || !strings.Contains(err.Error(), "PredictProba") {
		t.Errorf("Check: want ErrOption, the loss and the method, have %v", err)
	}
	if layer.Softmax.String() != "softmax" {
		t.Errorf("String: %q", layer.Softmax)
	}
}

func TestActivationValues(t *testing.T) {
	var x []float32
	for v := float32(-6); v <= 6; v += 0.375 { // 33 elements, 0 among them
		x = append(x, v)
	}
	for _, impl := range kernels.Impls() {
		restore := kernels.Use(impl)
		for _, a := range activations {
			y, dy := slices.Clone(x), slices.Clone(x)
			a.Forward(y)
			a.Backward(dy, y)
			wantY, wantDY := make([]float64, len(x)), make([]float64, len(x))
			for i, v := range x {
				wantY[i] = a.function(float64(v))
				wantDY[i] = float64(v) * a.derivative(wantY[i])
			}
			name := fmt.Sprintf("%v, %v", impl, a)
			golden.Close(t, name, y, wantY, 1e-6)
			golden.Close(t, name+", gradient", dy, wantDY, 5e-6)
		}
		restore()
	}
}
