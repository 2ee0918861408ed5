package net

import (
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net/workers"
)

// The engine makes training steps. A step is a list of phases with a barrier
// after each. In a block phase one worker carries one block of eight images, or all
// carry it together (share.go), through as many layers as they can; the layers that
// need the whole batch (layer.Batched) end a phase. The last phase computes the gradients that are
// chains over the batch, adds up the blocks' gradients, and updates, range by
// range of the parameters.
type engine struct {
	net     *Network
	pool    *workers.Pool
	loss    Loss
	classes int // of which a label is one
	updater updater
	reduce  Reduction
	clip    clipping
	phases  []phase
	tasks   []task    // of the update phase
	first   int       // the first layer with parameters: backward ends there
	sharing []sharing // of blocks, by layer; nil if there is a layer that cannot be divided

	replicas []*replica // one for each worker
	params   exchange   // of the replicas' parameters
	ran      marks      // the step in which a worker has run its tasks
	ws       workspace
	grads    []float32 // gradients of the parameters, summed over the batch
	tracer   *tracer   // nil without a trace
	steps    int       // completed
	clock    int       // likewise, those before a State was restored included

	// The step under way.
	batch   batch
	rate    float64
	shared  int     // the number of the last blocks that all workers share
	queues  []queue // of each phase's blocks, and of the update's tasks
	state   uint64  // of the network's parameters as the replicas know them
	count   uint64  // of this step, from 1
	stale   bool    // the replicas have not seen a change of the parameters
	failed  bool    // the step before, which left replicas of which nothing is known
	showing bool    // to the trace
	failure failure
}

func newEngine(n *Network, pool *workers.Pool, c TrainerConfig) *engine {
	e := &engine{
		net:     n,
		pool:    pool,
		loss:    c.Loss,
		classes: c.Loss.meaning().classes(n.Output().Len()),
		updater: c.Optimizer.start(n.NumParams()),
		reduce:  c.Reduction,
		phases:  planPhases(n.ops),
		first:   n.firstTrained(),
		sharing: planSharing(n),
		grads:   make([]float32, n.NumParams()),
	}
	for range e.phases {
		e.queues = append(e.queues, newQueue(pool.Workers()))
	}
	update := newQueue(pool.Workers())
	e.tasks = deal(planTasks(n.spans), update.first)
	e.queues = append(e.queues, update)
	e.clip = newClipping(c.ClipValue, c.ClipNorm, pool.Workers(), e.tasks)
	e.ws.init(n, len(e.phases) > 1, pool.Workers())
	e.params = newExchange(pool.Workers(), n.NumParams())
	e.params.own[0] = n.params
	for w, params := range e.params.own {
		if w > 0 { // those of worker 0 are the network's, and may be in use
			copy(params, n.params)
		}
		e.replicas = append(e.replicas, newReplica(n, w, params))
	}
	e.ran = newMarks(pool.Workers(), len(e.tasks))
	e.state = n.state
	return e
}

// step makes one step on b, which has at least one image.
func (e *engine) step(b batch, rate float64) (float64, error) {
	b.classes = e.classes
	if b.data == nil {
		if err := b.checkLabels(0, b.n); err != nil {
			return 0, err
		}
	}
	e.beginTrace()
	e.ws.grow(b.blocks())
	e.batch = b
	e.count++
	e.stale = e.failed || e.state != e.net.state
	e.state = e.net.state
	e.shared = e.sharedBlocks()
	for i := range e.phases {
		e.queues[i].divide(b.blocks() - e.shared)
	}
	e.failure.reset()
	e.rate = rate
	e.updater.begin(rate, 1, e.divisor())
	e.pool.Run(e)
	e.batch = batch{}
	e.failed = e.failure.before(noItem)
	if e.failed {
		if !e.failure.before(e.firstUpdate(b.blocks())) {
			e.net.state++ // some parameters may have changed
		}
		return 0, e.failure.result()
	}
	e.updater.end()
	for _, s := range e.net.spans {
		if st, ok := s.op.(layer.Stateful); ok {
			st.EndStep()
		}
	}
	e.steps++
	e.clock++
	e.net.state++
	e.state = e.net.state
	return mean(e.ws.losses[:b.n]), nil
}

// Work implements [workers.Job].
func (e *engine) Work(worker int) {
	if e.stale && worker > 0 {
		e.renew(worker)
	}
	blocks := e.batch.blocks()
	for i, p := range e.phases {
		e.queues[i+1].rewind(worker)          // idle since the last step
		first, next := i*blocks, (i+1)*blocks // items of this phase and the next, in the order of failures
		for block := range e.queues[i].items(worker) {
			e.runBlock(worker, p, e.ws.frame(worker, block), block, first+block)
		}
		for block := blocks - e.shared; block < blocks; block++ {
			e.shareBlock(worker, p, block, first+block)
		}
		e.pool.Barrier()
		if p.end != nil {
			if worker == 0 && !e.failure.before(next) {
				e.runEnd(p, next-1)
			}
			e.pool.Barrier()
		}
		if e.failure.before(next) {
			e.queues[0].rewind(worker)
			return
		}
	}
	e.queues[0].rewind(worker)
	e.update(worker, len(e.phases)*blocks)
}

