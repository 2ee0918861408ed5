package net

import (
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// workspace is the memory of training steps. It grows with the largest batch
// and is reused from step to step.
type workspace struct {
	net    *Network
	blocks int // capacity

	// A worker carries one block at a time in a frame of its own; if blocks
	// wait for each other between phases, every block has its own.
	frames   []*frame
	perBlock bool

	// Vector tensors live in matrices over the whole batch, of which a frame
	// sees its block's rows: the gradients of dense layers need all rows.
	act, grad [][]float32
	losses    []float32

	// Indexed by layer: the blocks' gradients of a layer.BlockGradient, and what
	// a layer.Batched keeps of them, one block after another.
	partials [][]float32
	observed [][]float32
}

func (ws *workspace) init(n *Network, perBlock bool, workers int) {
	ws.net = n
	ws.perBlock = perBlock
	ws.act = make([][]float32, len(n.shapes))
	ws.grad = make([][]float32, len(n.shapes))
	ws.partials = make([][]float32, len(n.ops))
	ws.observed = make([][]float32, len(n.ops))
	if !perBlock {
		ws.addFrames(workers)
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
	for i, s := range ws.net.shapes {
		if s.IsVector() {
			ws.act[i] = make([]float32, images*s.Len())
			ws.grad[i] = make([]float32, images*s.Len())
		}
	}
	for i, op := range ws.net.ops {
		if g, ok := op.(layer.BlockGradient); ok {
			ws.partials[i] = make([]float32, blocks*g.Params().Len())
		}
		if b, ok := op.(layer.Batched); ok {
			ws.observed[i] = make([]float32, blocks*b.StatsLen())
		}
	}
	if ws.perBlock {
		ws.addFrames(blocks)
	}
}

// addFrames makes frames until there are n.
func (ws *workspace) addFrames(n int) {
	for len(ws.frames) < n {
		f := &frame{
			act:     make([][]float32, len(ws.net.shapes)),
			grad:    make([][]float32, len(ws.net.shapes)),
			staging: make([]float32, ws.net.Input().Len()*kernels.Lanes),
			logits:  make([]float32, ws.net.Output().Len()*kernels.Lanes),
		}
		for i, s := range ws.net.shapes {
			if s.IsVector() {
				continue
			}
			f.act[i] = make([]float32, s.Len()*kernels.Lanes)
			if i > 0 {
				f.grad[i] = make([]float32, s.Len()*kernels.Lanes)
			}
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

// bind points the frame's vector tensors to the block's rows.
func (ws *workspace) bind(f *frame, block int) {
	for i, s := range ws.net.shapes {
		if s.IsVector() {
			first := block * kernels.Lanes * s.Len()
			f.act[i] = ws.act[i][first:]
			f.grad[i] = ws.grad[i][first:]
		}
	}
}

// rows returns the first n rows of vector tensor i.
func (ws *workspace) rows(of [][]float32, i, n int) []float32 {
	return of[i][:n*ws.net.shapes[i].Len()]
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
func (ws *workspace) stats(i, block int) []float32 {
	n := ws.net.ops[i].(layer.Batched).StatsLen()
	return ws.observed[i][block*n:][:n]
}

func (ws *workspace) allStats(i, blocks int) []float32 {
	n := ws.net.ops[i].(layer.Batched).StatsLen()
	return ws.observed[i][:blocks*n]
}
