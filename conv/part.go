package conv

import "github.com/simdlanes/lanes/layer"

// Channelwise is true of a convolution that has a filter of its own for each channel.
func (o *op) Channelwise() bool { return o.conv.Groups == o.conv.C && o.conv.Groups == o.conv.Filters }

func (o *op) ForwardPart(y, x []float32, n int, p layer.Part) {
	fused := o.act == layer.ReLU
	o.conv.ForwardPart(y, x, o.filters, n, fused, p.Lo, p.Hi)
	if !fused {
		o.act.Forward(p.Of(y, o.Out()))
	}
}

func (o *op) BackwardPart(dx, dy, x, y []float32, n int, p layer.Part) {
	o.conv.DataGradPart(dx, dy, o.filters, n, p.Lo, p.Hi)
}

func (o *op) GradientPart(dw, db, x, dy []float32, n int, p layer.Part) {
	o.conv.WeightGradPart(dw, db, x, dy, n, p.Lo, p.Hi)
}
