package norm

import (
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Channelwise is true: channels are normalised by themselves.
func (o *batchOp) Channelwise() bool { return true }

func (o *batchOp) ObservePart(stats []float64, x []float32, n int, p layer.Part) {
	o.sums(stats, x, x, n, p)
}

func (o *batchOp) ObserveGradPart(stats []float64, dy, x, y []float32, n int, p layer.Part) {
	o.Batch.Activation.Backward(p.Of(dy, o.shape), p.Of(y, o.shape))
	o.sums(stats, dy, x, n, p)
}

func (o *batchOp) ForwardPart(y, x []float32, n int, p layer.Part) {
	o.normalise(y, x, o.train, p)
}

func (o *batchOp) BackwardPart(dx, dy, x, y []float32, n int, p layer.Part) {
	o.backward(dx, dy, x, n, p)
}

// Channelwise is true: elements are dropped by themselves.
func (o *dropoutOp) Channelwise() bool { return true }

func (o *dropoutOp) ForwardPart(y, x []float32, n int, p layer.Part) {
	kernels.Dropout(p.Of(y, o.shape), p.Of(x, o.shape), o.mask(p.At).Skip(p.Lo*o.shape.H*o.shape.W))
}

func (o *dropoutOp) BackwardPart(dx, dy, x, y []float32, n int, p layer.Part) {
	o.ForwardPart(dx, dy, n, p)
}
