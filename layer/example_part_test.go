package layer_test

import (
	"fmt"
	"log"
	"slices"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/norm"
)

// Three workers share a block: each computes some channels of a convolution.
func ExamplePartOf() {
	op, err := conv.Layer{Filters: 4, Size: 3}.Bind(layer.Image(1, 5, 5))
	if err != nil {
		log.Fatal(err)
	}
	trained := op.(layer.Trained)
	w, b := make([]float32, trained.Params().Weights()), make([]float32, trained.Params().Rows)
	trained.Init(w, b, layer.Stream(1, "weights", 0))
	trained.Attach(w, b)
	trained.Pack(0, trained.Params().Rows)

	out := op.Out()
	x, whole, parts := make([]float32, 25*layer.Lanes), make([]float32, out.Len()*layer.Lanes), make([]float32, out.Len()*layer.Lanes)
	layer.Normal(x, 1, layer.Stream(1, "image", 0))
	op.Forward(whole, x, 8)
	for worker := range 3 { // or at the same time
		part := layer.PartOf(out.C, worker, 3)
		op.(layer.Divided).ForwardPart(parts, x, 8, part)
		fmt.Println(part.Lo, part.Hi, slices.Equal(part.Of(parts, out), part.Of(whole, out)))
	}
	fmt.Println(slices.Equal(parts, whole))
	// Output:
	// 0 1 true
	// 1 2 true
	// 2 4 true
	// true
}

// What a dropout drops hangs on the place alone: image 3 of a step is treated
// alike in whatever company it comes.
func ExamplePlace() {
	op, err := norm.Dropout{Rate: 0.5}.Bind(layer.Vector(100))
	if err != nil {
		log.Fatal(err)
	}
	x, four, alone := make([]float32, 400), make([]float32, 400), make([]float32, 100)
	for i := range x {
		x[i] = 1
	}
	training := op.(layer.Training)
	training.ForwardTraining(four, x, 4, layer.Place{Step: 7})
	training.ForwardTraining(alone, x[300:], 1, layer.Place{Step: 7, Image: 3})
	fmt.Println(slices.Equal(four[300:], alone))
	training.ForwardTraining(alone, x[300:], 1, layer.Place{Step: 8, Image: 3})
	fmt.Println(slices.Equal(four[300:], alone))
	// Output:
	// true
	// false
}
