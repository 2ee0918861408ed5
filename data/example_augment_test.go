package data_test

import (
	"fmt"
	"log"

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
