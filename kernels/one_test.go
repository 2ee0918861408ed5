package kernels

import (
	"fmt"
	"testing"
)

// The operations on single images, what references expect of them, and that
// they agree with those on blocks.

var denseOneDims = []dim{size("n", 0, Lanes), size("k", 0, Lanes), choice("linear", 2)}

// denseOneShapes are LeNet-5's, several tiles of panels, and chains that are split
// over several calls.
var denseOneShapes = [][]int{{120, 400, 1}, {10, 84, 0}, {1000, 9, 0}, {3, 2*maxCallInputs + 5, 1}}

// oneShapes are convShapes and one that is split by taps, with vectors along
// pixels that overlap.
var oneShapes = with(convShapes, withoutGeometry([][]int{{30, 2, 11, 3, 20, 20}})...)

// convOfOne returns the convolution of dimensions d, whose tables for single
// images are operands too.
func convOfOne(tr *trial, d []int) *Conv {
	c := conv(tr, d)
	for i := range c.one.rects {
		r := &c.one.rects[i]
		r.taps = deriveTable(tr, "image's taps", r.taps)
		r.places = deriveTable(tr, "places", r.places)
		r.quads = deriveTable(tr, "quads", r.quads)
	}
	return c
}

func buildConvForwardOne(tr *trial, d []int) func() {
	c := convOfOne(tr, d)
	f := filters(tr, c, tr.vector("w", in, c.WeightLen()), tr.vector("bias", in, c.Filters))
	f.panels = tr.derive("panels", f.panels)
	y, x := tr.vector("y", out, c.OneOutLen()), tr.vector("x", in, c.OneLen())
	scratch := make([]float32, c.OneScratch())
	return func() { c.ForwardOne(y, x, scratch, f, d[lastDim] == 1) }
}

// buildConvPackForOne changes the weights after they were packed, and renews
// the packed forms in two steps.
func buildConvPackForOne(tr *trial, d []int) func() {
	c := convOfOne(tr, d)
	f := c.NewFilters(make([]float32, c.WeightLen()), tr.vector("bias", in, c.Filters))
	f.W = tr.vector("w", in, c.WeightLen())
	y, x := tr.vector("y", out, c.OneOutLen()), tr.vector("x", in, c.OneLen())
	scratch := make([]float32, c.OneScratch())
	split := min(d[lastDim], c.Filters)
	return func() {
		c.Pack(f, split, c.Filters)
		c.Pack(f, 0, split)
		c.ForwardOne(y, x, scratch, f, false)
	}
}

func buildMaxPoolOne(tr *trial, p *Pool, d []int) func() {
	y, x := tr.vector("y", out, p.OneOutLen()), tr.vector("x", in, p.OneLen())
	scratch := make([]float32, p.OneScratch())
	return func() { p.MaxOne(y, x, scratch, d[0] == 1) }
}

func buildAverageOne(tr *trial, p *Pool, _ []int) func() {
	y, x := tr.vector("y", out, p.OneOutLen()), tr.vector("x", in, p.OneLen())
	scratch := make([]float32, p.OneScratch())
	return func() { p.AverageOne(y, x, scratch) }
}

func buildDenseOne(tr *trial, d []int) func() {
	n, k := d[0], d[1]
	x, bias := tr.vector("a", in, k), tr.vector("bias", in, n)
	b, ldb := stored(tr, "b", in, n, k, 0)
	packed := make([]float32, PanelsLen(k, n))
	PackPanels(packed, b, n, k, ldb)
	panels, y := tr.derive("panels", packed), tr.vector("c", out, n)
	return func() { DenseOne(y, x, panels, bias, d[2] == 0) }
}

// everyLane repeats a single image in a block.
func everyLane(x []float32) []float32 {
	block := make([]float32, len(x)*Lanes)
	for i, v := range x {
		for l := range Lanes {
			block[i*Lanes+l] = v
		}
	}
	return block
}

// firstLane is the first image of a block.
func firstLane[T any](block []T) (x []T) {
	for i := 0; i < len(block); i += Lanes {
		x = append(x, block[i])
	}
	return x
}

