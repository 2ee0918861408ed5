package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// eachImpl runs a subtest under every implementation.
func eachImpl(t *testing.T, test func(t *testing.T)) {
	for _, impl := range Impls() {
		t.Run(impl.String(), func(t *testing.T) {
			defer Use(impl)()
			test(t)
		})
	}
}

// expect compares slices bit by bit; a NaN equals any other.
func expect(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// spread returns a block each of whose pixels is the same in all images.
func spread(pixels ...float32) []float32 {
	block := make([]float32, len(pixels)*Lanes)
	Interleave(block, slices.Repeat(pixels, Lanes), len(pixels), len(pixels), Lanes)
	return block
}

// TestMaxPoolSemantics states which element of a 2x2 window wins.
func TestMaxPoolSemantics(t *testing.T) {
	inf, nan, zero := float32(math.Inf(1)), quietNaN, negativeZero
	for _, c := range []struct {
		window []float32
		max    float32
		winner int
	}{
		{[]float32{1, 2, 3, 4}, 4, 3},
		{[]float32{4, 3, 2, 1}, 4, 0},
		{[]float32{1, 3, 2, 0}, 3, 1},
		{[]float32{1, 2, 3, 0}, 3, 2},
		{[]float32{5, 5, 5, 5}, 5, 0}, // ties go to the first
		{[]float32{1, 5, 5, 5}, 5, 1},
		{[]float32{1, 2, 5, 5}, 5, 2},
		{[]float32{zero, 0, 0, 0}, zero, 0}, // zeros tie
		{[]float32{0, zero, zero, 0}, 0, 0},
		{[]float32{-1, zero, 0, -1}, zero, 1},
		{[]float32{-inf, -inf, -inf, -inf}, -inf, 0},
		{[]float32{-inf, inf, inf, 1}, inf, 1},
		{[]float32{1, nan, inf, 2}, nan, 1}, // the first NaN wins
		{[]float32{nan, inf, nan, nan}, nan, 0},
		{[]float32{1, 2, inf, nan}, nan, 3},
		{[]float32{inf, 2, nan, nan}, nan, 2},
	} {
		t.Run(fmt.Sprint(c.window), func(t *testing.T) {
			eachImpl(t, func(t *testing.T) {
				p := NewPool(PoolShape{C: 1, H: 2, W: 2, FH: 2, FW: 2})
				x, y, dx := spread(c.window...), vec(p.OutLen()), vec(p.InLen())
				p.MaxForward(y, x)
				expect(t, "y", y, spread(c.max))
				p.MaxBackward(dx, x, spread(7))
				gradient := make([]float32, 4)
				gradient[c.winner] = 7
				expect(t, "dx", dx, spread(gradient...))
			})
		})
	}
}

// TestMaxPoolRemainder drops the last row and column, which get no gradient.
func TestMaxPoolRemainder(t *testing.T) {
	eachImpl(t, func(t *testing.T) {
		p := NewPool(PoolShape{C: 1, H: 3, W: 3, FH: 2, FW: 2})
		x := spread(
			1, 2, 9,
			3, 4, 9,
			9, 9, 9)
		y, dx := vec(p.OutLen()), slices.Repeat([]float32{quietNaN}, p.InLen())
		p.MaxForward(y, x)
		expect(t, "y", y, spread(4))
		p.MaxBackward(dx, x, spread(7))
		expect(t, "dx", dx, spread(
			0, 0, 0,
			0, 7, 0,
			0, 0, 0))
	})
}

// TestOverlapSemantics pools windows that share pixels: the first of equals gets
// the gradient of each, and the sum takes the windows in order.
func TestOverlapSemantics(t *testing.T) {
	nan, zero := quietNaN, negativeZero
	for _, c := range []struct{ x, y, dy, dx []float32 }{
		{[]float32{1, 5, 2, 5}, []float32{5, 5, 5}, []float32{0x1p24, 1, -0x1p24}, []float32{0, 0x1p24, 0, -0x1p24}}, // 2**24 + 1 is even
		{[]float32{1, 2, 5, 4}, []float32{2, 5, 5}, []float32{1, 2, 4}, []float32{0, 1, 6, 0}},
		{[]float32{3, 3, 3, 3}, []float32{3, 3, 3}, []float32{1, 2, 4}, []float32{1, 2, 4, 0}},
		{[]float32{1, nan, 5, nan}, []float32{nan, nan, nan}, []float32{1, 2, 4}, []float32{0, 3, 0, 4}},
		{[]float32{zero, 0, zero, -1}, []float32{zero, 0, zero}, []float32{1, 2, 4}, []float32{1, 2, 4, 0}},
		{[]float32{2, 1, 0, 2}, []float32{2, 1, 2}, []float32{zero, zero, zero}, []float32{0, 0, 0, 0}}, // sums start at +0
	} {
		t.Run(fmt.Sprint(c.x), func(t *testing.T) {
			eachImpl(t, func(t *testing.T) {
				p := NewPool(PoolShape{C: 1, H: 1, W: 4, FH: 1, FW: 2, StrideW: 1})
				y, dx := vec(p.OutLen()), vec(p.InLen())
				p.MaxForward(y, spread(c.x...))
				expect(t, "y", y, spread(c.y...))
				p.MaxBackward(dx, spread(c.x...), spread(c.dy...))
				expect(t, "dx", dx, spread(c.dx...))
			})
		})
	}
}

// TestAverageSemantics counts the padding, or not, and never that of Ceil; sums
// go from left to right, and a number that is no power of two divides.
func TestAverageSemantics(t *testing.T) {
	x, dy := spread(0x1p24, 1, -0x1p24, 3, 8), spread(3, 6, 12)
	shape := PoolShape{C: 1, H: 1, W: 5, FH: 1, FW: 3, StrideW: 2, PadLeft: 1, PadRight: 1}
	counted, ceil := shape, shape
	counted.CountPad = true
	ceil.PadLeft, ceil.FW, ceil.StrideW, ceil.Ceil, ceil.CountPad = 0, 4, 3, true, true // windows of four pixels, and of two, one of padding, and nothing
	eachImpl(t, func(t *testing.T) {
		for _, c := range []struct {
			name      string
			shape     PoolShape
			y, dx, dy []float32
		}{
			{"not counted", shape, spread(0x1p23, -5592404, 5.5), spread(1.5, 3.5, 2, 8, 6), dy},
			{"counted", counted, spread(0x1p24/3., -5592404, 11./3), spread(1, 3, 2, 6, 4), dy},
			{"ceil", ceil, spread(0.75, 11./3), spread(1, 1, 1, 3, 2), spread(4, 6)},
		} {
			p := NewPool(c.shape)
			y, dx := vec(p.OutLen()), vec(p.InLen())
			p.AverageForward(y, x)
			expect(t, c.name+": y", y, c.y)
			p.AverageBackward(dx, c.dy)
			expect(t, c.name+": dx", dx, c.dx)
		}
	})
}

// TestReLUSemantics includes what passes unchanged and the derivative at 0.
func TestReLUSemantics(t *testing.T) {
	inf, nan := float32(math.Inf(1)), quietNaN
	x := []float32{-inf, -2, -0x1p-149, negativeZero, 0, 0x1p-149, 2, inf, nan, -nan}
	eachImpl(t, func(t *testing.T) {
		y, dx := vec(len(x)), vec(len(x))
		ReLU(y, x)
		expect(t, "ReLU", y, []float32{0, 0, 0, negativeZero, 0, 0x1p-149, 2, inf, nan, nan})
		ReLUGrad(dx, slices.Repeat([]float32{-3}, len(x)), y)
		expect(t, "ReLUGrad", dx, []float32{0, 0, 0, 0, 0, -3, -3, -3, 0, 0})
	})
}

// TestConvReLUSemantics passes NaN and -0 through the convolution's ReLU.
func TestConvReLUSemantics(t *testing.T) {
	c := NewConv(ConvShape{C: 1, H: 1, W: 4, Filters: 1, FH: 1, FW: 1})
	f := c.NewFilters([]float32{1}, []float32{negativeZero})
	eachImpl(t, func(t *testing.T) {
		y := vec(c.OutLen())
		c.Forward(y, spread(quietNaN, negativeZero, -1, 1), f, 8, true)
		expect(t, "y", y, spread(quietNaN, negativeZero, 0, 1))
	})
}

// TestGemmReadsNothing gives matrices that must not be read, or may be absent.
func TestGemmReadsNothing(t *testing.T) {
	nan := slices.Repeat([]float32{quietNaN}, 9)
	eachImpl(t, func(t *testing.T) {
		c := slices.Clone(nan)
		Gemm(false, false, 3, 3, 3, 0, nan, 3, nan, 3, 0, c, 3)
		expect(t, "0*A*B + 0*C", c, vec(9))
		c = []float32{1, 2, 3, 4}
		Gemm(true, false, 2, 2, 2, 0, nan, 2, nan, 2, 0.5, c, 2)
		expect(t, "0*A*B + C/2", c, []float32{0.5, 1, 1.5, 2})
		Gemm(false, true, 2, 2, 0, 1, nil, 1, nil, 1, 2, c, 2)
		expect(t, "A*B + 2*C without columns of A", c, []float32{1, 2, 3, 4})
		GemmPanels(false, 2, 2, 0, nil, 1, nil, []float32{5, 6}, c, 2)
		expect(t, "bias + A*B without columns of A", c, []float32{5, 6, 5, 6})
	})
}

// TestSumOrder proves that the eight images of a weight gradient are added in
// the documented order, whatever their number: with these numbers every other
// order gives another sum.
func TestSumOrder(t *testing.T) {
	images := []float32{0x1p24, 1, -0x1p24, 1, 3, 0x1p25, -0x1p25, 5}
	c := NewConv(ConvShape{C: 1, H: 1, W: 1, Filters: 1, FH: 1, FW: 1})
	for n := 1; n <= Lanes; n++ {
		var l [Lanes]float32
		copy(l[:], images[:n])
		want := []float32{((l[0] + l[1]) + (l[2] + l[3])) + ((l[4] + l[5]) + (l[6] + l[7]))}
		eachImpl(t, func(t *testing.T) {
			dw, db := vec(1), vec(1)
			c.WeightGrad(dw, db, images, slices.Repeat([]float32{1}, Lanes), n)
			expect(t, fmt.Sprintf("dw of %d images", n), dw, want)
			c.WeightGrad(dw, db, slices.Repeat([]float32{1}, Lanes), images, n)
			expect(t, fmt.Sprintf("db of %d images", n), db, want)
		})
	}
}

// TestSoftmaxIsStable gives it logits whose exponentials overflow or vanish.
func TestSoftmaxIsStable(t *testing.T) {
	eachImpl(t, func(t *testing.T) {
		p, losses := vec(3*Lanes), vec(Lanes)
		for _, c := range []struct{ logits, probabilities []float32 }{
			{[]float32{1000, 1000, -1000}, []float32{0.5, 0.5, 0}},
			{[]float32{-1000, -1000, -1000}, []float32{1. / 3, 1. / 3, 1. / 3}},
			{[]float32{-1000, 0, 1000}, []float32{0, 0, 1}},
			{[]float32{math.MaxFloat32, -math.MaxFloat32, 0}, []float32{1, 0, 0}},
		} {
			Softmax(p, spread(c.logits...), 3)
			expect(t, fmt.Sprintf("softmax of %v", c.logits), p, spread(c.probabilities...))
			CrossEntropy(p, []int{0, 1, 2, 0, 1, 2, 0, 1}, losses, 1e-7, 3)
			for i, loss := range losses {
				if !(loss >= -1e-6 && loss <= 16.2) { // -log(1e-7) = 16.12
					t.Errorf("loss %d of logits %v = %v", i, c.logits, loss)
				}
			}
		}
	})
}

// TestCrossEntropyAbsentImages gives absent images no gradient.
func TestCrossEntropyAbsentImages(t *testing.T) {
	eachImpl(t, func(t *testing.T) {
		p, losses := spread(0.25, 0.75), vec(3)
		CrossEntropy(p, []int{1, 0, 1}, losses, 0, 2)
		expect(t, "p", p, []float32{
			0.25, -0.75, 0.25, 0, 0, 0, 0, 0,
			-0.25, 0.75, -0.25, 0, 0, 0, 0, 0,
		})
		expect(t, "losses", losses, []float32{-Log(0.75), -Log(0.25), -Log(0.75)})
	})
}

// TestClipSemantics states what happens to zeros, infinities and NaN.
func TestClipSemantics(t *testing.T) {
	inf, nan := float32(math.Inf(1)), quietNaN
	x := []float32{-inf, -4, -1, negativeZero, 0, 1, 4, inf, nan, math.MaxFloat32}
	eachImpl(t, func(t *testing.T) {
		y := vec(len(x))
		Clip(y, x, 2, 3)
		expect(t, "Clip", y, []float32{-3, -3, -2, negativeZero, 0, 2, 3, 3, nan, 3})
		Clip(y, x, 2, 0)
		expect(t, "Clip to nothing", y, []float32{negativeZero, negativeZero, negativeZero, negativeZero, 0, 0, 0, 0, nan, 0})
	})
}

// TestSumSquaresIsExact adds squares that float32 could not hold, and one that
// would vanish in float32 beside the others.
func TestSumSquaresIsExact(t *testing.T) {
	eachImpl(t, func(t *testing.T) {
		for _, c := range []struct {
			x    []float32
			want float64
		}{
			{nil, 0},
			{[]float32{0x1p127, 0x1p127}, 0x1p255},
			{[]float32{0x1p-149}, 0x1p-298},
			{[]float32{0x1p20, 1, -0x1p20, 1, 0, 0, 0, 0, 1}, 0x1p41 + 3},
			{append(slices.Repeat([]float32{1}, 100), float32(math.Inf(-1))), math.Inf(1)},
		} {
			if got := SumSquares(c.x); got != c.want {
				t.Errorf("SumSquares(%v) = %v, want %v", c.x, got, c.want)
			}
		}
	})
}

// TestOptimizersFlush gives moments that decay into the subnormal range, and
// smallest normal ones that stay there.
func TestOptimizersFlush(t *testing.T) {
	const smallest = 0x1p-126
	eachImpl(t, func(t *testing.T) {
		for name, update := range map[string]func(m []float32, keep float32){
			"Momentum": func(m []float32, keep float32) { Momentum(vec(len(m)), m, vec(len(m)), &SGDStep{Momentum: keep}) },
			"Nesterov": func(m []float32, keep float32) { Nesterov(vec(len(m)), m, vec(len(m)), &SGDStep{Momentum: keep}) },
			"RMSProp": func(m []float32, keep float32) {
				RMSProp(vec(len(m)), m, vec(len(m)), &RMSPropStep{Alpha: keep, Epsilon: 1})
			},
			"RMSPropMomentum, direction": func(m []float32, keep float32) {
				RMSPropMomentum(vec(len(m)), vec(len(m)), m, vec(len(m)), &RMSPropStep{Momentum: keep, Epsilon: 1})
			},
			"RMSPropMomentum, squares": func(m []float32, keep float32) {
				RMSPropMomentum(vec(len(m)), m, vec(len(m)), vec(len(m)), &RMSPropStep{Alpha: keep, Epsilon: 1})
			},
		} {
			m := slices.Repeat([]float32{2 * smallest}, 11)
			update(m, 0.5)
			expect(t, name+" of a normal moment", m, slices.Repeat([]float32{smallest}, 11))
			update(m, 0.5)
			expect(t, name+" of a subnormal moment", m, vec(11))
		}
	})
}
