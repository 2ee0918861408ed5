package net

import (
	"sync/atomic"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net/workers"
)

// The engine makes training steps. A step is a list of phases with a barrier
// after each. In a block phase one worker carries one block of eight images
// through as many layers as it can; the layers that need the whole batch
// (layer.Batched) end a phase. The last phase computes the gradients that are
// chains over the batch, adds up the blocks' gradients, and updates, range by
// range of the parameters.
type engine struct {
	net     *Network
	pool    *workers.Pool
	loss    CrossEntropy
	updater updater
	phases  []phase
	tasks   []task // of the update phase
	first   int    // the first layer with parameters: backward ends there

	ws    workspace
	grads []float32 // gradients of the parameters, summed over the batch

	// The step under way.
	batch   batch
	next    []atomic.Int64 // for each phase, and the update, the item to be taken next
	failure failure
}

func newEngine(n *Network, pool *workers.Pool, loss CrossEntropy, u updater) *engine {
	e := &engine{
		net:     n,
		pool:    pool,
		loss:    loss,
		updater: u,
		phases:  planPhases(n.ops),
		tasks:   planTasks(n.spans),
		first:   len(n.ops),
		grads:   make([]float32, n.NumParams()),
	}
	if len(n.spans) > 0 {
		e.first = n.spans[0].index
	}
	e.next = make([]atomic.Int64, len(e.phases)+1)
	e.ws.init(n, len(e.phases) > 1, pool.Workers())
	return e
}

// step makes one step on b, which has at least one image.
func (e *engine) step(b batch, rate float64) (float64, error) {
	if b.data == nil {
		if err := checkLabels(b.labels, 0, e.net.Output().Len()); err != nil {
			return 0, err
		}
	}
	e.ws.grow(b.blocks())
	e.batch = b
	for i := range e.next {
		e.next[i].Store(0)
	}
	e.failure.reset()
	e.updater.begin(rate, b.n)
	e.pool.Run(e)
	e.batch = batch{}
	if err := e.failure.result(); err != nil {
		return 0, err
	}
	e.updater.end()
	return mean(e.ws.losses[:b.n]), nil
}

// Work implements [workers.Job].
func (e *engine) Work(worker int) {
	blocks := e.batch.blocks()
	for i, p := range e.phases {
		first, next := i*blocks, (i+1)*blocks // items of this phase and the next, in the order of failures
		for block := range e.items(i, blocks) {
			e.runBlock(p, e.ws.frame(worker, block), block, first+block)
		}
		e.pool.Barrier()
		if p.end != nil {
			if worker == 0 && !e.failure.before(next) {
				e.runEnd(p, next-1)
			}
			e.pool.Barrier()
		}
		if e.failure.before(next) {
			return
		}
	}
	for i := range e.items(len(e.phases), len(e.tasks)) {
		e.runTask(e.tasks[i], len(e.phases)*blocks+i)
	}
}

// runEnd ends a phase, as its last item.
func (e *engine) runEnd(p phase, item int) {
	defer e.failure.catch(item)
	p.end(e)
}

// items yields the items of a phase that this worker is the first to take.
func (e *engine) items(phase, n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for {
			i := int(e.next[phase].Add(1)) - 1
			if i >= n || !yield(i) {
				return
			}
		}
	}
}

// runBlock carries one block through a phase, as an item that may fail.
func (e *engine) runBlock(p phase, f *frame, block, item int) {
	defer e.failure.catch(item)
	lo, hi := e.batch.bounds(block)
	n := hi - lo
	e.ws.bind(f, block)
	if p.load {
		if err := e.load(f, lo, hi); err != nil {
			e.failure.set(item, err)
			return
		}
	}
	e.net.forward(f, p.forward.lo, p.forward.hi, n)
	if p.observe != nil {
		i := p.forward.hi
		p.observe.Observe(e.ws.stats(i, block), f.tensor(f.act, i, e.net.shapes[i], n), n)
	}
	if p.loss {
		last := len(e.net.ops)
		logits := f.tensor(f.act, last, e.net.Output(), n)
		grad := f.tensor(f.grad, last, e.net.Output(), n)
		e.loss.block(grad, logits, e.batch.labels[lo:hi], e.ws.losses[lo:hi], f.logits)
	}
	e.backward(p, f, block, n)
}

// load reads images lo to hi into the frame.
func (e *engine) load(f *frame, lo, hi int) error {
	rows, err := e.batch.rows(f.staging, lo, hi, e.net)
	if err != nil {
		return err
	}
	f.load(rows, e.net.Input(), hi-lo)
	return nil
}

// backward runs the layers of the phase's backward half in reverse.
func (e *engine) backward(p phase, f *frame, block, n int) {
	for i := p.backward.hi - 1; i >= max(p.backward.lo, e.first); i-- {
		x := f.tensor(f.act, i, e.net.shapes[i], n)
		y := f.tensor(f.act, i+1, e.net.shapes[i+1], n)
		dy := f.tensor(f.grad, i+1, e.net.shapes[i+1], n)
		var dx []float32
		if i > e.first {
			dx = f.tensor(f.grad, i, e.net.shapes[i], n)
		}
		e.net.ops[i].Backward(dx, dy, x, y, n)
		if g, ok := e.net.ops[i].(layer.BlockGradient); ok {
			dw, db := e.ws.partial(i, block)
			g.Gradient(dw, db, x, dy, n)
		}
	}
	if o := p.observeGrad; o != nil {
		i := p.backward.lo - 1
		x := f.tensor(f.act, i, e.net.shapes[i], n)
		y := f.tensor(f.act, i+1, e.net.shapes[i+1], n)
		dy := f.tensor(f.grad, i+1, e.net.shapes[i+1], n)
		o.ObserveGrad(e.ws.stats(i, block), dy, x, y, n)
	}
}

// runTask computes the gradient of one range of parameters and updates it, as an
// item that may fail.
func (e *engine) runTask(t task, item int) {
	defer e.failure.catch(item)
	s := t.span
	rowLen := s.params.RowLen
	dw := s.weights(e.grads)[t.lo*rowLen : t.hi*rowLen]
	db := s.biases(e.grads)
	if s.params.Biases {
		db = db[t.lo:t.hi]
	}
	switch g := s.op.(type) {
	case layer.BatchGradient:
		x := e.ws.rows(e.ws.act, s.index, e.batch.n)
		dy := e.ws.rows(e.ws.grad, s.index+1, e.batch.n)
		g.Gradient(dw, db, x, dy, e.batch.n, t.lo, t.hi)
	case layer.BlockGradient:
		e.ws.sumBlocks(s.index, e.batch.blocks(), t.lo, t.hi, dw, db)
	}
	w := s.weights(e.net.params)[t.lo*rowLen : t.hi*rowLen]
	e.updater.update(w, dw, s.offset+t.lo*rowLen)
	if s.params.Biases {
		b := s.biases(e.net.params)[t.lo:t.hi]
		e.updater.update(b, db, s.offset+s.params.Weights()+t.lo)
	}
	s.op.Pack(t.lo, t.hi)
}

// sumTree adds n vectors, part(0) to part(n-1), into part(0): neighbours
// first, then pairs of pairs. The order depends on n alone.
func sumTree(n int, part func(i int) []float32) {
	for step := 1; step < n; step *= 2 {
		for i := 0; i+step < n; i += 2 * step {
			kernels.Add(part(i), part(i+step))
		}
	}
}
