package main

import (
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// elementwise emits the functions that map whole vectors. Those of a few
// instructions take four at a time: the loop would cost as much as one of them.
func (g *gen) elementwise() {
	g.relu()
	g.reluGrad()
	g.mapped("tanhAVX2", "y", "x").each(1, func(in []Mem) reg.VecVirtual { return g.tanh(g.load(in[0])) })
	g.mapped("tanhGradAVX2", "dx", "dy", "y").each(1, func(in []Mem) reg.VecVirtual {
		d, y := g.constant(1), g.load(in[1])
		g.VFNMADD231PS(y, y, d) // 1 - y*y
		g.VMULPS(in[0], d, d)
		return d
	})
	g.mapped("sigmoidAVX2", "y", "x").each(1, func(in []Mem) reg.VecVirtual { return g.sigmoid(g.load(in[0])) })
	g.mapped("sigmoidGradAVX2", "dx", "dy", "y").each(1, func(in []Mem) reg.VecVirtual {
		d, y := g.constant(1), g.load(in[1])
		g.VSUBPS(y, d, d) // 1 - y
		g.VMULPS(d, y, d)
		g.VMULPS(in[0], d, d)
		return d
	})
	g.mapped("addAVX2", "dst", "dst", "src").each(4, func(in []Mem) reg.VecVirtual {
		sum := g.load(in[0])
		g.VADDPS(in[1], sum, sum)
		return sum
	})
	g.leakyReLU()
	g.leakyReLUGrad()
	g.mapped("geluAVX2", "y", "x").together(2, func(in [][]Mem) []reg.VecVirtual { return g.gelus(in[0]) })
	g.mapped("geluGradAVX2", "dx", "dy", "x").together(2, func(in [][]Mem) []reg.VecVirtual { return g.geluGrads(in[0], in[1]) })
	g.negLog()
}

func (g *gen) relu() {
	m, zero := g.mapped("reluAVX2", "y", "x"), g.YMM()
	g.zero(zero)
	m.each(4, func(in []Mem) reg.VecVirtual {
		y := g.YMM()
		g.VMAXPS(in[0], zero, y) // 0 > x ? 0 : x
		return y
	})
}

func (g *gen) reluGrad() {
	m, zero := g.mapped("reluGradAVX2", "dx", "dy", "y"), g.YMM()
	g.zero(zero)
	m.each(4, func(in []Mem) reg.VecVirtual {
		d := g.compare(isLess, zero, in[1])
		g.VANDPS(in[0], d, d)
		return d
	})
}

func (g *gen) leakyReLU() {
	m, zero := g.mappedWith("slope", "leakyReLUAVX2", "y", "x"), g.YMM()
	slope := g.broadcast(g.argMem("slope"))
	g.zero(zero)
	m.each(4, func(in []Mem) reg.VecVirtual {
		x, y := g.load(in[0]), g.YMM()
		g.VMULPS(slope, x, y)
		g.VBLENDVPS(g.compare(isGreater, zero, x), y, x, y)
		return y
	})
}

func (g *gen) leakyReLUGrad() {
	m, zero := g.mappedWith("slope", "leakyReLUGradAVX2", "dx", "dy", "y"), g.YMM()
	slope := g.broadcast(g.argMem("slope"))
	g.zero(zero)
	m.each(4, func(in []Mem) reg.VecVirtual {
		dy, dx := g.load(in[0]), g.YMM()
		g.VMULPS(slope, dy, dx)
		g.VBLENDVPS(g.compare(isLess, zero, in[1]), dy, dx, dx)
		return dx
	})
}

// mapping is a function that sets a slice to a function of others, element by
// element.
type mapping struct {
	*gen
	in           []reg.GPVirtual
	out          reg.GPVirtual
	offset, size reg.GPVirtual // bytes done, bytes to do
}

// mapped begins a function that sets the slice out to a function of the slices
// in, which may name out too.
func (g *gen) mapped(name, out string, in ...string) *mapping {
	return g.mappedWith("", name, out, in...)
}

// mappedWith is mapped with a float32 argument, unless it has no name.
func (g *gen) mappedWith(scalar, name, out string, in ...string) *mapping {
	args := in
	if out != in[0] {
		args = append([]string{out}, in...)
	}
	if scalar != "" {
		scalar = ", " + scalar + " float32"
	}
	g.function(name, "func("+strings.Join(args, ", ")+" []float32"+scalar+")", name+" works like "+twin(name)+" on whole vectors.")
	m := &mapping{gen: g, out: g.slice(out), offset: g.GP64(), size: g.bytes(out)}
	for _, a := range in {
		m.in = append(m.in, g.slice(a))
	}
	g.XORQ(m.offset, m.offset)
	return m
}

// each ends the function with the loops that set every vector of out to f of
// those of in: several at a time first, then one by one.
func (m *mapping) each(several int, f func(in []Mem) reg.VecVirtual) {
	m.loops(several, func(n int) {
		for i := range n {
			var in []Mem
			for _, base := range m.in {
				in = append(in, indexed(base, m.offset, 1, i*vector))
			}
			m.VMOVUPS(f(in), indexed(m.out, m.offset, 1, i*vector))
		}
	})
}

// together is each, but f computes several vectors in turn: in[j][i] is vector i of
// argument j.
func (m *mapping) together(several int, f func(in [][]Mem) []reg.VecVirtual) {
	m.loops(several, func(n int) {
		in := make([][]Mem, len(m.in))
		for j, base := range m.in {
			for i := range n {
				in[j] = append(in[j], indexed(base, m.offset, 1, i*vector))
			}
		}
		for i, v := range f(in) {
			m.VMOVUPS(v, indexed(m.out, m.offset, 1, i*vector))
		}
	})
}

// loops ends the function with loops whose body does n vectors: several first, then
// one.
func (m *mapping) loops(several int, body func(n int)) {
	for _, n := range slices.Compact([]int{several, 1}) {
		m.steps(m.offset, m.size, n, func() { body(n) })
	}
	m.done()
}

// twin is the name of an assembly function's portable twin.
func twin(name string) string { return name[:len(name)-len("AVX2")] + "Generic" }

// negLog emits the losses' logarithm.
func (g *gen) negLog() {
	g.function("negLogAVX2", "func(y, x []float32, eps float32)", "negLogAVX2 works like negLogGeneric on one vector.")
	y, x := g.slice("y"), g.slice("x")
	v := g.broadcast(g.argMem("eps"))
	g.VADDPS(at(x, 0), v, v)
	l := g.log(v)
	g.VXORPS(g.bits(signBit), l, l)
	g.VMOVUPS(l, at(y, 0))
	g.done()
}
