package layer

import "math/rand/v2"

// Layer describes one layer of a network.
type Layer interface {
	// Bind checks the layer's options against the shape of its input and
	// returns the layer ready to compute. The error wraps ErrShape or ErrOption
	// and says what was wanted and what was given.
	Bind(in Shape) (Op, error)
}

// Op is a layer bound to the shape of its input.
//
// An Op keeps nothing of a pass: its methods may run concurrently on different
// activations, but not while Attach or Pack of the same Op runs.
type Op interface {
	// String names the layer and its options in a few words.
	String() string

	// Out is the shape of one image's output.
	Out() Shape

	// Forward computes the outputs y of the inputs x of n images, the layer's
	// activation included.
	Forward(y, x []float32, n int)

	// Backward computes gradients of the loss from dy, the gradient with
	// respect to y. It replaces dy by the gradient with respect to the layer's
	// output before its activation and, unless dx is nil, writes the gradient
	// with respect to x to dx. x and y are what Forward was given and returned.
	Backward(dx, dy, x, y []float32, n int)
}

// Single is an Op that can also compute one image by itself, which in a block
// would leave seven of eight lanes empty. Prediction of few images takes this
// path if every Op of the network offers it.
type Single interface {
	Op

	// ScratchOne is the number of elements of scratch that ForwardOne needs.
	ScratchOne() int

	// ForwardOne computes the output y of one image x, both row-major, channel
	// by channel, with the bits that Forward gives. The contents of scratch are
	// lost.
	ForwardOne(y, x, scratch []float32)
}

// Blockwise is a Single that may take about as long for one image by itself as for a
// block of eight, as a depthwise convolution does. If Blockwise reports that it does,
// predictions of more than one image take blocks.
type Blockwise interface {
	Single

	Blockwise() bool
}

// Activated is an Op that ends with an activation. A network whose loss has the
// last one in it is refused.
type Activated interface {
	Op

	Activation() Activation
}

// Counted is an Op that knows how much arithmetic it takes.
type Counted interface {
	Op

	// MultiplyAdds is the number of products that Forward adds up for one image.
	// Biases, activations, comparisons and what lies in a padding do not count. The
	// gradient with respect to the input is taken to need as many, and so is that
	// with respect to the parameters, of a Trained Op.
	MultiplyAdds() int64
}

// Params says which parameters an Op has. The weights form a matrix of Rows x
// RowLen, row-major, followed by the biases: one for each row, or none.
type Params struct {
	Rows   int // outputs: filters, units
	RowLen int // weights of one output
	Biases bool
}

// Weights is the number of weights.
func (p Params) Weights() int { return p.Rows * p.RowLen }

// Len is the number of weights and biases.
func (p Params) Len() int {
	if p.Biases {
		return p.Weights() + p.Rows
	}
	return p.Weights()
}

// Trained is an Op with parameters. It also implements BlockGradient or
// BatchGradient.
type Trained interface {
	Op

	Params() Params

	// Init sets the initial parameters, w having Params().Weights() elements
	// and b one for each bias, from the stream r.
	Init(w, b []float32, r *rand.Rand)

	// Attach makes the Op read its parameters from w and b from now on. They
	// stay the caller's.
	Attach(w, b []float32)

	// Pack renews whatever the Op derives from rows lo to hi of its weights;
	// the caller calls it after changing them. It may run concurrently for
	// disjoint ranges whose bounds are multiples of PackRows.
	Pack(lo, hi int)
}

// Dimensioned is a Trained Op whose rows of weights have a shape of their own.
type Dimensioned interface {
	Trained

	// WeightDims are the dimensions of the weights, row-major, the first of which
	// is Params().Rows: (filters, channels, rows, columns) for a convolution.
	// Their product is Params().Weights().
	WeightDims() []int
}

// Replicated is a Trained Op of which every worker should have its own: its
// parameters are many, and for a core to read from where another has just
// written costs more than to keep a copy.
type Replicated interface {
	Trained

	// Replica returns an Op that computes the same, to be attached to
	// parameters of its own.
	Replica() Trained
}

// PackRows is the granularity of Trained.Pack.
const PackRows = 8

// BlockGradient is a Trained Op whose parameters' gradient is a sum over images
// of a value that each image has by itself, as in a convolution. The engine
// adds the sums of the blocks in a tree that depends on the batch size alone.
type BlockGradient interface {
	Trained

	// Gradient writes the gradient with respect to the parameters, summed over
	// n images, to dw and db. dy is what Backward left in it.
	Gradient(dw, db, x, dy []float32, n int)
}

// BatchGradient is a Trained Op with vector input and output whose parameters'
// gradient is one chain over all images of the batch, as in a dense layer.
type BatchGradient interface {
	Trained

	// Gradient writes rows lo to hi of the gradient with respect to the
	// parameters to dw and db (the parts of those rows), summed over a batch of
	// n images, from the inputs x, n rows, and dy, what Backward left in it.
	Gradient(dw, db, x, dy []float32, n, lo, hi int)
}

