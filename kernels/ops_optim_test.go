package kernels

import (
	"math"
	"unsafe"
)

func buildAdam(tr *trial, d []int) func() { return adamOp(tr, d, false) }

func buildDecayedAdam(tr *trial, d []int) func() { return adamOp(tr, d, true) }

// adamOp draws the last field of AdamStep, or leaves it 0.
func adamOp(tr *trial, d []int, decay bool) func() {
	w, g := tr.vector("w", inout, d[0]), tr.vector("g", in, d[0])
	m, v := tr.vector("m", inout, d[0]), tr.mostlyPositive(tr.vector("v", inout, d[0]))
	fields := int(unsafe.Sizeof(AdamStep{}) / 4)
	if !decay {
		scalars := tr.mostlyPositive(tr.vector("step", in, fields-1))
		scalars = tr.derive("step with a decay of 0", append(scalars[:fields-1:fields-1], 0))
		return func() { Adam(w, m, v, g, (*AdamStep)(unsafe.Pointer(&scalars[0]))) }
	}
	scalars := tr.mostlyPositive(tr.vector("step", in, fields))
	return func() { Adam(w, m, v, g, (*AdamStep)(unsafe.Pointer(&scalars[0]))) }
}

func buildSGD(tr *trial, d []int) func() {
	w, g, rate := tr.vector("w", inout, d[0]), tr.vector("g", in, d[0]), tr.scalar("rate")
	return func() { SGD(w, g, rate) }
}

// sgdStep draws the scalars of a step as an operand.
func sgdStep(tr *trial) *SGDStep {
	return (*SGDStep)(unsafe.Pointer(&tr.vector("step", in, int(unsafe.Sizeof(SGDStep{})/4))[0]))
}

func buildDecayedSGD(tr *trial, d []int) func() {
	w, g := tr.vector("w", inout, d[0]), tr.vector("g", in, d[0])
	scalars := tr.vector("step", in, 2)
	rate := tr.scalar("rate")
	full := tr.derive("scalars", []float32{scalars[0], scalars[1], float32(math.NaN()), rate}) // without momentum
	return func() { DecayedSGD(w, g, (*SGDStep)(unsafe.Pointer(&full[0]))) }
}

func momentumOp(f func(w, m, g []float32, s *SGDStep)) func(*trial, []int) func() {
	return func(tr *trial, d []int) func() {
		w, m, g := tr.vector("w", inout, d[0]), tr.vector("m", inout, d[0]), tr.vector("g", in, d[0])
		step := sgdStep(tr)
		return func() { f(w, m, g, step) }
	}
}

func buildRMSProp(tr *trial, d []int) func() {
	w, g := tr.vector("w", inout, d[0]), tr.vector("g", in, d[0])
	v := tr.mostlyPositive(tr.vector("v", inout, d[0]))
	scalars, rate := tr.mostlyPositive(tr.vector("step", in, 5)), tr.scalar("rate")
	full := tr.derive("scalars", append(scalars[:5:5], float32(math.NaN()), rate)) // without momentum
	return func() { RMSProp(w, v, g, (*RMSPropStep)(unsafe.Pointer(&full[0]))) }
}

func buildRMSPropMomentum(tr *trial, d []int) func() {
	w, g, m := tr.vector("w", inout, d[0]), tr.vector("g", in, d[0]), tr.vector("m", inout, d[0])
	v := tr.mostlyPositive(tr.vector("v", inout, d[0]))
	scalars := tr.mostlyPositive(tr.vector("step", in, int(unsafe.Sizeof(RMSPropStep{})/4)))
	return func() { RMSPropMomentum(w, v, m, g, (*RMSPropStep)(unsafe.Pointer(&scalars[0]))) }
}

func buildClip(tr *trial, d []int) func() {
	y, x := tr.vector("y", out, d[0]), spreadOut(tr.vector("x", in, d[0]))
	scale, limit := tr.scalar("scale"), tr.mostlyPositive(tr.vector("limit", in, 1))
	return func() { Clip(y, x, scale, limit[0]) }
}

func buildClipInPlace(tr *trial, d []int) func() {
	y := spreadOut(tr.vector("y", inout, d[0]))
	scale, limit := tr.scalar("scale"), tr.mostlyPositive(tr.vector("limit", in, 1))
	return func() { Clip(y, y, scale, limit[0]) }
}

// spreadOut makes some numbers of x so small or large that they lie on either
// side of a limit.
func spreadOut(x []float32) []float32 {
	for i := range x {
		x[i] *= [...]float32{0x1p-13, 1, 0x1p13}[i%3]
	}
	return x
}

// buildSumSquares makes the 64 bits of the sum four numbers, so that they are
// compared one and all.
func buildSumSquares(tr *trial, d []int) func() {
	x, sum := tr.vector("x", in, d[0]), tr.vector("sum", out, 4)
	return func() {
		for i, v := range words(SumSquares(x)) {
			sum[i] = v
		}
	}
}

// words are the bits of v, sixteen each; all NaN are one.
func words(v float64) (w [4]float32) {
	if v != v {
		v = math.NaN()
	}
	for i := range w {
		w[i] = float32(math.Float64bits(v) >> (16 * i) & 0xffff)
	}
	return w
}
