package pool_test

import (
	"fmt"
	"log"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

func ExampleMax() {
	op, err := pool.Max{Size: 2}.Bind(layer.Image(6, 29, 28))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(op, "->", op.Out()) // the odd row is dropped
	// Output: max-pool 2x2, identity -> 6x14x14
}

// The pooling of large networks: windows that overlap, with padding.
func ExampleMax_overlapping() {
	op, err := pool.Max{Size: 3, Stride: 2, Padding: 1}.Bind(layer.Image(64, 112, 112))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(op, "->", op.Out())

	_, err = pool.Max{Size: 3, Stride: 2, Padding: 2}.Bind(layer.Image(64, 112, 112))
	fmt.Println(err)
	// Output:
	// max-pool 3x3, stride 2, padding 1, identity -> 64x56x56
	// max-pooling: option is not usable: want a Padding from 0 to 1, half a window of 3x3, have 2
}

// Padding does not count in the averages unless CountPad says so.
func ExampleAvg() {
	for _, l := range []pool.Avg{
		{Size: 1, SizeCols: 3, Stride: 1},
		{Size: 2, Padding: 1},
		{Size: 2, Padding: 1, CountPad: true},
	} {
		op, err := l.Bind(layer.Image(1, 2, 4))
		if err != nil {
			log.Fatal(err)
		}
		one := op.(layer.Single)
		y := make([]float32, op.Out().Len())
		one.ForwardOne(y, []float32{
			1, 2, 6, 4,
			5, 8, 4, 8,
		}, make([]float32, one.ScratchOne()))
		fmt.Println(op, "->", op.Out(), y)
	}
	// Output:
	// average-pool 1x3, stride 1, identity -> 1x2x2 [3 4 5.6666665 6.6666665]
	// average-pool 2x2, padding 1, identity -> 1x2x3 [1 4 4 5 6 8]
	// average-pool 2x2, padding 1, padding counted, identity -> 1x2x3 [0.25 2 1 1.25 3 2]
}

// The last layers of a network for images of any size.
func ExampleGlobalAvg() {
	network, err := net.New(layer.Image(64, 7, 7), 1, pool.GlobalAvg{}, dense.Flatten{}, dense.Layer{Units: 10})
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range network.Summary().Layers {
		fmt.Println(l.Name, "->", l.Output)
	}
	// Output:
	// global average-pool 7x7, identity -> 64x1x1
	// flatten -> 64
	// dense 10 units, identity -> 10
}
