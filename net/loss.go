package net

import (
	"fmt"
	"math"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Loss is the function that training minimises: [CrossEntropy],
// [BinaryCrossEntropy] or [SquaredError]. All are means over the batch's images,
// of which each has one label.
type Loss interface {
	// check returns an error unless the loss suits the network.
	check(n *Network) error

	// meaning is what the loss makes of the network's outputs.
	meaning() Meaning

	// name is the loss and its constants.
	name() string

	// block writes the losses of len(labels) images with the given outputs, rows
	// of y, and, unless grad is nil, the gradient of their sum with respect to the
	// outputs. scratch has room for a block of outputs.
	block(grad, y []float32, labels []int, losses, scratch []float32)
}

// onBlock gives loss, which replaces a block of outputs by their gradient, the
// rows of y, and gives back the gradient's rows, unless grad is nil.
func onBlock(grad, y, scratch []float32, n int, loss func(block []float32, outputs int)) {
	outputs := len(y) / n
	kernels.Interleave(scratch, y, outputs, outputs, n)
	loss(scratch, outputs)
	if grad != nil {
		kernels.Deinterleave(grad, scratch, outputs, outputs, n)
	}
}

// checkVector returns an error unless the network ends in a vector.
func checkVector(n *Network, of string) error {
	if out := n.Output(); !out.IsVector() {
		return fmt.Errorf("%w: want a network that ends in a vector of %s, have %v; add dense.Flatten", layer.ErrShape, of, out)
	}
	return nil
}

// checkLinear returns an error if the network ends with the function that the
// loss has in it: the gradient would pass through it twice, and vanish.
func checkLinear(n *Network, has string) error {
	switch a := n.lastActivation(); a {
	case layer.Sigmoid, layer.Softmax:
		return fmt.Errorf("%w: the network ends with %v, but the loss takes logits and has the %s in it; "+
			"leave out the last layer's Activation", layer.ErrOption, a, has)
	}
	return nil
}

// lastActivation is what the network applies to its outputs, as far as its last
// layers tell.
func (n *Network) lastActivation() layer.Activation {
	last := len(n.ops) - 1
	for ; last > 0; last-- {
		if _, ok := n.layers[last].(dense.Flatten); !ok {
			break
		}
	}
	if op, ok := n.ops[last].(layer.Activated); ok {
		return op.Activation()
	}
	return layer.Identity
}

// checkSmoothing returns an error unless a label smoothing is in [0, 1), also as
// the float32 that kernels take.
func checkSmoothing(smoothing float64) error {
	if s := float32(smoothing); !(s >= 0 && s < 1) {
		return fmt.Errorf("%w: want Smoothing in [0, 1), have %v", layer.ErrOption, smoothing)
	}
	return nil
}

// checkLosses returns an error that names the first image, counted from lo, whose
// loss is not finite, or before that a layer that cannot go on with the batch.
func checkLosses(losses []float32, b *batch, lo int) error {
	for _, c := range b.checked {
		if err := c.check(); err != nil {
			return err
		}
	}
	i := kernels.FirstNotFinite(losses)
	if i < 0 {
		return nil
	}
	return fmt.Errorf("image %d: %w: its loss is %v", b.image(lo+i), ErrNotFinite, losses[i])
}

// mean is the mean of the losses of a batch, added in the order of its images.
func mean(losses []float32) float64 {
	sum := 0.0
	for _, l := range losses {
		sum += float64(l)
	}
	return sum / math.Max(1, float64(len(losses)))
}
