package benchmarks

import (
	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/norm"
)

// elementwise runs an operation on one worker.
func (r *Runner) elementwise(e cases.Elementwise) {
	size, _, _ := e.Window()
	switch {
	case size > 0:
		r.pooling(e)
	case e.Op == cases.BatchNorm:
		r.batchNorm(e)
	case e.Op == cases.Dropout:
		r.dropout(e)
	case e.Op == cases.SumRows:
		sums, a := gaussian(e.C), gaussian(e.In())
		r.work = func(int) { kernels.SumRows(sums, a, e.Batch, e.C) }
	case e.Op == cases.Adam:
		r.adam(gaussian(e.In()), gaussian(e.In()))
	default:
		r.mapping(e)
	}
}

// operand is what a batch has of one tensor, block after block.
type operand struct {
	values []float32
	block  int // length of a block
}

// newOperand returns random numbers.
func newOperand(block, blocks int) operand { return operand{gaussian(block * blocks), block} }

func (o operand) of(b int) []float32 { return o.values[b*o.block:][:o.block] }

// eachBlock is work that runs block after block.
func eachBlock(blocks int, block func(b int)) func(worker int) {
	return func(int) {
		for b := range blocks {
			block(b)
		}
	}
}

func (r *Runner) pooling(e cases.Elementwise) {
	size, stride, pad := e.Window()
	pool := kernels.NewPool(kernels.PoolShape{
		C: e.C, H: e.H, W: e.W, FH: size, FW: size, StrideH: stride, StrideW: stride,
		PadTop: pad, PadBottom: pad, PadLeft: pad, PadRight: pad,
	})
	blocks := e.Batch / kernels.Lanes
	x, dx := newOperand(pool.InLen(), blocks), newOperand(pool.InLen(), blocks)
	y := newOperand(pool.OutLen(), blocks)
	isMax := e.Op == cases.MaxPool || e.Op == cases.MaxPool3
	forward := e.Pass == cases.Forward
	switch {
	case isMax && forward:
		r.work = eachBlock(blocks, func(b int) { pool.MaxForward(y.of(b), x.of(b)) })
	case isMax:
		r.work = eachBlock(blocks, func(b int) { pool.MaxBackward(dx.of(b), x.of(b), y.of(b)) })
	case forward:
		r.work = eachBlock(blocks, func(b int) { pool.AverageForward(y.of(b), x.of(b)) })
	default:
		r.work = eachBlock(blocks, func(b int) { pool.AverageBackward(dx.of(b), y.of(b)) })
	}
}

// mapping runs an operation that takes each element, or image, by itself.
func (r *Runner) mapping(e cases.Elementwise) {
	image, blocks := e.C*e.H*e.W, e.Batch/kernels.Lanes
	x, y, dy := newOperand(image*kernels.Lanes, blocks), newOperand(image*kernels.Lanes, blocks), newOperand(image*kernels.Lanes, blocks)
	forward := e.Pass == cases.Forward
	var block func(b int)
	switch {
	case e.Op == cases.ReLU && forward:
		block = func(b int) { kernels.ReLU(y.of(b), y.of(b)) }
	case e.Op == cases.ReLU:
		block = func(b int) { kernels.ReLUGrad(dy.of(b), dy.of(b), y.of(b)) }
	case e.Op == cases.LeakyReLU && forward:
		block = func(b int) { kernels.LeakyReLU(y.of(b), x.of(b), layer.LeakySlope) }
	case e.Op == cases.LeakyReLU:
		block = func(b int) { kernels.LeakyReLUGrad(y.of(b), dy.of(b), x.of(b), layer.LeakySlope) }
	case e.Op == cases.GELU && forward:
		block = func(b int) { kernels.GELU(y.of(b), x.of(b)) }
	case e.Op == cases.GELU:
		block = func(b int) { kernels.GELUGrad(y.of(b), dy.of(b), x.of(b)) }
	case e.Pass == cases.Interleave:
		block = func(b int) { kernels.Interleave(y.of(b), x.of(b), image, image, kernels.Lanes) }
	case e.Pass == cases.Deinterleave:
		block = func(b int) { kernels.Deinterleave(y.of(b), x.of(b), image, image, kernels.Lanes) }
	default:
		panic("benchmarks: unknown operation " + e.Key())
	}
	r.work = eachBlock(blocks, block)
}

