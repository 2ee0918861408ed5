package kernels

// The functions of this file work on slices of equal length, element by
// element. An output may be the same slice as an input, so that activations
// and their gradients can run in place; it must not overlap one otherwise.

// ReLU is y[i] = max(0, x[i]); NaN and -0 pass unchanged.
func ReLU(y, x []float32) {
	checkUnary(y, x)
	n := 0
	if useAVX2 {
		n = vectors(y)
		reluAVX2(y[:n], x)
	}
	reluGeneric(y[n:], x[n:])
}

// ReLUGrad is dx[i] = dy[i] where y[i] > 0, else +0: the gradient of ReLU in
// terms of its output. The derivative at 0 is 0.
func ReLUGrad(dx, dy, y []float32) {
	checkBinary(dx, dy, y)
	n := 0
	if useAVX2 {
		n = vectors(y)
		reluGradAVX2(dx[:n], dy, y)
	}
	reluGradGeneric(dx[n:], dy[n:], y[n:])
}

// Tanh is y[i] = tanh(x[i]), within 4 ulp.
func Tanh(y, x []float32) {
	checkUnary(y, x)
	n := 0
	if useAVX2 {
		n = vectors(y)
		tanhAVX2(y[:n], x)
	}
	tanhGeneric(y[n:], x[n:])
}

// TanhGrad is dx[i] = dy[i] * (1 - y[i]*y[i]): the gradient of tanh in terms
// of its output.
func TanhGrad(dx, dy, y []float32) {
	checkBinary(dx, dy, y)
	n := 0
	if useAVX2 {
		n = vectors(y)
		tanhGradAVX2(dx[:n], dy, y)
	}
	tanhGradGeneric(dx[n:], dy[n:], y[n:])
}

// Sigmoid is y[i] = 1 / (1 + exp(-x[i])), within 4 ulp.
func Sigmoid(y, x []float32) {
	checkUnary(y, x)
	n := 0
	if useAVX2 {
		n = vectors(y)
		sigmoidAVX2(y[:n], x)
	}
	sigmoidGeneric(y[n:], x[n:])
}

// SigmoidGrad is dx[i] = dy[i] * y[i] * (1 - y[i]): the gradient of the
// logistic function in terms of its output.
func SigmoidGrad(dx, dy, y []float32) {
	checkBinary(dx, dy, y)
	n := 0
	if useAVX2 {
		n = vectors(y)
		sigmoidGradAVX2(dx[:n], dy, y)
	}
	sigmoidGradGeneric(dx[n:], dy[n:], y[n:])
}

// Add is dst[i] = dst[i] + src[i].
func Add(dst, src []float32) {
	checkUnary(dst, src)
	n := 0
	if useAVX2 {
		n = vectors(dst)
		addAVX2(dst[:n], src)
	}
	addGeneric(dst[n:], src[n:])
}

// vectors is the part of len(s) that whole vectors cover. The portable twin
// does the rest: it computes the same bits, and an edge never enters assembly.
func vectors(s []float32) int { return len(s) &^ (Lanes - 1) }

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
