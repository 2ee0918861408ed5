package net

import (
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net/workers"
)

// Where blocks are too few, workers would wait for the last of them. Instead all
// take these together, layer by layer: of images each worker has some channels, of
// vectors some of the block's rows. Each output is computed by one worker, in the
// order of always.

// sharedBlocks is the number of the last blocks of the step that all workers share.
// A step that is shown has none: its tensors are kept block by block.
func (e *engine) sharedBlocks() int {
	if e.sharing == nil || e.showing {
		return 0
	}
	return workers.Rest(e.batch.blocks(), e.pool.Workers())
}

// A sharing is what the workers must agree on of a layer that they share: where they
// wait for each other depends on it, and on the interfaces of the network's own
// layers, which replicas need not have.
type sharing struct {
	reads owner            // who makes what a worker reads
	act   layer.Activation // whose derivative comes before the layer's BackwardPart
}

// An owner says which part of a tensor a worker has.
type owner int

const (
	everything owner = iota // all workers have met since it was made
	channels                // of an image, those that layer.PartOf gives it
	rows                    // of a vector, some of the block's images
)

// planSharing returns how each layer is shared, nil if one cannot be.
func planSharing(n *Network) []sharing {
	s := make([]sharing, len(n.ops))
	for i, op := range n.ops {
		if n.ofVectors(i) {
			s[i].reads = rows
			continue
		}
		if n.shapes[i].IsVector() {
			return nil // a worker's part of a vector is not that of an image
		}
		d, ok := op.(layer.Divided)
		if !ok {
			return nil
		}
		if d.Channelwise() {
			s[i].reads = channels
		}
		_, batched := op.(layer.Batched)
		if a, ok := op.(layer.Activated); ok && !batched {
			s[i].act = a.Activation()
		}
	}
	return s
}

// ofVectors reports whether layer i makes vectors of vectors.
func (n *Network) ofVectors(i int) bool { return n.shapes[i].IsVector() && n.shapes[i+1].IsVector() }

// A course is one worker's way through a block that all share.
type course struct {
	e      *engine
	r      *replica
	f      *frame // of the first worker
	worker int
	block  int
	item   int
	first  int   // the block's first image, in the batch
	n      int   // images of the block
	step   int   // of the way, the same for all workers
	made   owner // of what the next layer reads
}

// shareBlock carries one block through a phase together with the other workers, in
// the frame of the first.
func (e *engine) shareBlock(worker int, p phase, block, item int) {
	lo, hi := e.batch.bounds(block)
	c := course{
		e: e, r: e.replicas[worker], f: e.ws.frame(0, block),
		worker: worker, block: block, item: item, first: lo, n: hi - lo,
	}
	c.load(p)
	c.meet()
	for i := p.forward.lo; i < p.forward.hi; i++ {
		c.forward(i)
	}
	if p.observe != nil {
		c.observe(p.forward.hi, false)
	}
	if p.loss {
		c.loss()
	}
	for i := p.backward.hi - 1; i >= max(p.backward.lo, e.first); i-- {
		c.backward(i)
	}
	if p.observeGrad != nil {
		c.observe(p.backward.lo-1, true)
	}
	c.meet()
}

// meet waits until all workers have made what others are about to read.
func (c *course) meet() {
	c.e.pool.Barrier()
	c.made = everything
}

// reach makes sure that a worker finds what it reads: what it has made itself, if
// that is all.
func (c *course) reach(reads owner) {
	if c.made != everything && c.made != reads {
		c.meet()
	}
}

// begin begins the next step and reports whether there is a reason to compute it:
// nothing has failed that a single worker would have come to before.
func (c *course) begin() bool {
	c.step++
	return !c.e.failure.beforePart(c.item, c.step*c.e.pool.Workers())
}

// part is the place of the worker's part of the step among those of the item.
func (c *course) part() int { return c.step*c.e.pool.Workers() + c.worker }

// catch, deferred, makes a panic the failure of the worker's part of the step.
func (c *course) catch() {
	if value := recover(); value != nil {
		c.fail(panicked{value})
	}
}

// fail makes an error the failure of the worker's part of the step.
func (c *course) fail(err error) { c.e.failure.setPart(c.item, c.part(), err) }

