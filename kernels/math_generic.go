package kernels

import "math"

// sqrt32 is the correctly rounded square root: 53 bits are more than twice 24
// plus two, so rounding the float64 root once more is exact (Figueroa, "When is
// double rounding innocuous?", 1995).
func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// Constants of exp32: log2(e), and log(2) split into a part with trailing zero
// bits, so that n times it is exact for |n| <= 150, and the rest (Cody and
// Waite, "Software Manual for the Elementary Functions", 1980).
const (
	log2E   = 1.44269504088896341
	ln2Hi   = 0.693359375
	ln2Lo   = -2.12194440054690583e-4
	expMax  = 89      // exp(x) is +Inf above 88.73
	expMin  = -105    // and rounds to +0 below -103.98
	roundUp = 3 << 22 // adding this to |x| < 2**22 leaves x's nearest integer, ties to even, in the low bits
)

// expPoly are the coefficients of exp(r) = 1 + r + r*r*(c0 + c1*r + ...) for
// |r| <= log(2)/2, highest power first: those of Cephes expf (Moshier, 1989).
var expPoly = [...]float32{
	1.9875691500e-4,
	1.3981999507e-3,
	8.3334519073e-3,
	4.1665795894e-2,
	1.6666665459e-1,
	5.0000001201e-1,
}

// exp32 returns e**x within 2 ulp. NaN stays NaN; overflow gives +Inf, and
// small results round to subnormals and zero.
//
//	n := nearest integer to x*log2(e), from x clamped to [-105, 89]
//	r := x - n*log(2), in two steps
//	exp(x) = polynomial(r) * 2**(n/2) * 2**(n-n/2)
func exp32(x float32) float32 {
	if x != x {
		return x
	}
	if x > expMax {
		x = expMax
	}
	if expMin > x {
		x = expMin
	}
	t := fma32(x, log2E, roundUp)
	n := int32(math.Float32bits(t)) - int32(math.Float32bits(roundUp))
	fn := t - roundUp
	r := fma32(fn, -ln2Hi, x)
	r = fma32(fn, -ln2Lo, r)
	p := expPoly[0]
	for _, c := range expPoly[1:] {
		p = fma32(p, r, c)
	}
	y := fma32(p, float32(r*r), r) + 1
	half := n >> 1
	return float32(y*pow2(half)) * pow2(n-half)
}

