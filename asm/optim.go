package main

import "github.com/mmcloughlin/avo/reg"

// optimizers emits the parameter updates.
func (g *gen) optimizers() {
	g.adam()
	g.sgd()
}

// adam emits Adam. Registers: 7 scalars + 2 constants + the gradient, both
// moments and 2 temporaries = 14 of 16. The square root and the division take
// all the time; two vectors at a time do no better.
func (g *gen) adam() {
	g.function("adamAVX2", "func(w, m, v, g []float32, s *float32)",
		"adamAVX2 works like adamGeneric on whole vectors; s points to the fields of AdamStep.")
	w, m, v, grad, s := g.slice("w"), g.slice("m"), g.slice("v"), g.slice("g"), g.arg("s")
	scale := g.broadcast(at(s, 0))
	beta1, rest1 := g.broadcast(at(s, 4)), g.broadcast(at(s, 8))
	beta2, rest2 := g.broadcast(at(s, 12)), g.broadcast(at(s, 16))
	rate, epsilon := g.broadcast(at(s, 20)), g.broadcast(at(s, 24))
	normal, magnitude := g.constant(0x1p-126), g.bits(signBit^0xffffffff)
	offset, size := g.GP64(), g.bytes("w")
	g.XORQ(offset, offset)
	g.steps(offset, size, 1, func() {
		d, first, second, scaled := g.YMM(), g.YMM(), g.YMM(), g.YMM()
		g.Comment("d = scale*g; m = beta1*m + (1-beta1)*d; v = beta2*v + ((1-beta2)*d)*d")
		g.VMULPS(indexed(grad, offset, 1, 0), scale, d)
		g.VMULPS(indexed(m, offset, 1, 0), beta1, first)
		g.VFMADD231PS(d, rest1, first)
		g.flush(first, normal, magnitude)
		g.VMOVUPS(first, indexed(m, offset, 1, 0))
		g.VMULPS(indexed(v, offset, 1, 0), beta2, second)
		g.VMULPS(rest2, d, scaled)
		g.VFMADD231PS(d, scaled, second)
		g.flush(second, normal, magnitude)
		g.VMOVUPS(second, indexed(v, offset, 1, 0))
		g.Comment("w = w - rate * (m / (sqrt(v) + epsilon))")
		g.VSQRTPS(second, second)
		g.VADDPS(epsilon, second, second)
		g.VDIVPS(second, first, first)
		weight := g.load(indexed(w, offset, 1, 0))
		g.VFNMADD231PS(first, rate, weight)
		g.VMOVUPS(weight, indexed(w, offset, 1, 0))
	})
	g.done()
}

// flush replaces subnormal numbers by +0; NaN passes.
func (g *gen) flush(x, normal, magnitude reg.VecVirtual) {
	keep := g.YMM()
	g.VANDPS(magnitude, x, keep)
	g.VCMPPS(isNotLess, normal, keep, keep)
	g.VANDPS(keep, x, x)
}

func (g *gen) sgd() {
	g.function("sgdAVX2", "func(w, g []float32, rate float32)", "sgdAVX2 works like sgdGeneric on whole vectors.")
	w, grad, rate := g.slice("w"), g.slice("g"), g.broadcast(g.argMem("rate"))
	offset, size := g.GP64(), g.bytes("w")
	g.XORQ(offset, offset)
	g.steps(offset, size, 1, func() {
		weight := g.load(indexed(w, offset, 1, 0))
		g.VFNMADD231PS(indexed(grad, offset, 1, 0), rate, weight)
		g.VMOVUPS(weight, indexed(w, offset, 1, 0))
	})
	g.done()
}
