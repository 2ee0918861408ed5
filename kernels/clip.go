package kernels

// Clip is y[i] = min(max(scale*x[i], -limit), limit); NaN passes. y may be x.
func Clip(y, x []float32, scale, limit float32) {
	checkUnary(y, x)
	for n := inCall(y); n > 0; n = inCall(y) {
		clipAVX2(y[:n], x, scale, limit)
		y, x = y[n:], x[n:]
	}
	clipGeneric(y, x, scale, limit)
}

// SumSquares returns the sum of the squares of x. The squares are exact in
// float64; they are added in eight chains, element i to chain i%8, and the
// chains pairwise, ((0+1)+(2+3)) + ((4+5)+(6+7)).
func SumSquares(x []float32) float64 {
	raceRead(x)
	var c [Lanes]float64
	for n := inCall(x); n > 0; n = inCall(x) {
		sumSquaresAVX2(&c[0], x[:n])
		x = x[n:]
	}
	sumSquaresGeneric(&c, x)
	return ((c[0] + c[1]) + (c[2] + c[3])) + ((c[4] + c[5]) + (c[6] + c[7]))
}
