package net

import (
	"cmp"
	"fmt"
	"math"

	"github.com/simdlanes/lanes/internal/learning"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net/workers"
)

// TrainerConfig configures a [Trainer]. Its zero value is ready to use.
type TrainerConfig struct {
	// Optimizer is Adam with the paper's constants if nil.
	Optimizer Optimizer

	// Loss is the function to minimise, CrossEntropy if nil.
	Loss Loss

	// Reduction makes one gradient of those of the batch's images: their Mean,
	// if it is 0, or Sum.
	Reduction Reduction

	// ClipValue, if not 0, bounds every element of the reduced gradient, and
	// makes it at least -ClipValue and at most ClipValue. NaN remains. It must be
	// from 1e-30 to 1e30.
	ClipValue float64

	// ClipNorm, if not 0, bounds the L2 norm of the reduced gradients of all
	// parameters together (Pascanu et al., "On the difficulty of training
	// recurrent neural networks", 2013; as PyTorch's clip_grad_norm_): a larger one is
	// scaled down, direction kept. A norm that is not finite is an error, which
	// wraps ErrNotFinite, and the step changes nothing. It must be from 1e-30 to
	// 1e30, applies after ClipValue, and costs each step one more meeting of the
	// workers.
	ClipNorm float64

	// Workers is the number of goroutines that share a step's work, the caller
	// among them; 0 or less means runtime.GOMAXPROCS(0). The results have the
	// same bits for any number.
	Workers int

	// Trace shows the tensors of the steps; none if its Show is nil.
	Trace Trace
}

// Trainer trains a network. Its methods must not be called concurrently.
type Trainer struct {
	net    *Network
	engine *engine
	pool   *workers.Pool
	rate   float64
	eval   *Predictor
	course *training // the last Fit, or the one under way; nil before the first
	closed bool

	checked []checked

	objective string // as in State
}

// objective says what a step minimises, and how gradients become those of the
// optimiser: with another one a resumed training would go elsewhere.
func (c TrainerConfig) objective() string {
	return fmt.Sprintf("%s, %v, ClipValue %v, ClipNorm %v", c.Loss.name(), c.Reduction, c.ClipValue, c.ClipNorm)
}

// NewTrainer returns a trainer of n, whose [Meaning] it sets to that of the loss, as
// Step, Fit, Accuracy and Evaluate do again if it has changed meanwhile. Call Close
// when done with it. A network should have one trainer at a time.
func NewTrainer(n *Network, c TrainerConfig) (*Trainer, error) {
	if n == nil {
		return nil, fmt.Errorf("net: %w: want a network to train, have nil", layer.ErrOption)
	}
	if c.Optimizer == nil {
		c.Optimizer = Adam{}
	}
	if err := c.Optimizer.check(); err != nil {
		return nil, fmt.Errorf("net: %w", err)
	}
	if c.Loss == nil {
		c.Loss = CrossEntropy{}
	}
	if err := c.Loss.check(n); err != nil {
		return nil, fmt.Errorf("net: %w", err)
	}
	if err := cmp.Or(c.Reduction.check(), checkClip("ClipValue", c.ClipValue), checkClip("ClipNorm", c.ClipNorm)); err != nil {
		return nil, fmt.Errorf("net: %w", err)
	}
	if err := c.Trace.check(n); err != nil {
		return nil, fmt.Errorf("net: trace: %w", err)
	}
	n.mean(c.Loss.meaning())
	pool := workers.New(c.Workers)
	t := &Trainer{
		net:       n,
		pool:      pool,
		engine:    newEngine(n, pool, c),
		eval:      newPredictor(n, pool),
		rate:      c.Optimizer.rate(),
		checked:   n.checked(),
		objective: c.objective(),
	}
	t.engine.trace(c.Trace)
	return t, nil
}

// Close ends the trainer's goroutines. A second Close does nothing; Step, Fit
// and Accuracy then return ErrClosed. The network stays usable.
func (t *Trainer) Close() {
	t.pool.Close()
	t.closed = true
}

