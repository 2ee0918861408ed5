package kernels

import (
	"fmt"
	"slices"
	"strings"
)

// An operation is an exported function or method with what tests need to call
// it at any size. The table operations drives parity, guard pages, alignment,
// in-place calls, references, allocations, fingerprints and fuzzing.
type operation struct {
	name   string
	covers string // the exported functions that it calls
	family string // the fuzz target
	dims   []dim
	build  func(tr *trial, d []int) (call func())

	sameAs string  // the operation that computes the same without an alias
	also   [][]int // shapes that the sweeps do not reach
	cost   int     // of a unit of work, if it is not 1
	coarse int     // how many times coarser sizes are swept than others are, if it is not 1

	weigh func(d []int) int // the work, if it is not the product of the sizes
}

// A dim is a dimension that shapes vary.
type dim struct {
	name     string
	min, max int
	tile     int // the number that kernels treat at once
}

// sweepEnd is the size up to which dimensions are swept.
const sweepEnd = 130

func size(name string, min, tile int) dim { return dim{name, min, sweepEnd, tile} }

// choice is a dimension that selects one of n cases.
func choice(name string, n int) dim { return dim{name, 0, n - 1, n} }

// edges are the sizes at which a tile is absent, not full, full, or not alone.
func (d dim) edges() (e []int) {
	for _, n := range []int{0, 1, d.tile - 1, d.tile, d.tile + 1, 2*d.tile + 1} {
		if n >= d.min && n <= d.end() && !slices.Contains(e, n) {
			e = append(e, n)
		}
	}
	return e
}

// end is the largest size that is tried: the sweep's, or the last edge if a
// tile is larger than the sweep.
func (d dim) end() int {
	if d.max < sweepEnd {
		return d.max
	}
	return max(d.max, 2*d.tile+1)
}

// work is the product of the sizes, for most operations the number of
// multiply-adds.
func (o *operation) work(d []int) int {
	if o.weigh != nil {
		return o.weigh(d)
	}
	w := max(1, o.cost)
	for i, n := range d {
		if o.dims[i].max >= sweepEnd {
			w *= n
		}
	}
	return w
}

// small is the largest size for random shapes.
func (d dim) small() int { return min(d.end(), 2*d.tile+2) }

var lanesDim = dim{"lanes", 1, Lanes, Lanes}

// partDim is the number of channels of each of the parts that a call is made in; 0
// for one part of all. The parts come in reverse.
var partDim = choice("part", 9)

// inParts calls f with the parts of n channels.
func inParts(n, part int, f func(lo, hi int)) {
	if part == 0 {
		part = n
	}
	for hi := n; hi > 0; hi -= part {
		f(max(0, hi-part), hi)
	}
}

var rowsDims = []dim{size("cols", 0, Lanes), lanesDim, choice("gap", 3)}

// deinterleaveShapes are of more columns than a call takes, and of rows that crowd.
var deinterleaveShapes = [][]int{
	{maxCallElements/Lanes + Lanes + 1, 7, 1},
	{crowdedStride, Lanes, 0},
	{crowdedColumns + 3*Lanes + 1, Lanes, crowdedStride - crowdedColumns - 3*Lanes - 1},
}

// gemmDims takes its edges from 6 x 16, the middle one of GEMM's three tiles; the
// sweeps pass those of the others, and gemmShapes those of the blocks.
var gemmDims = []dim{
	size("m", 0, 6), size("n", 0, 16), size("k", 0, gemmKC),
	choice("transA", 2), choice("transB", 2), choice("alpha", 3), choice("beta", 3),
	choice("gapA", 3), choice("gapB", 3), choice("gapC", 3),
}

var panelsDims = []dim{
	size("m", 0, 6), size("n", 0, 16), size("k", 0, Lanes),
	choice("transA", 2), choice("bias", 2), choice("gapA", 3), choice("gapC", 3),
}

