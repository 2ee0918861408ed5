package main

import (
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// losses emits the passes of the losses over the outputs of a block, and their
// gradients. Each walks over some of the outputs and goes on from the sums that
// the call before has left in memory, so that no call is long.
func (g *gen) losses() {
	g.largest()
	g.exponentials()
	g.shares()
	g.sigmoidCrossEntropy()
	g.squaredError()
}

// outputs is a walk over the outputs of a block. counter has the number of the
// current one in every lane; labels, of the images, are -1 where one is absent.
type outputs struct {
	*gen
	labels  reg.GPVirtual
	offset  reg.GPVirtual
	counter reg.VecVirtual
}

// walk repeats body for every vector of the slice argument named of.
func (g *gen) walk(of string, body func(o outputs)) {
	o := outputs{g, g.arg("labels"), g.GP64(), g.broadcast(g.argMem("first"))}
	count := g.vectors(of)
	g.XORQ(o.offset, o.offset)
	g.loop("output", count, func() {
		body(o)
		g.VPADDD(g.bits(1), o.counter, o.counter)
		g.ADDQ(Imm(vector), o.offset)
	})
}

// at is the current output in a slice.
func (o outputs) at(slice reg.GPVirtual) Mem { return indexed(slice, o.offset, 1, 0) }

// labelled is the mask of the images whose label is the current output.
func (o outputs) labelled() reg.VecVirtual {
	mask := o.YMM()
	o.VPCMPEQD(at(o.labels, 0), o.counter, mask)
	return mask
}

// target is what the current output should be: the argument on where it is the
// label, the argument off elsewhere.
func (o outputs) target() reg.VecVirtual {
	t, on := o.broadcast(o.argMem("off")), o.broadcast(o.argMem("on"))
	o.VBLENDVPS(o.labelled(), on, t, t)
	return t
}

// present replaces v by +0 where an image is absent.
func (o outputs) present(v reg.VecVirtual) {
	absent := o.load(at(o.labels, 0))
	o.VPSRAD(U8(31), absent, absent)
	o.VPANDN(v, absent, v)
}

// Where the passes of the softmax keep their sums.
const (
	stateMax = iota * vector
	stateSum
	stateLabel
	stateOthers
)

func (g *gen) largest() {
	g.function("largestAVX2", "func(s *float32, z []float32)",
		"largestAVX2 is the part of softmaxCrossEntropyGeneric that finds the largest logit: it begins with the one in s.")
	s, z := g.arg("s"), g.slice("z")
	max := g.load(at(s, stateMax))
	offset, count := g.GP64(), g.vectors("z")
	g.XORQ(offset, offset)
	g.loop("largest", count, func() {
		v := g.load(indexed(z, offset, 1, 0))
		g.VMAXPS(max, v, max) // v > max ? v : max
		g.ADDQ(Imm(vector), offset)
	})
	g.VMOVUPS(max, at(s, stateMax))
	g.done()
}

// exponentials. Registers: 4 sums + the counter + 4 of exp = 9 of 16.
func (g *gen) exponentials() {
	g.function("exponentialsAVX2", "func(e, z []float32, labels *int32, first int32, s *float32)",
		"exponentialsAVX2 is the part of softmaxCrossEntropyGeneric that computes exponentials, and adds to the sums in s.")
	e, z, s := g.slice("e"), g.slice("z"), g.arg("s")
	max, sum := g.load(at(s, stateMax)), g.load(at(s, stateSum))
	label, others := g.load(at(s, stateLabel)), g.load(at(s, stateOthers))
	g.walk("z", func(o outputs) {
		d, part := g.load(o.at(z)), o.labelled()
		g.VSUBPS(max, d, d)
		g.Comment("The label's distance from the maximum, and the sum of the others'.")
		other := g.YMM()
		g.VANDNPS(d, part, other)
		g.VADDPS(other, others, others)
		g.VANDPS(d, part, part)
		g.VORPS(part, label, label)
		v := g.exp(d)
		g.VADDPS(v, sum, sum)
		g.VMOVUPS(v, o.at(e))
	})
	g.VMOVUPS(sum, at(s, stateSum))
	g.VMOVUPS(label, at(s, stateLabel))
	g.VMOVUPS(others, at(s, stateOthers))
	g.done()
}

func (g *gen) shares() {
	g.function("sharesAVX2", "func(grad []float32, labels *int32, first int32, s *float32, on, off float32)",
		"sharesAVX2 is the part of softmaxCrossEntropyGeneric that turns exponentials into gradients.")
	grad := g.slice("grad")
	sum := g.load(at(g.arg("s"), stateSum))
	g.walk("grad", func(o outputs) {
		p := g.load(o.at(grad))
		g.VDIVPS(sum, p, p)
		g.VSUBPS(o.target(), p, p)
		o.present(p)
		g.VMOVUPS(p, o.at(grad))
	})
	g.done()
}

// sigmoidCrossEntropy. Registers: the sum, the counter, the loss, 1+e and the rest
// of it + 5 of log = 10 of 16.
func (g *gen) sigmoidCrossEntropy() {
	g.function("sigmoidCrossEntropyAVX2", "func(grad, z []float32, labels *int32, first int32, losses *float32, on, off float32)",
		"sigmoidCrossEntropyAVX2 works like sigmoidCrossEntropyGeneric, for the outputs from first on; it adds to losses, of eight images.")
	grad, z, losses := g.slice("grad"), g.slice("z"), g.arg("losses")
	sum := g.load(at(losses, 0))
	g.walk("z", func(o outputs) {
		x := g.load(o.at(z))
		minus := g.YMM()
		g.VORPS(g.bits(signBit), x, minus) // -|z|
		e := g.exp(minus)
		zero, one, p, u := g.YMM(), g.constant(1), g.YMM(), g.YMM()
		g.zero(zero)
		g.VADDPS(e, one, u)
		g.Comment("loss = max(z, 0) - t*z + log(1+e)")
		loss, t := g.YMM(), o.target()
		g.VMAXPS(x, zero, loss) // 0 > z ? 0 : z
		g.VFNMADD231PS(x, t, loss)
		g.Comment("gradient = sigmoid(z) - t")
		g.VBLENDVPS(g.compare(isGreater, zero, x), e, one, p)
		g.VDIVPS(u, p, p)
		g.VSUBPS(t, p, p)
		o.present(p)
		g.VMOVUPS(p, o.at(grad))
		g.Comment("log(1+e) = log(u) + (e - (u-1))/u, where u is 1+e, rounded.")
		rest := g.YMM()
		g.VSUBPS(one, u, rest)
		g.VSUBPS(rest, e, rest)
		g.VDIVPS(u, rest, rest)
		g.VADDPS(g.log(u), rest, rest)
		g.VADDPS(rest, loss, loss)
		g.VADDPS(loss, sum, sum)
	})
	g.VMOVUPS(sum, at(losses, 0))
	g.done()
}

func (g *gen) squaredError() {
	g.function("squaredErrorAVX2", "func(grad, y []float32, labels *int32, first int32, losses *float32)",
		"squaredErrorAVX2 works like squaredErrorGeneric, for the outputs from first on; it adds squares to losses, of eight images.")
	grad, y, losses := g.slice("grad"), g.slice("y"), g.arg("losses")
	sum := g.load(at(losses, 0))
	g.walk("y", func(o outputs) {
		d, t := g.load(o.at(y)), o.labelled()
		g.VANDPS(g.constant(1), t, t)
		g.VSUBPS(t, d, d)
		o.present(d)
		g.VMOVUPS(d, o.at(grad))
		g.VFMADD231PS(d, d, sum)
	})
	g.VMOVUPS(sum, at(losses, 0))
	g.done()
}

// notFinite emits the search for infinities and NaN, whose exponents have all
// bits set: with the sign cleared and taken for integers, they are the largest.
func (g *gen) notFinite() {
	const several = 4
	g.function("notFiniteAVX2", "func(x []float32) int32",
		"notFiniteAVX2 is 0 if firstNotFiniteGeneric finds nothing in the whole vectors of x.")
	x, size, offset := g.slice("x"), g.bytes("x"), g.GP64()
	magnitude, largest := g.bits(signBit^0xffffffff), g.ymms(several)
	g.zero(largest...)
	g.XORQ(offset, offset)
	for _, n := range []int{several, 1} {
		g.steps(offset, size, n, func() {
			for i := range n {
				v := g.YMM()
				g.VPAND(indexed(x, offset, 1, i*vector), magnitude, v)
				g.VPMAXSD(v, largest[i], largest[i])
			}
		})
	}
	for _, l := range largest[1:] {
		g.VPMAXSD(l, largest[0], largest[0])
	}
	g.VPCMPGTD(g.bits(math.Float32bits(math.MaxFloat32)), largest[0], largest[0])
	found := g.GP32()
	g.VMOVMSKPS(largest[0], found)
	g.Store(found, g.ReturnIndex(0))
	g.done()
}
