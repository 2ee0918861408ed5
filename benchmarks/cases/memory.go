package cases

import "fmt"

// Op is one of the operations that move more than they compute.
type Op string

// Element-wise operations. In the network ReLU works in place; blocks are the
// layout in which eight images lie interleaved.
const (
	MaxPool Op = "maxpool" // 2 x 2; passes Forward and Backward
	ReLU    Op = "relu"    // passes Forward and Backward
	Blocks  Op = "blocks"  // passes Interleave and Deinterleave
	Adam    Op = "adam"    // pass Update
)

// The passes of operations without weights.
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

// Memory returns the operations at LeNet-5's sizes: for the eight images that
// travel together in lanes, and for a batch.
func Memory() (ops []Elementwise) {
	for _, batch := range []int{8, 32} {
		for _, image := range [][3]int{{6, 28, 28}, {16, 10, 10}} {
			for _, op := range []Op{MaxPool, ReLU} {
				for _, pass := range []string{Forward, Backward} {
					ops = append(ops, Elementwise{op, pass, batch, image[0], image[1], image[2]})
				}
			}
		}
	}
	for _, image := range [][3]int{{1, 32, 32}, {16, 5, 5}} {
		for _, pass := range []string{Interleave, Deinterleave} {
			ops = append(ops, Elementwise{Blocks, pass, 8, image[0], image[1], image[2]})
		}
	}
	return append(ops, Elementwise{Adam, Update, 1, 61706, 1, 1})
}

// Key implements [Case].
func (e Elementwise) Key() string {
	return fmt.Sprintf("op=%s/pass=%s/shape=%dx%dx%d/batch=%d", e.Op, e.Pass, e.C, e.H, e.W, e.Batch)
}

// Numbers implements [Case].
func (e Elementwise) Numbers() []int { return []int{e.Batch, e.C, e.H, e.W} }

// In is the number of values of the whole input.
func (e Elementwise) In() int { return e.Batch * e.C * e.H * e.W }

// Traffic is the number of bytes that the pass reads and writes, and Touched of
// those that it has to do with: less if it writes where it has read.
func (e Elementwise) Traffic() int { traffic, _ := e.values(); return traffic * bytes }

// Touched is the size of the operands in bytes.
func (e Elementwise) Touched() int { _, touched := e.values(); return touched * bytes }

const bytes = 4 // of a float32

func (e Elementwise) values() (traffic, touched int) {
	n := e.In()
	switch e.Op {
	case MaxPool:
		out := e.Batch * e.C * (e.H / 2) * (e.W / 2)
		if e.Pass == Forward {
			return n + out, n + out // input, output
		}
		return 2*n + out, 2*n + out // both inputs, output's gradient
	case ReLU:
		if e.Pass == Forward {
			return 2 * n, n
		}
		return 3 * n, 2 * n // output, gradient there and back
	case Blocks:
		return 2 * n, 2 * n
	case Adam:
		return 7 * n, 4 * n // weight and both moments there and back, gradient
	}
	panic("cases: unknown operation")
}