// expectRelu turns the expectation of y into that of relu(y).
func expectRelu(y []approx, relu bool) map[string][]approx {
	if relu {
		for i := range y {
			y[i].value = max(0, y[i].value)
		}
	}
	return map[string][]approx{"y": y}
}

func refConvForwardOne(in inputs, d []int) map[string][]approx {
	return expectRelu(firstLane(convolve(convShape(d), everyLane(in.of("x")), in.of("w"), in.of("bias"))), d[lastDim] == 1)
}

func refConvPackForOne(in inputs, d []int) map[string][]approx {
	return refConvForwardOne(in, with(d[:lastDim:lastDim], 0))
}

func refMaxPoolOne(in inputs, s PoolShape, d []int) map[string][]approx {
	x := everyLane(in.of("x"))
	var y []approx
	for o := 0; o < s.OutLen(); o += Lanes {
		y = append(y, exact(x[s.winner(x, o)]))
	}
	return expectRelu(y, d[0] == 1)
}

func refAverageOne(in inputs, s PoolShape, _ []int) map[string][]approx {
	return map[string][]approx{"y": firstLane(average(s, everyLane(in.of("x"))))}
}

func refDenseOne(in inputs, d []int) map[string][]approx {
	y := refGemmPanels(in, []int{1, d[0], d[1], 0})["c"]
	return map[string][]approx{"c": expectRelu(y, d[2] == 0)["y"]}
}

// TestOneIsALane compares the convolution and the pooling of a single image
// with those of a block in which it is one of eight.
func TestOneIsALane(t *testing.T) {
	for _, impl := range Impls() {
		defer Use(impl)()
		plain := [][]int{
			{1, 28, 28, 6, 5, 5}, {6, 10, 10, 16, 5, 5}, {3, 7, 5, 21, 3, 3}, {2, 3, 2, 9, 2, 4}, {1, 1, 1, 1, 1, 1}, {5, 33, 70, 17, 3, 1},
		}
		for _, d := range with(withoutGeometry(plain), convShapes[len(plainConvShapes):]...) {
			t.Run(fmt.Sprintf("%v/%v", impl, d), func(t *testing.T) { compareOne(t, NewConv(convShape(d))) })
		}
	}
}

func compareOne(t *testing.T, c *Conv) {
	r := newRandom(1)
	draw := func(n int) []float32 {
		s := make([]float32, n)
		for i := range s {
			s[i] = sprinkled(64)(r)
		}
		return s
	}
	f := c.NewFilters(draw(c.WeightLen()), draw(c.Filters))
	x, y := draw(c.OneLen()), make([]float32, c.OneOutLen())
	c.ForwardOne(y, x, make([]float32, c.OneScratch()), f, true)
	block := make([]float32, c.OutLen())
	c.Forward(block, everyLane(x), f, 8, true)
	sameElements(t, "convolution", y, firstLane(block))

	s := PoolShape{C: c.Filters, H: c.OutH(), W: c.OutW(), FH: min(2, c.OutH()), FW: min(2, c.OutW())}
	comparePoolOne(t, s, y, block)
	comparePoolOne(t, PoolShape{C: c.Filters, H: c.OutH(), W: c.OutW(), FH: 1, FW: min(3, c.OutW()), StrideW: 1, PadRight: min(1, c.OutW()-1)}, y, block)
}

func comparePoolOne(t *testing.T, s PoolShape, x, block []float32) {
	p := NewPool(s)
	y, scratch, yBlock := make([]float32, s.OneOutLen()), make([]float32, p.OneScratch()), make([]float32, s.OutLen())
	p.MaxOne(y, x, scratch, false)
	p.MaxForward(yBlock, block)
	sameElements(t, "max-pooling", y, firstLane(yBlock))
	p.AverageOne(y, x, scratch)
	p.AverageForward(yBlock, block)
	sameElements(t, "average-pooling", y, firstLane(yBlock))
}

func sameElements(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if !same(got[i], want[i]) {
			t.Fatalf("%s: element %d is %v, in a block it is %v", what, i, got[i], want[i])
		}
	}
}
