package net

// An exchange gives each worker a copy of its own of a vector that the workers
// write in parts. A worker writes a part in its copy and puts it; after a
// barrier the others get it. So what a worker reads again and again is in the
// cache of its core and in no other, and what travels does so once, in order.
type exchange struct {
	own    [][]float32 // for each worker
	shared []float32   // where parts travel; none for one worker
}

// newExchange returns an exchange of vectors of n elements.
func newExchange(workers, n int) exchange {
	x := exchange{own: make([][]float32, workers)}
	for w := range x.own {
		x.own[w] = make([]float32, n)
	}
	if workers > 1 {
		x.shared = make([]float32, n)
	}
	return x
}

// put shows a part of the worker's copy to the others.
func (x *exchange) put(worker int, part bound) {
	if x.shared != nil {
		copy(x.shared[part.lo:part.hi], x.own[worker][part.lo:part.hi])
	}
}

// get renews a part of the worker's copy, put by another.
func (x *exchange) get(worker int, part bound) {
	copy(x.own[worker][part.lo:part.hi], x.shared[part.lo:part.hi])
}

// marks remember which parts a worker has put in the current step. Those of a
// worker share no cache line with another's.
type marks [][]uint64

func newMarks(workers, parts int) marks {
	const apart = 16 // two cache lines, of which a processor may fetch both
	m := make(marks, workers)
	for w := range m {
		m[w] = make([]uint64, apart+parts+apart)[apart:][:parts]
	}
	return m
}