// load binds the first worker's frame to the block and reads its images, if the
// phase begins with that.
func (c *course) load(p phase) {
	if !c.begin() || c.worker > 0 {
		return
	}
	defer c.catch()
	c.e.ws.bind(c.f, 0, c.block)
	if !p.load {
		return
	}
	if err := c.e.load(c.f, c.first, c.first+c.n); err != nil {
		c.fail(err)
	}
}

// forward runs layer i.
func (c *course) forward(i int) {
	reads := c.e.sharing[i].reads
	c.reach(reads)
	if reads == rows {
		c.forwardRows(i)
		c.made = rows
		return
	}
	c.forwardPart(i)
	c.made = channels
}

func (c *course) forwardRows(i int) {
	at, n := c.rows(i)
	if !c.begin() || n == 0 {
		return
	}
	defer c.catch()
	x, y := c.ownRows(c.f.act, i), c.ownRows(c.f.act, i+1)
	if t := c.r.train[i]; t != nil {
		t.ForwardTraining(y, x, n, at)
	} else {
		c.r.ops[i].Forward(y, x, n)
	}
}

func (c *course) forwardPart(i int) {
	of := i + 1
	if c.e.net.shapes[of].IsVector() {
		of = i
	}
	p := c.channels(of, i)
	if !c.begin() || p.Lo == p.Hi {
		return
	}
	defer c.catch()
	c.r.ops[i].(layer.Divided).ForwardPart(c.tensor(c.f.act, i+1), c.tensor(c.f.act, i), c.n, p)
}

// observe lets layer i observe its input or, with grad, the gradient of its output:
// each worker some channels, or the first worker all.
func (c *course) observe(i int, grad bool) {
	_, divided := c.e.net.ops[i].(layer.DividedBatched)
	divided = divided && !c.e.net.ofVectors(i)
	if divided {
		c.reach(channels)
	} else {
		c.meet()
	}
	of := i
	if grad {
		of++
	}
	p := c.channels(of, i)
	if !c.begin() || divided && p.Lo == p.Hi || !divided && c.worker > 0 {
		return
	}
	defer c.catch()
	stats, x, y := c.e.ws.stats(i, c.block), c.tensor(c.f.act, i), c.tensor(c.f.act, i+1)
	switch op := c.r.ops[i]; {
	case divided && grad:
		op.(layer.DividedBatched).ObserveGradPart(stats, c.tensor(c.f.grad, i+1), x, y, c.n, p)
	case divided:
		op.(layer.DividedBatched).ObservePart(stats, x, c.n, p)
	case grad:
		op.(layer.Batched).ObserveGrad(stats, c.tensor(c.f.grad, i+1), x, y, c.n)
	default:
		op.(layer.Batched).Observe(stats, x, c.n)
	}
}

// loss computes the losses of the worker's rows and their gradients.
func (c *course) loss() {
	c.reach(rows)
	last := len(c.e.net.ops)
	r := c.share()
	if c.begin() && r.lo < r.hi {
		c.lossRows(last, c.first+r.lo, c.first+r.hi)
	}
	c.made = rows
}

func (c *course) lossRows(last, lo, hi int) {
	defer c.catch()
	e := c.e
	losses := e.ws.losses[lo:hi]
	e.loss.block(c.ownRows(c.f.grad, last), c.ownRows(c.f.act, last), e.batch.labels[lo:hi], losses, e.ws.logits[c.worker])
	if err := checkLosses(losses, &e.batch, lo); err != nil {
		c.fail(err)
	}
}

// backward runs layer i in reverse.
func (c *course) backward(i int) {
	s := c.e.sharing[i]
	if s.reads == rows {
		c.reach(rows)
		c.backwardRows(i)
		c.made = rows
		c.gradient(i)
		return
	}
	if s.act != layer.Identity {
		c.derivative(i, s.act)
	}
	if i > c.e.first {
		c.reach(s.reads)
	} else {
		c.reach(channels)
	}
	c.backwardPart(i)
	c.made = channels
	if _, ok := c.e.net.ops[i].(layer.DividedGradient); !ok {
		c.gradient(i)
	}
}

