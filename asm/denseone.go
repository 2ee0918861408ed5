package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// densePanels is the largest number of panels of the vector-matrix product.
const densePanels = 12

// denseOne emits the product of one row and a matrix packed in panels of eight
// columns: up to 12 panels side by side, because the chain of one waits for the
// latency of a multiply-add at every step, and a step that reads the row's
// element for many panels reads little else but the matrix. Fifteen would fit
// into the registers, but took 1.1 times as long as two tiles of eight and seven
// where the matrix comes from the L2 cache.
//
// Registers: 12 accumulators + 1 element of the row = 13 of 16. A step along k
// costs 13 loads and 12 multiply-adds.
func (g *gen) denseOne() {
	g.function("denseOne8x12AVX2",
		"func(n int, y, x *float32, k int, panels *float32, panel int, init *float32, mask *int32, floor float32)",
		"denseOne8x12AVX2 computes n <= 12 groups of eight columns of y: chains that start at init and add x[p] * panels[group][p] for "+
			"p < k, at least 1; what is below floor becomes floor. The panels are panel bytes apart; mask selects the valid columns of the last group.")
	g.each("n", densePanels, g.denseOneOf)
}

// denseOneOf emits the product with n panels.
func (g *gen) denseOneOf(n int) {
	g.Comment(fmt.Sprintf("%d panels.", n))
	acc := g.ymms(n)
	last := n - 1
	init := g.arg("init")
	for i, a := range acc[:last] {
		g.VMOVUPS(at(init, i*vector), a)
	}
	g.VMASKMOVPS(at(init, last*vector), g.lastMask(), acc[last])

	g.Comment("Every third panel has an address of its own; the others are one or two panels further.")
	third, step := make([]reg.GPVirtual, (n+2)/3), g.arg("panel")
	third[0] = g.arg("panels")
	for i := range third[1:] {
		third[i+1] = g.GP64()
		g.LEAQ(indexed(third[i], step, 2, 0), third[i+1])
		g.ADDQ(step, third[i+1])
	}
	x, k := g.arg("x"), g.arg("k")
	g.LEAQ(indexed(x, k, 4, 0), x)
	g.SHLQ(Imm(2), k)
	g.NEGQ(k)
	g.upToZero("element", k, 4, func() {
		element := g.broadcast(indexed(x, k, 1, 0))
		for i, a := range acc {
			m := at(third[i/3], 0)
			if i%3 > 0 {
				m = indexed(third[i/3], step, uint8(i%3), 0)
			}
			g.VFMADD231PS(m, element, a)
		}
		for _, p := range third {
			g.ADDQ(Imm(vector), p)
		}
	})

	floor, y := g.floor(), g.arg("y")
	for _, a := range acc {
		g.VMAXPS(a, floor, a)
	}
	for i, a := range acc[:last] {
		g.VMOVUPS(a, at(y, i*vector))
	}
	g.VMASKMOVPS(acc[last], g.lastMask(), at(y, last*vector))
	g.done()
}

// lastMask loads the mask.
func (g *gen) lastMask() reg.VecVirtual {
	addr, mask := g.arg("mask"), g.YMM()
	g.VMOVUPS(at(addr, 0), mask)
	return mask
}
