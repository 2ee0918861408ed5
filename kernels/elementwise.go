package kernels

// The functions of this file work on slices of equal length, element by
// element. An output may be the same slice as an input, so that activations
// and their gradients can run in place; it must not overlap one otherwise.

// ReLU is y[i] = max(0, x[i]); NaN and -0 pass unchanged.
func ReLU(y, x []float32) {
	checkUnary(y, x)
	for n := inCall(y); n > 0; n = inCall(y) {
		reluAVX2(y[:n], x)
		y, x = y[n:], x[n:]
	}
	reluGeneric(y, x)
}

// ReLUGrad is dx[i] = dy[i] where y[i] > 0, else +0: the gradient of ReLU in
// terms of its output. The derivative at 0 is 0.
func ReLUGrad(dx, dy, y []float32) {
	checkBinary(dx, dy, y)
	for n := inCall(y); n > 0; n = inCall(y) {
		reluGradAVX2(dx[:n], dy, y)
		dx, dy, y = dx[n:], dy[n:], y[n:]
	}
	reluGradGeneric(dx, dy, y)
}

// Tanh is y[i] = tanh(x[i]), within 4 ulp.
func Tanh(y, x []float32) {
	checkUnary(y, x)
	for n := inCall(y); n > 0; n = inCall(y) {
		tanhAVX2(y[:n], x)
		y, x = y[n:], x[n:]
	}
	tanhGeneric(y, x)
}

// TanhGrad is dx[i] = dy[i] * (1 - y[i]*y[i]): the gradient of tanh in terms
// of its output.
func TanhGrad(dx, dy, y []float32) {
	checkBinary(dx, dy, y)
	for n := inCall(y); n > 0; n = inCall(y) {
		tanhGradAVX2(dx[:n], dy, y)
		dx, dy, y = dx[n:], dy[n:], y[n:]
	}
	tanhGradGeneric(dx, dy, y)
}

// Sigmoid is y[i] = 1 / (1 + exp(-x[i])), within 4 ulp.
func Sigmoid(y, x []float32) {
	checkUnary(y, x)
	for n := inCall(y); n > 0; n = inCall(y) {
		sigmoidAVX2(y[:n], x)
		y, x = y[n:], x[n:]
	}
	sigmoidGeneric(y, x)
}

// SigmoidGrad is dx[i] = dy[i] * y[i] * (1 - y[i]): the gradient of the
// logistic function in terms of its output.
func SigmoidGrad(dx, dy, y []float32) {
	checkBinary(dx, dy, y)
	for n := inCall(y); n > 0; n = inCall(y) {
		sigmoidGradAVX2(dx[:n], dy, y)
		dx, dy, y = dx[n:], dy[n:], y[n:]
	}
	sigmoidGradGeneric(dx, dy, y)
}

// LeakyReLU is y[i] = x[i] where it is not below 0, else slope*x[i]; NaN and -0
// pass unchanged. The slope is a number above 0.
func LeakyReLU(y, x []float32, slope float32) {
	checkUnary(y, x)
	for n := inCall(y); n > 0; n = inCall(y) {
		leakyReLUAVX2(y[:n], x, slope)
		y, x = y[n:], x[n:]
	}
	leakyReLUGeneric(y, x, slope)
}

// LeakyReLUGrad is dx[i] = dy[i] where y[i] > 0, else slope*dy[i]: the gradient of
// LeakyReLU in terms of its output. The derivative at 0 is the slope.
func LeakyReLUGrad(dx, dy, y []float32, slope float32) {
	checkBinary(dx, dy, y)
	for n := inCall(y); n > 0; n = inCall(y) {
		leakyReLUGradAVX2(dx[:n], dy, y, slope)
		dx, dy, y = dx[n:], dy[n:], y[n:]
	}
	leakyReLUGradGeneric(dx, dy, y, slope)
}

// GELU is y[i] = x[i]*Phi(x[i]), where Phi is the standard normal distribution
// (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016; the exact form, not
// the one by tanh), within 8 ulp, or 16 below -13, where Phi is subnormal. -Inf gives -0.
func GELU(y, x []float32) {
	checkUnary(y, x)
	for n := inCall(y); n > 0; n = inCall(y) {
		geluAVX2(y[:n], x)
		y, x = y[n:], x[n:]
	}
	geluGeneric(y, x)
}

// GELUGrad is dx[i] = dy[i] * (Phi(x[i]) + x[i]*phi(x[i])): the gradient of GELU in
// terms of its input, within 1e-6 of dy. It is +0 where dy is 0.
func GELUGrad(dx, dy, x []float32) {
	checkBinary(dx, dy, x)
	for n := inCall(x); n > 0; n = inCall(x) {
		geluGradAVX2(dx[:n], dy, x)
		dx, dy, x = dx[n:], dy[n:], x[n:]
	}
	geluGradGeneric(dx, dy, x)
}

// Add is dst[i] = dst[i] + src[i].
func Add(dst, src []float32) {
	checkUnary(dst, src)
	for n := inCall(dst); n > 0; n = inCall(dst) {
		addAVX2(dst[:n], src)
		dst, src = dst[n:], src[n:]
	}
	addGeneric(dst, src)
}

// maxCallElements is the number of elements that one call of the assembly takes:
// some tens of microseconds, even out of memory.
const maxCallElements = 1 << 14

// inCall is the number of elements at the beginning of s that one call of the
// assembly takes: whole vectors, none without AVX2. The portable twin does the
// rest: it computes the same bits, and an edge never enters assembly.
func inCall(s []float32) int {
	if !useAVX2 {
		return 0
	}
	return min(len(s), maxCallElements) &^ (Lanes - 1)
}

func checkUnary(y, x []float32) {
	if len(x) != len(y) {
		panic(badLength)
	}
	checkInPlace(y, x)
	raceRead(x)
	raceWrite(y)
}

func checkBinary(dx, dy, y []float32) {
	if len(dx) != len(y) || len(dy) != len(y) {
		panic(badLength)
	}
	checkInPlace(dx, dy)
	checkInPlace(dx, y)
	raceRead(dy)
	raceRead(y)
	raceWrite(dx)
}

// checkInPlace panics if out overlaps in without being the same slice.
func checkInPlace(out, in []float32) {
	if len(out) > 0 && &out[0] != &in[0] && overlap(out, in) {
		panic(badOverlap)
	}
}
