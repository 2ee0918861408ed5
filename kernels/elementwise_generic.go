package kernels

// addGeneric is: for i { dst[i] += src[i] }.
func addGeneric(dst, src []float32) {
	for i, v := range src {
		dst[i] += v
	}
}

// reluGeneric is: for i { y[i] = 0 if 0 > x[i], else x[i] }: NaN and -0 pass.
func reluGeneric(y, x []float32) {
	for i, v := range x {
		if 0 > v {
			v = 0
		}
		y[i] = v
	}
}

// reluGradGeneric is: for i { dx[i] = dy[i] if y[i] > 0, else +0 }.
func reluGradGeneric(dx, dy, y []float32) {
	for i, v := range y {
		if v > 0 {
			dx[i] = dy[i]
		} else {
			dx[i] = 0
		}
	}
}

// tanhGeneric is: for i { y[i] = tanh(x[i]) }.
func tanhGeneric(y, x []float32) {
	for i, v := range x {
		y[i] = tanh32(v)
	}
}

// tanhGradGeneric is: for i { dx[i] = dy[i] * fma(-y[i], y[i], 1) }.
func tanhGradGeneric(dx, dy, y []float32) {
	for i, v := range y {
		dx[i] = dy[i] * fma32(-v, v, 1)
	}
}

// sigmoidGeneric is: for i { y[i] = sigmoid(x[i]) }.
func sigmoidGeneric(y, x []float32) {
	for i, v := range x {
		y[i] = sigmoid32(v)
	}
}

// sigmoidGradGeneric is: for i { dx[i] = dy[i] * (y[i] * (1 - y[i])) }.
func sigmoidGradGeneric(dx, dy, y []float32) {
	for i, v := range y {
		dx[i] = dy[i] * float32(v*float32(1-v))
	}
}

// leakyReLUGeneric is: for i { y[i] = slope*x[i] if 0 > x[i], else x[i] }: NaN and
// -0 pass.
func leakyReLUGeneric(y, x []float32, slope float32) {
	for i, v := range x {
		if 0 > v {
			v *= slope
		}
		y[i] = v
	}
}

// leakyReLUGradGeneric is: for i { dx[i] = dy[i] if y[i] > 0, else slope*dy[i] }.
func leakyReLUGradGeneric(dx, dy, y []float32, slope float32) {
	for i, v := range y {
		if v > 0 {
			dx[i] = dy[i]
		} else {
			dx[i] = slope * dy[i]
		}
	}
}

// geluGeneric is: for i { y[i] = gelu(x[i]) }.
func geluGeneric(y, x []float32) {
	for i, v := range x {
		y[i] = gelu32(v)
	}
}

// geluGradGeneric is: for i { dx[i] = dy[i] * gelu'(x[i]) }.
func geluGradGeneric(dx, dy, x []float32) {
	for i, v := range x {
		dx[i] = geluGrad32(dy[i], v)
	}
}

// firstNotFiniteGeneric is: for i { if x[i] is infinite or NaN { return i } }; return -1.
func firstNotFiniteGeneric(x []float32) int {
	for i, v := range x {
		if v-v != 0 {
			return i
		}
	}
	return -1
}
