package norm

import (
	"fmt"

	"github.com/simdlanes/lanes/internal/splitmix"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Dropout describes inverted dropout (Srivastava et al., "Dropout: A Simple Way to
// Prevent Neural Networks from Overfitting", 2014, section 10): in training every
// element becomes 0 with probability Rate, to the next multiple of 2**-24, and what
// is left is multiplied by 1/(1-Rate), so that prediction need not do anything. It takes and
// gives activations of any shape.
//
// What is dropped depends on Seed, the layer's place in the network, the number of
// steps that the trainer has made, and the image's place in the batch: not on
// workers, nor on whether a training was resumed. If all is dropped, all is 0.
type Dropout struct {
	Rate float32 // at least 0 and below 1
	Seed uint64  // layers of a network drop other elements also with the same one
}

// Bind implements [layer.Layer].
func (l Dropout) Bind(in layer.Shape) (layer.Op, error) {
	if !(l.Rate >= 0 && l.Rate < 1) {
		return nil, fmt.Errorf("dropout: %w: want a Rate in [0, 1), have %v", layer.ErrOption, l.Rate)
	}
	if err := in.Check(); err != nil {
		return nil, fmt.Errorf("dropout: %w", err)
	}
	return &dropoutOp{l, in}, nil
}

// dropoutOp implements layer.Divided, layer.Single and layer.Training.
type dropoutOp struct {
	Dropout
	shape layer.Shape
}

func (o *dropoutOp) String() string { return fmt.Sprintf("dropout %v", o.Rate) }

func (o *dropoutOp) Out() layer.Shape { return o.shape }

func (o *dropoutOp) MultiplyAdds() int64 { return 0 }

func (o *dropoutOp) ScratchOne() int { return 0 }

func (o *dropoutOp) Forward(y, x []float32, n int) { copy(y, x) }

func (o *dropoutOp) ForwardOne(y, x, _ []float32) { copy(y, x) }

func (o *dropoutOp) Backward(dx, dy, x, y []float32, n int) {
	if dx != nil {
		copy(dx, dy)
	}
}

func (o *dropoutOp) ForwardTraining(y, x []float32, n int, at layer.Place) { o.drop(y, x, n, at) }

func (o *dropoutOp) BackwardTraining(dx, dy, x, y []float32, n int, at layer.Place) {
	if dx != nil {
		o.drop(dx, dy, n, at)
	}
}

func (o *dropoutOp) drop(y, x []float32, n int, at layer.Place) {
	if !o.shape.IsVector() {
		kernels.Dropout(y, x, o.mask(at))
		return
	}
	size := o.shape.Len()
	for i := range n {
		kernels.Dropout(y[i*size:][:size], x[i*size:][:size], kernels.NewRowMask(o.Rate, o.key(at, i)))
	}
}

// mask is that of a block of images.
func (o *dropoutOp) mask(at layer.Place) kernels.Mask {
	var keys [kernels.Lanes]uint64
	for i := range keys {
		keys[i] = o.key(at, i)
	}
	return kernels.NewBlockMask(o.Rate, keys)
}

// key is that of image i of the block.
func (o *dropoutOp) key(at layer.Place, i int) uint64 {
	k := o.Seed
	for _, v := range [...]int{at.Layer, at.Step, at.Image + i} {
		k = splitmix.Hash(k + uint64(v))
	}
	return k
}
