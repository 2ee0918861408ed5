package net

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net/workers"
)

// Predict appends the most probable class of each image to dst and returns it:
// that of the first of the largest outputs, or, for one output that tells two
// classes apart, what [Meaning] says. Equal images get equal answers, whatever
// batch they come in. An image that has an infinity or NaN, or an output that is
// one because finite parameters are too large, is an error that wraps ErrNotFinite.
// It runs on the calling goroutine and may be called from
// many at once; it does not allocate once dst is large enough. For many images
// on many cores see [Network.NewPredictor].
func (n *Network) Predict(dst []int, images []float32) ([]int, error) {
	p := n.predictors.Get().(*Predictor)
	defer n.predictors.Put(p)
	return p.Predict(dst, images)
}

// PredictProba appends the probabilities of the classes of each image to dst,
// [Network.Classes] numbers an image, and returns it. How they follow from the
// outputs depends on the network's [Meaning]; the outputs themselves are those of
// [Network.PredictOutputs]. It is otherwise like [Network.Predict].
func (n *Network) PredictProba(dst []float32, images []float32) ([]float32, error) {
	p := n.predictors.Get().(*Predictor)
	defer n.predictors.Put(p)
	return p.PredictProba(dst, images)
}

// Accuracy is the share of the images of data whose most probable class is
// their label.
func (n *Network) Accuracy(data Dataset) (float64, error) {
	p := n.predictors.Get().(*Predictor)
	defer n.predictors.Put(p)
	return p.Accuracy(data)
}

// Predictor predicts on several cores with workspace of its own. Its methods
// must not be called concurrently.
type Predictor struct {
	net    *Network
	pool   *workers.Pool // nil: one worker, the caller
	frames []*frame      // one for each worker, none when closed

	// The prediction under way.
	batch   batch
	results results
	next    atomic.Int64 // block to be taken next
	failure failure

	// Memory that evaluations reuse.
	eval    Evaluation
	losses  []float32
	indices []int
}

// results is where each of a batch's images gets what is wanted of it. What is
// nil is not wanted.
type results struct {
	classes []int
	proba   []float32
	outputs []float32
	losses  []float32
	loss    Loss // that losses are of
}

// NewPredictor returns a predictor with the given number of workers,
// runtime.GOMAXPROCS(0) if it is 0 or less. Call Close when done with it.
func (n *Network) NewPredictor(numWorkers int) *Predictor {
	return newPredictor(n, workers.New(numWorkers))
}

func newPredictor(n *Network, pool *workers.Pool) *Predictor {
	p := &Predictor{net: n, pool: pool, frames: make([]*frame, 1)}
	if pool != nil {
		p.frames = make([]*frame, pool.Workers())
	}
	for i := range p.frames {
		p.frames[i] = newFrame(n.shapes)
		p.frames[i].scratch = make([]float32, n.scratch)
	}
	return p
}

// Close ends the predictor's goroutines. A second Close does nothing; any other
// method returns ErrClosed.
func (p *Predictor) Close() {
	if p.pool != nil {
		p.pool.Close()
	}
	p.frames = nil
}

// Predict is like [Network.Predict].
func (p *Predictor) Predict(dst []int, images []float32) ([]int, error) {
	n, err := checkImages(images, p.net.Input())
	if err != nil {
		return dst, fmt.Errorf("net: predict: %w", err)
	}
	have := len(dst)
	out := slices.Grow(dst, n)[:have+n]
	p.results.classes = out[have:]
	if err := p.run(batch{n: n, x: images}); err != nil {
		return dst, fmt.Errorf("net: predict: %w", err)
	}
	return out, nil
}

// PredictProba is like [Network.PredictProba].
func (p *Predictor) PredictProba(dst []float32, images []float32) ([]float32, error) {
	n, err := checkImages(images, p.net.Input())
	if err != nil {
		return dst, fmt.Errorf("net: predict: %w", err)
	}
	have := len(dst)
	n2 := n * p.net.Classes()
	out := slices.Grow(dst, n2)[:have+n2]
	p.results.proba = out[have:]
	if err := p.run(batch{n: n, x: images}); err != nil {
		return dst, fmt.Errorf("net: predict: %w", err)
	}
	return out, nil
}

// Accuracy is like [Network.Accuracy].
func (p *Predictor) Accuracy(data Dataset) (float64, error) {
	accuracy, err := p.accuracy(data, math.MaxInt)
	if err != nil {
		return 0, fmt.Errorf("net: accuracy: %w", err)
	}
	return accuracy, nil
}

// accuracy is the accuracy on the first images of data, at most limit.
func (p *Predictor) accuracy(data Dataset, limit int) (float64, error) {
	_, accuracy, err := p.measure(data, limit, nil)
	return accuracy, err
}

// run predicts a batch on all workers.
func (p *Predictor) run(b batch) error {
	defer p.forget()
	if p.frames == nil {
		return ErrClosed
	}
	if !p.net.Output().IsVector() {
		return fmt.Errorf("%w: want a network that ends in a vector of classes, have %v; add dense.Flatten",
			layer.ErrShape, p.net.Output())
	}
	p.batch = b
	p.next.Store(0)
	p.failure.reset()
	if p.pool == nil || b.blocks() == 1 {
		p.Work(0)
	} else {
		p.pool.Run(p)
	}
	return p.failure.result()
}

// forget lets go of what the caller gave, also when a prediction panics.
func (p *Predictor) forget() {
	p.batch, p.results = batch{}, results{}
}

// Work implements [workers.Job]: it takes blocks until none is left.
func (p *Predictor) Work(worker int) {
	for {
		block := int(p.next.Add(1)) - 1
		if block >= p.batch.blocks() {
			return
		}
		p.block(p.frames[worker], block)
	}
}

// block predicts one block, as an item that may fail.
func (p *Predictor) block(f *frame, block int) {
	defer p.failure.catch(block)
	lo, hi := p.batch.bounds(block)
	rows, err := p.batch.rows(f.staging, lo, hi, p.net.Input())
	if err != nil {
		p.failure.set(block, err)
		return
	}
	if err := p.output(f, p.net.outputs(f, rows, hi-lo), lo, hi); err != nil {
		p.failure.set(block, err)
	}
}

// output turns the outputs of images lo to hi into what is wanted of them.
func (p *Predictor) output(f *frame, out []float32, lo, hi int) error {
	size, classes := p.net.Output().Len(), p.net.Classes()
	r := &p.results
	if err := p.checkOutputs(out, size, lo); err != nil {
		return err
	}
	if r.classes != nil {
		for i := lo; i < hi; i++ {
			r.classes[i] = p.net.meaning.class(out[(i-lo)*size:][:size])
		}
	}
	if r.outputs != nil {
		copy(r.outputs[lo*size:hi*size], out)
	}
	if r.proba != nil {
		p.net.meaning.proba(r.proba[lo*classes:hi*classes], out, f.logits, hi-lo)
	}
	if r.losses == nil {
		return nil
	}
	r.loss.block(nil, out, p.batch.labels[lo:hi], r.losses[lo:hi], f.logits)
	return checkLosses(r.losses[lo:hi], &p.batch, lo)
}

// checkOutputs returns an error that names the first output, of images from lo on,
// that is not finite: no class and no probability follows from it.
func (p *Predictor) checkOutputs(out []float32, size, lo int) error {
	i := kernels.FirstNotFinite(out)
	if i < 0 {
		return nil
	}
	return fmt.Errorf("image %d: %w: output %d of %d is %v", p.batch.image(lo+i/size), ErrNotFinite, i%size, size, out[i])
}

// argmax returns the index of the first of the largest elements.
func argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}