// Workers is the number of workers.
func (t *Trainer) Workers() int { return t.pool.Workers() }

// Rate is the learning rate of the next step.
func (t *Trainer) Rate() float64 { return t.rate }

// SetRate sets the learning rate of the following steps, from 0 to 1e20.
func (t *Trainer) SetRate(rate float64) error {
	if err := learning.CheckRate(rate); err != nil {
		return fmt.Errorf("net: %w", err)
	}
	t.rate = rate
	return nil
}

// Step makes one training step on a batch: x holds the images one after
// another, labels the class of each. It returns the mean loss of the batch
// before the update. It does not allocate, but for a batch larger than any
// before.
//
// On an error nothing has changed. An image that has an infinity or NaN, a batch
// whose variance a batch normalisation finds to be more than float32 holds, and a
// loss that is not finite, as a rate that is too high may bring about, are errors
// that wrap ErrNotFinite. During a Fit it is one that wraps layer.ErrOption.
func (t *Trainer) Step(x []float32, labels []int) (loss float64, err error) {
	b, err := t.batch(x, labels)
	if err == nil {
		err = t.idle()
	}
	if err == nil {
		loss, err = t.step(b, t.rate)
	}
	if err != nil {
		return 0, fmt.Errorf("net: step: %w", err)
	}
	return loss, nil
}

// batch checks the arguments of Step.
func (t *Trainer) batch(x []float32, labels []int) (batch, error) {
	n, err := checkImages(x, t.net.Input())
	if err != nil {
		return batch{}, err
	}
	if n != len(labels) {
		return batch{}, fmt.Errorf("%w: want as many labels as images, have %d and %d", layer.ErrShape, len(labels), n)
	}
	if n < 1 {
		return batch{}, fmt.Errorf("%w: want at least one image, have none", ErrData)
	}
	return batch{n: n, x: x, labels: labels}, nil
}

// idle returns an error if a Fit is under way.
func (t *Trainer) idle() error {
	if t.course != nil && t.course.running {
		return fmt.Errorf("%w: a Fit of this trainer is under way", layer.ErrOption)
	}
	return nil
}

// ready returns an error if the trainer is closed. The network's outputs then mean
// what the trainer's loss makes of them, whoever has set that meanwhile.
func (t *Trainer) ready() error {
	if t.closed {
		return ErrClosed
	}
	t.net.mean(t.engine.loss.meaning())
	return nil
}

func (t *Trainer) step(b batch, rate float64) (float64, error) {
	if err := t.ready(); err != nil {
		return 0, err
	}
	b.checked = t.checked
	return t.engine.step(b, rate)
}

// Gradients returns copies of the gradients that the last step used for the
// weights and biases of layer i: the gradient of the sum, not the mean, of the
// losses of the batch, before any clipping. Both are nil for a layer that has no parameters.
func (t *Trainer) Gradients(i int) (dw, db []float32, err error) {
	s, err := t.net.span(i)
	if err != nil || s == nil {
		return nil, nil, err
	}
	return append(dw, s.weights(t.engine.grads)...), append(db, s.biases(t.engine.grads)...), nil
}

// Accuracy is [Network.Accuracy] on all of the trainer's workers.
func (t *Trainer) Accuracy(data Dataset) (float64, error) {
	accuracy, err := t.accuracy(data, math.MaxInt)
	if err != nil {
		return 0, fmt.Errorf("net: accuracy: %w", err)
	}
	return accuracy, nil
}

// accuracy is the accuracy on the first images of data, at most limit.
func (t *Trainer) accuracy(data Dataset, limit int) (float64, error) {
	if err := t.ready(); err != nil {
		return 0, err
	}
	return t.eval.accuracy(data, limit)
}

// evaluate is the mean loss and the accuracy of the first images of data, at
// most limit.
func (t *Trainer) evaluate(data Dataset, limit int) (loss, accuracy float64, err error) {
	if err := t.ready(); err != nil {
		return 0, 0, err
	}
	return t.eval.measure(data, limit, t.engine.loss)
}
