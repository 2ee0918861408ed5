package net

import (
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// workspace is the memory of training steps. It grows with the largest batch
// and is reused from step to step.
type workspace struct {
	net     *Network
	workers int
	blocks  int // capacity

	// A worker carries one block at a time in a frame of its own; if blocks
	// wait for each other between phases, every block has its own.
	frames   []*frame
	perBlock bool

	// The inputs of each layer.BatchGradient, and the gradients of its outputs,
	// as matrices over the whole batch, and the step in which a worker has put
	// its blocks there.
	act, grad []exchange
	put       []marks
	losses    []float32
	logits    [][]float32 // for the loss of a block's images that a worker has, see frame.logits

	// Indexed by layer: the blocks' gradients of a layer.BlockGradient, and what
	// a layer.Batched keeps of them, one block after another.
	partials [][]float32
	observed [][]float64
}

func (ws *workspace) init(n *Network, perBlock bool, workers int) {
	ws.net = n
	ws.workers = workers
	ws.perBlock = perBlock
	ws.act = make([]exchange, len(n.shapes))
	ws.grad = make([]exchange, len(n.shapes))
	ws.put = make([]marks, len(n.ops))
	ws.partials = make([][]float32, len(n.ops))
	ws.observed = make([][]float64, len(n.ops))
	if !perBlock {
		ws.addFrames(workers)
	}
	for range workers {
		ws.logits = append(ws.logits, make([]float32, n.Output().Len()*kernels.Lanes))
	}
}

// grow makes room for a number of blocks.
func (ws *workspace) grow(blocks int) {
	if blocks <= ws.blocks {
		return
	}
	ws.blocks = blocks
	images := blocks * kernels.Lanes
	ws.losses = make([]float32, images)
	for i, op := range ws.net.ops {
		if _, ok := op.(layer.BatchGradient); ok {
			ws.act[i] = newExchange(ws.workers, images*ws.net.shapes[i].Len())
			ws.grad[i+1] = newExchange(ws.workers, images*ws.net.shapes[i+1].Len())
			ws.put[i] = newMarks(ws.workers, blocks)
		}
		if g, ok := op.(layer.BlockGradient); ok {
			ws.partials[i] = make([]float32, blocks*g.Params().Len())
		}
		if b, ok := op.(layer.Batched); ok {
			ws.observed[i] = make([]float64, blocks*b.StatsLen())
		}
	}
	if ws.perBlock {
		ws.addFrames(blocks)
	}
}

// addFrames makes frames until there are n.
func (ws *workspace) addFrames(n int) {
	for len(ws.frames) < n {
		f := newFrame(ws.net.shapes)
		f.grad = make([][]float32, len(ws.net.shapes))
		for i := 1; i < len(f.grad); i++ {
			f.grad[i] = make([]float32, len(f.act[i]))
		}
		ws.frames = append(ws.frames, f)
	}
}

// frame returns the frame in which a worker carries a block.
func (ws *workspace) frame(worker, block int) *frame {
	if ws.perBlock {
		return ws.frames[block]
	}
	return ws.frames[worker]
}

// bind makes a worker's frame lie, where it can, in the block's rows of the
// matrices, so that they need not be copied there. Between phases a block may
// change hands.
func (ws *workspace) bind(f *frame, worker, block int) {
	if ws.perBlock {
		return
	}
	for i := range ws.put {
		if ws.put[i] != nil {
			f.act[i] = ws.act[i].own[worker][ws.row(i, block):]
			f.grad[i+1] = ws.grad[i+1].own[worker][ws.row(i+1, block):]
		}
	}
}

// row is where a block's rows of tensor i begin.
func (ws *workspace) row(i, block int) int { return block * kernels.Lanes * ws.net.shapes[i].Len() }

// gather puts the input x of layer i, a layer.BatchGradient, and the gradient
// dy of its output, into the block's rows of the matrices.
func (ws *workspace) gather(worker, i, block int, step uint64, x, dy []float32) {
	ws.gatherRows(worker, i, block, 0, x, dy)
	ws.mark(worker, i, block, step)
}

// mark remembers that a block's rows of layer i are in the worker's copy.
func (ws *workspace) mark(worker, i, block int, step uint64) { ws.put[i][worker][block] = step }

// gatherRows is gather for some of the block's images, the first of which is given.
func (ws *workspace) gatherRows(worker, i, block, first int, x, dy []float32) {
	in, out := ws.row(i, block)+first*ws.net.shapes[i].Len(), ws.row(i+1, block)+first*ws.net.shapes[i+1].Len()
	if ws.perBlock {
		copy(ws.act[i].own[worker][in:], x)
		copy(ws.grad[i+1].own[worker][out:], dy)
	}
	ws.act[i].put(worker, bound{in, in + len(x)})
	ws.grad[i+1].put(worker, bound{out, out + len(dy)})
}

// gathered returns the input of layer i and the gradient of its output, n rows,
// as they are in the worker's copy.
func (ws *workspace) gathered(worker, i, n int) (x, dy []float32) {
	return ws.act[i].own[worker][:n*ws.net.shapes[i].Len()], ws.grad[i+1].own[worker][:n*ws.net.shapes[i+1].Len()]
}

// collect gets the rows of layer i that others have put.
func (ws *workspace) collect(worker, i int, b *batch, step uint64) {
	in, out := ws.net.shapes[i].Len(), ws.net.shapes[i+1].Len()
	for block, put := range ws.put[i][worker][:b.blocks()] {
		if put != step {
			lo, hi := b.bounds(block)
			ws.act[i].get(worker, bound{lo * in, hi * in})
			ws.grad[i+1].get(worker, bound{lo * out, hi * out})
		}
	}
}

// partial returns where a block's gradients of layer i go.
func (ws *workspace) partial(i, block int) (dw, db []float32) {
	p := ws.net.ops[i].(layer.Trained).Params()
	all := ws.partials[i][block*p.Len():][:p.Len()]
	return all[:p.Weights()], all[p.Weights():]
}

// sumBlocks adds up the blocks' gradients of rows lo to hi of layer i.
func (ws *workspace) sumBlocks(i, blocks, lo, hi int, dw, db []float32) {
	p := ws.net.ops[i].(layer.Trained).Params()
	sumTree(blocks, func(block int) []float32 {
		w, _ := ws.partial(i, block)
		return w[lo*p.RowLen : hi*p.RowLen]
	})
	w, b := ws.partial(i, 0)
	copy(dw, w[lo*p.RowLen:hi*p.RowLen])
	if !p.Biases {
		return
	}
	sumTree(blocks, func(block int) []float32 {
		_, b := ws.partial(i, block)
		return b[lo:hi]
	})
	copy(db, b[lo:hi])
}

// stats returns where layer i, a layer.Batched, keeps what it observed of a
// block; allStats those of all blocks.
func (ws *workspace) stats(i, block int) []float64 {
	n := ws.net.ops[i].(layer.Batched).StatsLen()
	return ws.observed[i][block*n:][:n]
}

func (ws *workspace) allStats(i, blocks int) []float64 {
	n := ws.net.ops[i].(layer.Batched).StatsLen()
	return ws.observed[i][:blocks*n]
}
