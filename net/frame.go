package net

import (
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// A frame is the workspace of one block on its way through the network: the
// input and output of every layer, and in training their gradients. Tensor 0 is
// the network's input, tensor i+1 the output of layer i.
type frame struct {
	act  [][]float32
	grad [][]float32 // in training only; grad[0] stays nil

	arrived [][]float32 // of a step that is shown: grad before Backward has changed it

	staging []float32 // rows of images on their way from a Dataset
	logits  []float32 // the output as a block, for softmax
	scratch []float32 // for single images
}

// newFrame allocates a frame.
func newFrame(shapes []layer.Shape) *frame {
	f := &frame{
		act:     make([][]float32, len(shapes)),
		staging: make([]float32, shapes[0].Len()*kernels.Lanes),
		logits:  make([]float32, shapes[len(shapes)-1].Len()*kernels.Lanes),
	}
	for i, s := range shapes {
		f.act[i] = make([]float32, s.Len()*kernels.Lanes)
	}
	return f
}

// load makes rows, n images, the frame's tensor 0.
func (f *frame) load(rows []float32, in layer.Shape, n int) {
	if in.IsVector() {
		copy(f.tensor(f.act, 0, in, n), rows)
		return
	}
	kernels.Interleave(f.act[0], rows, in.Len(), in.Len(), n)
}

// tensor returns tensor i of n images: the whole block of an image shape, n
// rows of a vector shape.
func (f *frame) tensor(of [][]float32, i int, s layer.Shape, n int) []float32 {
	if s.IsVector() {
		return of[i][:n*s.Len()]
	}
	return of[i]
}

// forward runs layers lo to hi of the network, which ops are or replicate, on
// the images of the frame.
func (n *Network) forward(ops []layer.Op, f *frame, lo, hi, images int) {
	for i := lo; i < hi; i++ {
		x := f.tensor(f.act, i, n.shapes[i], images)
		y := f.tensor(f.act, i+1, n.shapes[i+1], images)
		ops[i].Forward(y, x, images)
	}
}
