package net

import (
	"fmt"

	"github.com/simdlanes/lanes/internal/enum"
	"github.com/simdlanes/lanes/layer"
)

// Reduction says what becomes of the gradients of a batch's images.
type Reduction int

// The reductions.
const (
	Mean Reduction = iota // a step does not grow with the batch
	Sum                   // what textbooks call gradient descent, if the batch is all images
)

var reductionNames = []string{Mean: "mean", Sum: "sum"}

// String returns the reduction's name in lower case.
func (r Reduction) String() string { return enum.Name("Reduction", int(r), reductionNames) }

func (r Reduction) check() error {
	if r < 0 || int(r) >= len(reductionNames) {
		return fmt.Errorf("%w: reduction %d, want one of %v", layer.ErrOption, int(r), reductionNames)
	}
	return nil
}

// divisor is what the sum over a batch of n images is divided by.
func (r Reduction) divisor(n int) int {
	if r == Sum {
		return 1
	}
	return n
}
