package layer_test

import (
	"errors"
	"fmt"
	"log"
	"slices"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// A stream belongs to one purpose. Another purpose, or more numbers drawn for
// it, leaves the stream as it is.
func ExampleStream() {
	dice := layer.Stream(1, "dice", 0)
	for range 5 {
		fmt.Print(1+dice.Uint64()%6, " ")
	}
	order := []int{0, 1, 2, 3}
	layer.Shuffle(order, layer.Stream(1, "order", 0))
	fmt.Println(order)
	// Output: 3 4 2 3 6 [2 0 3 1]
}

// square is a layer of one's own: y = x*x. It is a layer.Layer and, as it
// needs nothing but the shape of its input, its own layer.Op.
type square struct{ shape layer.Shape }

func (s square) Bind(in layer.Shape) (layer.Op, error) { return square{in}, nil }

func (s square) String() string { return "square" }

func (s square) Out() layer.Shape { return s.shape }

func (s square) Forward(y, x []float32, n int) {
	for i, v := range x {
		y[i] = v * v
	}
}

func (s square) Backward(dx, dy, x, y []float32, n int) {
	for i := range dx { // of no length if nobody asks for it
		dx[i] = dy[i] * (2 * x[i])
	}
}

func Example_ownLayer() {
	n, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 3}, square{}, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n)
	// Output:
	// layer                    output  parameters   FLOPs  in training
	//    input                         2
	// 0  dense 3 units, identity       3           9      12           24
	// 1  square                        3           0       ?            ?
	// 2  dense 2 units, identity       2           8      12           36
	//    total                                    17  24 + ?       60 + ?
	// memory: parameters 68 bytes, activations of eight images 320 bytes, training 848 bytes
}

func ExampleInit() {
	hidden := dense.Layer{Units: 3, Activation: layer.Tanh, Init: layer.Glorot}
	last := dense.Layer{Units: 2, Init: layer.NormalInit(0.01)}
	if _, err := net.New(layer.Vector(2), 1, hidden, last); err != nil {
		log.Fatal(err)
	}
	var fromFile layer.Init
	err := fromFile.UnmarshalText([]byte("normal(0.01)"))
	fmt.Println(hidden.Init, last.Init, fromFile == last.Init, err)
	// Output: glorot normal(0.01) true <nil>
}

// A layer of one's own may leave its initial weights to its users.
func ExampleInit_Weights() {
	initial, activation := layer.NormalInit(0.5), layer.ReLU
	if err := errors.Join(initial.Check(), activation.Check()); err != nil {
		log.Fatal(err)
	}
	params := layer.Params{Rows: 2, RowLen: 3, Biases: true}
	w := make([]float32, params.Weights())
	initial.Weights(w, layer.Fan{In: 3, Out: 2, Activation: activation}, layer.Stream(1, "weights", 0))

	same := make([]float32, params.Weights())
	layer.Normal(same, 0.5, layer.Stream(1, "weights", 0))
	fmt.Println(slices.Equal(w, same), params.Len())
	fmt.Println(layer.NormalInit(-1).Check())
	// Output:
	// true 8
	// option is not usable: want a standard deviation of initial weights that is finite and at least 0, have -1
}

// The usual initial weights: after He et al., before ReLU.
func ExampleInitWeights() {
	w := make([]float32, 6)
	layer.InitWeights(w, 3, layer.ReLU, layer.Stream(1, "weights", 0))
	fmt.Println(w[0] != 0)
	// Output: true
}

func ExampleActivation() {
	y, dy := []float32{-1, 0, 1}, []float32{5, 5, 5}
	layer.ReLU.Forward(y)
	layer.ReLU.Backward(dy, y)
	fmt.Println(y, dy)
	// Output: [0 0 1] [0 0 5]
}

func ExampleShape() {
	for _, s := range []layer.Shape{layer.Image(6, 28, 28), layer.Vector(400), layer.Image(1, -1, 1)} {
		fmt.Println(s, s.Len(), s.IsVector(), s.Check())
	}
	// Output:
	// 6x28x28 4704 false <nil>
	// 400 400 true <nil>
	// 1x-1x1 -1 false shape does not fit: every size of 1x-1x1 must be at least 1
}