// renew shows a worker's replica the parameters that it has not seen, as the
// first item that may fail.
func (e *engine) renew(worker int) {
	defer e.failure.catch(0)
	e.replicas[worker].renew(e.net)
}

// runEnd ends a phase, as its last item.
func (e *engine) runEnd(p phase, item int) {
	defer e.failure.catch(item)
	p.end(e)
}

// update runs the tasks of the update phase, whose items begin with first, and
// gets the parameters that other workers have updated.
func (e *engine) update(worker, first int) {
	last := -1 // layer of the task before
	for i := range e.queues[len(e.phases)].items(worker) {
		t := e.tasks[i]
		if _, ok := t.span.op.(layer.BatchGradient); ok && t.span.index != last {
			e.ws.collect(worker, t.span.index, &e.batch, e.count)
		}
		last = t.span.index
		e.runTask(worker, t, first+i)
		e.ran[worker][i] = e.count
	}
	first += len(e.tasks)
	if e.waits() {
		if !e.settleThenApply(worker, first) {
			return
		}
		first += 1 + len(e.tasks)
	}
	if e.pool.Workers() == 1 {
		return
	}
	e.pool.Barrier()
	// What a task that failed should have put is not there to be got.
	if !e.failure.before(first) {
		e.receive(worker, first)
	}
}

// told is the number of completed steps if there are layers that are told, or 0.
func (e *engine) told() int {
	for _, t := range e.replicas[0].train {
		if t != nil {
			return e.clock
		}
	}
	return 0
}

// firstUpdate is the first of the items of a step of which one that fails may leave
// parameters that have changed.
func (e *engine) firstUpdate(blocks int) int {
	first := len(e.phases) * blocks
	if e.waits() {
		first += len(e.tasks) + 1
	}
	return first
}

// waits reports whether updates wait until the gradients of all parameters are
// known.
func (e *engine) waits() bool { return e.showing || e.clip.norm > 0 }

// settleThenApply does what needs all gradients, when they are known, and applies
// those that the worker has computed. It reports whether it came to that. Its
// items begin with first.
func (e *engine) settleThenApply(worker, first int) bool {
	e.pool.Barrier()
	if worker == 0 && !e.failure.before(first) {
		e.settle(first)
	}
	e.pool.Barrier()
	if e.failure.before(first + 1) {
		return false
	}
	for i, t := range e.tasks {
		if e.ran[worker][i] == e.count {
			e.runApply(worker, t, first+1+i)
		}
	}
	return true
}

// settle shows the step and bounds the norm of its gradients, as an item that
// may fail.
func (e *engine) settle(item int) {
	if e.showing {
		e.showStep(item)
	}
	if e.clip.norm > 0 {
		factor, err := e.clip.factor(e.divisor())
		if err != nil {
			e.failure.set(item, err)
			return
		}
		e.updater.begin(e.rate, factor, e.divisor())
	}
}

// divisor is what the updater divides gradients by. Those of which each is
// bounded are reduced already.
func (e *engine) divisor() int {
	if e.clip.value > 0 {
		return 1
	}
	return e.reduce.divisor(e.batch.n)
}

// receive gets the parameters that other workers have updated, as the last item
// that may fail.
func (e *engine) receive(worker, item int) {
	defer e.failure.catch(item)
	for i, t := range e.tasks {
		if t.replicated() && e.ran[worker][i] != e.count {
			w, b := t.bounds()
			e.params.get(worker, w)
			e.params.get(worker, b)
			e.replicas[worker].spans[t.span.index].op.Pack(t.lo, t.hi)
		}
	}
}

// runBlock carries one block through a phase, as an item that may fail.
func (e *engine) runBlock(worker int, p phase, f *frame, block, item int) {
	defer e.failure.catch(item)
	lo, hi := e.batch.bounds(block)
	n := hi - lo
	e.ws.bind(f, worker, block)
	if p.load {
		if err := e.load(f, lo, hi); err != nil {
			e.failure.set(item, err)
			return
		}
	}
	e.forward(worker, p.forward, f, lo, n)
	if p.observe != nil {
		i := p.forward.hi
		p.observe.Observe(e.ws.stats(i, block), f.tensor(f.act, i, e.net.shapes[i], n), n)
	}
	if p.loss {
		last := len(e.net.ops)
		logits := f.tensor(f.act, last, e.net.Output(), n)
		grad := f.tensor(f.grad, last, e.net.Output(), n)
		e.loss.block(grad, logits, e.batch.labels[lo:hi], e.ws.losses[lo:hi], f.logits)
		if err := checkLosses(e.ws.losses[lo:hi], &e.batch, lo); err != nil {
			e.failure.set(item, err)
			return
		}
		if e.showing {
			f.keep(last, grad)
		}
	}
	e.backward(worker, p, f, block, n)
}

