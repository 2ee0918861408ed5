// Package workers runs one job on several goroutines that wait for work, with
// a barrier inside the job: the only place of the module that starts
// goroutines.
package workers

import (
	"runtime"
	"sync/atomic"
)

// Job is work that all workers of a pool do together.
type Job interface {
	// Work is called once for each worker, 0 <= worker < Pool.Workers(), at the
	// same time.
	Work(worker int)
}

// Pool is a fixed number of workers, one of which is the caller of Run. Run and
// Close must not be called concurrently with each other or themselves.
type Pool struct {
	workers int
	closed  bool
	job     Job   // of the current round; nil once the pool is closed
	jobs    round // one for each call of Run, and one for Close

	// The barrier: the last worker to arrive opens it.
	arrived atomic.Int64
	_       [64]byte // what is written by all stays off the cache line that all watch
	opened  round
}

// New returns a pool of n workers, runtime.GOMAXPROCS(0) if n is 0 or less. It
// starts n-1 goroutines, which end with Close.
func New(n int) *Pool {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	p := &Pool{workers: n}
	p.jobs.init()
	p.opened.init()
	for worker := 1; worker < n; worker++ {
		go p.serve(worker)
	}
	return p
}

// Workers is the number of workers.
func (p *Pool) Workers() int { return p.workers }

// Run calls job.Work on every worker and returns when all have returned. It
// does not allocate.
func (p *Pool) Run(job Job) {
	p.job = job
	p.jobs.next()
	job.Work(0)
	p.Barrier()
}

func (p *Pool) serve(worker int) {
	for seen := int64(0); ; seen++ {
		p.jobs.await(seen, looksForJob)
		if p.job == nil {
			return
		}
		p.job.Work(worker)
		p.Barrier()
	}
}

// Barrier returns when every worker has called it. It may be called only from
// Work, by each worker equally often.
func (p *Pool) Barrier() {
	seen := p.opened.now()
	if p.arrived.Add(1) < int64(p.workers) {
		p.opened.await(seen, looksForOther)
		return
	}
	p.arrived.Store(0)
	p.opened.next()
}

// Close ends the pool's goroutines. The pool must not be used afterwards; a
// second Close does nothing.
func (p *Pool) Close() {
	if !p.closed {
		p.closed = true
		p.job = nil
		p.jobs.next()
	}
}
