package net

import (
	"fmt"
	"math"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Loss is the function that training minimises: [CrossEntropy].
type Loss interface {
	// check returns an error unless the loss suits a network that ends in out.
	check(out layer.Shape) error

	// meaning is what the loss makes of the network's outputs.
	meaning() Meaning

	// block writes the losses of len(labels) images with the given outputs, rows
	// of y, and, unless grad is nil, the gradient of their sum with respect to the
	// outputs. scratch has room for a block of outputs.
	block(grad, y []float32, labels []int, losses, scratch []float32)
}

// CrossEntropy is the loss of a classifier whose output is logits: softmax
// followed by the mean over the batch of
//
//	-log(p[label] + Epsilon)
//
// Its gradient with respect to the logits is p - 1 at the label and p
// elsewhere, whatever Epsilon is.
type CrossEntropy struct {
	// Epsilon keeps the reported loss of an image below -log(Epsilon). It must be
	// 0 or lie in [1e-30, 1); the default is 0, an infinite loss for a
	// probability that has vanished.
	Epsilon float64
}

func (l CrossEntropy) check(out layer.Shape) error {
	if l.Epsilon != 0 && !(l.Epsilon >= minEpsilon && l.Epsilon < 1) {
		return fmt.Errorf("cross-entropy: %w: want Epsilon 0 or in [%v, 1), have %v", layer.ErrOption, minEpsilon, l.Epsilon)
	}
	if !out.IsVector() {
		return fmt.Errorf("cross-entropy: %w: want a network that ends in a vector of logits, have %v; add dense.Flatten",
			layer.ErrShape, out)
	}
	return nil
}

func (l CrossEntropy) meaning() Meaning { return Logits }

func (l CrossEntropy) block(grad, logits []float32, labels []int, losses, scratch []float32) {
	n := len(labels)
	classes := len(logits) / n
	kernels.Interleave(scratch, logits, classes, classes, n)
	kernels.Softmax(scratch, scratch, classes)
	kernels.CrossEntropy(scratch, labels, losses, float32(l.Epsilon), classes)
	if grad != nil {
		kernels.Deinterleave(grad, scratch, classes, classes, n)
	}
}

// mean is the mean of the losses of a batch, added in the order of its images.
func mean(losses []float32) float64 {
	sum := 0.0
	for _, l := range losses {
		sum += float64(l)
	}
	return sum / math.Max(1, float64(len(losses)))
}
