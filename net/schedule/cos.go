package schedule

import "math"

// fall is (1 + cos(pi*x))/2: 1 at 0, 1/2 at 1/2, 0 at 1. It uses + - * of float64
// alone, explicitly rounded, for math.Cos has other last bits on other machines.
func fall(x float64) float64 { return float64(0.5 * (1 + cosPi(x))) }

// cosPi is cos(pi*x) for x in [0, 1], within 1e-15.
func cosPi(x float64) float64 {
	if x > 0.5 {
		return -cosPi(1 - x)
	}
	if x > 0.25 {
		return sinTaylor(float64(math.Pi * (0.5 - x)))
	}
	return cosTaylor(float64(math.Pi * x))
}

// Taylor's series, in powers of x*x, up to x**16 and x**17: for |x| <= pi/4 the
// first term left out is below 1e-17.
var (
	cosTerms = terms(0, 9)
	sinTerms = terms(1, 9)
)

// terms are n coefficients, of x**first, x**(first+2) and so on: reciprocal
// factorials of alternating sign.
func terms(first, n int) []float64 {
	t := make([]float64, n)
	factorial, sign := 1.0, 1.0 // whole numbers below 2**53 but for the last factorials, of which 53 bits are enough
	for i := range t {
		t[i] = sign / factorial
		k := float64(first + 2*i)
		factorial *= float64((k + 1) * (k + 2))
		sign = -sign
	}
	return t
}

func cosTaylor(x float64) float64 { return horner(cosTerms, float64(x*x)) }

func sinTaylor(x float64) float64 { return float64(x * horner(sinTerms, float64(x*x))) }

// horner is the polynomial with the given coefficients, lowest power first.
func horner(c []float64, x float64) float64 {
	p := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		p = float64(p*x) + c[i]
	}
	return p
}
