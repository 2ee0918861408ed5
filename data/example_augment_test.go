package data_test

import (
	"fmt"
	"log"
	"testing/fstest"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
)

// A digit as it is, and as it comes in two epochs.
func ExampleAugment() {
	digits, err := mnist.Test10k()
	if err != nil {
		log.Fatal(err)
	}
	images, shape := digits.Examples(mnist.Unit), layer.Image(1, digits.Rows, digits.Cols)

	a := data.Augment{Shift: 2, Rotate: 20, Scale: 0.2, Shear: 10, Elastic: 1, Seed: 1}
	augmented, err := a.Dataset(images, shape) // for Trainer.Fit
	if err != nil {
		log.Fatal(err)
	}

	x, labels := make([]float32, 3*shape.Len()), make([]int, 1)
	first, second, third := x[:shape.Len()], x[shape.Len():2*shape.Len()], x[2*shape.Len():]
	if err := images.Read(first, labels, []int{0}); err != nil {
		log.Fatal(err)
	}
	if err := augmented.Epoch(0).Read(second, labels, []int{0}); err != nil {
		log.Fatal(err)
	}
	if err := augmented.Epoch(1).Read(third, labels, []int{0}); err != nil {
		log.Fatal(err)
	}
	for row := range shape.H {
		line := ""
		for i := range x {
			if i/shape.W%shape.H == row && i%shape.W >= 3 {
				line += string(" .:-=+*#%@"[int(x[i]*9.5)])
			}
		}
		fmt.Println("|" + line + "|")
	}
	// Output:
	// |                                                                           |
	// |                                                                           |
	// |                                                                           |
	// |                                                                           |
	// |                                                                           |
	// |                                                                           |
	// |                                 :-.                                       |
	// |   -*++:.                       :##*:                                      |
	// |   %@@@@%########*.             +##%%=:                           ..       |
	// |   :=:=*%@%@@@@%@@+             .::+%%#+:                      .-*#=       |
	// |         : :::: %@-                .-##%%#=.        .=++----+*##%@@+       |
	// |               -@#                   . =#@%%#+:     -#%%@%%%%@%*-*%:       |
	// |               %@-                      .:=*%%%#.   :++=+**=::...#*.       |
	// |              =@%.                          .-@%:    ...   .    :%*.       |
	// |             :@@:                          .=#%=                -@+        |
	// |             =@*                          -+@@+                 *%-        |
	// |             #@:                        .=#@#=.                .*%:        |
	// |            =@*                        :*%%*.                   *%.        |
	// |           :@%:                      .*%%*:                    .*#:        |
	// |           %@*                      -#%*-.                     :%#.        |
	// |          #@%.                     *%%=.                       =@*.        |
	// |         .@@:                     =@*:                         %%=         |
	// |        .%@=                    :#@=                          +@*.         |
	// |        =@@.                   -#@+                           *%=          |
	// |       :@@@.                  -@@%.                          :%*:          |
	// |       =@@%.                 -#@#-                           +@#.          |
	// |       =@#                  .-+=                            :%@%:          |
	// |                                                            :#%.           |
}

// Digits from files, distorted while a training reads them.
func ExampleAugment_Seq() {
	files := fstest.MapFS{"tiny.csv": {Data: []byte("0,0,0,0,9,0,0,0,0,1\n")}}
	table := data.CSVSeq(files, "tiny.csv", data.CSV{NoHeader: true, Column: -1})

	a := data.Augment{Shift: 1, Seed: 1}
	augmented, err := a.Seq(table, layer.Image(1, 3, 3)) // for Trainer.FitSeq
	if err != nil {
		log.Fatal(err)
	}
	for epoch := range 2 {
		for e, err := range augmented(epoch) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%.1f, label %d\n", e.Image, e.Label)
		}
	}
	// Output:
	// [0.0 0.0 0.0 0.0 0.7 1.9 0.0 1.6 4.8], label 1
	// [0.0 0.0 0.0 0.0 1.0 1.8 0.0 2.3 4.0], label 1
}

func ExampleAugment_Check() {
	fmt.Println(data.Augment{Shift: 2, Rotate: 200}.Check())
	// Output: data: augment: option is not usable: want Rotate of 0 to 180, have 200
}
