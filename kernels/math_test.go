package kernels

import (
	"math"
	"runtime"
	"sync"
	"testing"
)

// A function is a kernel of one number.
type function struct {
	name      string
	portable  func(x float32) float32
	vector    func(y, x []float32) // the same by the active implementation
	reference func(x float64) float64
	ulps      float64 // the error allowed
}

var functions = []function{
	{"exp", exp32, mapped(exp32), math.Exp, 2}, // the assembly's is part of others
	{"log", log32, minusNegLog, math.Log, 2},
	{"tanh", tanh32, Tanh, math.Tanh, 4},
	{"sigmoid", sigmoid32, Sigmoid, logistic, 4},
	{"gelu", gelu32, GELU, gelu, 16}, // 8 but where Phi(x) is subnormal
}

func mapped(f func(x float32) float32) func(y, x []float32) {
	return func(y, x []float32) {
		for i, v := range x {
			y[i] = f(v)
		}
	}
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// minusNegLog computes logarithms by way of the losses' kernel.
func minusNegLog(y, x []float32) {
	copy(y, x)
	for i := 0; i < len(y); i += Lanes {
		negLog(y[i:][:Lanes], 0)
	}
	for i := range y {
		y[i] = -y[i]
	}
}

// TestFunctions compares the functions with float64 ones on a sample of all
// float32, or on all with -slow, and the active implementation with the
// portable one bit by bit.
func TestFunctions(t *testing.T) {
	for _, f := range functions {
		t.Run(f.name, func(t *testing.T) {
			worst := f.sweep(t, level())
			t.Logf("%v: worst error %.3f ulp at %x", Active(), worst.ulps, worst.x)
			if !(worst.ulps <= f.ulps) {
				t.Errorf("%s(%x) is off by %.3f ulp, want at most %v", f.name, worst.x, worst.ulps, f.ulps)
			}
			if !(worst.ulps >= 0.4) {
				t.Errorf("worst error %v ulp: no function rounds that well, so this test measures wrongly", worst.ulps)
			}
		})
	}
}

// An ulpError is an error and where it is.
type ulpError struct {
	x    float32
	ulps float64
}

// chunk is how many patterns are tried at once; the first of them are multiples
// of it.
const chunk = 1 << 12

// sweep returns the worst error over every e.mathStep-th bit pattern, on all
// processors.
func (f function) sweep(t *testing.T, e effort) (worst ulpError) {
	workers := runtime.GOMAXPROCS(0)
	errs := make([]ulpError, workers)
	patterns := uint64(1<<32) / uint64(e.mathStep)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for first := uint64(w) * chunk; first < patterns; first += uint64(workers) * chunk {
				errs[w] = larger(errs[w], f.tryChunk(t, first, e))
			}
		})
	}
	wg.Wait()
	for _, e := range errs {
		worst = larger(worst, e)
	}
	return worst
}

func larger(a, b ulpError) ulpError {
	if b.ulps > a.ulps {
		return b
	}
	return a
}

// tryChunk returns the worst error over one chunk of patterns.
func (f function) tryChunk(t *testing.T, first uint64, e effort) (worst ulpError) {
	var x, y [chunk]float32
	for i := range x {
		x[i] = math.Float32frombits(uint32((first + uint64(i)) * uint64(e.mathStep)))
	}
	f.vector(y[:], x[:])
	for i, x := range x {
		worst = larger(worst, ulpError{x, ulps(y[i], f.reference(float64(x)))})
	}
	for i := int(first/chunk) % e.portableStep; i < chunk; i += e.portableStep {
		if want := f.portable(x[i]); !same(y[i], want) {
			t.Errorf("%v: %s(%x) = %x, want %x as portable", Active(), f.name, x[i], y[i], want)
		}
	}
	return worst
}

// ulps is the distance from got to want in units of the last place that want
// has as a float32; an overflow counts as 2**128.
func ulps(got float32, want float64) float64 {
	switch {
	case got != got || math.IsNaN(want) || math.IsInf(want, 0):
		if same(got, float32(want)) {
			return 0
		}
		return math.Inf(1)
	case math.IsInf(float64(got), 0) && math.Abs(want) > math.MaxFloat32/2:
		return math.Abs(math.Copysign(0x1p128, float64(got))-math.Copysign(min(math.Abs(want), 0x1p128), want)) * 0x1p-104
	}
	exponent := max(int(math.Float64bits(want)>>52&0x7ff)-1023, -126)
	return math.Abs(float64(got)-want) / math.Float64frombits(uint64(exponent-23+1023)<<52)
}