func (c *course) backwardRows(i int) {
	at, n := c.rows(i)
	if !c.begin() || n == 0 {
		return
	}
	defer c.catch()
	x, y, dy := c.ownRows(c.f.act, i), c.ownRows(c.f.act, i+1), c.ownRows(c.f.grad, i+1)
	var dx []float32
	if i > c.e.first {
		dx = c.ownRows(c.f.grad, i)
	}
	if t := c.r.train[i]; t != nil {
		t.BackwardTraining(dx, dy, x, y, n, at)
	} else {
		c.r.ops[i].Backward(dx, dy, x, y, n)
	}
	if _, ok := c.r.ops[i].(layer.BatchGradient); ok {
		c.e.ws.gatherRows(0, i, c.block, c.share().lo, x, dy)
		if c.worker == 0 {
			c.e.ws.mark(0, i, c.block, c.e.count)
		}
	}
}

// derivative multiplies the gradient of the output of layer i by that of the layer's
// activation.
func (c *course) derivative(i int, act layer.Activation) {
	dy, y := c.tensor(c.f.grad, i+1), c.tensor(c.f.act, i+1)
	if c.e.net.shapes[i+1].IsVector() {
		c.reach(rows)
		dy, y = c.ownRows(c.f.grad, i+1), c.ownRows(c.f.act, i+1)
		c.made = rows
	} else {
		c.reach(channels)
		p := c.channels(i+1, i)
		dy, y = p.Of(dy, c.e.net.shapes[i+1]), p.Of(y, c.e.net.shapes[i+1])
		c.made = channels
	}
	if c.begin() {
		act.Backward(dy, y)
	}
}

func (c *course) backwardPart(i int) {
	if !c.begin() {
		return
	}
	defer c.catch()
	x, y, dy := c.tensor(c.f.act, i), c.tensor(c.f.act, i+1), c.tensor(c.f.grad, i+1)
	if i > c.e.first {
		of := i
		if c.e.net.shapes[i].IsVector() {
			of = i + 1
		}
		if p := c.channels(of, i); p.Lo < p.Hi {
			c.r.ops[i].(layer.Divided).BackwardPart(c.tensor(c.f.grad, i), dy, x, y, c.n, p)
		}
	}
	if _, ok := c.e.net.ops[i].(layer.DividedGradient); ok {
		dw, db := c.e.ws.partial(i, c.block)
		if p := c.channels(i+1, i); p.Lo < p.Hi {
			c.r.ops[i].(layer.DividedGradient).GradientPart(dw, db, x, dy, c.n, p)
		}
	}
}

// gradient computes the gradient of a layer.BlockGradient that is not divided, on
// the first worker.
func (c *course) gradient(i int) {
	if _, ok := c.e.net.ops[i].(layer.BlockGradient); !ok {
		return
	}
	c.meet()
	if !c.begin() || c.worker > 0 {
		return
	}
	defer c.catch()
	dw, db := c.e.ws.partial(i, c.block)
	c.r.ops[i].(layer.BlockGradient).Gradient(dw, db, c.tensor(c.f.act, i), c.tensor(c.f.grad, i+1), c.n)
}

// tensor is tensor i, an activation or a gradient, of the block.
func (c *course) tensor(of [][]float32, i int) []float32 {
	return c.f.tensor(of, i, c.e.net.shapes[i], c.n)
}

// channels are those that the worker has of tensor i, in a layer.
func (c *course) channels(i, in int) layer.Part {
	p := layer.PartOf(c.e.net.shapes[i].C, c.worker, c.e.pool.Workers())
	p.At = layer.Place{Step: c.e.clock, Layer: in, Image: c.first}
	return p
}

// share is the worker's part of the block's images.
func (c *course) share() bound {
	w := c.e.pool.Workers()
	return bound{c.n * c.worker / w, c.n * (c.worker + 1) / w}
}

// rows are the place and the number of the worker's images in layer i.
func (c *course) rows(i int) (at layer.Place, n int) {
	r := c.share()
	return layer.Place{Step: c.e.clock, Layer: i, Image: c.first + r.lo}, r.hi - r.lo
}

// ownRows are the worker's rows of tensor i, a vector.
func (c *course) ownRows(of [][]float32, i int) []float32 {
	r, size := c.share(), c.e.net.shapes[i].Len()
	return of[i][r.lo*size : r.hi*size]
}
