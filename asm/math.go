package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The polynomials below follow exp32, log32, sigmoid32, tanh32 and normalTail32 of package
// kernels operation by operation; their constants are repeated here.
const (
	log2E   = 1.44269504088896341
	ln2Hi   = 0.693359375
	ln2Lo   = -2.12194440054690583e-4
	expMax  = 89
	expMin  = -105
	roundUp = 3 << 22

	sqrtHalf = 0.707106781186547524

	tanhSmall = 0.625

	normalMax   = 14.5
	normalScale = 0.29
	inverseRoot = 0.398942280401432678

	signBit = 1 << 31
)

var (
	expPoly = []float32{
		1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
	}
	logPoly = []float32{
		7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
		-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
	}
	tanhPoly = []float32{
		-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
	}
	normalPoly = []float32{
		0.014168322893737135, -0.03397410219472521, -0.029671468956477112, 0.10178514733589722, 0.006782199689043235,
		0.10792491006681171, 0.10101820898355196, 0.116304951154129, 0.11566186921091143,
	}
)

// bits returns a register with eight copies of a bit pattern.
func (g *gen) bits(b uint32) reg.VecVirtual { return g.broadcast(g.wordMem(b)) }

// constant returns a register with eight copies of a number.
func (g *gen) constant(c float32) reg.VecVirtual { return g.bits(math.Float32bits(c)) }

// wordMem returns the place of a 32-bit constant in read-only data.
func (g *gen) wordMem(b uint32) Mem {
	if m, ok := g.words[b]; ok {
		return m
	}
	m := g.ConstData(fmt.Sprintf("word%08x", b), U32(b))
	g.words[b] = m
	return m
}

// vectorMem returns the place of eight copies of a number in read-only data. As an
// operand in memory it takes no register, of which the processor has too few to
// begin the next vectors while these wait.
func (g *gen) vectorMem(c float32) Mem {
	b := math.Float32bits(c)
	if m, ok := g.wordVectors[b]; ok {
		return m
	}
	m := g.StaticGlobal(fmt.Sprintf("vector%08x", b))
	g.DataAttributes(attr.RODATA | attr.NOPTR)
	for range lanes {
		g.AppendDatum(U32(b))
	}
	g.wordVectors[b] = m
	return m
}

// poly returns the polynomial with the given coefficients, highest power first,
// by Horner's rule.
func (g *gen) poly(x reg.VecVirtual, coefficients []float32) reg.VecVirtual {
	return g.polys([]reg.VecVirtual{x}, coefficients)[0]
}

// polys is poly of several vectors in turn.
func (g *gen) polys(x []reg.VecVirtual, coefficients []float32) []reg.VecVirtual {
	p := make([]reg.VecVirtual, len(x))
	for i := range p {
		p[i] = g.constant(coefficients[0])
	}
	for _, coefficient := range coefficients[1:] {
		c := g.vectorMem(coefficient)
		for i := range p {
			g.VFMADD213PS(c, x[i], p[i]) // p = p*x + c
		}
	}
	return p
}

// exp returns e**x. It follows exp32.
func (g *gen) exp(x reg.VecVirtual) reg.VecVirtual { return g.exps([]reg.VecVirtual{x})[0] }

// exps is exp of several vectors in turn, whose constants are loaded once, and of
// which one computes while the other waits.
func (g *gen) exps(x []reg.VecVirtual) []reg.VecVirtual {
	v := g.ymms(len(x))
	g.Comment("exp: clamp, so that NaN passes.")
	highest, lowest := g.constant(expMax), g.constant(expMin)
	for i := range v {
		g.VMINPS(x[i], highest, v[i]) // max < x ? max : x
		g.VMAXPS(v[i], lowest, v[i])  // min > x ? min : x
	}
	return g.clampedExps(v)
}