func TestULPs(t *testing.T) {
	for _, c := range []struct {
		got        float32
		want, ulps float64
	}{
		{1, 1, 0}, {1 + 0x1p-23, 1, 1}, {1, 1 + 0x1p-24, 0.5}, {-1, -1 - 0x1p-22, 2},
		{0x1p-149, 0, 1}, {0, 0x1p-150, 0.5}, {negativeZero, 0, 0}, {0x1p-126, 0x1p-126 - 0x1p-149, 1},
		{float32(math.Inf(1)), math.MaxFloat32, 1}, {float32(math.Inf(1)), 0x1p200, 0}, {math.MaxFloat32, math.MaxFloat32, 0},
		{float32(math.Inf(-1)), math.Inf(-1), 0}, {quietNaN, math.NaN(), 0},
		{1, math.NaN(), math.Inf(1)}, {math.MaxFloat32, math.Inf(1), math.Inf(1)}, {float32(math.Inf(1)), 1, math.Inf(1)},
		{quietNaN, 1, math.Inf(1)},
	} {
		if got := ulps(c.got, c.want); got != c.ulps {
			t.Errorf("ulps(%x, %x) = %v, want %v", c.got, c.want, got, c.ulps)
		}
	}
}

// TestFunctionsAtSpecialValues states results that ulps do not tell.
func TestFunctionsAtSpecialValues(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name    string
		f       func(x float32) float32
		x, want float32
	}{
		{"exp", exp32, 0, 1}, {"exp", exp32, negativeZero, 1}, {"exp", exp32, inf, inf}, {"exp", exp32, -inf, 0},
		{"exp", exp32, 89, inf}, {"exp", exp32, -104, 0}, {"exp", exp32, -103, 0x1p-149}, {"exp", exp32, quietNaN, quietNaN},
		{"Log", Log, 1, 0}, {"Log", Log, 0, -inf}, {"Log", Log, negativeZero, -inf}, {"Log", Log, inf, inf},
		{"Log", Log, -1, quietNaN}, {"Log", Log, -inf, quietNaN}, {"Log", Log, quietNaN, quietNaN},
		{"tanh", tanh32, 0, 0}, {"tanh", tanh32, negativeZero, negativeZero}, {"tanh", tanh32, inf, 1},
		{"tanh", tanh32, -inf, -1}, {"tanh", tanh32, 100, 1}, {"tanh", tanh32, 0x1p-149, 0x1p-149}, {"tanh", tanh32, quietNaN, quietNaN},
		{"sigmoid", sigmoid32, 0, 0.5}, {"sigmoid", sigmoid32, inf, 1}, {"sigmoid", sigmoid32, -inf, 0}, {"sigmoid", sigmoid32, quietNaN, quietNaN},
		{"gelu", gelu32, 0, 0}, {"gelu", gelu32, negativeZero, negativeZero}, {"gelu", gelu32, inf, inf}, {"gelu", gelu32, -inf, negativeZero},
		{"gelu", gelu32, 1e30, 1e30}, {"gelu", gelu32, -1e30, negativeZero}, {"gelu", gelu32, quietNaN, quietNaN},
		{"gelu'", geluOf(1), 0, 0.5}, {"gelu'", geluOf(1), inf, 1}, {"gelu'", geluOf(1), -inf, 0}, {"gelu'", geluOf(1), 1e30, 1},
		{"gelu'", geluOf(0), -1, 0}, {"gelu'", geluOf(negativeZero), 1, 0}, {"gelu'", geluOf(1), quietNaN, quietNaN},
		{"Sqrt", Sqrt, 2, 0x1.6a09e6p0}, {"Sqrt", Sqrt, 0, 0}, {"Sqrt", Sqrt, negativeZero, negativeZero}, {"Sqrt", Sqrt, inf, inf},
		{"Sqrt", Sqrt, -1, quietNaN}, {"Sqrt", Sqrt, 0x1p-149, 0x1.6a09e6p-75},
	} {
		if got := c.f(c.x); !same(got, c.want) {
			t.Errorf("%s(%v) = %v, want %v", c.name, c.x, got, c.want)
		}
	}
}

// geluOf returns the gradient of gelu for one dy.
func geluOf(dy float32) func(x float32) float32 {
	return func(x float32) float32 { return geluGrad32(dy, x) }
}

// TestSqrt proves that roots are rounded correctly: x lies between the squares
// of the half-way points to the root's neighbours, which are exact in float64.
func TestSqrt(t *testing.T) {
	r := newRandom(1)
	for range level().fmaCases {
		x := math.Float32frombits(r.uint32() &^ signBit)
		if x-x != 0 {
			continue
		}
		root := Sqrt(x)
		below := (float64(root) + float64(math.Nextafter32(root, -1))) / 2
		above := (float64(root) + float64(math.Nextafter32(root, math.MaxFloat32))) / 2
		if !(below*below <= float64(x) && float64(x) <= above*above) {
			t.Fatalf("Sqrt(%x) = %x", x, root)
		}
	}
}
