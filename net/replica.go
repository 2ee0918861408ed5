package net

import (
	"math"
	"slices"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// A replica is the network as one worker sees it. Where there are several
// workers, each has its own of every layer.Replicated: of a step's new
// parameters only the weights travel between the cores, and nothing that is
// derived from them.
type replica struct {
	ops  []layer.Op
	own  []span    // the layers that the worker packs for itself
	room []float32 // for the weights of one task
}

// newReplica returns a worker's replica, which for worker 0 is the network
// itself.
func newReplica(n *Network, worker, workers int) *replica {
	r := &replica{ops: slices.Clone(n.ops)}
	if workers == 1 {
		return r
	}
	for _, s := range n.spans {
		op, ok := s.op.(layer.Replicated)
		if !ok {
			continue
		}
		if worker > 0 {
			s.op = op.Replica()
			r.ops[s.index] = s.op
		}
		r.own = append(r.own, s)
		r.room = slices.Grow(r.room, taskRows*s.params.RowLen)
	}
	return r
}

// owns reports whether the worker packs layer i for itself.
func (r *replica) owns(i int) bool {
	return slices.ContainsFunc(r.own, func(s span) bool { return s.index == i })
}

// pack renews what the replica derives from the parameters. The weights come
// from the cores that updated them.
func (r *replica) pack(params []float32) {
	for _, s := range r.own {
		fetch(s.weights(params))
		s.op.Pack(0, s.params.Rows)
	}
}

// update changes the parameters w, lo and following, which all workers read.
func (r *replica) update(u updater, w, g []float32, lo int) {
	room := r.room[:len(w)]
	copy(room, w)
	u.update(room, g, lo)
	kernels.Stream(w, room)
}

// fetch reads one element of every cache line of x in order, so that x is in
// this core's cache for a computation that will read it in another order: this
// is the order in which a processor foresees the next lines.
//
//go:noinline
func fetch(x []float32) (all uint32) {
	const line = 16
	for i := 0; i < len(x); i += line {
		all |= math.Float32bits(x[i])
	}
	return all
}
