package kernels

import (
	"fmt"
	"iter"
	"math"
	"unsafe"
)

// A trial is one call of an operation, on operands of its own that are watched
// for what must not happen to them.
type trial struct {
	values   values
	memory   *memory
	operands []operand
	call     func()
}

// A role says what a call may do with an operand.
type role int

const (
	in    role = iota // is read
	out               // is written without being read
	inout             // is both
)

// An operand is a slice that an operation works on. Its elements are the first
// cols of each of its rows, ld apart; what lies between rows is not the
// operation's to touch.
type operand struct {
	name     string
	role     role
	rows     int
	cols, ld int
	data     []float32
	before   []float32 // what data held before the call
	margins  [2][]float32
	derived  bool // computed from other operands, not drawn
}

// poison fills outputs, gaps and margins: a NaN that no operation computes
// unless it reads it.
const poison = 0x7fe5a5a5

// isPoison reports whether v is poison, or becomes poison by quieting or
// negating it.
func isPoison(v float32) bool {
	const quiet = 1 << 22
	return (math.Float32bits(v)|quiet)&^signBit == poison
}

// start draws the operands of o with dimensions d.
func start(o *operation, d []int, v values, m *memory) *trial {
	tr := &trial{values: v, memory: m}
	tr.call = o.build(tr, d)
	for i := range tr.operands {
		p := &tr.operands[i]
		p.before = append(p.before, p.data...)
	}
	return tr
}

// finish calls the operation and checks all operands.
func (tr *trial) finish() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	tr.call()
	for i := range tr.operands {
		if err := tr.operands[i].check(); err != nil {
			return err
		}
	}
	return nil
}

// vector draws an operand of n elements.
func (tr *trial) vector(name string, role role, n int) []float32 {
	return tr.matrix(name, role, 1, n, n)
}

// matrix draws an operand of rows x cols elements, and leaves gaps between rows
// if ld is larger than cols.
func (tr *trial) matrix(name string, role role, rows, cols, ld int) []float32 {
	p := tr.add(operand{name: name, role: role, rows: rows, cols: cols, ld: ld}, max(0, (rows-1)*ld+cols))
	if role != out {
		for i := range p.elements() {
			p.data[i] = tr.float()
		}
	}
	return p.data
}

// derive makes an operand that is only read from numbers that the test computed
// from other operands.
func (tr *trial) derive(name string, from []float32) []float32 {
	p := tr.add(operand{name: name, rows: 1, cols: len(from), ld: len(from), derived: true}, len(from))
	copy(p.data, from)
	return p.data
}

// deriveTable is derive for tables of 32-bit integers and structs of them.
func deriveTable[T any](tr *trial, name string, from []T) []T {
	var element T
	words := len(from) * int(unsafe.Sizeof(element)) / 4
	bits := unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(from))), words)
	copied := tr.derive(name, bits)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(copied))), len(from))
}

// scalar draws one number, which references find as an operand.
func (tr *trial) scalar(name string) float32 { return tr.vector(name, in, 1)[0] }

// integers draws n numbers in [0, end), which references find as an operand.
func (tr *trial) integers(name string, n, end int) []int {
	p := tr.add(operand{name: name, rows: 1, cols: n, ld: n, derived: true}, n)
	ints := make([]int, n)
	for i := range ints {
		ints[i] = tr.values.below(end)
		p.data[i] = float32(ints[i])
	}
	return ints
}

// mostlyPositive makes most of the numbers of s positive, for operations that
// take a root or a logarithm.
func (tr *trial) mostlyPositive(s []float32) []float32 {
	for i, v := range s {
		if 0 > v && tr.values.below(16) > 0 {
			s[i] = -v
		}
	}
	return s
}

// float draws a number that cannot be mistaken for poison.
func (tr *trial) float() float32 {
	if v := tr.values.float(); !isPoison(v) {
		return v
	}
	return quietNaN
}

// add appends an operand of n elements, all poison.
func (tr *trial) add(p operand, n int) *operand {
	p.data, p.margins = tr.memory.slot(len(tr.operands), n)
	for _, s := range [][]float32{p.data, p.margins[0], p.margins[1]} {
		for i := range s {
			s[i] = math.Float32frombits(poison)
		}
	}
	tr.operands = append(tr.operands, p)
	return &tr.operands[len(tr.operands)-1]
}

// find returns the operand of the given name.
func (tr *trial) find(name string) *operand {
	for i := range tr.operands {
		if tr.operands[i].name == name {
			return &tr.operands[i]
		}
	}
	panic("no operand " + name)
}

// outputs returns the operands that the operation writes.
func (tr *trial) outputs() (outputs []*operand) {
	for i := range tr.operands {
		if p := &tr.operands[i]; p.role != in {
			outputs = append(outputs, p)
		}
	}
	return outputs
}

// isElement reports whether data[i] is an element, not in a gap.
func (p *operand) isElement(i int) bool { return p.rows == 1 || i%p.ld < p.cols }

// elements yields the elements with their indices.
func (p *operand) elements() iter.Seq2[int, float32] {
	return func(yield func(int, float32) bool) {
		for i, v := range p.data {
			if p.isElement(i) && !yield(i, v) {
				return
			}
		}
	}
}

// check reports what a call did to an operand and should not have done.
func (p *operand) check() error {
	for side, s := range p.margins {
		for i, v := range s {
			if math.Float32bits(v) != poison {
				return fmt.Errorf("%v written %s %s, element %d of the margin", v, [...]string{"before", "after"}[side], p.name, i)
			}
		}
	}
	for i, v := range p.data {
		got, before := math.Float32bits(v), math.Float32bits(p.before[i])
		written := p.role != in && p.isElement(i)
		if !written && got != before {
			return fmt.Errorf("%s[%d] was overwritten: %#08x, was %#08x", p.name, i, got, before)
		}
		if written && got == poison {
			return fmt.Errorf("%s[%d] was not written, or was made from what must not be read", p.name, i)
		}
	}
	return nil
}

// same reports whether a and b have the same bits, or are both NaN.
func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// difference reports the first output that differs between two trials.
func difference(got, want *trial) error {
	g, w := got.outputs(), want.outputs()
	for i := range w {
		for j, b := range w[i].elements() {
			if a := g[i].data[j]; !same(a, b) {
				return fmt.Errorf("%s[%d] = %v (%#08x), want %v (%#08x)",
					w[i].name, j, a, math.Float32bits(a), b, math.Float32bits(b))
			}
		}
	}
	return nil
}

// numbers counts the elements of the outputs, and those that are finite.
func (tr *trial) numbers() (all, finite int) {
	for _, p := range tr.outputs() {
		for _, v := range p.elements() {
			all++
			if v-v == 0 {
				finite++
			}
		}
	}
	return all, finite
}
