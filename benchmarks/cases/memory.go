package cases

import (
	"fmt"
	"slices"
)

// Op is one of the operations that move more than they compute.
type Op string

// Element-wise operations. In the network ReLU works in place; blocks are the
// layout in which eight images lie interleaved.
const (
	MaxPool       Op = "maxpool"       // 2 x 2
	MaxPool3      Op = "maxpool-3x3s2" // windows that overlap, with a padding of 1
	AveragePool   Op = "avgpool"       // 2 x 2
	AveragePool3  Op = "avgpool-3x3s2" // as MaxPool3; what lies in the padding is not counted
	GlobalAverage Op = "avgpool-global"
	ReLU          Op = "relu"
	LeakyReLU     Op = "leakyrelu"
	GELU          Op = "gelu"
	BatchNorm     Op = "batchnorm" // in training, statistics included
	Dropout       Op = "dropout"   // of a half
	SumRows       Op = "sumrows"   // over the images of a batch; pass Backward, of a dense layer's biases
	Blocks        Op = "blocks"    // passes Interleave and Deinterleave
	Adam          Op = "adam"      // pass Update
)

// The passes of operations without weights. Those for which no other is named
// have Forward and Backward.
const (
	Backward     = "bwd"
	Interleave   = "interleave"
	Deinterleave = "deinterleave"
	Update       = "update"
)

// Elementwise is one pass of an operation over a batch of images of C x H x W,
// or over C parameters.
type Elementwise struct {
	Op      Op
	Pass    string
	Batch   int
	C, H, W int
}

// Elementwises returns all operations.
func Elementwises() []Elementwise {
	return slices.Concat(Memory(), Poolings(), Activations(), Normalisations())
}

// Memory returns the operations of LeNet-5 at its sizes: for the eight images
// that travel together in lanes, and for a batch.
func Memory() (ops []Elementwise) {
	for _, batch := range []int{8, 32} {
		for _, image := range [][3]int{{6, 28, 28}, {16, 10, 10}} {
			for _, op := range []Op{MaxPool, ReLU} {
				ops = append(ops, bothPasses(op, batch, image)...)
			}
		}
	}
	for _, image := range [][3]int{{1, 32, 32}, {16, 5, 5}} {
		for _, pass := range []string{Interleave, Deinterleave} {
			ops = append(ops, Elementwise{Blocks, pass, 8, image[0], image[1], image[2]})
		}
	}
	return append(ops, Elementwise{SumRows, Backward, 32, 120, 1, 1}, Elementwise{Adam, Update, 1, 61706, 1, 1})
}

// Poolings returns poolings of larger networks.
func Poolings() (ops []Elementwise) {
	for _, batch := range []int{8, 32} {
		for _, op := range []Op{MaxPool3, AveragePool, AveragePool3} {
			ops = append(ops, bothPasses(op, batch, [3]int{16, 28, 28})...)
		}
		ops = append(ops, bothPasses(GlobalAverage, batch, [3]int{128, 7, 7})...)
	}
	return ops
}

// Activations returns the activations that LeNet-5 does not have.
func Activations() (ops []Elementwise) {
	for _, batch := range []int{8, 32} {
		for _, op := range []Op{LeakyReLU, GELU} {
			ops = append(ops, bothPasses(op, batch, [3]int{16, 28, 28})...)
		}
	}
	return ops
}

// Normalisations returns batch normalisation and dropout, of images and, where
// an image is a vector, of a dense layer's activations.
func Normalisations() []Elementwise {
	return slices.Concat(
		bothPasses(BatchNorm, 8, [3]int{16, 28, 28}),
		bothPasses(BatchNorm, 32, [3]int{16, 28, 28}),
		bothPasses(BatchNorm, 32, [3]int{64, 7, 7}),
		bothPasses(BatchNorm, 32, [3]int{128, 1, 1}),
		bothPasses(Dropout, 8, [3]int{16, 28, 28}),
		bothPasses(Dropout, 32, [3]int{16, 28, 28}),
		bothPasses(Dropout, 32, [3]int{128, 1, 1}),
	)
}

func bothPasses(op Op, batch int, image [3]int) (ops []Elementwise) {
	for _, pass := range []string{Forward, Backward} {
		ops = append(ops, Elementwise{op, pass, batch, image[0], image[1], image[2]})
	}
	return ops
}

// Key implements [Case].
func (e Elementwise) Key() string {
	return fmt.Sprintf("op=%s/pass=%s/shape=%dx%dx%d/batch=%d", e.Op, e.Pass, e.C, e.H, e.W, e.Batch)
}

// Numbers implements [Case].
func (e Elementwise) Numbers() []int {
	size := []int{e.Batch, e.C, e.H, e.W}
	if window, stride, pad := e.Window(); window > 0 {
		return append(size, window, stride, pad)
	}
	return size
}

// Window is the rows and columns of a pooling's windows, their distance and the
// padding; 0 of what is no pooling.
func (e Elementwise) Window() (size, stride, pad int) {
	switch e.Op {
	case MaxPool, AveragePool:
		return 2, 2, 0
	case MaxPool3, AveragePool3:
		return 3, 2, 1
	case GlobalAverage:
		return e.H, e.H, 0
	}
	return 0, 0, 0
}

// In is the number of values of the whole input.
func (e Elementwise) In() int { return e.Batch * e.C * e.H * e.W }

// pooled is the number of values that a pooling puts out.
func (e Elementwise) pooled() int {
	size, stride, pad := e.Window()
	along := func(length int) int { return (length+2*pad-size)/stride + 1 }
	return e.Batch * e.C * along(e.H) * along(e.W)
}

// Traffic is the number of bytes that the pass reads and writes, and Touched of
// those that it has to do with: less if it writes where it has read, or reads
// twice.
func (e Elementwise) Traffic() int { traffic, _ := e.values(); return traffic * bytes }

// Touched is the size of the operands in bytes.
func (e Elementwise) Touched() int { _, touched := e.values(); return touched * bytes }

const bytes = 4 // of a float32

func (e Elementwise) values() (traffic, touched int) {
	n := e.In()
	forward := e.Pass == Forward
	switch e.Op {
	case MaxPool, MaxPool3:
		if !forward {
			return 2*n + e.pooled(), 2*n + e.pooled() // both inputs, output's gradient
		}
		return n + e.pooled(), n + e.pooled() // input, output
	case AveragePool, AveragePool3, GlobalAverage:
		return n + e.pooled(), n + e.pooled()
	case ReLU:
		if !forward {
			return 3 * n, 2 * n // output, gradient there and back
		}
		return 2 * n, n
	case LeakyReLU, GELU:
		if !forward {
			return 3 * n, 3 * n // input, both gradients
		}
		return 2 * n, 2 * n
	case BatchNorm:
		if !forward {
			return 5 * n, 3 * n // input and output's gradient, twice, and the other gradient
		}
		return 3 * n, 2 * n // input twice, output
	case Dropout, Blocks:
		return 2 * n, 2 * n
	case SumRows:
		return n + e.C, n + e.C
	case Adam:
		return 7 * n, 4 * n // weight and both moments there and back, gradient
	}
	panic("cases: unknown operation")
}
