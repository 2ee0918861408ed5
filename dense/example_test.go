package dense_test

import (
	"fmt"
	"log"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
)

func ExampleLayer() {
	op, err := dense.Layer{Units: 10, Activation: layer.ReLU}.Bind(layer.Vector(84))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(op, "->", op.Out())
	// Output: dense 10 units, relu -> 10
}

func ExampleFlatten() {
	op, err := dense.Flatten{}.Bind(layer.Image(16, 5, 5))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(op, "->", op.Out())
	// Output: flatten -> 400
}
