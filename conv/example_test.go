package conv_test

import (
	"fmt"
	"log"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

func ExampleLayer() {
	// One filter that sees a step from dark to bright between two columns.
	edges := conv.Layer{Filters: 1, Size: 1, SizeCols: 2, Activation: layer.ReLU}
	n, err := net.New(layer.Image(1, 2, 4), 1, edges, dense.Flatten{})
	if err != nil {
		log.Fatal(err)
	}
	if err := n.SetParams(0, []float32{-1, 1}, []float32{0}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(n)

	class, err := n.Predict(nil, []float32{
		0, 0, 0, 0,
		0, 0, 9, 9,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the edge is at", class[0])
	// Output:
	// layer                     output  parameters  FLOPs  in training
	//    input                      1x2x4
	// 0  conv 1 filters 1x2, relu   1x2x3           3     24           48
	// 1  flatten                        6           0      0            0
	//    total                                      3     24           48
	// memory: parameters 12 bytes, activations of eight images 640 bytes, training 1.0 KiB
	// the edge is at 4
}
