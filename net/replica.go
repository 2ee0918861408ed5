package net

import (
	"slices"

	"github.com/simdlanes/lanes/layer"
)

// A replica is the network as one worker sees it. Where there are several
// workers, each has its own of every layer.Replicated, with parameters of its
// own: of a step's update only the parameters travel between the cores, and
// nothing that is derived from them.
type replica struct {
	ops    []layer.Op
	train  []layer.Training // of ops, nil for those that compute in training what they do in prediction
	spans  []span           // by layer; those of replicated layers are the replica's
	params []float32        // the parameters of replicated layers
}

// newReplica returns the replica of a worker with the given parameters.
// Worker 0's is the network itself.
func newReplica(n *Network, worker int, params []float32) *replica {
	r := &replica{ops: slices.Clone(n.ops), spans: make([]span, len(n.ops)), params: params}
	for _, s := range n.spans {
		if op, ok := s.op.(layer.Replicated); ok && worker > 0 {
			s.op = op.Replica()
			s.op.Attach(s.weights(params), s.biases(params))
			r.ops[s.index] = s.op
		}
		r.spans[s.index] = s
	}
	r.train = make([]layer.Training, len(r.ops))
	for i, op := range r.ops {
		r.train[i], _ = op.(layer.Training)
	}
	return r
}

// renew copies the parameters of the network, which something else than the
// engine has changed.
func (r *replica) renew(n *Network) {
	copy(r.params, n.params)
	for _, s := range r.spans {
		if _, ok := s.op.(layer.Replicated); ok {
			s.op.Pack(0, s.params.Rows)
		}
	}
}
