package kernels

import (
	"encoding/binary"
	"math"
	"testing"
)

// The fuzz targets compare assembly with portable kernels, bit by bit. Their
// input is the number of an operation of the family, its dimensions, two bytes
// each, and the bit patterns of its operands' elements, used over and over.

func FuzzConv(f *testing.F)        { fuzzFamily(f, "Conv") }
func FuzzPool(f *testing.F)        { fuzzFamily(f, "Pool") }
func FuzzBlocks(f *testing.F)      { fuzzFamily(f, "Blocks") }
func FuzzGemm(f *testing.F)        { fuzzFamily(f, "Gemm") }
func FuzzElementwise(f *testing.F) { fuzzFamily(f, "Elementwise") }
func FuzzOne(f *testing.F)         { fuzzFamily(f, "One") }
func FuzzSoftmax(f *testing.F)     { fuzzFamily(f, "Softmax") }
func FuzzLoss(f *testing.F)        { fuzzFamily(f, "Loss") }
func FuzzOptim(f *testing.F)       { fuzzFamily(f, "Optim") }
func FuzzNorm(f *testing.F)        { fuzzFamily(f, "Norm") }

func fuzzFamily(f *testing.F, family string) {
	portable, fast := rivals(f)
	ops := familyOf(family)
	for i, o := range ops {
		for seed := range uint64(len(mixtures)) {
			f.Add(fuzzSeed(newRandom(seed), i, o))
		}
	}
	one, other := aligned(), misaligned(1, 2)
	f.Fuzz(func(t *testing.T, data []byte) {
		v := &byteValues{data: data}
		o := ops[v.below(len(ops))]
		dims := make([]int, len(o.dims))
		for j, d := range o.dims {
			dims[j] = d.min + v.below(d.small()-d.min+1)
		}
		elements := data[min(v.next, len(data)):]
		run := func(impl Impl, m *memory) *trial {
			defer Use(impl)()
			tr := start(o, dims, &byteValues{data: elements}, m)
			if err := tr.finish(); err != nil {
				t.Fatalf("%s: %v: %v", o.describe(dims), impl, err)
			}
			return tr
		}
		want, got := run(portable, one), run(fast, other)
		if err := difference(got, want); err != nil {
			t.Fatalf("%s: %v: %v by %v", o.describe(dims), fast, err, portable)
		}
	})
}

// familyOf returns the operations of a fuzz target.
func familyOf(family string) (ops []*operation) {
	for i := range operations {
		if operations[i].family == family {
			ops = append(ops, &operations[i])
		}
	}
	return ops
}

// fuzzSeed is an input that gives operation i of a family random dimensions and
// operands.
func fuzzSeed(r *random, i int, o *operation) []byte {
	data := binary.LittleEndian.AppendUint16(nil, uint16(i))
	for range o.dims {
		data = binary.LittleEndian.AppendUint16(data, uint16(r.below(1<<16)))
	}
	draw := mixtures[r.below(len(mixtures))].draw
	for range 100 {
		data = appendFloat(data, draw(r))
	}
	return data
}

func appendFloat(data []byte, v float32) []byte {
	return binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
}

// TestEveryOperationIsFuzzed proves that each family has a target.
func TestEveryOperationIsFuzzed(t *testing.T) {
	fuzzed := 0
	for _, family := range []string{"Conv", "Pool", "Blocks", "Gemm", "Elementwise", "One", "Softmax", "Loss", "Optim", "Norm"} {
		fuzzed += len(familyOf(family))
	}
	if fuzzed != len(operations) {
		t.Errorf("%d operations have a fuzz target, want %d", fuzzed, len(operations))
	}
}

// FuzzFMA compares the portable fused multiply-add with exact arithmetic and
// with the processor's.
func FuzzFMA(f *testing.F) {
	r := newRandom(1)
	for range 100 {
		c := fmaCase(r)
		f.Add(c.a, c.b, c.c)
	}
	f.Fuzz(func(t *testing.T, a, b, c float32) {
		checkFMA(t, fmaOperands{a, b, c})
	})
}
