package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// optimizers emits the parameter updates.
func (g *gen) optimizers() {
	g.adam()
	g.sgd()
	g.decayedSGD()
	g.momentum("momentumAVX2", false)
	g.momentum("nesterovAVX2", true)
	g.rmsProp("rmsPropAVX2", false)
	g.rmsProp("rmsPropMomentumAVX2", true)
}

// adam emits Adam. Registers: 8 scalars + 2 constants + the gradient, both
// moments and 2 temporaries = 15 of 16. The square root and the division take
// all the time; two vectors at a time do no better.
func (g *gen) adam() {
	g.function("adamAVX2", "func(w, m, v, g []float32, s *float32)",
		"adamAVX2 works like adamGeneric on whole vectors; s points to the fields of AdamStep.")
	w, m, v, grad, s := g.slice("w"), g.slice("m"), g.slice("v"), g.slice("g"), g.arg("s")
	scale := g.broadcast(at(s, 0))
	beta1, rest1 := g.broadcast(at(s, 4)), g.broadcast(at(s, 8))
	beta2, rest2 := g.broadcast(at(s, 12)), g.broadcast(at(s, 16))
	rate, epsilon := g.broadcast(at(s, 20)), g.broadcast(at(s, 24))
	keep := g.constant(1)
	g.VSUBPS(g.broadcast(at(s, 28)), keep, keep) // 1 - decay
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
		g.Comment("w = (1-decay)*w - rate * (m / (sqrt(v) + epsilon))")
		g.VSQRTPS(second, second)
		g.VADDPS(epsilon, second, second)
		g.VDIVPS(second, first, first)
		weight := g.YMM()
		g.VMULPS(indexed(w, offset, 1, 0), keep, weight)
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

func (g *gen) decayedSGD() {
	g.function("decayedSGDAVX2", "func(w, g []float32, s *float32)",
		"decayedSGDAVX2 works like decayedSGDGeneric on whole vectors; s points to the fields of SGDStep.")
	w, grad, s := g.slice("w"), g.slice("g"), g.arg("s")
	scale, decay, rate := g.broadcast(at(s, 0)), g.broadcast(at(s, 4)), g.broadcast(at(s, 12))
	offset, size := g.GP64(), g.bytes("w")
	g.XORQ(offset, offset)
	g.steps(offset, size, 1, func() {
		weight, d := g.decayed(indexed(w, offset, 1, 0), indexed(grad, offset, 1, 0), scale, decay)
		g.VFNMADD231PS(d, rate, weight)
		g.VMOVUPS(weight, indexed(w, offset, 1, 0))
	})
	g.done()
}

// decayed returns the weight and its gradient with decay.
func (g *gen) decayed(w, grad Mem, scale, decay reg.VecVirtual) (weight, d reg.VecVirtual) {
	g.Comment("d = scale*g + decay*w")
	weight, d = g.load(w), g.YMM()
	g.VMULPS(grad, scale, d)
	g.VFMADD231PS(weight, decay, d)
	return weight, d
}

// momentum emits gradient descent with momentum, plain or Nesterov's. Registers:
// 4 scalars + 2 constants + weight, gradient, direction and 1 temporary = 10 of 16.
func (g *gen) momentum(name string, nesterov bool) {
	g.function(name, "func(w, m, g []float32, s *float32)",
		name+" works like "+twin(name)+" on whole vectors; s points to the fields of SGDStep.")
	w, m, grad, s := g.slice("w"), g.slice("m"), g.slice("g"), g.arg("s")
	scale, decay := g.broadcast(at(s, 0)), g.broadcast(at(s, 4))
	momentum, rate := g.broadcast(at(s, 8)), g.broadcast(at(s, 12))
	normal, magnitude := g.constant(0x1p-126), g.bits(signBit^0xffffffff)
	offset, size := g.GP64(), g.bytes("w")
	g.XORQ(offset, offset)
	g.steps(offset, size, 1, func() {
		weight, d := g.decayed(indexed(w, offset, 1, 0), indexed(grad, offset, 1, 0), scale, decay)
		g.Comment("m = momentum*m + d")
		direction := g.load(indexed(m, offset, 1, 0))
		g.VFMADD213PS(d, momentum, direction)
		g.flush(direction, normal, magnitude)
		g.VMOVUPS(direction, indexed(m, offset, 1, 0))
		if nesterov {
			g.Comment("w = w - rate * (momentum*m + d)")
			g.VFMADD213PS(d, momentum, direction)
		} else {
			g.Comment("w = w - rate*m")
		}
		g.VFNMADD231PS(direction, rate, weight)
		g.VMOVUPS(weight, indexed(w, offset, 1, 0))
	})
	g.done()
}

// rmsProp emits RMSProp, with or without momentum. Registers: 7 scalars + 2
// constants + weight, gradient, mean of squares and 2 temporaries = 14 of 16. The
// square root and the division take all the time.
func (g *gen) rmsProp(name string, momentum bool) {
	args := "w, v, g"
	if momentum {
		args = "w, v, m, g"
	}
	g.function(name, "func("+args+" []float32, s *float32)",
		name+" works like "+twin(name)+" on whole vectors; s points to the fields of RMSPropStep.")
	w, v, grad, s := g.slice("w"), g.slice("v"), g.slice("g"), g.arg("s")
	scale, decay := g.broadcast(at(s, 0)), g.broadcast(at(s, 4))
	alpha, rest, epsilon := g.broadcast(at(s, 8)), g.broadcast(at(s, 12)), g.broadcast(at(s, 16))
	keep, rate := g.broadcast(at(s, 20)), g.broadcast(at(s, 24))
	normal, magnitude := g.constant(0x1p-126), g.bits(signBit^0xffffffff)
	var m reg.GPVirtual
	if momentum {
		m = g.slice("m")
	}
	offset, size := g.GP64(), g.bytes("w")
	g.XORQ(offset, offset)
	g.steps(offset, size, 1, func() {
		weight, d := g.decayed(indexed(w, offset, 1, 0), indexed(grad, offset, 1, 0), scale, decay)
		g.Comment("v = alpha*v + ((1-alpha)*d)*d")
		mean, scaled := g.YMM(), g.YMM()
		g.VMULPS(indexed(v, offset, 1, 0), alpha, mean)
		g.VMULPS(rest, d, scaled)
		g.VFMADD231PS(d, scaled, mean)
		g.flush(mean, normal, magnitude)
		g.VMOVUPS(mean, indexed(v, offset, 1, 0))
		g.Comment("d = d / (sqrt(v) + epsilon)")
		g.VSQRTPS(mean, mean)
		g.VADDPS(epsilon, mean, mean)
		g.VDIVPS(mean, d, d)
		if momentum {
			g.Comment("m = momentum*m + d; w = w - rate*m")
			g.VFMADD231PS(indexed(m, offset, 1, 0), keep, d)
			g.flush(d, normal, magnitude)
			g.VMOVUPS(d, indexed(m, offset, 1, 0))
		} else {
			g.Comment("w = w - rate*d")
		}
		g.VFNMADD231PS(d, rate, weight)
		g.VMOVUPS(weight, indexed(w, offset, 1, 0))
	})
	g.done()
}