// adam updates weights at a rate of 0, so that they stay. The gradients are not
// zero, so that no moment becomes subnormal.
func (r *Runner) adam(w, g []float32) {
	m, v := make([]float32, len(w)), make([]float32, len(w))
	step := kernels.AdamStep{Scale: 1, Beta1: 0.9, OneMinusBeta1: 0.1, Beta2: 0.999, OneMinusBeta2: 0.001, Epsilon: 1e-8}
	r.work = func(int) { kernels.Adam(w, m, v, g, &step) }
}

// batchNorm runs a pass as a training step does, with what it combines of all
// blocks.
func (r *Runner) batchNorm(e cases.Elementwise) {
	shape := imageShape(e)
	op := bind(norm.Batch{}, shape).(interface {
		layer.CombinedGradient
		layer.Stateful
		layer.Training
	})
	w, b, state := make([]float32, e.C), make([]float32, e.C), make([]float32, op.StateLen())
	op.Init(w, b, nil)
	op.InitState(state)
	op.AttachState(state)
	op.Attach(w, b)

	blocks := e.Batch / kernels.Lanes
	x, y := newOperand(shape.Len()*kernels.Lanes, blocks), newOperand(shape.Len()*kernels.Lanes, blocks)
	dy := newOperand(shape.Len()*kernels.Lanes, blocks)
	stats := make([]float64, blocks*op.StatsLen())
	of := func(b int) []float64 { return stats[b*op.StatsLen():][:op.StatsLen()] }
	forward := func(int) {
		for b := range blocks {
			op.Observe(of(b), x.of(b), kernels.Lanes)
		}
		op.Combine(stats, e.Batch)
		for b := range blocks {
			op.ForwardTraining(y.of(b), x.of(b), kernels.Lanes, layer.Place{})
		}
	}
	r.work = forward
	if e.Pass == cases.Backward {
		forward(0) // the statistics
		r.work = func(int) {
			for b := range blocks {
				op.ObserveGrad(of(b), dy.of(b), x.of(b), y.of(b), kernels.Lanes)
			}
			op.CombineGrad(stats, e.Batch)
			for b := range blocks {
				op.BackwardTraining(y.of(b), dy.of(b), x.of(b), y.of(b), kernels.Lanes, layer.Place{})
			}
		}
	}
}

// dropout is the same function forward and backward; but each time, the masks
// are those of another step.
func (r *Runner) dropout(e cases.Elementwise) {
	shape := imageShape(e)
	op := bind(norm.Dropout{Rate: 0.5}, shape).(layer.Training)
	blocks := e.Batch / kernels.Lanes
	x, y := newOperand(shape.Len()*kernels.Lanes, blocks), newOperand(shape.Len()*kernels.Lanes, blocks)
	step := 0
	r.work = func(int) {
		step++
		for b := range blocks {
			place := layer.Place{Step: step, Image: b * kernels.Lanes}
			if e.Pass == cases.Forward {
				op.ForwardTraining(y.of(b), x.of(b), kernels.Lanes, place)
			} else {
				op.BackwardTraining(y.of(b), x.of(b), x.of(b), y.of(b), kernels.Lanes, place)
			}
		}
	}
}

func imageShape(e cases.Elementwise) layer.Shape {
	if e.H*e.W == 1 {
		return layer.Vector(e.C)
	}
	return layer.Image(e.C, e.H, e.W)
}

func bind(l layer.Layer, in layer.Shape) layer.Op {
	op, err := l.Bind(in)
	if err != nil {
		panic(err)
	}
	return op
}