// gemmShapes are products that cross the blocks along each dimension, with both
// operands packed, one, or none, and those of one row.
var gemmShapes = [][]int{
	{gemmMC + 7, 34, 2*gemmKC + 3, 0, 0, 1, 1, 0, 0, 0}, {gemmMC + 9, gemmGroup + 5, 2*gemmKC + 1, 1, 0, 1, 0, 1, 2, 1},
	{gemmMC + 5, gemmGroup + 5, 2*gemmKC + 1, 0, 1, 1, 1, 1, 2, 1},
	{67, 83, gemmKC + 2, 0, 1, 2, 2, 1, 1, 1}, {66, 98, gemmKC + 2, 1, 1, 2, 2, 1, 1, 1},
	{5, gemmNC + 35, 19, 0, 1, 1, 1, 0, 0, 1}, {65, gemmNC + 9, 23, 0, 0, 1, 1, 0, 0, 0},
	{9, 2*gemmGroup + 41, 300, 0, 0, 1, 0, 0, 0, 0}, {packRowsMin + 1, 3*gemmGroup + gemmNR + 5, gemmKC + 4, 1, 0, 1, 1, 0, 0, 0},
	{gemmMC + 3, 400, 5, 0, 0, 1, 0, 0, 0, 0},
	{1, gemvNC + 9, 2*gemvRows + 3, 0, 0, 1, 1, 0, 0, 0}, {1, 75, 300, 0, 0, 1, 0, 0, 1, 1},
	{1, 2*gemvColumns + 3, gemvKC + gemvSteps + 9, 0, 1, 1, 1, 0, 0, 0}, {1, gemvColumns + 3, gemvOneSet, 0, 1, 1, 1, 0, 0, 0}, {1, gemvColumns, gemvOneSet, 1, 1, 1, 0, 0, 0, 0}, {1, gemvColumns + 1, gemvOneSet, 0, 1, 1, 2, 1, 0, 1}, {1, 75, 300, 1, 1, 1, 0, 1, 1, 0},
}

var panelsShapes = [][]int{
	{8, 120, 400, 0, 1, 0, 0}, {13, 84, 2*gemmKC + 1, 1, 1, 1, 1}, {gemmMC + 5, 10, 30, 0, 0, 0, 0}, {1, 399, 40, 0, 1, 0, 0},
}

