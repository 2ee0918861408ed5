package pool

import "github.com/simdlanes/lanes/layer"

// Channelwise is true: a window lies in one channel.
func (o *op) Channelwise() bool { return true }

// in is the shape of the input.
func (o *op) in() layer.Shape { return layer.Image(o.pool.C, o.pool.H, o.pool.W) }

func (o *maxOp) ForwardPart(y, x []float32, n int, p layer.Part) {
	y = p.Of(y, o.Out())
	o.pool.MaxForward(y, p.Of(x, o.in()))
	o.act.Forward(y)
}

func (o *maxOp) BackwardPart(dx, dy, x, y []float32, n int, p layer.Part) {
	o.pool.MaxBackward(p.Of(dx, o.in()), p.Of(x, o.in()), p.Of(dy, o.Out()))
}

func (o *avgOp) ForwardPart(y, x []float32, n int, p layer.Part) {
	y = p.Of(y, o.Out())
	o.pool.AverageForward(y, p.Of(x, o.in()))
	o.act.Forward(y)
}

func (o *avgOp) BackwardPart(dx, dy, x, y []float32, n int, p layer.Part) {
	o.pool.AverageBackward(p.Of(dx, o.in()), p.Of(dy, o.Out()))
}
