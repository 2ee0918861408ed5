package activation_test

import (
	"fmt"
	"log"

	"github.com/simdlanes/lanes/activation"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

func ExampleGELU() {
	n, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 3}, activation.GELU{}, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range n.Summary().Layers {
		fmt.Println(l.Name, "->", l.Output)
	}
	// Output:
	// dense 3 units, identity -> 3
	// gelu -> 3
	// dense 2 units, identity -> 2
}

func ExampleLeakyReLU() {
	op, err := activation.LeakyReLU{Slope: 0.25}.Bind(layer.Vector(3))
	if err != nil {
		log.Fatal(err)
	}
	y := make([]float32, 3)
	op.Forward(y, []float32{-2, 0, 2}, 1)
	fmt.Println(y)
	// Output: [-0.5 0 2]
}