var operations = []operation{
	{name: "Conv.Forward", covers: "Conv.NewFilters Conv.Forward", family: "Conv", weigh: weighConv,
		dims: with(convDims, choice("relu", 2), lanesDim), also: with1(with1(convShapes, 1), 8, 3), build: buildConvForward},
	{name: "Conv.DataGrad", covers: "Conv.NewFilters Conv.DataGrad", family: "Conv", weigh: weighConv,
		dims: with(convDims, lanesDim), also: with1(convShapes, 7, 4), build: buildConvDataGrad},
	{name: "Conv.WeightGrad", covers: "Conv.WeightGrad", family: "Conv", weigh: weighConv,
		dims: with(convDims, lanesDim), also: with1(convShapes, 7, 3), build: buildConvWeightGrad},
	{name: "Conv.Forward in parts", covers: "Conv.ForwardPart", family: "Conv", coarse: 12, weigh: weighConv,
		dims: with(convDims, choice("relu", 2), lanesDim, partDim), also: with(with1(with1(with1(convShapes, 1), 8), 8), with1(with1(with1(convShapes, 1), 3), 1)...), build: buildConvForwardParts, sameAs: "Conv.Forward"},
	{name: "Conv.DataGrad in parts", covers: "Conv.DataGradPart", family: "Conv", coarse: 12, weigh: weighConv,
		dims: with(convDims, lanesDim, partDim), also: with(with1(with1(convShapes, 7), 8), with1(with1(convShapes, 4), 1)...), build: buildConvDataGradParts, sameAs: "Conv.DataGrad"},
	{name: "Conv.WeightGrad in parts", covers: "Conv.WeightGradPart", family: "Conv", coarse: 12, weigh: weighConv,
		dims: with(convDims, lanesDim, partDim), also: with(with1(with1(convShapes, 7), 8), with1(with1(convShapes, 3), 1)...), build: buildConvWeightGradParts, sameAs: "Conv.WeightGrad"},
	{name: "Conv.Pack", covers: "Conv.Pack Conv.Forward Conv.DataGrad", family: "Conv", weigh: weighConv,
		dims: with(convDims, choice("split", 8)), build: buildConvPack},
	{name: "Conv.ForwardOne", covers: "Conv.ForwardOne", family: "One", weigh: weighConv,
		dims: with(convDims, choice("relu", 2)), also: with1(oneShapes, 1), build: buildConvForwardOne},
	{name: "Conv.Pack for one", covers: "Conv.ForwardOne Conv.Pack", family: "One", weigh: weighConv,
		dims: with(convDims, choice("split", 8)), build: buildConvPackForOne},
	{name: "MaxPoolOne", covers: "Pool.MaxOne", family: "One", cost: 10, dims: with(poolDims, choice("relu", 2)), build: pools(buildMaxPoolOne)},
	{name: "MaxPoolOne 2x2", covers: "Pool.MaxOne", family: "One", cost: 10, dims: with(pool2x2Dims, choice("relu", 2)), build: pool2x2(buildMaxPoolOne)},
	{name: "DenseOne", covers: "DenseOne", family: "One", dims: denseOneDims, also: denseOneShapes, build: buildDenseOne},

	{name: "MaxPoolForward", covers: "Pool.MaxForward", family: "Pool", cost: 10, dims: poolDims, build: pools(buildMaxPoolForward)},
	{name: "MaxPoolForward 2x2", covers: "Pool.MaxForward", family: "Pool", cost: 10, dims: pool2x2Dims, also: pool2x2Shapes, build: pool2x2(buildMaxPoolForward)},
	{name: "MaxPoolBackward", covers: "Pool.MaxBackward", family: "Pool", cost: 10, dims: poolDims, build: pools(buildMaxPoolBackward)},
	{name: "MaxPoolBackward 2x2", covers: "Pool.MaxBackward", family: "Pool", cost: 10, dims: pool2x2Dims, also: pool2x2Shapes, build: pool2x2(buildMaxPoolBackward)},
	{name: "MaxPoolForward of windows", covers: "Pool.MaxForward", family: "Pool", cost: 10, dims: windowDims, also: windowShapes, build: windows(buildMaxPoolForward)},
	{name: "MaxPoolBackward of windows", covers: "Pool.MaxBackward", family: "Pool", cost: 10, dims: windowDims, also: windowShapes, build: windows(buildMaxPoolBackward)},
	{name: "AverageForward", covers: "Pool.AverageForward", family: "Pool", cost: 10, dims: windowDims, also: windowShapes, build: windows(buildAverageForward)},
	{name: "AverageBackward", covers: "Pool.AverageBackward", family: "Pool", cost: 10, dims: windowDims, also: windowShapes, build: windows(buildAverageBackward)},
	{name: "MaxPoolForward in parts", family: "Pool", coarse: 12, cost: 10, dims: with(windowDims, partDim), build: windows(buildMaxPoolForwardParts), sameAs: "MaxPoolForward of windows"},
	{name: "MaxPoolForward 2x2 in parts", family: "Pool", coarse: 12, cost: 10, dims: with(pool2x2Dims, partDim), build: pool2x2(buildMaxPoolForwardParts), sameAs: "MaxPoolForward 2x2"},
	{name: "MaxPoolBackward in parts", family: "Pool", coarse: 12, cost: 10, dims: with(windowDims, partDim), build: windows(buildMaxPoolBackwardParts), sameAs: "MaxPoolBackward of windows"},
	{name: "MaxPoolBackward 2x2 in parts", family: "Pool", coarse: 12, cost: 10, dims: with(pool2x2Dims, partDim), build: pool2x2(buildMaxPoolBackwardParts), sameAs: "MaxPoolBackward 2x2"},
	{name: "AverageForward in parts", family: "Pool", coarse: 12, cost: 10, dims: with(windowDims, partDim), also: with1(globalShapes, 1, 8), build: windows(buildAverageForwardParts), sameAs: "AverageForward"},
	{name: "AverageBackward in parts", family: "Pool", coarse: 12, cost: 10, dims: with(windowDims, partDim), also: with1(globalShapes, 1, 8), build: windows(buildAverageBackwardParts), sameAs: "AverageBackward"},
	{name: "MaxOne of windows", covers: "Pool.MaxOne", family: "One", cost: 10, dims: with(windowDims, choice("relu", 2)), also: with1(windowShapes, 1), build: windows(buildMaxPoolOne)},
	{name: "AverageOne", covers: "Pool.AverageOne", family: "One", cost: 10, dims: windowDims, also: windowShapes, build: windows(buildAverageOne)},

	{name: "Interleave", covers: "Interleave", family: "Blocks", dims: rowsDims, also: [][]int{{maxCallElements/Lanes + Lanes + 1, 7, 1}}, build: buildInterleave},
	{name: "Deinterleave", covers: "Deinterleave", family: "Blocks", dims: rowsDims, also: deinterleaveShapes, build: buildDeinterleave},
	{name: "PackPanels", covers: "PackPanels", family: "Blocks",
		dims: []dim{size("n", 0, Lanes), size("k", 0, Lanes), choice("gapB", 3)}, build: buildPackPanels},

	{name: "Gemm", covers: "Gemm", family: "Gemm", dims: gemmDims, also: gemmShapes, build: buildGemm},
	{name: "GemmPanels", covers: "PackPanels GemmPanels", family: "Gemm", dims: panelsDims, also: panelsShapes, build: buildGemmPanels},
	{name: "SumRows", covers: "SumRows", family: "Gemm",
		dims: []dim{size("rows", 0, 1), size("cols", 0, Lanes), choice("gap", 3)}, build: buildSumRows},

	{name: "Add", covers: "Add", family: "Elementwise", dims: elementDims, also: twoCalls, build: buildAdd},
	{name: "ReLU", covers: "ReLU", family: "Elementwise", dims: elementDims, also: twoCalls, build: unaryOp(ReLU)},
	{name: "Tanh", covers: "Tanh", family: "Elementwise", dims: elementDims, also: twoCalls, build: unaryOp(Tanh)},
	{name: "Sigmoid", covers: "Sigmoid", family: "Elementwise", dims: elementDims, also: twoCalls, build: unaryOp(Sigmoid)},
	{name: "ReLUGrad", covers: "ReLUGrad", family: "Elementwise", dims: elementDims, also: twoCalls, build: binaryOp(ReLUGrad)},
	{name: "TanhGrad", covers: "TanhGrad", family: "Elementwise", dims: elementDims, also: twoCalls, build: binaryOp(TanhGrad)},
	{name: "SigmoidGrad", covers: "SigmoidGrad", family: "Elementwise", dims: elementDims, also: twoCalls, build: binaryOp(SigmoidGrad)},

	{name: "LeakyReLU", covers: "LeakyReLU", family: "Elementwise", dims: elementDims, also: twoCalls, build: buildLeakyReLU},
	{name: "LeakyReLUGrad", covers: "LeakyReLUGrad", family: "Elementwise", dims: elementDims, also: twoCalls, build: buildLeakyReLUGrad},
	{name: "GELU", covers: "GELU", family: "Elementwise", dims: elementDims, also: twoCalls, build: unaryOp(GELU)},
	{name: "GELUGrad", covers: "GELUGrad", family: "Elementwise", dims: elementDims, also: twoCalls, build: binaryOp(GELUGrad)},

	{name: "ReLU in place", family: "Elementwise", dims: elementDims, build: unaryInPlace(ReLU), sameAs: "ReLU"},
	{name: "Tanh in place", family: "Elementwise", dims: elementDims, build: unaryInPlace(Tanh), sameAs: "Tanh"},
	{name: "Sigmoid in place", family: "Elementwise", dims: elementDims, build: unaryInPlace(Sigmoid), sameAs: "Sigmoid"},
	{name: "ReLUGrad in place of dy", family: "Elementwise", dims: elementDims, build: binaryOverDY(ReLUGrad), sameAs: "ReLUGrad"},
	{name: "TanhGrad in place of dy", family: "Elementwise", dims: elementDims, build: binaryOverDY(TanhGrad), sameAs: "TanhGrad"},
	{name: "SigmoidGrad in place of dy", family: "Elementwise", dims: elementDims, build: binaryOverDY(SigmoidGrad), sameAs: "SigmoidGrad"},
	{name: "ReLUGrad in place of y", family: "Elementwise", dims: elementDims, build: binaryOverY(ReLUGrad), sameAs: "ReLUGrad"},
	{name: "TanhGrad in place of y", family: "Elementwise", dims: elementDims, build: binaryOverY(TanhGrad), sameAs: "TanhGrad"},
	{name: "SigmoidGrad in place of y", family: "Elementwise", dims: elementDims, build: binaryOverY(SigmoidGrad), sameAs: "SigmoidGrad"},

	{name: "GELU in place", family: "Elementwise", dims: elementDims, build: unaryInPlace(GELU), sameAs: "GELU"},
	{name: "GELUGrad in place of dy", family: "Elementwise", dims: elementDims, build: binaryOverDY(GELUGrad), sameAs: "GELUGrad"},
	{name: "GELUGrad in place of x", family: "Elementwise", dims: elementDims, build: binaryOverY(GELUGrad), sameAs: "GELUGrad"},

	{name: "Softmax", covers: "Softmax", family: "Softmax", dims: []dim{size("classes", 1, 1)}, build: buildSoftmax},
	{name: "Softmax in place", family: "Softmax", dims: []dim{size("classes", 1, 1)}, build: buildSoftmaxInPlace, sameAs: "Softmax"},
	{name: "CrossEntropy", covers: "CrossEntropy", family: "Softmax", dims: []dim{size("classes", 1, 1), lanesDim}, build: buildCrossEntropy},

	{name: "SoftmaxCrossEntropy", covers: "SoftmaxCrossEntropy", family: "Loss", dims: lossDims(choice("smoothing", 3)), also: [][]int{{maxCallElements/Lanes + 3, 7, 1}}, build: buildSoftmaxCrossEntropy},
	{name: "SoftmaxCrossEntropy in place", family: "Loss", dims: lossDims(choice("smoothing", 3)), build: buildSoftmaxCrossEntropyInPlace, sameAs: "SoftmaxCrossEntropy"},
	{name: "SigmoidCrossEntropy", covers: "SigmoidCrossEntropy", family: "Loss", dims: lossDims(choice("smoothing", 3)), also: [][]int{{maxCallElements/Lanes + 3, 7, 1}}, build: buildSigmoidCrossEntropy},
	{name: "SigmoidCrossEntropy in place", family: "Loss", dims: lossDims(choice("smoothing", 3)), build: buildSigmoidCrossEntropyInPlace, sameAs: "SigmoidCrossEntropy"},
	{name: "SquaredError", covers: "SquaredError", family: "Loss", dims: lossDims(), also: [][]int{{maxCallElements/Lanes + 3, 7}}, build: buildSquaredError},
	{name: "SquaredError in place", family: "Loss", dims: lossDims(), build: buildSquaredErrorInPlace, sameAs: "SquaredError"},

	{name: "FirstNotFinite", covers: "FirstNotFinite", family: "Elementwise", dims: elementDims, also: twoCalls, build: buildFirstNotFinite},

	{name: "Adam", covers: "Adam", family: "Optim", dims: elementDims, also: twoCalls, build: buildAdam},
	{name: "SGD", covers: "SGD", family: "Optim", dims: elementDims, also: twoCalls, build: buildSGD},
	{name: "Adam with decay", covers: "Adam", family: "Optim", dims: elementDims, also: twoCalls, build: buildDecayedAdam},
	{name: "DecayedSGD", covers: "DecayedSGD", family: "Optim", dims: elementDims, also: twoCalls, build: buildDecayedSGD},
	{name: "Momentum", covers: "Momentum", family: "Optim", dims: elementDims, also: twoCalls, build: momentumOp(Momentum)},
	{name: "Nesterov", covers: "Nesterov", family: "Optim", dims: elementDims, also: twoCalls, build: momentumOp(Nesterov)},
	{name: "RMSProp", covers: "RMSProp", family: "Optim", dims: elementDims, also: twoCalls, build: buildRMSProp},
	{name: "RMSPropMomentum", covers: "RMSPropMomentum", family: "Optim", dims: elementDims, also: twoCalls, build: buildRMSPropMomentum},
	{name: "Clip", covers: "Clip", family: "Optim", dims: elementDims, also: twoCalls, build: buildClip},
	{name: "Clip in place", family: "Optim", dims: elementDims, build: buildClipInPlace, sameAs: "Clip"},
	{name: "SumSquares", covers: "SumSquares", family: "Optim", dims: elementDims, also: twoCalls, build: buildSumSquares},

	{name: "ColumnSums", covers: "ColumnSums", family: "Norm", dims: columnDims, also: columnShapes, build: inRows.sums(ColumnSums)},
	{name: "ColumnSums of squares", covers: "ColumnSums", family: "Norm", dims: columnDims, also: columnShapes, build: inRows.moments(ColumnSums)},
	{name: "ScaleColumns", covers: "ScaleColumns", family: "Norm", dims: columnDims, also: columnShapes, build: inRows.scale(ScaleColumns)},
	{name: "ScaleColumns in place", family: "Norm", dims: columnDims, build: inRows.scaleInPlace(ScaleColumns), sameAs: "ScaleColumns"},
	{name: "ScaleColumnsGrad", covers: "ScaleColumnsGrad", family: "Norm", dims: columnDims, also: columnShapes, build: inRows.scaleGrad(ScaleColumnsGrad)},
	{name: "ScaleColumnsGrad in place", family: "Norm", dims: columnDims, build: inRows.scaleGradInPlace(ScaleColumnsGrad), sameAs: "ScaleColumnsGrad"},
	{name: "Dropout", covers: "Dropout NewBlockMask", family: "Norm", dims: dropoutDims, also: [][]int{{maxCallElements + 2*Lanes + 1, 2, 0}, {maxCallElements + 2*Lanes + 1, 2, 1}}, build: buildDropout},
	{name: "Dropout in parts", covers: "Mask.Skip", family: "Norm", dims: with(dropoutDims, partDim), build: buildDropoutParts, sameAs: "Dropout"},
	{name: "Dropout in place", family: "Norm", dims: dropoutDims, build: buildDropoutInPlace, sameAs: "Dropout"},
	{name: "ChannelSums", covers: "ChannelSums", family: "Norm", dims: channelDims, cost: Lanes, also: channelShapes, build: inChannels.sums(ChannelSums)},
	{name: "ChannelSums of squares", covers: "ChannelSums", family: "Norm", dims: channelDims, cost: Lanes, also: channelShapes, build: inChannels.moments(ChannelSums)},
	{name: "ScaleChannels", covers: "ScaleChannels", family: "Norm", dims: channelDims, cost: Lanes, also: channelShapes, build: inChannels.scale(ScaleChannels)},
	{name: "ScaleChannels in place", family: "Norm", dims: channelDims, cost: Lanes, build: inChannels.scaleInPlace(ScaleChannels), sameAs: "ScaleChannels"},
	{name: "ScaleChannelsGrad", covers: "ScaleChannelsGrad", family: "Norm", dims: channelDims, cost: Lanes, also: channelShapes, build: inChannels.scaleGrad(ScaleChannelsGrad)},
	{name: "ScaleChannelsGrad in place", family: "Norm", dims: channelDims, cost: Lanes, build: inChannels.scaleGradInPlace(ScaleChannelsGrad), sameAs: "ScaleChannelsGrad"},
}

