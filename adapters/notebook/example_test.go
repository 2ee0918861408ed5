package notebook_test

import (
	"fmt"
	"log"
	"os"

	"github.com/simdlanes/lanes/adapters/notebook"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

func ExampleLoad() {
	file, err := os.Open("testdata/protocol4.pickle")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	network, err := notebook.Load(file, notebook.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(network)
	// Output:
	// layer                      output  parameters  FLOPs  in training
	//    input                     1x10x10
	// 0  conv 2 filters 3x3, relu    2x8x8          20  2,304        4,608
	// 1  max-pool 2x2, relu          2x4x4           0      0            0
	// 2  conv 3 filters 3x3, relu    3x2x2          57    432        1,296
	// 3  max-pool 2x2, relu          3x1x1           0      0            0
	// 4  flatten                         3           0      0            0
	// 5  dense 4 units, relu             4          16     24           72
	// 6  dense 2 units, identity         2          10     16           48
	//    total                                     103  2,776        6,024
	// memory: parameters 412 bytes, activations of eight images 8.9 KiB, training 16.2 KiB
}

// A perceptron's file does not tell its activations, so the network comes
// first.
func ExampleImport() {
	network, err := net.New(layer.Vector(6), 1,
		dense.Layer{Units: 4, Activation: layer.Sigmoid},
		dense.Layer{Units: 3},
	)
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.Open("testdata/perceptron.pickle")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	if err := notebook.Import(network, file, notebook.Options{}); err != nil {
		log.Fatal(err)
	}
	_, biases, err := network.Params(1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(biases)
	// Output: [-0.5 -0.4375 -0.375]
}

func ExampleRead() {
	file, err := os.Open("testdata/layers.pickle")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	entries, err := notebook.Read(file)
	if err != nil {
		log.Fatal(err)
	}
	for i, e := range entries {
		if e.IsEmpty() {
			fmt.Printf("%d: no parameters\n", i)
		} else {
			fmt.Printf("%d: W %v, B %v\n", i, e.W, e.B)
		}
	}
	// Output:
	// 0: W (2, 1, 3, 3), B (2,)
	// 1: no parameters
	// 2: W (3, 2, 3, 3), B (3,)
	// 3: no parameters
	// 4: no parameters
	// 5: W (4, 3), B (4,)
	// 6: W (2, 4), B (2,)
}
