package net

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
)

// SquaredError is half the squared distance of the outputs y from a target t: the
// mean over the images of
//
//	sum over the outputs c of (y[c] - t[c])*(y[c] - t[c]) / 2
//
// t is 1 for the output of the label and 0 for the others; for a single output it
// is the label, 0 or 1. The gradient with respect to the outputs is y - t. The
// outputs are taken as they are: the last layer's activation, often
// [layer.Sigmoid], is part of the network.
type SquaredError struct{}

func (l SquaredError) check(n *Network) error {
	if err := checkVector(n, "scores"); err != nil {
		return fmt.Errorf("squared error: %w", err)
	}
	return nil
}

func (l SquaredError) meaning() Meaning { return Scores }

func (l SquaredError) name() string { return "SquaredError{}" }

func (l SquaredError) block(grad, y []float32, labels []int, losses, scratch []float32) {
	onBlock(grad, y, scratch, len(labels), func(block []float32, outputs int) {
		kernels.SquaredError(block, block, labels, losses, outputs)
	})
}
