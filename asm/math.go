package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The polynomials below follow exp32, log32, sigmoid32, tanh32 and normal32 of package
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

	normalMax   = 20
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

// poly returns the polynomial with the given coefficients, highest power first,
// by Horner's rule.
func (g *gen) poly(x reg.VecVirtual, coefficients []float32) reg.VecVirtual {
	p := g.constant(coefficients[0])
	for _, c := range coefficients[1:] {
		g.VFMADD213PS(g.constant(c), x, p) // p = p*x + c
	}
	return p
}

// exp returns e**x. It follows exp32.
func (g *gen) exp(x reg.VecVirtual) reg.VecVirtual {
	g.Comment("exp: clamp, so that NaN passes.")
	v := g.YMM()
	g.VMINPS(x, g.constant(expMax), v) // max < x ? max : x
	g.VMAXPS(v, g.constant(expMin), v) // min > x ? min : x
	g.Comment("n = x*log2(e), rounded; r = x - n*log(2).")
	t, n := g.constant(log2E), g.YMM()
	round := g.constant(roundUp)
	g.VFMADD213PS(round, v, t)
	g.VPSUBD(round, t, n)
	fn := g.YMM()
	g.VSUBPS(round, t, fn)
	g.VFMADD231PS(g.constant(-ln2Hi), fn, v)
	g.VFMADD231PS(g.constant(-ln2Lo), fn, v)
	p := g.poly(v, expPoly)
	square := g.YMM()
	g.VMULPS(v, v, square)
	g.VFMADD213PS(v, square, p) // p*r*r + r
	g.VADDPS(g.constant(1), p, p)
	g.Comment("Times 2**(n/2), times 2**(n-n/2).")
	half := g.YMM()
	g.VPSRAD(U8(1), n, half)
	g.VPSUBD(half, n, n)
	g.VMULPS(g.powerOfTwo(half), p, p)
	g.VMULPS(g.powerOfTwo(n), p, p)
	return p
}

// powerOfTwo replaces the integers n, -126 <= n <= 127, by 2**n.
func (g *gen) powerOfTwo(n reg.VecVirtual) reg.VecVirtual {
	g.VPADDD(g.bits(127), n, n)
	g.VPSLLD(U8(23), n, n)
	return n
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

// normal returns Phi(x), e**(-x*x/2), and x clamped. It follows normal32.
func (g *gen) normal(x reg.VecVirtual) (phi, e, clamped reg.VecVirtual) {
	clamped = g.YMM()
	g.VMINPS(x, g.constant(normalMax), clamped)        // max < x ? max : x
	g.VMAXPS(clamped, g.constant(-normalMax), clamped) // min > x ? min : x
	g.Comment("e = exp(-x*x/2), and the rest of x*x.")
	square, rest, minusHalf := g.YMM(), g.YMM(), g.constant(-0.5)
	g.VMULPS(clamped, clamped, square)
	g.VMOVAPS(square, rest)
	g.VFMSUB231PS(clamped, clamped, rest) // x*x - square
	g.VMULPS(minusHalf, square, square)
	g.VMULPS(minusHalf, rest, rest)
	e = g.exp(square)
	g.VFMADD213PS(e, e, rest) // e*rest + e
	e = rest
	g.Comment("h = e * polynomial(t), t = 1/(1 + 0.29*|x|).")
	t, one := g.YMM(), g.constant(1)
	g.VANDPS(g.bits(signBit^0xffffffff), clamped, t)
	g.VFMADD213PS(one, g.constant(normalScale), t)
	g.VDIVPS(t, one, t)
	phi = g.poly(t, normalPoly)
	g.VMULPS(t, phi, phi)
	g.VMULPS(e, phi, phi)
	g.Comment("x < 0 ? h : 1 - h.")
	zero, upper := g.YMM(), g.YMM()
	g.zero(zero)
	g.VSUBPS(phi, one, upper)
	g.VBLENDVPS(g.compare(isGreater, zero, clamped), phi, upper, phi)
	return phi, e, clamped
}

// gelu returns x*Phi(x). It follows gelu32.
func (g *gen) gelu(x reg.VecVirtual) reg.VecVirtual {
	phi, _, _ := g.normal(x)
	bounded := g.YMM()
	g.VMAXPS(x, g.constant(-normalMax), bounded) // min > x ? min : x
	g.VMULPS(bounded, phi, phi)
	return phi
}

// geluGrad returns dy times the derivative of x*Phi(x). It follows geluGrad32.
func (g *gen) geluGrad(dy Mem, x reg.VecVirtual) reg.VecVirtual {
	phi, e, clamped := g.normal(x)
	g.VMULPS(g.constant(inverseRoot), e, e)
	g.VFMADD231PS(clamped, e, phi)
	zero := g.YMM()
	g.zero(zero)
	g.VFMADD132PS(dy, zero, phi) // phi*dy + 0
	return phi
}