// clampedExps is exps of numbers between about -106 and 89, or NaN, which it
// overwrites.
func (g *gen) clampedExps(v []reg.VecVirtual) []reg.VecVirtual {
	t, n, fn := make([]reg.VecVirtual, len(v)), g.ymms(len(v)), g.ymms(len(v))
	g.Comment("n = x*log2(e), rounded; r = x - n*log(2).")
	for i := range t {
		t[i] = g.constant(log2E)
	}
	round := g.constant(roundUp)
	for i := range v {
		g.VFMADD213PS(round, v[i], t[i])
		g.VPSUBD(round, t[i], n[i])
		g.VSUBPS(round, t[i], fn[i])
	}
	for _, part := range []float32{ln2Hi, ln2Lo} {
		c := g.constant(-part)
		for i := range v {
			g.VFMADD231PS(c, fn[i], v[i])
		}
	}
	p, square, one := g.polys(v, expPoly), g.ymms(len(v)), g.constant(1)
	for i := range v {
		g.VMULPS(v[i], v[i], square[i])
		g.VFMADD213PS(v[i], square[i], p[i]) // p*r*r + r
		g.VADDPS(one, p[i], p[i])
	}
	g.Comment("Times 2**(n/2), times 2**(n-n/2).")
	half, bias := g.ymms(len(v)), g.bits(127)
	for i := range v {
		g.VPSRAD(U8(1), n[i], half[i])
		g.VPSUBD(half[i], n[i], n[i])
		for _, power := range []reg.VecVirtual{half[i], n[i]} {
			g.VPADDD(bias, power, power)
			g.VPSLLD(U8(23), power, power)
			g.VMULPS(power, p[i], p[i])
		}
	}
	return p
}

// log returns the natural logarithm of x. It follows log32.
func (g *gen) log(x reg.VecVirtual) reg.VecVirtual {
	g.Comment("log: scale subnormals into the normal range.")
	small := g.compare(isGreater, g.constant(0x1p-126), x)
	scaled, e := g.YMM(), g.constant(-24)
	g.VMULPS(g.constant(0x1p24), x, scaled)
	g.VBLENDVPS(small, scaled, x, scaled)
	g.VANDPS(small, e, e)
	g.Comment("x = m * 2**e with sqrt(1/2) <= m < sqrt(2).")
	exponent := g.YMM()
	half := g.bits(math.Float32bits(sqrtHalf))
	g.VPADDD(g.bits(0x3f800000-math.Float32bits(sqrtHalf)), scaled, scaled)
	g.VPSRLD(U8(23), scaled, exponent)
	g.VPSUBD(g.bits(127), exponent, exponent)
	g.VCVTDQ2PS(exponent, exponent)
	g.VADDPS(exponent, e, e)
	f := g.YMM()
	g.VPAND(g.bits(0x7fffff), scaled, f)
	g.VPADDD(half, f, f)
	g.VSUBPS(g.constant(1), f, f)
	g.Comment("log(x) = f - f*f/2 + f*f*f*polynomial(f) + e*log(2).")
	z, p := g.YMM(), g.poly(f, logPoly)
	g.VMULPS(f, f, z)
	cube := g.YMM()
	g.VMULPS(f, z, cube)
	g.VMULPS(cube, p, p)
	g.VFMADD231PS(g.constant(ln2Lo), e, p)
	g.VFMADD231PS(g.constant(-0.5), z, p)
	g.VADDPS(f, p, p)
	g.VFMADD231PS(g.constant(ln2Hi), e, p)
	g.Comment("0 gives -Inf, less NaN; NaN and +Inf pass.")
	zero := g.YMM()
	g.zero(zero)
	g.VBLENDVPS(g.compare(isEqual, x, zero), g.constant(float32(math.Inf(-1))), p, p)
	g.VORPS(g.compare(isGreater, zero, x), p, p)
	g.VBLENDVPS(g.compare(isGreaterUnordered, x, g.constant(math.MaxFloat32)), x, p, p)
	return p
}

// sigmoid returns 1/(1+e**-x). It follows sigmoid32.
func (g *gen) sigmoid(x reg.VecVirtual) reg.VecVirtual {
	minus := g.YMM()
	g.VORPS(g.bits(signBit), x, minus) // -|x|
	e := g.exp(minus)
	zero, one, numerator := g.YMM(), g.constant(1), g.YMM()
	g.zero(zero)
	g.VBLENDVPS(g.compare(isGreater, zero, x), e, one, numerator)
	g.VADDPS(e, one, e)
	g.VDIVPS(e, numerator, numerator)
	return numerator
}

