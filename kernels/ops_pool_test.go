package kernels

import "slices"

var poolDims = []dim{
	size("C", 1, 1), size("outH", 1, 2), size("outW", 1, 2),
	size("FH", 1, 2), size("FW", 1, 2), choice("restH", 3), choice("restW", 3),
}

var pool2x2Dims = []dim{
	size("C", 1, 1), size("outH", 1, 2), size("outW", 1, 2),
	choice("restH", 2), choice("restW", 2),
}

// windowDims are poolings with a stride and padding of their own.
var windowDims = []dim{
	size("C", 1, 1), size("outH", 1, 2), size("outW", 1, 4), size("FH", 1, 2), size("FW", 1, 2),
	choice("strideH", 4), choice("strideW", 4),
	choice("padTop", 3), choice("padBottom", 3), choice("padLeft", 3), choice("padRight", 3),
	choice("restH", 3), choice("restW", 3), choice("ceil", 2), choice("countPad", 2),
}

// windowShapes are 3x3 with stride 2 and padding, the average of all pixels, and
// windows for more than one call of the assembly: all together, in one row, of more
// pixels than one call takes, and of all pixels of a few channels.
var windowShapes = [][]int{
	{3, 14, 14, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0}, {2, 7, 7, 3, 3, 2, 2, 1, 0, 1, 0, 1, 1, 1, 1}, {9, 1, 1, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	{2, 50, 50, 3, 3, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, {1, 1, 9000, 1, 2, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1}, {1, 2, 1, 129, 129, 1, 1, 1, 1, 2, 2, 0, 0, 0, 0},
	{1, 1, 1, 50, 51, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {3, 1, 1, 31, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
}

// globalShapes are the averages of all pixels among them.
var globalShapes = slices.DeleteFunc(slices.Clone(windowShapes), func(d []int) bool { return d[1] > 1 || d[2] > 1 })

// pool2x2Shapes have windows for more than one call of the assembly: all
// channels together, and each by itself.
var pool2x2Shapes = [][]int{{2, 33, 256, 0, 1}, {2, 65, 256, 1, 0}}

// pool returns the max-pooling of dimensions d; the remainder at an edge is
// smaller than a window.
func pool(d []int) PoolShape {
	return PoolShape{
		C: d[0], H: d[1]*d[3] + min(d[5], d[3]-1), W: d[2]*d[4] + min(d[6], d[4]-1), FH: d[3], FW: d[4],
	}
}

// windowed returns the pooling of windowDims: the input is as large as the
// outputs need without Ceil, and by less than a stride larger.
func windowed(d []int) PoolShape {
	s := PoolShape{
		C: d[0], FH: d[3], FW: d[4], StrideH: d[5], StrideW: d[6],
		PadTop: min(d[7], d[3]-1), PadBottom: min(d[8], d[3]-1), PadLeft: min(d[9], d[4]-1), PadRight: min(d[10], d[4]-1),
		Ceil: d[13] == 1, CountPad: d[14] == 1,
	}
	need := func(out, stride, window, padding, rest int) int {
		if stride == 0 {
			stride = window
		}
		return max(1, (out-1)*stride+window-padding+min(rest, stride-1))
	}
	s.H = need(d[1], s.StrideH, s.FH, s.PadTop+s.PadBottom, d[11])
	s.W = need(d[2], s.StrideW, s.FW, s.PadLeft+s.PadRight, d[12])
	return s
}

type poolBuild func(tr *trial, p *Pool, d []int) func()

// prepared returns the pooling of a shape, whose tables are operands too.
func prepared(tr *trial, s PoolShape) *Pool {
	p := NewPool(s)
	p.plan.lists = deriveTable(tr, "lists", p.plan.lists)
	for i := range p.plan.chunks {
		p.plan.chunks[i] = deriveTable(tr, "spans", p.plan.chunks[i])
	}
	p.strips.lists = deriveTable(tr, "lists of strips", p.strips.lists)
	for i := range p.strips.all {
		s := &p.strips.all[i]
		for _, calls := range [][][]poolSpan{s.windows, s.pixels} {
			for j := range calls {
				calls[j] = deriveTable(tr, "spans of strips", calls[j])
			}
		}
	}
	return p
}

// pools builds an operation on the poolings of poolDims.
func pools(build poolBuild) func(*trial, []int) func() {
	return func(tr *trial, d []int) func() { return build(tr, prepared(tr, pool(d)), d[len(poolDims):]) }
}

// pool2x2 inserts the size of the window into the dimensions.
func pool2x2(build poolBuild) func(*trial, []int) func() {
	return func(tr *trial, d []int) func() { return pools(build)(tr, slices.Insert(slices.Clone(d), 3, 2, 2)) }
}

// windows builds an operation on the poolings of windowDims.
func windows(build poolBuild) func(*trial, []int) func() {
	return func(tr *trial, d []int) func() {
		return build(tr, prepared(tr, windowed(d)), d[len(windowDims):])
	}
}

func buildMaxPoolForward(tr *trial, p *Pool, _ []int) func() {
	y, x := tr.vector("y", out, p.OutLen()), tr.vector("x", in, p.InLen())
	return func() { p.MaxForward(y, x) }
}

func buildMaxPoolBackward(tr *trial, p *Pool, _ []int) func() {
	dx, x, dy := tr.vector("dx", out, p.InLen()), tr.vector("x", in, p.InLen()), tr.vector("dy", in, p.OutLen())
	return func() { p.MaxBackward(dx, x, dy) }
}

func buildAverageForward(tr *trial, p *Pool, _ []int) func() {
	y, x := tr.vector("y", out, p.OutLen()), tr.vector("x", in, p.InLen())
	return func() { p.AverageForward(y, x) }
}

func buildAverageBackward(tr *trial, p *Pool, _ []int) func() {
	dx, dy := tr.vector("dx", out, p.InLen()), tr.vector("dy", in, p.OutLen())
	return func() { p.AverageBackward(dx, dy) }
}

func buildMaxPoolForwardParts(tr *trial, p *Pool, d []int) func() {
	y, x := tr.vector("y", out, p.OutLen()), tr.vector("x", in, p.InLen())
	return func() {
		inParts(p.C, d[0], func(lo, hi int) { p.MaxForward(p.outputs(y, lo, hi), p.inputs(x, lo, hi)) })
	}
}

func buildMaxPoolBackwardParts(tr *trial, p *Pool, d []int) func() {
	dx, x, dy := tr.vector("dx", out, p.InLen()), tr.vector("x", in, p.InLen()), tr.vector("dy", in, p.OutLen())
	return func() {
		inParts(p.C, d[0], func(lo, hi int) { p.MaxBackward(p.inputs(dx, lo, hi), p.inputs(x, lo, hi), p.outputs(dy, lo, hi)) })
	}
}

func buildAverageForwardParts(tr *trial, p *Pool, d []int) func() {
	y, x := tr.vector("y", out, p.OutLen()), tr.vector("x", in, p.InLen())
	return func() {
		inParts(p.C, d[0], func(lo, hi int) { p.AverageForward(p.outputs(y, lo, hi), p.inputs(x, lo, hi)) })
	}
}

func buildAverageBackwardParts(tr *trial, p *Pool, d []int) func() {
	dx, dy := tr.vector("dx", out, p.InLen()), tr.vector("dy", in, p.OutLen())
	return func() {
		inParts(p.C, d[0], func(lo, hi int) { p.AverageBackward(p.inputs(dx, lo, hi), p.outputs(dy, lo, hi)) })
	}
}

// inputs and outputs are channels lo to hi of blocks.
func (p *Pool) inputs(x []float32, lo, hi int) []float32 {
	return x[lo*p.inLen*Lanes : hi*p.inLen*Lanes]
}

func (p *Pool) outputs(y []float32, lo, hi int) []float32 {
	return y[lo*p.outLen*Lanes : hi*p.outLen*Lanes]
}
