// Package workers runs one job on several goroutines that wait for work, with
// a barrier inside the job: the only place of the module that starts
// goroutines.
package workers

import (
	"runtime"
	"sync"
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
	wake []chan Job // one for each worker but the caller
	done sync.WaitGroup

	// The barrier: the last of the workers to arrive starts the next round.
	arrived atomic.Int64
	round   atomic.Int64
}

// New returns a pool of n workers, runtime.GOMAXPROCS(0) if n is 0 or less. It
// starts n-1 goroutines, which end with Close.
func New(n int) *Pool {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	p := &Pool{wake: make([]chan Job, n-1)}
	for i := range p.wake {
		p.wake[i] = make(chan Job, 1)
		go p.serve(i+1, p.wake[i])
	}
	return p
}

func (p *Pool) serve(worker int, wake <-chan Job) {
	for job := range wake {
		job.Work(worker)
		p.done.Done()
	}
}

// Workers is the number of workers.
func (p *Pool) Workers() int { return len(p.wake) + 1 }

// Run calls job.Work on every worker and returns when all have returned. It
// does not allocate.
func (p *Pool) Run(job Job) {
	p.done.Add(len(p.wake))
	for _, w := range p.wake {
		w <- job
	}
	job.Work(0)
	p.done.Wait()
}

// Barrier returns when every worker has called it. It may be called only from
// Work, by each worker equally often.
//
// Workers wait by spinning, because phases end within microseconds of each
// other, and yield the processor in case there are fewer of them than workers.
func (p *Pool) Barrier() {
	round := p.round.Load()
	if p.arrived.Add(1) == int64(p.Workers()) {
		p.arrived.Store(0)
		p.round.Add(1)
		return
	}
	for spins := 0; p.round.Load() == round; spins++ {
		if spins > 1000 {
			runtime.Gosched()
		}
	}
}

// Close ends the pool's goroutines. The pool must not be used afterwards; a
// second Close does nothing.
func (p *Pool) Close() {
	for _, w := range p.wake {
		close(w)
	}
	p.wake = nil
}
