package layertest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/layer/layertest"
)

// square is y = x*x, whose gradient lacks a factor of 2.
type square struct{ in layer.Shape }

func (square) Bind(in layer.Shape) (layer.Op, error) { return square{in}, nil }
func (square) String() string                        { return "square" }
func (s square) Out() layer.Shape                    { return s.in }

func (square) Forward(y, x []float32, n int) {
	for i, v := range x {
		y[i] = v * v
	}
}

func (square) Backward(dx, dy, x, y []float32, n int) {
	for i := range dx {
		dx[i] = dy[i] * x[i]
	}
}

func ExampleGradCheck() {
	err := layertest.GradCheck(square{}, layer.Vector(4))
	fmt.Println(errors.Is(err, layertest.ErrGradient))
	fmt.Println(err)
	// Output:
	// true
	// layertest: square on 4: gradient is wrong: gradient with respect to element 3 of image 2 of the input is 0.85163313, differences give 1.70327 ± 6e-05 (12 of 12 that were tried are wrong)
}

func ExampleCheck() {
	fmt.Println(layertest.Check(square{}, layer.Image(2, 3, 3))) // whatever its gradient is
	fmt.Println(layertest.Check(conv.Layer{Filters: 4, Size: 3}, layer.Vector(8)))
	// Output:
	// <nil>
	// layertest: convolution: shape does not fit: want an image (channels, rows, columns), have a vector of 8
}

func ExampleChecker() {
	positive := layertest.Checker{Fill: func(x []float32, r *rand.Rand) {
		for i := range x {
			x[i] = layer.Uniform(r)
		}
	}}
	fmt.Println(positive.Check(square{}, layer.Vector(8)))
	fmt.Println(errors.Is(positive.GradCheck(square{}, layer.Vector(8)), layertest.ErrGradient))
	// Output:
	// <nil>
	// true
}
