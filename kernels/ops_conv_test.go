package kernels

import "slices"

var convDims = []dim{
	size("C", 1, 1), size("outH", 1, 2), size("outW", 1, 2),
	size("filters", 1, tileFilters), size("FH", 1, gradTaps), size("FW", 1, gradTaps),
	choice("strideH", 3), choice("strideW", 3), choice("dilationH", 3), choice("dilationW", 3),
	choice("padTop", 4), choice("padBottom", 4), choice("padLeft", 4), choice("padRight", 4),
	choice("restH", 3), choice("restW", 3), choice("groups", 3),
}

// lastDim is the dimension that an operation has beside those of convDims.
var lastDim = len(convDims)

// plainConvShapes are the convolutions of LeNet-5, and those that take long
// enough to be split over several calls of the assembly.
var plainConvShapes = [][]int{
	{1, 28, 28, 6, 5, 5}, {6, 10, 10, 16, 5, 5},
	{1, 182, 191, 2, 2, 1},                        // by lines
	{300, 2, 10, 1, 5, 5}, {1, 4, 12, 1700, 4, 4}, // by blocks of channels, forward and in the data gradient
	{17, 1, 2, 1, 64, 64}, {1, 4, 4, 4100, 4, 4}, // by single channels
	{1, 3, 17001, 1, 1, 1}, {1, 4, 5000, 1, 1, 1}, // by columns, and rows of the weight gradient
	{37, 3, 3, 13, 1, 1}, {130, 2, 2, 7, 1, 2}, // folded channels
}

