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
	fmt.Println(n)
	// Output:
	// input 2
	// 0: dense 3 units, identity -> 3, 9 parameters
	// 1: gelu -> 3
	// 2: dense 2 units, identity -> 2, 8 parameters
	// 17 parameters
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
