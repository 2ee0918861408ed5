package norm

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Batch describes batch normalisation (Ioffe and Szegedy, "Batch Normalization",
// 2015, algorithm 1):
//
//	y = activation(gamma*(x - mean)/sqrt(variance + Epsilon) + beta)
//
// Of images, each channel has a gamma, a beta, and a mean and a variance over the
// positions of all images of the batch; of vectors, each element has them. The
// variance divides by the number of values. Training makes steps with the batch's;
// prediction takes running ones, which every step moves by Momentum towards those
// of its batch, the variance divided by one less than the number of values, as in
// PyTorch. The sums are in float64: a large mean costs the variance nothing.
//
// Its weights are the gammas, 1 at first, and its biases the betas, 0 at first;
// weight decay spares both as it spares biases. The running means and then the
// running variances, 0 and 1 at first, are its state (net.Network.State).
//
// Where the variance is 0, and so for a batch that has one value of each, which
// other libraries refuse, the output is activation(beta). One value leaves the
// running variance as it is. In prediction a variance below 0 counts as 0. A batch
// whose variance is more than float32 holds, or that has an infinity or NaN, makes
// the step fail (net.ErrNotFinite).
type Batch struct {
	Activation layer.Activation
	Epsilon    float32 // above 0; 0 means 1e-5
	Momentum   float32 // above 0 and at most 1; 0 means 0.1
}

// Bind implements [layer.Layer].
func (l Batch) Bind(in layer.Shape) (layer.Op, error) {
	if l.Epsilon == 0 {
		l.Epsilon = 1e-5
	}
	if l.Momentum == 0 {
		l.Momentum = 0.1
	}
	if err := l.check(in); err != nil {
		return nil, fmt.Errorf("batch normalisation: %w", err)
	}
	return newBatchOp(l, in), nil
}

func (l Batch) check(in layer.Shape) error {
	if err := l.Activation.Check(); err != nil {
		return err
	}
	if !(l.Epsilon >= 1e-30 && l.Epsilon <= 1e30) {
		return fmt.Errorf("%w: want Epsilon from 1e-30 to 1e30, have %v", layer.ErrOption, l.Epsilon)
	}
	if !(l.Momentum > 0 && l.Momentum <= 1) {
		return fmt.Errorf("%w: want Momentum above 0 and at most 1, have %v", layer.ErrOption, l.Momentum)
	}
	return in.Check()
}

// batchOp implements layer.CombinedGradient, layer.BatchChecked, layer.Stateful,
// layer.Training, layer.Undecayed, layer.DividedBatched and layer.Single.
type batchOp struct {
	Batch
	shape     layer.Shape
	channels  int
	positions int // of a channel
	width     int // columns that a channel has in the vectors of factors

	gamma, beta, state []float32

	// The batch of the step under way.
	values         float64 // of each channel
	mean, variance []float64
	broken         int       // the first channel of which float32 does not hold them, or -1
	root           []float64 // 1/sqrt(variance + Epsilon)
	dgamma, dbeta  []float64
	train, grad    factors
	predict        factors
	zero           []float32 // as many as there are factors
}

// factors are those of the linear functions that kernels compute: of each channel,
// as often as it has columns.
type factors struct{ scale, slope, centre, shift []float32 }

func newFactors(n int) factors {
	return factors{make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)}
}

// set sets the factors of columns lo to hi.
func (f factors) set(lo, hi int, scale, slope, centre, shift float64) {
	for i := lo; i < hi; i++ {
		f.scale[i], f.slope[i], f.centre[i], f.shift[i] = float32(scale), float32(slope), float32(centre), float32(shift)
	}
}

func newBatchOp(l Batch, in layer.Shape) *batchOp {
	o := &batchOp{Batch: l, shape: in, channels: in.C, positions: 1, width: 1}
	if !in.IsVector() {
		o.positions, o.width = in.H*in.W, kernels.Lanes
	}
	for _, v := range []*[]float64{&o.mean, &o.variance, &o.root, &o.dgamma, &o.dbeta} {
		*v = make([]float64, o.channels)
	}
	for _, f := range []*factors{&o.train, &o.grad, &o.predict} {
		*f = newFactors(o.channels * o.width)
	}
	o.zero = make([]float32, o.channels*o.width)
	return o
}

func (o *batchOp) String() string { return fmt.Sprintf("batch norm, %v", o.Batch.Activation) }

func (o *batchOp) Activation() layer.Activation { return o.Batch.Activation }

func (o *batchOp) Out() layer.Shape { return o.shape }

func (o *batchOp) Params() layer.Params {
	return layer.Params{Rows: o.channels, RowLen: 1, Biases: true}
}

// MultiplyAdds is 0, as for activations: it counts products of weights that are
// added up.
func (o *batchOp) MultiplyAdds() int64 { return 0 }

func (o *batchOp) Undecayed() {}

func (o *batchOp) Init(w, b []float32, _ *rand.Rand) {
	for i := range w {
		w[i] = 1
	}
	clear(b)
}

func (o *batchOp) Attach(w, b []float32) {
	o.gamma, o.beta = w, b
	o.Pack(0, o.channels)
}

func (o *batchOp) StateLen() int { return 2 * o.channels }

func (o *batchOp) InitState(state []float32) {
	clear(state)
	for i := o.channels; i < len(state); i++ {
		state[i] = 1
	}
}

func (o *batchOp) AttachState(state []float32) { o.state = state }

// Pack renews what prediction multiplies by.
func (o *batchOp) Pack(lo, hi int) {
	for c := lo; c < hi; c++ {
		variance := max(0, float64(o.state[o.channels+c]))
		scale := float64(o.gamma[c]) / math.Sqrt(variance+float64(o.Epsilon))
		o.predict.set(c*o.width, (c+1)*o.width, scale, 0, float64(o.state[c]), float64(o.beta[c]))
	}
}

// EndStep moves the running means and variances.
func (o *batchOp) EndStep() {
	m := float64(o.Momentum)
	move := func(running *float32, to float64) {
		*running = float32(float64((1-m)*float64(*running)) + float64(m*to))
	}
	for c := range o.channels {
		move(&o.state[c], o.mean[c])
		if o.values > 1 {
			move(&o.state[o.channels+c], o.unbiased(c))
		}
	}
	o.Pack(0, o.channels)
}

// unbiased is the batch's variance of a channel that the running one moves towards.
func (o *batchOp) unbiased(c int) float64 {
	return o.variance[c] * (o.values / max(1, o.values-1))
}

// CheckBatch returns an error if what EndStep would move towards is not finite: the
// running numbers would never be again.
func (o *batchOp) CheckBatch() error {
	if c := o.broken; c >= 0 {
		return fmt.Errorf("channel %d of the batch has mean %v and variance %v", c, o.mean[c], o.unbiased(c))
	}
	return nil
}

// Affine implements [layer.Affine].
func (o *batchOp) Affine(scale, shift []float32) {
	for c := range scale {
		f, i := o.predict, c*o.width
		scale[c] = f.scale[i]
		shift[c] = float32(float64(f.shift[i]) - float64(float64(f.scale[i])*float64(f.centre[i])))
	}
}