// convShapes are plainConvShapes and some of a larger network: 3x3 with
// padding, 7x7 with a stride, depthwise, and a filter that meets padding alone.
var convShapes = slices.Concat(withoutGeometry(plainConvShapes), [][]int{
	{20, 14, 14, 20, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0},
	{43, 14, 14, 26, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0}, // more than the caches hold
	{2, 4, 300, 9, 3, 3, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0},   // rows that are cut
	{330, 5, 5, 37, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},  // copied, chunk by chunk and block by block
	{60, 2, 3, 62, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
	{3, 12, 13, 7, 7, 7, 1, 1, 0, 0, 3, 3, 3, 3, 1, 0, 0},
	{1, 9, 9, 1, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 2},
	{1, 7, 7, 2, 1, 1, 0, 0, 0, 0, 3, 3, 3, 3, 0, 0, 0},
	// Depthwise, with strides, without padding at some edges, and with more than a call takes.
	{1, 13, 27, 1, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 2}, {1, 14, 14, 1, 3, 3, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1},
	{1, 7, 8, 2, 3, 3, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1}, {1, 8, 17, 1, 3, 3, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 2},
	{1, 5, 5, 3, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1}, {1, 2, 3700, 1, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1},
	{1, 100, 90, 1, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1}, {1, 2, 1, 1, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1}, {1, 1, 2, 1, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1},
	{1, 2, 2, 1, 3, 3, 2, 2, 0, 0, 2, 2, 2, 2, 0, 0, 1},
	{2, 5, 6, 1, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1}, {1, 5, 5, 1, 3, 3, 0, 0, 0, 0, 2, 2, 1, 1, 0, 0, 1},
	{2, 9, 9, 12, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, // panels of two halves
})

func withoutGeometry(shapes [][]int) (longer [][]int) {
	for _, s := range shapes {
		longer = append(longer, with(s, make([]int, len(convDims)-len(s))...))
	}
	return longer
}

// convShape is the convolution of dimensions d: the input is as large as the
// outputs need, and by less than a stride larger.
func convShape(d []int) ConvShape {
	s := ConvShape{
		C: d[0] * (d[16] + 1), Filters: d[3] * (d[16] + 1), Groups: d[16] + 1, FH: d[4], FW: d[5],
		StrideH: d[6] + 1, StrideW: d[7] + 1, DilationH: d[8] + 1, DilationW: d[9] + 1,
		PadTop: d[10], PadBottom: d[11], PadLeft: d[12], PadRight: d[13],
	}
	need := func(out, stride, taps, dilation, padding, rest int) int {
		return max(1, (out-1)*stride+(taps-1)*dilation+1-padding+min(rest, stride-1))
	}
	s.H = need(d[1], s.StrideH, s.FH, s.DilationH, s.PadTop+s.PadBottom, d[14])
	s.W = need(d[2], s.StrideW, s.FW, s.DilationW, s.PadLeft+s.PadRight, d[15])
	return s
}

// weighConv is the multiply-adds of a convolution, and the numbers that a test
// draws and keeps for it: pixels, and lists of taps.
func weighConv(d []int) int {
	s := convShape(d)
	lists := min(s.H, 2*s.FH) * min(s.W, 2*s.FW) * s.FH * s.FW / 4
	return s.WeightLen()*s.OutH()*s.OutW() + (s.InLen()+s.OutLen())/Lanes + lists
}

// conv returns the convolution of dimensions d, whose tables are operands too.
func conv(tr *trial, d []int) *Conv {
	c := NewConv(convShape(d))
	for i := range c.depth.calls {
		c.depth.calls[i] = deriveTable(tr, "rows", c.depth.calls[i])
	}
	for _, p := range []*gradPlan{&c.weights, &c.halves} {
		p.positions = deriveTable(tr, "positions", p.positions)
		for _, class := range p.classes {
			for i := range class {
				class[i] = deriveTable(tr, "tiles", class[i])
			}
		}
	}
	for _, g := range []*gather{&c.forward, &c.data, c.forward.plain, c.data.plain} {
		if g == nil {
			continue
		}
		g.lists = deriveTable(tr, "lists of taps", g.lists)
		for i := range g.chunks {
			g.chunks[i].spans = deriveTable(tr, "spans", g.chunks[i].spans)
		}
		for _, k := range g.depth.kinds {
			for i := range k.calls {
				k.calls[i].spans = deriveTable(tr, "spans of positions", k.calls[i].spans)
			}
		}
	}
	return c
}

// filters returns filters whose packed forms are operands too.
func filters(tr *trial, c *Conv, w, bias []float32) *Filters {
	f := c.NewFilters(w, bias)
	f.forward = tr.derive("packed w", f.forward)
	f.data = tr.derive("transposed w", f.data)
	return f
}

func buildConvForward(tr *trial, d []int) func() {
	c := conv(tr, d)
	f := filters(tr, c, tr.vector("w", in, c.WeightLen()), tr.vector("bias", in, c.Filters))
	y, x := tr.vector("y", out, c.OutLen()), tr.vector("x", in, c.InLen())
	return func() { c.Forward(y, x, f, d[lastDim+1], d[lastDim] == 1) }
}

func buildConvDataGrad(tr *trial, d []int) func() {
	c := conv(tr, d)
	f := filters(tr, c, tr.vector("w", in, c.WeightLen()), make([]float32, c.Filters))
	dx, dy := tr.vector("dx", out, c.InLen()), tr.vector("dy", in, c.OutLen())
	return func() { c.DataGrad(dx, dy, f, d[lastDim]) }
}

func buildConvWeightGrad(tr *trial, d []int) func() {
	c := conv(tr, d)
	dw, db := tr.vector("dw", out, c.WeightLen()), tr.vector("db", out, c.Filters)
	x, dy := tr.vector("x", in, c.InLen()), tr.vector("dy", in, c.OutLen())
	return func() { c.WeightGrad(dw, db, x, dy, d[lastDim]) }
}

func buildConvForwardParts(tr *trial, d []int) func() {
	c := conv(tr, d)
	f := filters(tr, c, tr.vector("w", in, c.WeightLen()), tr.vector("bias", in, c.Filters))
	y, x := tr.vector("y", out, c.OutLen()), tr.vector("x", in, c.InLen())
	return func() {
		inParts(c.Filters, d[lastDim+2], func(lo, hi int) { c.ForwardPart(y, x, f, d[lastDim+1], d[lastDim] == 1, lo, hi) })
	}
}

func buildConvDataGradParts(tr *trial, d []int) func() {
	c := conv(tr, d)
	f := filters(tr, c, tr.vector("w", in, c.WeightLen()), make([]float32, c.Filters))
	dx, dy := tr.vector("dx", out, c.InLen()), tr.vector("dy", in, c.OutLen())
	return func() {
		inParts(c.C, d[lastDim+1], func(lo, hi int) { c.DataGradPart(dx, dy, f, d[lastDim], lo, hi) })
	}
}

func buildConvWeightGradParts(tr *trial, d []int) func() {
	c := conv(tr, d)
	dw, db := tr.vector("dw", out, c.WeightLen()), tr.vector("db", out, c.Filters)
	x, dy := tr.vector("x", in, c.InLen()), tr.vector("dy", in, c.OutLen())
	return func() {
		inParts(c.Filters, d[lastDim+1], func(lo, hi int) { c.WeightGradPart(dw, db, x, dy, d[lastDim], lo, hi) })
	}
}

// buildConvPack changes the weights after they were packed, and renews the
// packed forms in two steps.
func buildConvPack(tr *trial, d []int) func() {
	c := conv(tr, d)
	f := c.NewFilters(make([]float32, c.WeightLen()), tr.vector("bias", in, c.Filters))
	f.W = tr.vector("w", in, c.WeightLen())
	y, x := tr.vector("y", out, c.OutLen()), tr.vector("x", in, c.InLen())
	dx, dy := tr.vector("dx", out, c.InLen()), tr.vector("dy", in, c.OutLen())
	split := min(d[lastDim], c.Filters)
	return func() {
		c.Pack(f, split, c.Filters)
		c.Pack(f, 0, split)
		c.Forward(y, x, f, Lanes, false)
		c.DataGrad(dx, dy, f, Lanes)
	}
}