// pow2 returns 2**n for -126 <= n <= 127.
func pow2(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// logPoly are the coefficients of log(1+f) = f - f*f/2 + f*f*f*(c8 + ... ) for
// sqrt(1/2)-1 <= f <= sqrt(2)-1, highest power first: those of Cephes logf
// (Moshier, 1989).
var logPoly = [...]float32{
	7.0376836292e-2,
	-1.1514610310e-1,
	1.1676998740e-1,
	-1.2420140846e-1,
	1.4249322787e-1,
	-1.6668057665e-1,
	2.0000714765e-1,
	-2.4999993993e-1,
	3.3333331174e-1,
}

const sqrtHalf = 0.707106781186547524

// log32 returns the natural logarithm of x within 2 ulp: -Inf for 0, NaN for
// negative x and NaN, +Inf for +Inf.
//
//	x = m * 2**e with sqrt(1/2) <= m < sqrt(2), f := m - 1
//	log(x) = polynomial(f) + e*log(2), in two steps
func log32(x float32) float32 {
	switch {
	case x != x || x == float32(math.Inf(1)):
		return x
	case 0 > x:
		return float32(math.NaN())
	case x == 0:
		return float32(math.Inf(-1))
	}
	var e float32
	if float32(0x1p-126) > x { // subnormal: scale into the normal range
		x *= 0x1p24
		e = -24
	}
	// Adding the distance from sqrt(1/2) to 1 to the bits carries into the
	// exponent exactly where the mantissa reaches sqrt(2).
	b := math.Float32bits(x) + (0x3f800000 - math.Float32bits(sqrtHalf))
	e += float32(int32(b>>23) - 127)
	m := math.Float32frombits(b&0x7fffff + math.Float32bits(sqrtHalf))
	f := m - 1
	z := f * f
	p := logPoly[0]
	for _, c := range logPoly[1:] {
		p = fma32(p, f, c)
	}
	y := float32(float32(f*z) * p)
	y = fma32(e, ln2Lo, y)
	y = fma32(-0.5, z, y)
	return fma32(e, ln2Hi, float32(f+y))
}

// sigmoid32 returns 1/(1+e**-x) within 4 ulp:
//
//	e := exp(-|x|)
//	sigmoid(x) = 1/(1+e) for x >= 0, else e/(1+e)
func sigmoid32(x float32) float32 {
	e := exp32(-abs32(x))
	num := float32(1)
	if 0 > x {
		num = e
	}
	return num / (1 + e)
}

// tanhPoly are the coefficients of tanh(x) = x + x**3*(c0 + c1*x**2 + ...) for
// |x| < 0.625, highest power first: those of Cephes tanhf (Moshier, 1989).
var tanhPoly = [...]float32{
	-5.70498872745e-3,
	2.06390887954e-2,
	-5.37397155531e-2,
	1.33314422036e-1,
	-3.33332819422e-1,
}

const tanhSmall = 0.625

// tanh32 returns tanh(x) within 4 ulp:
//
//	tanh(x) = polynomial(x) for |x| < 0.625
//	tanh(x) = sign(x) * (1 - 2/(exp(2|x|)+1)) elsewhere
func tanh32(x float32) float32 {
	a := abs32(x)
	if tanhSmall > a {
		z := a * a
		p := tanhPoly[0]
		for _, c := range tanhPoly[1:] {
			p = fma32(p, z, c)
		}
		return copySign32(fma32(float32(p*z), a, a), x)
	}
	return copySign32(1-float32(2/(exp32(a+a)+1)), x)
}

const signBit = 1 << 31

func abs32(x float32) float32 {
	return math.Float32frombits(math.Float32bits(x) &^ signBit)
}

func copySign32(x, sign float32) float32 {
	return math.Float32frombits(math.Float32bits(x)&^signBit | math.Float32bits(sign)&signBit)
}

// Log returns the natural logarithm of x within 2 ulp, with the same bits on
// every machine, which math.Log does not promise.
func Log(x float32) float32 { return log32(x) }

// Sqrt returns the correctly rounded square root of x.
func Sqrt(x float32) float32 { return sqrt32(x) }

// Constants of normalTail32: what it clamps to, where exp(-x*x/2) is 0 in float32, and
// the square root of 1/(2*pi).
const (
	normalMax   = 14.5
	normalScale = 0.29
	inverseRoot = 0.398942280401432678
)

// normalPoly are the coefficients of
//
//	exp(x*x/2) * Phi(-x) = t * (c0 + c1*t + ... + c8*t**8), t = 1/(1 + 0.29*x)
//
// for x >= 0, highest power first: a minimax fit of our own, within 8e-8 relatively
// up to 14. (Hastings, "Approximations for Digital Computers", 1955, has the form.)
var normalPoly = [...]float32{
	0.014168322893737135,
	-0.03397410219472521,
	-0.029671468956477112,
	0.10178514733589722,
	0.006782199689043235,
	0.10792491006681171,
	0.10101820898355196,
	0.116304951154129,
	0.11566186921091143,
}

// normalTail32 returns Phi(-|x|) of the standard normal distribution Phi, its
// derivative times the root of 2*pi, exp(-x*x/2), and |x| clamped to 14.5, of which it
// computes them. NaN stays NaN.
//
//	e := exp(-x*x/2), with the rounding error of the square made good
//	tail := e * polynomial(t)
func normalTail32(x float32) (tail, e, a float32) {
	a = abs32(x)
	if a > normalMax {
		a = normalMax
	}
	minusHalf := a * -0.5
	square := float32(minusHalf * a)
	rest := fma32(minusHalf, a, -square)
	e = exp32(square)
	e = fma32(e, rest, e)
	t := 1 / fma32(a, normalScale, 1)
	p := normalPoly[0]
	for _, c := range normalPoly[1:] {
		p = fma32(p, t, c)
	}
	return float32(e * float32(p*t)), e, a // rounded, or 1 - tail would be fused
}

// gelu32 returns x*Phi(x), as max(x, 0) - |x|*Phi(-|x|). -Inf gives -0.
func gelu32(x float32) float32 {
	tail, _, a := normalTail32(x)
	if 0 > x {
		x = copySign32(0, x)
	}
	return fma32(-a, tail, x)
}

// geluGrad32 returns dy times the derivative of gelu32 at x, Phi(x) + x*phi(x);
// +0 if dy is 0.
func geluGrad32(dy, x float32) float32 {
	phi, e, a := normalTail32(x)
	if !math.Signbit(float64(x)) {
		phi = 1 - phi
	}
	return fma32(dy, fma32(copySign32(a, x), e*inverseRoot, phi), 0)
}
