package workers

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// round is a counter whose next value others wait for.
type round struct {
	n        atomic.Int64
	sleepers atomic.Int64
	mu       sync.Mutex
	begun    sync.Cond // with mu; n has changed
}

func (r *round) init() { r.begun.L = &r.mu }

func (r *round) now() int64 { return r.n.Load() }

// next begins the next round and wakes those who sleep.
func (r *round) next() {
	r.n.Add(1)
	// Whoever counts as a sleeper only after this look sees the new round.
	if r.sleepers.Load() > 0 {
		r.mu.Lock()
		r.begun.Broadcast()
		r.mu.Unlock()
	}
}

// await returns when the round after seen has begun. Phases and steps follow
// each other within microseconds, and waking a thread takes longer than that,
// so it looks out for a while; then it sleeps, lest it keep a processor from
// whom it waits for.
func (r *round) await(seen int64, looks int) {
	if r.lookOut(seen, looks) {
		return
	}
	r.sleepers.Add(1)
	r.mu.Lock()
	for r.now() == seen {
		r.begun.Wait()
	}
	r.mu.Unlock()
	r.sleepers.Add(-1)
}

// How often await looks before it sleeps: some twenty microseconds for a job, which
// may never come, and a hundred at a barrier, whose workers are at work. There one
// that sleeps and wakes late makes the others wait so long that they sleep at the
// next barrier, and so on.
const (
	looksForJob   = 20_000
	looksForOther = 100_000
)

// lookOut reports whether round seen ends while it looks. It yields now and
// then, in case there are fewer processors than goroutines.
func (r *round) lookOut(seen int64, looks int) bool {
	for i := range looks {
		if r.now() != seen {
			return true
		}
		if i%128 == 127 {
			runtime.Gosched()
		}
	}
	return false
}
