package data

import "math"

// turn returns the sine and the cosine of an angle of -180 to 180 degrees, by + -
// * / of float64 alone, for math.Sin has other last bits on other machines. They
// are within 1e-15, and exact for multiples of 90 degrees.
func turn(degrees float64) (sin, cos float64) {
	quarters := math.Floor(float64(degrees/90) + 0.5)
	x := float64((degrees - float64(90*quarters)) * math.Pi / 180) // -pi/4 to pi/4
	sin, cos = float64(x*series(float64(x*x), 2)), series(float64(x*x), 1)
	switch int(quarters) & 3 {
	case 1:
		return cos, -sin
	case 2:
		return -sin, -cos
	case 3:
		return -cos, sin
	}
	return sin, cos
}

// series is 1 - y/(k(k+1)) * (1 - y/((k+2)(k+3)) * (...)), up to y**9: with y = x*x
// Taylor's series of the cosine for k = 1, and that of the sine over x for k = 2.
func series(y, k float64) float64 {
	sum := 1.0
	for n := k + 16; n >= k; n -= 2 {
		sum = 1 - float64(float64(y/float64(n*(n+1)))*sum)
	}
	return sum
}
