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

// With Same a stride of 1 keeps the rows and columns of the input, and a stride
// of 2 halves them, rounded up.
func ExampleLayer_same() {
	for _, l := range []conv.Layer{
		{Filters: 8, Size: 3, Same: true},
		{Filters: 8, Size: 3, SizeCols: 7, Same: true},
		{Filters: 8, Size: 3, Same: true, Stride: 2},
		{Filters: 8, Size: 2, Same: true},
	} {
		op, err := l.Bind(layer.Image(1, 28, 27))
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(op, "->", op.Out())
	}
	// Output:
	// conv 8 filters 3x3, padding same, identity -> 8x28x27
	// conv 8 filters 3x7, padding same, identity -> 8x28x27
	// conv 8 filters 3x3, stride 2, padding same, identity -> 8x14x14
	// convolution: option is not usable: Same is ambiguous where Dilation*(Size-1) is odd, have 1: take an odd Size, or give Padding: 0 makes one row or column less than the input has, 1 one more (a filter of 2x2, dilation 1)
}