var elementDims = []dim{size("n", 0, Lanes)}

// twoCalls is a size for which the assembly is called twice, and an edge.
var twoCalls = [][]int{{maxCallElements + 2*Lanes + 1}}

// with returns s with v appended.
func with[T any](s []T, v ...T) []T { return slices.Concat(s, v) }

// with1 returns the shapes with one more dimension, of each of the sizes.
func with1(shapes [][]int, sizes ...int) (longer [][]int) {
	for _, n := range sizes {
		for _, s := range shapes {
			longer = append(longer, with(s, n))
		}
	}
	return longer
}

// describe names an operation and its dimensions.
func (o *operation) describe(d []int) string {
	var b strings.Builder
	b.WriteString(o.name)
	for i, n := range d {
		fmt.Fprintf(&b, " %s=%d", o.dims[i].name, n)
	}
	return b.String()
}

func buildInterleave(tr *trial, d []int) func() {
	cols, n, stride := d[0], d[1], d[0]+d[2]
	dst, src := tr.vector("dst", out, cols*Lanes), tr.matrix("src", in, n, cols, stride)
	return func() { Interleave(dst, src, cols, stride, n) }
}

func buildDeinterleave(tr *trial, d []int) func() {
	cols, n, stride := d[0], d[1], d[0]+d[2]
	dst, src := tr.matrix("dst", out, n, cols, stride), tr.vector("src", in, cols*Lanes)
	return func() { Deinterleave(dst, src, cols, stride, n) }
}

