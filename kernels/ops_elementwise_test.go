package kernels

func buildAdd(tr *trial, d []int) func() {
	dst, src := tr.vector("dst", inout, d[0]), tr.vector("src", in, d[0])
	return func() { Add(dst, src) }
}

func unaryOp(f func(y, x []float32)) func(*trial, []int) func() {
	return func(tr *trial, d []int) func() {
		y, x := tr.vector("y", out, d[0]), tr.vector("x", in, d[0])
		return func() { f(y, x) }
	}
}

func unaryInPlace(f func(y, x []float32)) func(*trial, []int) func() {
	return func(tr *trial, d []int) func() {
		y := tr.vector("y", inout, d[0])
		return func() { f(y, y) }
	}
}

func binaryOp(f func(dx, dy, y []float32)) func(*trial, []int) func() {
	return func(tr *trial, d []int) func() {
		dx, dy, y := tr.vector("dx", out, d[0]), tr.vector("dy", in, d[0]), tr.vector("y", in, d[0])
		return func() { f(dx, dy, y) }
	}
}

func binaryOverDY(f func(dx, dy, y []float32)) func(*trial, []int) func() {
	return func(tr *trial, d []int) func() {
		dx, y := tr.vector("dx", inout, d[0]), tr.vector("y", in, d[0])
		return func() { f(dx, dx, y) }
	}
}

func binaryOverY(f func(dx, dy, y []float32)) func(*trial, []int) func() {
	return func(tr *trial, d []int) func() {
		dy, dx := tr.vector("dy", in, d[0]), tr.vector("dx", inout, d[0])
		return func() { f(dx, dy, dx) }
	}
}

// slope draws a slope above 0.
func slope(tr *trial) float32 {
	s := tr.scalar("slope")
	if !(s > 0 && s < 10) {
		s = 0.125
		tr.find("slope").data[0] = s
	}
	return s
}

func buildLeakyReLU(tr *trial, d []int) func() {
	y, x, slope := tr.vector("y", out, d[0]), tr.vector("x", in, d[0]), slope(tr)
	return func() { LeakyReLU(y, x, slope) }
}

func buildLeakyReLUGrad(tr *trial, d []int) func() {
	dx, dy, y, slope := tr.vector("dx", out, d[0]), tr.vector("dy", in, d[0]), tr.vector("y", in, d[0]), slope(tr)
	return func() { LeakyReLUGrad(dx, dy, y, slope) }
}
