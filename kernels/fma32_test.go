package kernels

import (
	"math"
	"math/big"
	"testing"
)

type fmaOperands struct{ a, b, c float32 }

// exact returns a*b + c rounded once.
func (o fmaOperands) exact() float32 {
	a, b, c := float64(o.a), float64(o.b), float64(o.c)
	if s := a*b + c; math.IsNaN(s) || math.IsInf(a, 0) || math.IsInf(b, 0) || math.IsInf(c, 0) {
		return float32(s) // nothing is rounded
	}
	const enough = 1024 // bits: exponents of products and sums lie between -298 and 256
	product := new(big.Float).SetPrec(enough).Mul(big.NewFloat(a), big.NewFloat(b))
	sum, _ := product.Add(product, big.NewFloat(c)).Float32()
	return sum
}

// fmaCases are where roundings meet: ties broken by a distant bit, results
// around the smallest normal and subnormal numbers, overflow, exact zeros.
var fmaCases = []fmaOperands{
	{0x1.001p0, 0x1.001p0, 0x1p-60}, {0x1.001p0, 0x1.001p0, -0x1p-60}, {0x1.001p0, 0x1.001p0, 0},
	{0x1.000002p0, 0x1p-24, 1}, {0x1p-24, 1, 1}, {0x1p-24, 1 + 0x1p-23, 1}, {-0x1p-25, 1, 1}, {-0x1p-25, 1 + 0x1p-23, 1},
	{0x1p-75, 0x1p-75, 0}, {0x1p-75, 0x1.8p-75, 0}, {0x1p-75, 0x1p-75, 0x1p-149}, {-0x1p-75, 0x1p-75, 0x1p-149},
	{0x1.fffffep-64, 0x1.fffffep-64, 0}, {0x1p-63, 0x1.fffffep-64, 0}, {0x1p-100, 0x1p-100, 0x1p-126}, {-0x1p-100, 0x1p-100, 0x1p-126},
	{0x1p-100, 0x1p-100, 0}, {-0x1p-149, 0x1p-149, 0}, {0x1p-149, 0x1p-149, negativeZero},
	{math.MaxFloat32, 1, 0x1p103}, {math.MaxFloat32, 1, 0x1.fffffep102}, {math.MaxFloat32, math.MaxFloat32, -math.MaxFloat32},
	{0x1p64, 0x1p64, 0}, {0x1p64, 0x1p64, -math.MaxFloat32}, {0x1p64, 0x1p63, 0x1p127},
	{1, 1, -1}, {-1, 1, 1}, {0, 1, negativeZero}, {negativeZero, 1, negativeZero}, {negativeZero, 1, 0},
	{float32(math.Inf(1)), 0, 1}, {float32(math.Inf(1)), 1, float32(math.Inf(-1))}, {quietNaN, 1, 1}, {1, 1, quietNaN},
	{0x1p127, 2, float32(math.Inf(-1))}, {math.MaxFloat32, math.MaxFloat32, float32(math.Inf(-1))},
}

// fmaCase draws operands, most of which are hard to round.
func fmaCase(r *random) fmaOperands {
	switch r.below(4) {
	case 0: // the sum almost cancels
		a, b := anything(r), anything(r)
		return fmaOperands{a, b, nudge(r, -a*b)}
	case 1: // the product is a tie, which c breaks from afar
		a, b := halves(r), halves(r)
		return fmaOperands{a, b, float32(math.Ldexp(float64(a*b), -20-r.below(60)))}
	case 2: // c is a number, and half a unit in its last place is nearly added
		c := math.Float32frombits(r.uint32())
		if r.below(2) == 0 {
			c = math.Float32frombits(r.uint32() &^ 0x7f000000) // often subnormal
		}
		return halfUnit(r, c)
	}
	return fmaOperands{anything(r), anything(r), anything(r)}
}

// halfUnit returns c and two factors whose product is off half a unit in c's
// last place by a 2**-46th part at least, or not at all.
func halfUnit(r *random, c float32) fmaOperands {
	exponent := max(1, int(math.Float32bits(c)>>23&0xff)) - 127 - 24
	off := float64(r.below(3)-1) * 0x1p-23
	a := math.Ldexp(1+off, exponent/2)
	b := math.Ldexp(1-off, exponent-exponent/2)
	if r.below(2) == 0 {
		a = -a
	}
	return fmaOperands{float32(a), float32(b), c}
}

// anything draws from any mixture.
func anything(r *random) float32 { return mixtures[r.below(len(mixtures))].draw(r) }

// nudge moves v by up to two units in its last place.
func nudge(r *random, v float32) float32 {
	return math.Float32frombits(math.Float32bits(v) + uint32(r.below(5)-2))
}

// checkFMA compares fma32, fma8 and, if there is one, the processor's
// instruction with exact arithmetic.
func checkFMA(t *testing.T, o fmaOperands) {
	want := o.exact()
	if got := fma32(o.a, o.b, o.c); !same(got, want) {
		t.Errorf("fma32(%x, %x, %x) = %x, want %x", o.a, o.b, o.c, got, want)
	}
	if got := eightFMA(o); !same(got, want) {
		t.Errorf("fma8(%x, %x, %x) = %x, want %x", o.a, o.b, o.c, got, want)
	}
	for _, impl := range Impls() {
		if got := sgdFMA(impl, o); !same(got, want) {
			t.Errorf("%v: SGD: fma(%x, %x, %x) = %x, want %x", impl, o.a, o.b, o.c, got, want)
		}
	}
}

// eightFMA computes o in one lane of eight whose others are easy.
func eightFMA(o fmaOperands) float32 {
	x, y, acc := splat(1), splat(1), splat(1)
	x[5], y[5], acc[5] = o.a, o.b, o.c
	fma8(acc, x, y)
	return acc[5]
}

// sgdFMA computes o by a step of gradient descent, which on a processor with
// fused multiply-add is one such instruction for whole vectors.
func sgdFMA(impl Impl, o fmaOperands) float32 {
	defer Use(impl)()
	w, g := splat(o.c), splat(o.b)
	SGD(w[:], g[:], -o.a)
	return w[3]
}

func TestFMA(t *testing.T) {
	for _, o := range fmaCases {
		checkFMA(t, o)
	}
	r := newRandom(2)
	for range level().fmaCases {
		checkFMA(t, fmaCase(r))
	}
}

// TestFMACasesAreHard proves that the cases tell fma32 from roundings that are
// nearly right.
func TestFMACasesAreHard(t *testing.T) {
	r := newRandom(2)
	const n = 20000
	twice, viaFloat64 := 0, 0
	for range n {
		o := fmaCase(r)
		want := o.exact()
		if !same(float32(o.a*o.b)+o.c, want) {
			twice++
		}
		if !same(float32(math.FMA(float64(o.a), float64(o.b), float64(o.c))), want) {
			viaFloat64++
		}
	}
	if twice < n/10 || viaFloat64 < n/100 {
		t.Errorf("of %d cases, %d are wrong for two roundings and %d for a rounding to float64 first", n, twice, viaFloat64)
	}
}