// forward runs layers on n images of the batch, of which the first is given.
func (e *engine) forward(worker int, layers bound, f *frame, first, n int) {
	r := e.replicas[worker]
	for i := layers.lo; i < layers.hi; i++ {
		x := f.tensor(f.act, i, e.net.shapes[i], n)
		y := f.tensor(f.act, i+1, e.net.shapes[i+1], n)
		if t := r.train[i]; t != nil {
			t.ForwardTraining(y, x, n, layer.Place{Step: e.clock, Layer: i, Image: first})
		} else {
			r.ops[i].Forward(y, x, n)
		}
	}
}

// load reads images lo to hi into the frame.
func (e *engine) load(f *frame, lo, hi int) error {
	rows, err := e.batch.rows(f.staging, lo, hi, e.net.Input())
	if err != nil {
		return err
	}
	f.load(rows, e.net.Input(), hi-lo)
	return nil
}

// backward runs the layers of the phase's backward half in reverse.
func (e *engine) backward(worker int, p phase, f *frame, block, n int) {
	ops := e.replicas[worker].ops
	for i := p.backward.hi - 1; i >= max(p.backward.lo, e.first); i-- {
		x := f.tensor(f.act, i, e.net.shapes[i], n)
		y := f.tensor(f.act, i+1, e.net.shapes[i+1], n)
		dy := f.tensor(f.grad, i+1, e.net.shapes[i+1], n)
		var dx []float32
		if i > e.first {
			dx = f.tensor(f.grad, i, e.net.shapes[i], n)
		}
		if t := e.replicas[worker].train[i]; t != nil {
			first, _ := e.batch.bounds(block)
			t.BackwardTraining(dx, dy, x, y, n, layer.Place{Step: e.clock, Layer: i, Image: first})
		} else {
			ops[i].Backward(dx, dy, x, y, n)
		}
		if e.showing && dx != nil {
			f.keep(i, dx)
		}
		switch g := ops[i].(type) {
		case layer.BlockGradient:
			dw, db := e.ws.partial(i, block)
			g.Gradient(dw, db, x, dy, n)
		case layer.BatchGradient:
			e.ws.gather(worker, i, block, e.count, x, dy)
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

// runTask computes the gradient of one range of parameters and updates it, unless
// that has to wait, as an item that may fail.
func (e *engine) runTask(worker int, t task, item int) {
	defer e.failure.catch(item)
	e.gradient(worker, t)
	if e.clip.norm > 0 {
		e.measure(worker, t)
	}
	if !e.waits() {
		e.apply(worker, t)
	}
}

// runApply updates one range of parameters, as an item that may fail.
func (e *engine) runApply(worker int, t task, item int) {
	defer e.failure.catch(item)
	e.apply(worker, t)
}

// gradient computes the gradient of a task's parameters.
func (e *engine) gradient(worker int, t task) {
	w, b := t.bounds()
	dw, db := e.grads[w.lo:w.hi], e.grads[b.lo:b.hi]
	i := t.span.index
	switch g := t.span.op.(type) {
	case layer.BatchGradient:
		x, dy := e.ws.gathered(worker, i, e.batch.n)
		g.Gradient(dw, db, x, dy, e.batch.n, t.lo, t.hi)
	case layer.CombinedGradient:
		g.CombinedGradient(dw, db, t.lo, t.hi)
	case layer.BlockGradient:
		e.ws.sumBlocks(i, e.batch.blocks(), t.lo, t.hi, dw, db)
	}
}

// measure adds up the squares of a task's gradient.
func (e *engine) measure(worker int, t task) {
	dw, db := e.clipped(worker, t)
	e.clip.squares[t.place] = kernels.SumSquares(dw) + kernels.SumSquares(db)
}

// clipped returns a task's gradient as it was computed, or, if its elements are
// bounded, reduced and bounded.
func (e *engine) clipped(worker int, t task) (dw, db []float32) {
	w, b := t.bounds()
	dw, db = e.grads[w.lo:w.hi], e.grads[b.lo:b.hi]
	if e.clip.value > 0 {
		return e.clip.clipped(worker, dw, db, 1/float32(e.reduce.divisor(e.batch.n)))
	}
	return dw, db
}

// apply updates a task's parameters by their gradient.
func (e *engine) apply(worker int, t task) {
	w, b := t.bounds()
	dw, db := e.clipped(worker, t)
	params := e.net.params
	if t.replicated() {
		params = e.params.own[worker]
	}
	_, undecayed := t.span.op.(layer.Undecayed)
	e.updater.update(params[w.lo:w.hi], dw, w.lo, undecayed)
	e.updater.update(params[b.lo:b.hi], db, b.lo, true)
	e.replicas[worker].spans[t.span.index].op.Pack(t.lo, t.hi)
	if t.replicated() {
		e.params.put(worker, w)
		e.params.put(worker, b)
	}
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
