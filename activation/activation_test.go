package activation_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/activation"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// TestPyTorch compares the functions and their derivatives with PyTorch's.
func TestPyTorch(t *testing.T) {
	x64, _ := golden.File(t, "testdata/torch/x.npy")
	x := golden.Float32s(x64)
	for name, l := range map[string]layer.Layer{
		"gelu": activation.GELU{}, "leaky": activation.LeakyReLU{Slope: 0.3}, "leaky01": activation.LeakyReLU{},
	} {
		for _, impl := range kernels.Impls() {
			t.Run(fmt.Sprint(name, "/", impl), func(t *testing.T) {
				defer kernels.Use(impl)()
				op, err := l.Bind(layer.Vector(len(x)))
				if err != nil {
					t.Fatal(err)
				}
				y, dx, dy := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
				for i := range dy {
					dy[i] = 1
				}
				op.Forward(y, x, 1)
				op.Backward(dx, dy, x, y, 1)
				wantY, _ := golden.File(t, "testdata/torch/"+name+"_y.npy")
				wantDX, _ := golden.File(t, "testdata/torch/"+name+"_dx.npy")
				for i := range x { // relatively, but PyTorch's tails are a difference of nearly equal numbers
					scale := math.Max(math.Abs(wantY[i]), 1e-8)
					golden.Close(t, fmt.Sprintf("y(%v)", x[i]), []float64{float64(y[i]) / scale}, []float64{wantY[i] / scale}, 1e-6)
				}
				golden.Close(t, "dx", dx, wantDX, 1e-6)

				one := make([]float32, len(x))
				op.(layer.Single).ForwardOne(one, x, nil)
				golden.Close(t, "one image", one, y, 0)
				op.Backward(nil, dy, x, y, 1)
				if dy[0] != 1 {
					t.Error("Backward changed dy, of a layer without an activation")
				}
			})
		}
	}
}

func TestBindRejects(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		l    layer.Layer
		in   layer.Shape
		want error
		text string
	}{
		{activation.GELU{}, layer.Image(1, 0, 3), layer.ErrShape, "gelu: "},
		{activation.LeakyReLU{}, layer.Vector(0), layer.ErrShape, "leaky relu: "},
		{activation.LeakyReLU{Slope: -0.1}, layer.Vector(1), layer.ErrOption, "have -0.1"},
		{activation.LeakyReLU{Slope: nan}, layer.Vector(1), layer.ErrOption, "NaN"},
		{activation.LeakyReLU{Slope: inf}, layer.Vector(1), layer.ErrOption, "Inf"},
	} {
		if op, err := c.l.Bind(c.in); op != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%+v on %v: want an error that wraps %q and has %q, have %v", c.l, c.in, c.want, c.text, err)
		}
	}
}
