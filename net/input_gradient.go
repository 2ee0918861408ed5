package net

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// InputGradient appends the gradient of one of the network's outputs with
// respect to an image to dst and returns it: as many elements as the image, in
// its order. With the output of the predicted class it is the saliency of the
// prediction, which tells pixels that it hangs on from those that it does not
// (Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks", 2013,
// section 3). The output is that of the last layer, its activation included: a
// logit, if the network's [Meaning] is Logits. It is the output that a prediction
// has: a batch normalisation takes its running statistics, and dropout drops
// nothing.
//
// It computes on the calling goroutine, with workspace that it allocates, and may be
// called from many at once. The error wraps layer.ErrShape unless image is one
// image and the network ends in a vector, layer.ErrOption if there is no such
// output, or a layer is a layer.Batched that is no layer.Training, and so computes
// nothing of one image by itself, or ErrNotFinite.
func (n *Network) InputGradient(dst, image []float32, output int) ([]float32, error) {
	if err := n.checkInputGradient(image, output); err != nil {
		return dst, fmt.Errorf("net: input gradient: %w", err)
	}
	f := newFrame(n.shapes)
	for _, s := range n.shapes {
		f.grad = append(f.grad, make([]float32, s.Len()*kernels.Lanes))
	}
	f.load(image, n.Input(), 1)
	last := len(n.ops)
	n.forward(n.ops, f, 0, last, 1)
	f.grad[last][output] = 1
	n.backward(f)
	if n.Input().IsVector() {
		return append(dst, f.grad[0][:len(image)]...), nil
	}
	row := f.staging[:len(image)]
	kernels.Deinterleave(row, f.grad[0], len(row), len(row), 1)
	return append(dst, row...), nil
}

// checkInputGradient returns an error unless an output of one image has a
// gradient.
func (n *Network) checkInputGradient(image []float32, output int) error {
	if len(image) != n.Input().Len() {
		return fmt.Errorf("image: %w: want %d elements (%v), have %d", layer.ErrShape, n.Input().Len(), n.Input(), len(image))
	}
	if !n.Output().IsVector() {
		return fmt.Errorf("%w: want a network that ends in a vector, have %v", layer.ErrShape, n.Output())
	}
	if output < 0 || output >= n.Output().Len() {
		return fmt.Errorf("%w: want output 0 to %d, have %d", layer.ErrOption, n.Output().Len()-1, output)
	}
	for i, op := range n.ops {
		_, batched := op.(layer.Batched)
		if _, training := op.(layer.Training); batched && !training {
			return fmt.Errorf("layer %d (%v): %w: it sees a whole batch, want one that predicts each image by itself (layer.Training)", i, op, layer.ErrOption)
		}
	}
	b := batch{n: 1, x: image}
	return b.checkFinite(image, 0, n.Input())
}

// backward takes the gradient of one image's output, which is in the frame, back
// through all layers.
func (n *Network) backward(f *frame) {
	for i := len(n.ops) - 1; i >= 0; i-- {
		x := f.tensor(f.act, i, n.shapes[i], 1)
		y := f.tensor(f.act, i+1, n.shapes[i+1], 1)
		dx := f.tensor(f.grad, i, n.shapes[i], 1)
		dy := f.tensor(f.grad, i+1, n.shapes[i+1], 1)
		n.ops[i].Backward(dx, dy, x, y, 1)
	}
}
