package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// elementwise emits the functions that map whole vectors.
func (g *gen) elementwise() {
	g.mapped("reluAVX2", []string{"y", "x"}, func(v []reg.VecVirtual) reg.VecVirtual {
		zero := g.YMM()
		g.zero(zero)
		g.VMAXPS(v[0], zero, v[0]) // 0 > x ? 0 : x
		return v[0]
	})
	g.mapped("reluGradAVX2", []string{"dx", "dy", "y"}, func(v []reg.VecVirtual) reg.VecVirtual {
		zero := g.YMM()
		g.zero(zero)
		g.VANDPS(g.compare(isGreater, v[1], zero), v[0], v[0])
		return v[0]
	})
	g.mapped("tanhAVX2", []string{"y", "x"}, func(v []reg.VecVirtual) reg.VecVirtual { return g.tanh(v[0]) })
	g.mapped("tanhGradAVX2", []string{"dx", "dy", "y"}, func(v []reg.VecVirtual) reg.VecVirtual {
		d := g.constant(1)
		g.VFNMADD231PS(v[1], v[1], d) // 1 - y*y
		g.VMULPS(d, v[0], d)
		return d
	})
	g.mapped("sigmoidAVX2", []string{"y", "x"}, func(v []reg.VecVirtual) reg.VecVirtual { return g.sigmoid(v[0]) })
	g.mapped("sigmoidGradAVX2", []string{"dx", "dy", "y"}, func(v []reg.VecVirtual) reg.VecVirtual {
		d := g.constant(1)
		g.VSUBPS(v[1], d, d) // 1 - y
		g.VMULPS(d, v[1], d)
		g.VMULPS(d, v[0], d)
		return d
	})
	g.mapped("addAVX2", []string{"dst", "src"}, nil)
	g.negLog()
}

// mapped emits a function of slices: the first, which says how many vectors
// there are, is f of the others. Without f it is the sum of both.
func (g *gen) mapped(name string, args []string, f func(v []reg.VecVirtual) reg.VecVirtual) {
	signature := "func("
	for i, a := range args {
		if i > 0 {
			signature += ", "
		}
		signature += a
	}
	g.function(name, signature+" []float32)", name+" works like "+twin(name)+" on whole vectors.")
	n, out := g.vectors(args[0]), g.slice(args[0])
	var in []reg.GPVirtual
	for _, a := range args[1:] {
		in = append(in, g.slice(a))
	}
	if f == nil {
		in = append(in, out)
		f = func(v []reg.VecVirtual) reg.VecVirtual {
			g.VADDPS(v[0], v[1], v[0])
			return v[0]
		}
	}
	end := g.label("end")
	g.TESTQ(n, n)
	g.JZ(LabelRef(end))
	offset := g.GP64()
	g.XORQ(offset, offset)
	g.loop("vector", n, func() {
		v := g.ymms(len(in))
		for i := range v {
			g.VMOVUPS(indexed(in[i], offset, 1, 0), v[i])
		}
		g.VMOVUPS(f(v), indexed(out, offset, 1, 0))
		g.ADDQ(Imm(vector), offset)
	})
	g.Label(end)
	g.done()
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