// Batched is an Op that must see the whole batch between two parts of a
// training pass, as batch normalisation does. The engine ends the phase in
// which the blocks travel independently, lets the Op combine what it observed
// of each, and goes on.
type Batched interface {
	Op

	// StatsLen is the length of what the Op keeps of one block.
	StatsLen() int

	// Observe writes what Forward needs to know of one block's inputs to
	// stats, and ObserveGrad what Backward needs to know of its dy, in which it may
	// leave what Backward then finds. They run concurrently for different blocks.
	Observe(stats []float64, x []float32, n int)
	ObserveGrad(stats []float64, dy, x, y []float32, n int)

	// Combine is called once between the last Observe and the first Forward of
	// a batch of n images, CombineGrad between the last ObserveGrad and the
	// first Backward. stats holds the blocks' parts one after another.
	Combine(stats []float64, n int)
	CombineGrad(stats []float64, n int)
}

// BatchChecked is a Batched Op that may be unable to go on with what Combine has
// found, such as a variance that float32 does not hold.
type BatchChecked interface {
	Batched

	// CheckBatch returns an error that says so, as often as it is called between
	// Combine and the first change of a parameter. The step then fails with it and
	// net.ErrNotFinite, and changes nothing. It may run concurrently with itself.
	CheckBatch() error
}

// CombinedGradient is a Trained and Batched Op that knows the gradient of its
// parameters after CombineGrad. It stands in place of BlockGradient and
// BatchGradient.
type CombinedGradient interface {
	Trained
	Batched

	// CombinedGradient writes rows lo to hi of the gradient to dw and db (the parts
	// of those rows).
	CombinedGradient(dw, db []float32, lo, hi int)
}

// Undecayed is a Trained Op whose weights are spared by weight decay like biases.
type Undecayed interface {
	Trained

	Undecayed()
}

// Training is an Op that computes something else in training than in prediction:
// there, Forward is not called, nor is Backward. Forward is then what predictions
// compute, and Backward its gradient, which net.Network.InputGradient takes.
type Training interface {
	Op

	// ForwardTraining and BackwardTraining take the place of Forward and Backward
	// in a training step.
	ForwardTraining(y, x []float32, n int, at Place)
	BackwardTraining(dx, dy, x, y []float32, n int, at Place)
}

// Divided is an Op whose work on a block several workers of a training can share.
// Each takes some channels of what a pass writes; all of them together write what
// ForwardTraining, or Forward, and Backward would, to the bit. The methods run
// concurrently for disjoint parts. An Op from vector to vector need not be Divided:
// workers share its images.
//
// A network shares blocks, where they are too few for its workers, if all its layers
// can be divided, and none makes an image of a vector.
type Divided interface {
	Op

	// Channelwise reports whether input and output have equally many channels, and
	// each depends on the one in its place alone: workers then need not wait for
	// each other.
	Channelwise() bool

	// ForwardPart computes the part's channels of y, or, if that is a vector, what
	// depends on the part's channels of x.
	ForwardPart(y, x []float32, n int, p Part)

	// BackwardPart computes the part's channels of dx, which is not nil, from dy,
	// the gradient with respect to the output before its activation: what an
	// Activated Op's Backward leaves in dy, and does not compute anew here; of a
	// Batched Op, what ObserveGrad leaves in it.
	BackwardPart(dx, dy, x, y []float32, n int, p Part)
}

// DividedGradient is a Divided BlockGradient whose rows are the channels of its
// output.
type DividedGradient interface {
	Divided
	BlockGradient

	// GradientPart writes rows p.Lo to p.Hi of the gradients that Gradient writes.
	GradientPart(dw, db, x, dy []float32, n int, p Part)
}

// DividedBatched is a Divided and Batched Op that observes channels by themselves.
type DividedBatched interface {
	Divided
	Batched

	// ObservePart and ObserveGradPart do for some channels what Observe and
	// ObserveGrad do for all.
	ObservePart(stats []float64, x []float32, n int, p Part)
	ObserveGradPart(stats []float64, dy, x, y []float32, n int, p Part)
}

// A Part is the channels [Lo, Hi) of a block, of images at a place of a training.
type Part struct {
	Lo, Hi int
	At     Place
}

// PartOf is the part of one of several workers in a number of channels.
func PartOf(channels, worker, workers int) Part {
	return Part{Lo: channels * worker / workers, Hi: channels * (worker + 1) / workers}
}

// Of returns the part's channels of a block of the given shape.
func (p Part) Of(block []float32, s Shape) []float32 {
	size := s.H * s.W * Lanes
	return block[p.Lo*size : p.Hi*size]
}

// Place says which images of which step an Op is given. Workers may share the rows
// of a block of vectors, so what happens to image i must follow from Image+i, which
// is the same for any number of workers, and after a training has been resumed.
type Place struct {
	Step  int // completed steps
	Layer int // of the network, counted from 0
	Image int // the first, in the batch
}

// Stateful is a Trained Op with numbers that training changes, but not by a
// gradient, and that prediction needs, such as running means. They belong to the
// network, which keeps them with its parameters.
type Stateful interface {
	Trained

	// StateLen is their number.
	StateLen() int

	// InitState sets them at first.
	InitState(state []float32)

	// AttachState makes the Op use and change the numbers in state from now on. It
	// is called before Attach. When others change them, they call Pack for all rows
	// afterwards.
	AttachState(state []float32)

	// EndStep is called once at the end of a training step that has not failed: the
	// place to change the state.
	EndStep()
}

// Affine is an Activated Op that in prediction multiplies each channel of an image,
// or each element of a vector, by a number, adds another, and applies its
// activation.
type Affine interface {
	Activated

	// Affine writes both numbers of each channel.
	Affine(scale, shift []float32)
}
