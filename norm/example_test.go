package norm_test

import (
	"fmt"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
)

// The activation is that of the normalisation, so that the convolution before it has
// none. A step moves the running means, which predictions take.
func ExampleBatch() {
	n, err := net.New(layer.Image(1, 4, 4), 1,
		conv.Layer{Filters: 2, Size: 3},
		norm.Batch{Activation: layer.ReLU},
		dense.Flatten{},
		dense.Layer{Units: 2},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n.State(1))

	trainer, err := net.NewTrainer(n, net.TrainerConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer trainer.Close()
	images := make([]float32, 2*16)
	images[5] = 1
	if _, err := trainer.Step(images, []int{0, 1}); err != nil {
		fmt.Println(err)
		return
	}
	state, err := n.State(1)
	fmt.Println(state[0] != 0, err)
	// Output:
	// [0 0 1 1] <nil>
	// true <nil>
}

// Prediction drops nothing.
func ExampleDropout() {
	n, err := net.New(layer.Vector(4), 1, norm.Dropout{Rate: 0.5}, dense.Layer{Units: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := n.SetParams(1, []float32{1, 1, 1, 1, 0, 0, 0, 0}, []float32{0, 3.5}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n.Predict(nil, []float32{1, 1, 1, 1}))
	// Output:
	// [0] <nil>
}
