package kernels

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestPanics lists every misuse that the entry points refuse, as calls with one
// mistake each.
func TestPanics(t *testing.T) {
	var (
		conv    = NewConv(ConvShape{C: 1, H: 3, W: 3, Filters: 2, FH: 2, FW: 2})
		other   = NewConv(ConvShape{C: 1, H: 3, W: 3, Filters: 1, FH: 2, FW: 2})
		filters = conv.NewFilters(vec(8), vec(2))
		few     = other.NewFilters(vec(4), vec(1))
		pool    = NewPool(PoolShape{C: 1, H: 2, W: 2, FH: 2, FW: 2})
		step    = new(AdamStep)
		sgd     = new(SGDStep)
		rms     = new(RMSPropStep)
		s       = vec(200) // slices of it overlap
	)
	one := vec(conv.OneScratch())
	x, y := vec(conv.InLen()), vec(conv.OutLen())
	misuses := []string{"SumSquares: there is none"}
	for _, c := range []struct {
		name, want string
		call       func()
	}{
		{"NewConv: no channel", badConvShape, func() { NewConv(ConvShape{C: 0, H: 1, W: 1, Filters: 1, FH: 1, FW: 1}) }},
		{"NewConv: no filter", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1, W: 1, Filters: 0, FH: 1, FW: 1}) }},
		{"NewConv: no row", badConvShape, func() { NewConv(ConvShape{C: 1, H: 0, W: 1, Filters: 1, FH: 0, FW: 1}) }},
		{"NewConv: no column", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1, W: 0, Filters: 1, FH: 1, FW: 0}) }},
		{"NewConv: filter without rows", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1, W: 1, Filters: 1, FH: 0, FW: 1}) }},
		{"NewConv: filter without columns", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1, W: 1, Filters: 1, FH: 1, FW: -1}) }},
		{"NewConv: filter too high", badConvShape, func() { NewConv(ConvShape{C: 1, H: 2, W: 2, Filters: 1, FH: 3, FW: 1}) }},
		{"NewConv: filter too wide", badConvShape, func() { NewConv(ConvShape{C: 1, H: 2, W: 2, Filters: 1, FH: 1, FW: 3}) }},

		{"NewConv: negative stride", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1, W: 1, Filters: 1, FH: 1, FW: 1, StrideH: -1}) }},
		{"NewConv: negative dilation", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1, W: 1, Filters: 1, FH: 1, FW: 1, DilationW: -1}) }},
		{"NewConv: negative padding", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1, W: 1, Filters: 1, FH: 1, FW: 1, PadLeft: -1}) }},
		{"NewConv: dilated filter too wide", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1, W: 2, Filters: 1, FH: 1, FW: 2, DilationW: 2}) }},
		{"NewConv: padded filter too high", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1, W: 1, Filters: 1, FH: 4, FW: 1, PadTop: 1, PadBottom: 1}) }},
		{"NewConv: huge dilation", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1, W: 1, Filters: 1, FH: 3, FW: 1, DilationH: math.MaxInt}) }},
		{"NewConv: huge input", badConvShape, func() { NewConv(ConvShape{C: 1 << 13, H: 1 << 13, W: 2, Filters: 1, FH: 1, FW: 1}) }},
		{"NewConv: huge output", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1 << 13, W: 2, Filters: 1 << 13, FH: 1, FW: 1}) }},
		{"NewConv: huge filters", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1 << 13, W: 2, Filters: 1 << 13, FH: 1 << 13, FW: 2}) }},
		{"NewConv: negative groups", badConvShape, func() { NewConv(ConvShape{C: 1, H: 1, W: 1, Filters: 1, FH: 1, FW: 1, Groups: -1}) }},
		{"NewConv: channels in groups", badConvShape, func() { NewConv(ConvShape{C: 3, H: 1, W: 1, Filters: 2, FH: 1, FW: 1, Groups: 2}) }},
		{"NewConv: filters in groups", badConvShape, func() { NewConv(ConvShape{C: 2, H: 1, W: 1, Filters: 3, FH: 1, FW: 1, Groups: 2}) }},

		{"Conv.NewFilters: w", badLength, func() { conv.NewFilters(vec(7), vec(2)) }},
		{"Conv.NewFilters: bias", badLength, func() { conv.NewFilters(vec(8), vec(1)) }},
		{"Conv.Pack: lo", badLength, func() { conv.Pack(filters, -1, 1) }},
		{"Conv.Pack: hi", badLength, func() { conv.Pack(filters, 0, 3) }},
		{"Conv.Pack: hi below lo", badLength, func() { conv.Pack(filters, 2, 1) }},
		{"Conv.Pack: filters of another", badLength, func() { conv.Pack(few, 0, 1) }},

		{"Conv.Forward: y", badLength, func() { conv.Forward(y[1:], x, filters, 8, false) }},
		{"Conv.Forward: x", badLength, func() { conv.Forward(y, x[1:], filters, 8, false) }},
		{"Conv.Forward: filters of another", badLength, func() { conv.Forward(y, x, few, 8, false) }},
		{"Conv.Forward: overlap", badOverlap, func() { conv.Forward(s[71:][:len(y)], s[:len(x)], filters, 8, false) }},
		{"Conv.ForwardOne: y", badLength, func() { conv.ForwardOne(vec(9), vec(9), one, filters, false) }},
		{"Conv.ForwardOne: x", badLength, func() { conv.ForwardOne(vec(8), vec(8), one, filters, false) }},
		{"Conv.ForwardOne: scratch", badLength, func() { conv.ForwardOne(vec(8), vec(9), one[1:], filters, false) }},
		{"Conv.ForwardOne: filters of another", badLength, func() { conv.ForwardOne(vec(8), vec(9), one, few, false) }},
		{"Conv.ForwardOne: overlap", badOverlap, func() { conv.ForwardOne(s[8:16], s[:9], one, filters, false) }},
		{"Conv.ForwardOne: scratch overlaps x", badOverlap, func() { conv.ForwardOne(vec(8), one[:9], one, filters, false) }},
		{"Conv.ForwardOne: scratch overlaps y", badOverlap, func() { conv.ForwardOne(one[:8], vec(9), one, filters, false) }},
		{"Conv.ForwardPart: lo", badLength, func() { conv.ForwardPart(y, x, filters, 8, false, -1, 1) }},
		{"Conv.ForwardPart: hi", badLength, func() { conv.ForwardPart(y, x, filters, 8, false, 0, 3) }},
		{"Conv.DataGradPart: hi", badLength, func() { conv.DataGradPart(x, y, filters, 8, 0, 2) }},
		{"Conv.WeightGradPart: hi below lo", badLength, func() { conv.WeightGradPart(vec(8), vec(2), x, y, 8, 2, 1) }},
		{"Pool.MaxForward: more channels", badLength, func() { pool.MaxForward(vec(16), vec(64)) }},
		{"Pool.MaxForward: other channels", badLength, func() { pool.MaxForward(vec(8), vec(0)) }},
		{"Conv.DataGrad: dx", badLength, func() { conv.DataGrad(x[1:], y, filters, 8) }},
		{"Conv.DataGrad: dy", badLength, func() { conv.DataGrad(x, y[1:], filters, 8) }},
		{"Conv.DataGrad: filters of another", badLength, func() { conv.DataGrad(x, y, few, 8) }},
		{"Conv.DataGrad: overlap", badOverlap, func() { conv.DataGrad(s[31:][:len(x)], s[:len(y)], filters, 8) }},
		{"Conv.WeightGrad: dw", badLength, func() { conv.WeightGrad(vec(7), vec(2), x, y, 8) }},
		{"Conv.WeightGrad: db", badLength, func() { conv.WeightGrad(vec(8), vec(1), x, y, 8) }},
		{"Conv.WeightGrad: x", badLength, func() { conv.WeightGrad(vec(8), vec(2), x[1:], y, 8) }},
		{"Conv.WeightGrad: dy", badLength, func() { conv.WeightGrad(vec(8), vec(2), x, y[1:], 8) }},
		{"Conv.WeightGrad: no image", badLanes, func() { conv.WeightGrad(vec(8), vec(2), x, y, 0) }},
		{"Conv.WeightGrad: nine images", badLanes, func() { conv.WeightGrad(vec(8), vec(2), x, y, 9) }},
		{"Conv.WeightGrad: dw overlaps x", badOverlap, func() { conv.WeightGrad(x[:8], vec(2), x, y, 8) }},
		{"Conv.WeightGrad: dw overlaps dy", badOverlap, func() { conv.WeightGrad(y[:8], vec(2), x, y, 8) }},
		{"Conv.WeightGrad: db overlaps x", badOverlap, func() { conv.WeightGrad(vec(8), x[:2], x, y, 8) }},
		{"Conv.WeightGrad: db overlaps dy", badOverlap, func() { conv.WeightGrad(vec(8), y[:2], x, y, 8) }},
		{"Conv.WeightGrad: dw overlaps db", badOverlap, func() { conv.WeightGrad(s[:8], s[7:9], x, y, 8) }},

		{"NewPool: sizes that overflow", badPoolShape, func() { NewPool(PoolShape{C: 4, H: math.MaxInt/16 + 3, W: 2, FH: 2, FW: 2}) }},
		{"NewPool: negative stride", badPoolShape, func() { NewPool(PoolShape{C: 1, H: 2, W: 2, FH: 2, FW: 2, StrideW: -1}) }},
		{"NewPool: negative padding", badPoolShape, func() { NewPool(PoolShape{C: 1, H: 2, W: 2, FH: 2, FW: 2, PadTop: -1}) }},
		{"NewPool: padding as high as a window", badPoolShape, func() { NewPool(PoolShape{C: 1, H: 2, W: 2, FH: 2, FW: 2, PadBottom: 2}) }},
		{"NewPool: padding as wide as a window", badPoolShape, func() { NewPool(PoolShape{C: 1, H: 2, W: 2, FH: 2, FW: 2, PadLeft: 2}) }},
		{"NewPool: no channel", badPoolShape, func() { NewPool(PoolShape{C: 0, H: 2, W: 2, FH: 2, FW: 2}) }},
		{"NewPool: window without rows", badPoolShape, func() { NewPool(PoolShape{C: 1, H: 2, W: 2, FH: 0, FW: 2}) }},
		{"NewPool: window without columns", badPoolShape, func() { NewPool(PoolShape{C: 1, H: 2, W: 2, FH: 2, FW: 0}) }},
		{"NewPool: window too high", badPoolShape, func() { NewPool(PoolShape{C: 1, H: 2, W: 2, FH: 3, FW: 2}) }},
		{"NewPool: window too wide", badPoolShape, func() { NewPool(PoolShape{C: 1, H: 2, W: 2, FH: 2, FW: 3}) }},
		{"Pool.MaxForward: y", badLength, func() { pool.MaxForward(vec(7), vec(32)) }},
		{"Pool.MaxForward: x", badLength, func() { pool.MaxForward(vec(8), vec(33)) }},
		{"Pool.MaxForward: overlap", badOverlap, func() { pool.MaxForward(s[31:39], s[:32]) }},
		{"Pool.MaxBackward: dx", badLength, func() { pool.MaxBackward(vec(31), vec(32), vec(8)) }},
		{"Pool.MaxBackward: x", badLength, func() { pool.MaxBackward(vec(32), vec(31), vec(8)) }},
		{"Pool.MaxBackward: dy", badLength, func() { pool.MaxBackward(vec(32), vec(32), vec(9)) }},
		{"Pool.MaxBackward: dx overlaps x", badOverlap, func() { pool.MaxBackward(s[:32], s[31:63], vec(8)) }},
		{"Pool.MaxBackward: dx overlaps dy", badOverlap, func() { pool.MaxBackward(s[:32], vec(32), s[31:39]) }},

		{"Pool.MaxOne: y", badLength, func() { pool.MaxOne(vec(2), vec(4), vec(40), false) }},
		{"Pool.MaxOne: x", badLength, func() { pool.MaxOne(vec(1), vec(5), vec(40), false) }},
		{"Pool.MaxOne: overlap", badOverlap, func() { pool.MaxOne(s[3:4], s[:4], vec(40), false) }},

		{"Pool.MaxOne: scratch", badLength, func() { pool.MaxOne(vec(1), vec(4), vec(39), false) }},
		{"Pool.MaxOne: scratch overlaps x", badOverlap, func() { pool.MaxOne(vec(1), s[39:43], s[:40], false) }},
		{"Pool.MaxOne: scratch overlaps y", badOverlap, func() { pool.MaxOne(s[39:40], vec(4), s[:40], false) }},
		{"Pool.AverageOne: y", badLength, func() { pool.AverageOne(vec(2), vec(4), vec(40)) }},
		{"Pool.AverageForward: x", badLength, func() { pool.AverageForward(vec(8), vec(31)) }},
		{"Pool.AverageForward: overlap", badOverlap, func() { pool.AverageForward(s[31:39], s[:32]) }},
		{"Pool.AverageBackward: dy", badLength, func() { pool.AverageBackward(vec(32), vec(9)) }},
		{"Pool.AverageBackward: overlap", badOverlap, func() { pool.AverageBackward(s[:32], s[31:39]) }},

		{"Interleave: no row", badLanes, func() { Interleave(vec(8), vec(1), 1, 1, 0) }},
		{"Interleave: nine rows", badLanes, func() { Interleave(vec(8), vec(9), 1, 1, 9) }},
		{"Interleave: negative columns", badLength, func() { Interleave(nil, vec(9), -1, 1, 1) }},
		{"Interleave: stride", badLength, func() { Interleave(vec(16), vec(9), 2, 1, 1) }},
		{"Interleave: huge stride", badLength, func() { Interleave(vec(8), vec(8), 1, math.MaxInt/4+1, 8) }},
		{"Interleave: dst", badLength, func() { Interleave(vec(9), vec(9), 1, 1, 1) }},
		{"Interleave: src", badLength, func() { Interleave(vec(16), vec(6), 2, 3, 3) }},
		{"Interleave: overlap", badOverlap, func() { Interleave(s[7:15], s[:8], 1, 1, 8) }},
		{"Deinterleave: no row", badLanes, func() { Deinterleave(vec(1), vec(8), 1, 1, 0) }},
		{"Deinterleave: dst", badLength, func() { Deinterleave(vec(6), vec(16), 2, 3, 3) }},
		{"Deinterleave: src", badLength, func() { Deinterleave(vec(9), vec(15), 2, 3, 3) }},
		{"Deinterleave: overlap", badOverlap, func() { Deinterleave(s[:8], s[7:15], 1, 1, 8) }},

		{"Gemm: m", badMatrix, func() { Gemm(false, false, -1, 1, 1, 1, s, 1, s, 1, 1, vec(1), 1) }},
		{"Gemm: n", badMatrix, func() { Gemm(false, false, 1, -1, 1, 1, s, 1, s, 1, 1, vec(1), 1) }},
		{"Gemm: k", badMatrix, func() { Gemm(false, false, 1, 1, -1, 1, s, 1, s, 1, 1, vec(1), 1) }},
		{"Gemm: lda", badLdA, func() { Gemm(false, false, 2, 3, 4, 1, s, 3, s, 3, 1, vec(6), 3) }},
		{"Gemm: lda, transposed", badLdA, func() { Gemm(true, false, 2, 3, 4, 1, s, 1, s, 3, 1, vec(6), 3) }},
		{"Gemm: lda of nothing", badLdA, func() { Gemm(false, false, 2, 3, 0, 1, s, 0, s, 3, 1, vec(6), 3) }},
		{"Gemm: ldb", badLdB, func() { Gemm(false, false, 2, 3, 4, 1, s, 4, s, 2, 1, vec(6), 3) }},
		{"Gemm: ldb, transposed", badLdB, func() { Gemm(false, true, 2, 3, 4, 1, s, 4, s, 3, 1, vec(6), 3) }},
		{"Gemm: ldc", badLdC, func() { Gemm(false, false, 2, 3, 4, 1, s, 4, s, 3, 1, vec(6), 2) }},
		{"Gemm: a", shortA, func() { Gemm(false, false, 2, 3, 4, 1, vec(8), 5, s, 3, 1, vec(6), 3) }},
		{"Gemm: b", shortB, func() { Gemm(false, false, 2, 3, 4, 1, s, 4, vec(11), 3, 1, vec(6), 3) }},
		{"Gemm: c", shortC, func() { Gemm(false, false, 2, 3, 4, 1, s, 4, s, 3, 1, vec(6), 4) }},
		{"Gemm: huge lda", shortA, func() { Gemm(false, false, 9, 3, 4, 1, s, math.MaxInt/8+1, s, 3, 1, vec(27), 3) }},
		{"Gemm: c overlaps a", badOverlap, func() { Gemm(false, false, 2, 3, 4, 1, s[:8], 4, vec(12), 3, 1, s[7:13], 3) }},
		{"Gemm: c overlaps b", badOverlap, func() { Gemm(false, false, 2, 3, 4, 1, vec(8), 4, s[:12], 3, 1, s[11:17], 3) }},

		{"PackPanels: panels", badLength, func() { PackPanels(vec(8), s, 9, 1, 1) }},
		{"PackPanels: ldb", badLdB, func() { PackPanels(vec(16), s, 1, 2, 1) }},
		{"PackPanels: b", shortB, func() { PackPanels(vec(16), vec(4), 2, 2, 3) }},
		{"PackPanels: n", badMatrix, func() { PackPanels(nil, nil, -1, 2, 2) }},
		{"PackPanels: k", badMatrix, func() { PackPanels(nil, nil, 1, -1, 1) }},
		{"PackPanels: overlap", badOverlap, func() { PackPanels(s[:8], s[7:], 1, 1, 1) }},
		{"GemmPanels: m", badMatrix, func() { GemmPanels(false, -1, 1, 1, s, 1, vec(8), nil, vec(1), 1) }},
		{"GemmPanels: lda", badLdA, func() { GemmPanels(false, 2, 3, 4, s, 3, vec(32), nil, vec(6), 3) }},
		{"GemmPanels: ldc", badLdC, func() { GemmPanels(false, 2, 3, 4, s, 4, vec(32), nil, vec(6), 2) }},
		{"GemmPanels: a", shortA, func() { GemmPanels(true, 2, 3, 4, vec(7), 2, vec(32), nil, vec(6), 3) }},
		{"GemmPanels: c", shortC, func() { GemmPanels(false, 2, 3, 4, s, 4, vec(32), nil, vec(5), 3) }},
		{"GemmPanels: panels", badLength, func() { GemmPanels(false, 2, 3, 4, s, 4, vec(31), nil, vec(6), 3) }},
		{"GemmPanels: bias", badLength, func() { GemmPanels(false, 2, 3, 4, s, 4, vec(32), vec(2), vec(6), 3) }},
		{"Gemm: c shares columns with a", badOverlap, func() { Gemm(false, false, 2, 3, 4, 1, s[2:], 20, vec(12), 3, 1, s, 20) }},
		{"GemmPanels: c overlaps a", badOverlap, func() { GemmPanels(false, 2, 3, 4, s[:8], 4, vec(32), nil, s[7:13], 3) }},
		{"GemmPanels: c overlaps panels", badOverlap, func() { GemmPanels(false, 2, 3, 4, vec(8), 4, s[:32], nil, s[31:37], 3) }},
		{"GemmPanels: c overlaps bias", badOverlap, func() { GemmPanels(false, 2, 3, 4, vec(8), 4, vec(32), s[:3], s[2:8], 3) }},
		{"DenseOne: panels", badLength, func() { DenseOne(vec(3), vec(4), vec(31), vec(3), false) }},
		{"DenseOne: bias", badLength, func() { DenseOne(vec(3), vec(4), vec(32), vec(2), false) }},
		{"DenseOne: y overlaps x", badOverlap, func() { DenseOne(s[3:6], s[:4], vec(32), vec(3), false) }},
		{"DenseOne: y overlaps panels", badOverlap, func() { DenseOne(s[31:34], vec(4), s[:32], vec(3), false) }},
		{"DenseOne: y overlaps bias", badOverlap, func() { DenseOne(s[2:5], vec(4), vec(32), s[:3], false) }},
		{"SumRows: rows", badMatrix, func() { SumRows(vec(2), s, -1, 2) }},
		{"SumRows: lda", badLdA, func() { SumRows(vec(2), s, 3, 1) }},
		{"SumRows: a", shortA, func() { SumRows(vec(2), vec(5), 3, 2) }},
		{"SumRows: overlap", badOverlap, func() { SumRows(s[5:7], s[:6], 3, 2) }},

		{"ReLU: x", badLength, func() { ReLU(vec(2), vec(3)) }},
		{"ReLU: overlap", badOverlap, func() { ReLU(s[:4], s[1:5]) }},
		{"Tanh: x", badLength, func() { Tanh(vec(2), vec(3)) }},
		{"Tanh: overlap", badOverlap, func() { Tanh(s[:4], s[1:5]) }},
		{"Sigmoid: x", badLength, func() { Sigmoid(vec(2), vec(3)) }},
		{"Sigmoid: overlap", badOverlap, func() { Sigmoid(s[1:5], s[:4]) }},
		{"Add: src", badLength, func() { Add(vec(2), vec(3)) }},
		{"Add: overlap", badOverlap, func() { Add(s[:4], s[1:5]) }},
		{"LeakyReLU: x", badLength, func() { LeakyReLU(vec(3), vec(2), 1) }},
		{"LeakyReLU: overlap", badOverlap, func() { LeakyReLU(s[:4], s[1:5], 1) }},
		{"LeakyReLUGrad: y", badLength, func() { LeakyReLUGrad(vec(3), vec(3), vec(2), 1) }},
		{"LeakyReLUGrad: dx overlaps dy", badOverlap, func() { LeakyReLUGrad(s[:4], s[1:5], vec(4), 1) }},
		{"GELU: x", badLength, func() { GELU(vec(3), vec(2)) }},
		{"GELU: overlap", badOverlap, func() { GELU(s[:4], s[1:5]) }},
		{"GELUGrad: dy", badLength, func() { GELUGrad(vec(3), vec(2), vec(3)) }},
		{"GELUGrad: dx overlaps x", badOverlap, func() { GELUGrad(s[:4], vec(4), s[1:5]) }},
		{"ReLUGrad: dy", badLength, func() { ReLUGrad(vec(3), vec(2), vec(3)) }},
		{"ReLUGrad: y", badLength, func() { ReLUGrad(vec(3), vec(3), vec(2)) }},
		{"ReLUGrad: dx overlaps dy", badOverlap, func() { ReLUGrad(s[:4], s[1:5], vec(4)) }},
		{"ReLUGrad: dx overlaps y", badOverlap, func() { ReLUGrad(s[:4], vec(4), s[1:5]) }},
		{"TanhGrad: dy", badLength, func() { TanhGrad(vec(3), vec(2), vec(3)) }},
		{"TanhGrad: overlap", badOverlap, func() { TanhGrad(s[:4], s[1:5], vec(4)) }},
		{"SigmoidGrad: dx", badLength, func() { SigmoidGrad(vec(2), vec(3), vec(3)) }},
		{"SigmoidGrad: overlap", badOverlap, func() { SigmoidGrad(s[:4], vec(4), s[1:5]) }},

		{"Softmax: no class", badLength, func() { Softmax(nil, nil, 0) }},
		{"Softmax: z", badLength, func() { Softmax(vec(16), vec(15), 2) }},
		{"Softmax: p", badLength, func() { Softmax(vec(15), vec(16), 2) }},
		{"Softmax: overlap", badOverlap, func() { Softmax(s[:16], s[8:24], 2) }},
		{"CrossEntropy: no class", badLength, func() { CrossEntropy(nil, []int{0}, vec(1), 0, 0) }},
		{"CrossEntropy: p", badLength, func() { CrossEntropy(vec(15), []int{0}, vec(1), 0, 2) }},
		{"CrossEntropy: losses", badLength, func() { CrossEntropy(vec(16), []int{0}, vec(2), 0, 2) }},
		{"CrossEntropy: no image", badLanes, func() { CrossEntropy(vec(16), nil, nil, 0, 2) }},
		{"CrossEntropy: nine images", badLanes, func() { CrossEntropy(vec(16), make([]int, 9), vec(9), 0, 2) }},
		{"CrossEntropy: negative label", badLabel, func() { CrossEntropy(vec(16), []int{-1}, vec(1), 0, 2) }},
		{"CrossEntropy: large label", badLabel, func() { CrossEntropy(vec(16), []int{0, 2}, vec(2), 0, 2) }},
		{"CrossEntropy: overlap", badOverlap, func() { CrossEntropy(s[:16], []int{0}, s[15:16], 0, 2) }},

		{"SoftmaxCrossEntropy: no class", badLength, func() { SoftmaxCrossEntropy(nil, nil, []int{0}, vec(1), 0, 0) }},
		{"SoftmaxCrossEntropy: z", badLength, func() { SoftmaxCrossEntropy(vec(16), vec(15), []int{0}, vec(1), 0, 2) }},
		{"SoftmaxCrossEntropy: grad", badLength, func() { SoftmaxCrossEntropy(vec(15), vec(16), []int{0}, vec(1), 0, 2) }},
		{"SoftmaxCrossEntropy: losses", badLength, func() { SoftmaxCrossEntropy(vec(16), vec(16), []int{0}, vec(2), 0, 2) }},
		{"SoftmaxCrossEntropy: no image", badLanes, func() { SoftmaxCrossEntropy(vec(16), vec(16), nil, nil, 0, 2) }},
		{"SoftmaxCrossEntropy: nine images", badLanes, func() { SoftmaxCrossEntropy(vec(16), vec(16), make([]int, 9), vec(9), 0, 2) }},
		{"SoftmaxCrossEntropy: negative label", badLabel, func() { SoftmaxCrossEntropy(vec(16), vec(16), []int{-1}, vec(1), 0, 2) }},
		{"SoftmaxCrossEntropy: large label", badLabel, func() { SoftmaxCrossEntropy(vec(8), vec(8), []int{0, 1}, vec(2), 0, 1) }},
		{"SoftmaxCrossEntropy: negative smoothing", badSmoothing, func() { SoftmaxCrossEntropy(vec(16), vec(16), []int{0}, vec(1), -0.5, 2) }},
		{"SoftmaxCrossEntropy: all smoothing", badSmoothing, func() { SoftmaxCrossEntropy(vec(16), vec(16), []int{0}, vec(1), 1, 2) }},
		{"SoftmaxCrossEntropy: smoothing NaN", badSmoothing, func() { SoftmaxCrossEntropy(vec(16), vec(16), []int{0}, vec(1), quietNaN, 2) }},
		{"SoftmaxCrossEntropy: overlap", badOverlap, func() { SoftmaxCrossEntropy(s[:16], s[8:24], []int{0}, vec(1), 0, 2) }},
		{"SoftmaxCrossEntropy: losses overlap grad", badOverlap, func() { SoftmaxCrossEntropy(s[:16], vec(16), []int{0}, s[15:16], 0, 2) }},
		{"SoftmaxCrossEntropy: losses overlap z", badOverlap, func() { SoftmaxCrossEntropy(vec(16), s[:16], []int{0}, s[15:16], 0, 2) }},
		{"SigmoidCrossEntropy: z", badLength, func() { SigmoidCrossEntropy(vec(16), vec(15), []int{0}, vec(1), 0, 2) }},
		{"SigmoidCrossEntropy: label of one", badLabel, func() { SigmoidCrossEntropy(vec(8), vec(8), []int{2}, vec(1), 0, 1) }},
		{"SigmoidCrossEntropy: label of three", badLabel, func() { SigmoidCrossEntropy(vec(24), vec(24), []int{3}, vec(1), 0, 3) }},
		{"SigmoidCrossEntropy: smoothing", badSmoothing, func() { SigmoidCrossEntropy(vec(16), vec(16), []int{0}, vec(1), 1, 2) }},
		{"SquaredError: y", badLength, func() { SquaredError(vec(16), vec(15), []int{0}, vec(1), 2) }},
		{"SquaredError: label of one", badLabel, func() { SquaredError(vec(8), vec(8), []int{2}, vec(1), 1) }},

		{"Adam: m", badLength, func() { Adam(vec(2), vec(1), vec(2), vec(2), step) }},
		{"Adam: v", badLength, func() { Adam(vec(2), vec(2), vec(1), vec(2), step) }},
		{"Adam: g", badLength, func() { Adam(vec(2), vec(2), vec(2), vec(1), step) }},
		{"Adam: w overlaps m", badOverlap, func() { Adam(s[:2], s[1:3], vec(2), vec(2), step) }},
		{"Adam: w overlaps v", badOverlap, func() { Adam(s[:2], vec(2), s[1:3], vec(2), step) }},
		{"Adam: w overlaps g", badOverlap, func() { Adam(s[:2], vec(2), vec(2), s[:2], step) }},
		{"Adam: m overlaps v", badOverlap, func() { Adam(vec(2), s[:2], s[1:3], vec(2), step) }},
		{"Adam: m overlaps g", badOverlap, func() { Adam(vec(2), s[:2], vec(2), s[1:3], step) }},
		{"Adam: v overlaps g", badOverlap, func() { Adam(vec(2), vec(2), s[:2], s[1:3], step) }},
		{"SGD: g", badLength, func() { SGD(vec(2), vec(3), 1) }},
		{"SGD: overlap", badOverlap, func() { SGD(s[:2], s[1:3], 1) }},
		{"DecayedSGD: g", badLength, func() { DecayedSGD(vec(2), vec(3), sgd) }},
		{"DecayedSGD: overlap", badOverlap, func() { DecayedSGD(s[:2], s[1:3], sgd) }},
		{"Momentum: m", badLength, func() { Momentum(vec(2), vec(3), vec(2), sgd) }},
		{"Momentum: w overlaps m", badOverlap, func() { Momentum(s[:2], s[1:3], vec(2), sgd) }},
		{"Nesterov: w", badLength, func() { Nesterov(vec(3), vec(2), vec(2), sgd) }},
		{"Nesterov: m overlaps g", badOverlap, func() { Nesterov(vec(2), s[:2], s[1:3], sgd) }},
		{"RMSProp: v", badLength, func() { RMSProp(vec(2), vec(3), vec(2), rms) }},
		{"RMSProp: v overlaps g", badOverlap, func() { RMSProp(vec(2), s[:2], s[1:3], rms) }},
		{"RMSPropMomentum: m", badLength, func() { RMSPropMomentum(vec(2), vec(2), vec(3), vec(2), rms) }},
		{"RMSPropMomentum: v overlaps m", badOverlap, func() { RMSPropMomentum(vec(2), s[:2], s[1:3], vec(2), rms) }},
		{"Clip: x", badLength, func() { Clip(vec(2), vec(3), 1, 1) }},
		{"Clip: overlap", badOverlap, func() { Clip(s[:4], s[1:5], 1, 1) }},

		{"ColumnSums: x", badLength, func() { ColumnSums(make([]float64, 2), make([]float64, 2), vec(3), vec(3)) }},
		{"ColumnSums: no columns", badLength, func() { ColumnSums(nil, nil, vec(3), vec(3)) }},
		{"ColumnSums: z", badLength, func() { ColumnSums(make([]float64, 2), make([]float64, 2), vec(4), vec(2)) }},
		{"ColumnSums: products", badLength, func() { ColumnSums(make([]float64, 2), make([]float64, 1), vec(4), vec(4)) }},
		{"ScaleColumns: y", badLength, func() { ScaleColumns(vec(2), vec(4), vec(2), vec(2), vec(2)) }},
		{"ScaleColumns: centre", badLength, func() { ScaleColumns(vec(4), vec(4), vec(2), vec(1), vec(2)) }},
		{"ScaleColumns: overlap", badOverlap, func() { ScaleColumns(s[:4], s[1:5], vec(2), vec(2), vec(2)) }},
		{"ScaleColumns: y overlaps shift", badOverlap, func() { ScaleColumns(s[:4], vec(4), vec(2), vec(2), s[3:5]) }},
		{"ScaleColumnsGrad: slope", badLength, func() { ScaleColumnsGrad(vec(4), vec(4), vec(4), vec(2), vec(1), vec(2), vec(2)) }},
		{"ScaleColumnsGrad: dy", badLength, func() { ScaleColumnsGrad(vec(4), vec(2), vec(4), vec(2), vec(2), vec(2), vec(2)) }},
		{"ChannelSums: not eight numbers of each", badLength, func() { ChannelSums(make([]float64, 12), make([]float64, 12), vec(24), vec(24)) }},
		{"ChannelSums: x", badLength, func() { ChannelSums(make([]float64, 16), make([]float64, 16), vec(24), vec(24)) }},
		{"ChannelSums: z", badLength, func() { ChannelSums(make([]float64, 16), make([]float64, 16), vec(32), vec(16)) }},
		{"ScaleChannels: no channels", badLength, func() { ScaleChannels(vec(8), vec(8), nil, nil, nil) }},
		{"ScaleChannels: shift", badLength, func() { ScaleChannels(vec(16), vec(16), vec(16), vec(16), vec(8)) }},
		{"ScaleChannelsGrad: scale", badLength, func() { ScaleChannelsGrad(vec(16), vec(16), vec(16), vec(4), vec(4), vec(4), vec(4)) }},
		{"ScaleColumnsGrad: dx overlaps x", badOverlap, func() { ScaleColumnsGrad(s[:4], vec(4), s[:4], vec(2), vec(2), vec(2), vec(2)) }},
		{"Dropout: x", badLength, func() { Dropout(vec(2), vec(3), Mask{}) }},
		{"Dropout: overlap", badOverlap, func() { Dropout(s[:4], s[1:5], Mask{}) }},
		{"NewBlockMask: rate", badRate, func() { NewBlockMask(-1, [Lanes]uint64{}) }},
		{"NewRowMask: rate", badRate, func() { NewRowMask(1, 0) }},

		{"Use: no such implementation", "kernels: implementation not available: Impl(7)", func() { Use(7) }},
	} {
		if got := panicOf(c.call); got != c.want {
			t.Errorf("%s: panic %v, want %q", c.name, got, c.want)
		}
		misuses = append(misuses, c.name)
	}
	for _, name := range exportedWithSlices(t) {
		if name == "FirstNotFinite" {
			continue // takes any slice
		}
		if !slices.ContainsFunc(misuses, func(m string) bool { return strings.HasPrefix(m, name+":") }) {
			t.Errorf("no misuse of %s is tried", name)
		}
	}
}

func vec(n int) []float32 { return make([]float32, n) }

// panicOf returns what a call panics with, or nil.
func panicOf(call func()) (p any) {
	defer func() { p = recover() }()
	call()
	return nil
}
