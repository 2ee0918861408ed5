package net

import "sync/atomic"

// A queue deals the items of a phase to the workers. Each has items of its own,
// the same ones step after step, so that what it wrote in one step is still in
// its cache in the next; a worker that is done with its own takes what others
// have not begun.
type queue struct {
	first []int     // worker w's own items are [first[w], first[w+1])
	taken []counter // how many of them have been taken
}

// counter is alone on its cache line, and on the one beside it, which the
// processor may fetch along: the worker that it belongs to counts in its own
// cache.
type counter struct {
	atomic.Int64
	_ [120]byte
}

// newQueue returns a queue without items.
func newQueue(workers int) queue {
	return queue{first: make([]int, workers+1), taken: make([]counter, workers)}
}

// divide deals n items evenly, neighbours to the same worker.
func (q *queue) divide(n int) {
	workers := len(q.taken)
	for w := range q.first {
		q.first[w] = w * n / workers
	}
}

// rewind makes a worker's own items be taken again.
func (q *queue) rewind(worker int) { q.taken[worker].Store(0) }

// items yields the items that a worker is the first to take: its own, then its
// neighbours'.
func (q *queue) items(worker int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range q.taken {
			owner := (worker + i) % len(q.taken)
			for item, ok := q.take(owner); ok; item, ok = q.take(owner) {
				if !yield(item) {
					return
				}
			}
		}
	}
}

// take takes the next of the owner's items, if there is one. It looks before it
// counts: to look at a counter that is not going to change leaves it in its
// owner's cache.
func (q *queue) take(owner int) (item int, ok bool) {
	own := q.first[owner+1] - q.first[owner]
	if int(q.taken[owner].Load()) >= own {
		return 0, false
	}
	i := int(q.taken[owner].Add(1)) - 1
	return q.first[owner] + i, i < own
}