func buildPackPanels(tr *trial, d []int) func() {
	n, k := d[0], d[1]
	panels := tr.vector("panels", out, PanelsLen(k, n))
	b, ldb := stored(tr, "b", in, n, k, d[2])
	return func() { PackPanels(panels, b, n, k, ldb) }
}

// stored draws a matrix of which not more than necessary is stored, and returns
// its leading dimension, gap more than necessary.
func stored(tr *trial, name string, role role, rows, cols, gap int) (data []float32, ld int) {
	ld = max(1, cols) + gap
	if cols == 0 {
		rows = 0
	}
	return tr.matrix(name, role, rows, cols, ld), ld
}

// factor draws alpha or beta: 0, 1 or any number.
func factor(tr *trial, name string, choice int) float32 {
	f := tr.scalar(name)
	if choice < 2 {
		f = float32(choice)
		tr.find(name).data[0] = f
	}
	return f
}

func buildGemm(tr *trial, d []int) func() {
	m, n, k, transA, transB := d[0], d[1], d[2], d[3] == 1, d[4] == 1
	alpha, beta := factor(tr, "alpha", d[5]), factor(tr, "beta", d[6])
	ar, ac := storedSize(transA, m, k)
	br, bc := storedSize(transB, k, n)
	roleC := inout
	if beta == 0 {
		roleC = out
	}
	a, lda := stored(tr, "a", in, ar, ac, d[7])
	b, ldb := stored(tr, "b", in, br, bc, d[8])
	c, ldc := stored(tr, "c", roleC, m, n, d[9])
	return func() { Gemm(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) }
}

func buildGemmPanels(tr *trial, d []int) func() {
	m, n, k, transA := d[0], d[1], d[2], d[3] == 1
	ar, ac := storedSize(transA, m, k)
	a, lda := stored(tr, "a", in, ar, ac, d[5])
	b, ldb := stored(tr, "b", in, n, k, 0)
	packed := make([]float32, PanelsLen(k, n))
	PackPanels(packed, b, n, k, ldb)
	panels := tr.derive("panels", packed)
	var bias []float32
	if d[4] == 1 {
		bias = tr.vector("bias", in, n)
	}
	c, ldc := stored(tr, "c", out, m, n, d[6])
	return func() { GemmPanels(transA, m, n, k, a, lda, panels, bias, c, ldc) }
}

func buildSumRows(tr *trial, d []int) func() {
	dst := tr.vector("dst", out, d[1])
	a, lda := stored(tr, "a", in, d[0], d[1], d[2])
	return func() { SumRows(dst, a, d[0], lda) }
}
