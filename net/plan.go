package net

import (
	"slices"

	"github.com/simdlanes/lanes/layer"
)

// A phase is what happens to each block between two barriers.
type phase struct {
	load     bool  // first read the block's images
	forward  bound // then run these layers forward
	observe  layer.Batched
	loss     bool  // then compute the loss and its gradient
	backward bound // then run these layers backward, last to first

	observeGrad layer.Batched
	end         func(e *engine) // once, after the barrier
}

// bound is a range [lo, hi), of layers or of parameters.
type bound struct{ lo, hi int }

// planPhases cuts a step into block phases: before every layer that needs the
// whole batch, on the way forward, and after it on the way back. Without such
// layers there is one phase.
func planPhases(ops []layer.Op) []phase {
	var cuts []int
	for i, op := range ops {
		if _, ok := op.(layer.Batched); ok {
			cuts = append(cuts, i)
		}
	}
	var phases []phase
	lo := 0
	for _, c := range cuts {
		b := ops[c].(layer.Batched)
		phases = append(phases, phase{
			forward: bound{lo, c},
			observe: b,
			end:     func(e *engine) { b.Combine(e.ws.allStats(c, e.batch.blocks()), e.batch.n) },
		})
		lo = c
	}
	phases = append(phases, phase{forward: bound{lo, len(ops)}, loss: true})
	phases[0].load = true
	hi := len(ops)
	for i := len(cuts) - 1; i >= 0; i-- {
		c := cuts[i]
		b := ops[c].(layer.Batched)
		p := &phases[len(phases)-1]
		p.backward = bound{c + 1, hi}
		p.observeGrad = b
		p.end = func(e *engine) { b.CombineGrad(e.ws.allStats(c, e.batch.blocks()), e.batch.n) }
		phases = append(phases, phase{})
		hi = c + 1
	}
	phases[len(phases)-1].backward = bound{0, hi}
	return phases
}

// A task is a range of rows of one layer's parameters in the update phase.
type task struct {
	span   span
	lo, hi int
	place  int // among all tasks, in the order of the parameters
}

// taskRows is the number of rows of a task: small enough to share LeNet-5's
// dense layers among many workers, and a multiple of layer.PackRows and of the
// six rows of GEMM's register tile.
const taskRows = 24

// planTasks cuts the parameters into tasks, the longest first.
func planTasks(spans []span) []task {
	var tasks []task
	for _, s := range spans {
		for lo := 0; lo < s.params.Rows; lo += taskRows {
			tasks = append(tasks, task{span: s, lo: lo, hi: min(lo+taskRows, s.params.Rows), place: len(tasks)})
		}
	}
	slices.SortStableFunc(tasks, func(a, b task) int { return b.cost() - a.cost() })
	return tasks
}

// bounds returns the places of the task's weights and biases in a flat vector.
func (t task) bounds() (w, b bound) {
	s := t.span
	w = bound{s.offset + t.lo*s.params.RowLen, s.offset + t.hi*s.params.RowLen}
	end := s.offset + s.params.Weights()
	if !s.params.Biases {
		return w, bound{end, end}
	}
	return w, bound{end + t.lo, end + t.hi}
}

// replicated reports whether each worker has its own of the task's layer.
func (t task) replicated() bool {
	_, ok := t.span.op.(layer.Replicated)
	return ok
}

// cost estimates the task's time, in weights of a dense layer. A convolution's
// take longer: their gradients come from other cores, block by block, and to
// pack filters is a transposition with short rows.
func (t task) cost() int {
	n := (t.hi - t.lo) * t.span.params.RowLen
	if _, ok := t.span.op.(layer.BlockGradient); ok {
		return 4 * n
	}
	return n
}

// deal gives each task, the longest first, to the worker that has least to do so
// far. It returns the tasks worker by worker; those of worker w are
// [first[w], first[w+1]).
func deal(tasks []task, first []int) []task {
	own := make([][]task, len(first)-1)
	load := make([]int, len(own))
	for _, t := range tasks {
		w := slices.Index(load, slices.Min(load))
		own[w] = append(own[w], t)
		load[w] += t.cost()
	}
	for w, tasks := range own {
		first[w+1] = first[w] + len(tasks)
	}
	return slices.Concat(own...)
}