// tanh returns tanh(x). It follows tanh32.
func (g *gen) tanh(x reg.VecVirtual) reg.VecVirtual {
	sign, a := g.YMM(), g.YMM()
	g.VANDPS(g.bits(signBit), x, sign)
	g.VXORPS(sign, x, a) // |x|
	g.Comment("1 - 2/(exp(2|x|)+1).")
	double := g.YMM()
	g.VADDPS(a, a, double)
	e := g.exp(double)
	one := g.constant(1)
	g.VADDPS(one, e, e)
	g.VDIVPS(e, g.constant(2), e)
	g.VSUBPS(e, one, e)
	g.Comment("Below 0.625: |x| + |x|*z*polynomial(z), z = x*x.")
	z := g.YMM()
	g.VMULPS(a, a, z)
	p := g.poly(z, tanhPoly)
	g.VMULPS(z, p, p)
	g.VFMADD213PS(a, a, p)
	g.VBLENDVPS(g.compare(isGreater, g.constant(tanhSmall), a), p, e, e)
	g.Comment("The sign of x.")
	g.VANDPS(g.bits(signBit^0xffffffff), e, e)
	g.VORPS(sign, e, e)
	return e
}

// normalTails returns Phi(-|x|), e**(-x*x/2), and |x| clamped, of several vectors in
// turn. It follows normalTail32.
func (g *gen) normalTails(x []Mem) (tail, e, a []reg.VecVirtual) {
	n := len(x)
	a = g.ymms(n)
	positive, highest := g.bits(signBit^0xffffffff), g.constant(normalMax)
	for i := range a {
		g.VANDPS(x[i], positive, a[i])
		g.VMINPS(a[i], highest, a[i]) // max < |x| ? max : |x|
	}
	g.Comment("e = exp(-x*x/2), with the rest of the square.")
	square, rest, minusHalf := g.ymms(n), g.ymms(n), g.constant(-0.5)
	for i := range a {
		g.VMULPS(a[i], minusHalf, rest[i])
		g.VMULPS(a[i], rest[i], square[i])
		g.VFMSUB213PS(square[i], a[i], rest[i]) // rest*a - square
	}
	g.Comment("polynomial(t), t = 1/(1 + 0.29*|x|): before exp, so that both chains begin early.")
	t, one, scale := g.ymms(n), g.constant(1), g.constant(normalScale)
	for i := range t {
		g.VMOVAPS(a[i], t[i])
		g.VFMADD213PS(one, scale, t[i])
		g.VDIVPS(t[i], one, t[i])
	}
	tail = g.polys(t, normalPoly)
	e = g.clampedExps(square)
	for i := range e {
		g.VFMADD213PS(e[i], e[i], rest[i]) // e*rest + e
	}
	e = rest
	for i := range tail {
		g.VMULPS(t[i], tail[i], tail[i])
		g.VMULPS(e[i], tail[i], tail[i])
	}
	return tail, e, a
}

// gelus returns x*Phi(x), of several vectors in turn. It follows gelu32.
func (g *gen) gelus(x []Mem) []reg.VecVirtual {
	tail, _, a := g.normalTails(x)
	sign, zero, y := g.bits(signBit), g.YMM(), g.ymms(len(x))
	g.zero(zero)
	g.Comment("The larger of x and 0, with the sign of x, less |x| * tail.")
	for i := range y {
		minus := g.YMM()
		g.VANDPS(x[i], sign, minus)
		g.VMAXPS(x[i], zero, y[i]) // 0 > x ? 0 : x
		g.VORPS(minus, y[i], y[i])
		g.VFNMADD231PS(a[i], tail[i], y[i])
	}
	return y
}

// geluGrads returns dy times the derivative of x*Phi(x), of several vectors in turn.
// It follows geluGrad32.
func (g *gen) geluGrads(dy, x []Mem) []reg.VecVirtual {
	tail, e, a := g.normalTails(x)
	root, sign, one, zero, phi := g.constant(inverseRoot), g.bits(signBit), g.constant(1), g.YMM(), g.ymms(len(x))
	g.zero(zero)
	for i := range phi {
		minus := g.YMM()
		g.VANDPS(x[i], sign, minus)
		g.VSUBPS(tail[i], one, phi[i])
		g.VBLENDVPS(minus, tail[i], phi[i], phi[i]) // Phi(x), by the sign of x
		g.VORPS(minus, a[i], a[i])
		g.VMULPS(root, e[i], e[i])
		g.VFMADD231PS(a[i], e[i], phi[i])
		g.VFMADD132PS(dy[i], zero, phi[i]) // phi*dy + 0
	}
	return phi
}
