package workers_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/net/workers"
)

// sizes are the numbers of workers that are tried: alone, few, and more than
// the machine has cores.
var sizes = []int{1, 2, 3, 7, 4 * runtime.NumCPU()}

// newPool returns a pool that is closed at the end of the test.
func newPool(t testing.TB, n int) *workers.Pool {
	p := workers.New(n)
	t.Cleanup(p.Close)
	return p
}

// job is a function as a workers.Job.
type job func(worker int)

func (j job) Work(worker int) { j(worker) }

func TestNewSize(t *testing.T) {
	for n, want := range map[int]int{-1: runtime.GOMAXPROCS(0), 0: runtime.GOMAXPROCS(0), 1: 1, 5: 5} {
		if got := newPool(t, n).Workers(); got != want {
			t.Errorf("New(%d): want %d workers, have %d", n, want, got)
		}
	}
}

// TestRunOncePerWorker writes without synchronisation of its own: the race
// detector sees to it that Run orders what comes before and after it.
func TestRunOncePerWorker(t *testing.T) {
	for _, n := range sizes {
		p := newPool(t, n)
		calls := make([]int, n)
		for round := 1; round <= 100; round++ {
			p.Run(job(func(worker int) { calls[worker]++ }))
			for worker, c := range calls {
				if c != round {
					t.Fatalf("%d workers, after %d runs: want as many calls of worker %d, have %d", n, round, worker, c)
				}
			}
		}
	}
}

// TestBarrierOrdersPhases lets each worker write a number in every phase and
// read all others' after the barrier. Without a barrier, numbers of another
// phase are read, and the race detector complains.
func TestBarrierOrdersPhases(t *testing.T) {
	phases := 300
	if testing.Short() {
		phases = 50
	}
	for _, n := range sizes {
		t.Run(fmt.Sprint("workers=", n), func(t *testing.T) {
			p := newPool(t, n)
			written := make([]int, n)
			var wrong atomic.Int64
			p.Run(job(func(worker int) {
				for phase := 1; phase <= phases; phase++ {
					written[worker] = phase
					p.Barrier()
					for _, w := range written {
						if w != phase {
							wrong.Add(1)
						}
					}
					p.Barrier()
				}
			}))
			if wrong.Load() != 0 {
				t.Errorf("want the number of the phase everywhere, have %d of %d others", wrong.Load(), n*n*phases)
			}
		})
	}
}

// TestSleepersWake lets workers wait for longer than they look out: between
// two runs, and at a barrier for one that comes late.
func TestSleepersWake(t *testing.T) {
	p := newPool(t, 3)
	var calls atomic.Int64
	for range 3 {
		p.Run(job(func(worker int) {
			if worker == 1 {
				time.Sleep(5 * time.Millisecond)
			}
			p.Barrier()
			calls.Add(1)
		}))
		time.Sleep(5 * time.Millisecond)
	}
	if got := calls.Load(); got != 9 {
		t.Errorf("want 9 calls, have %d", got)
	}
}

func TestCloseEndsGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, n := range sizes {
		unused, used := workers.New(n), workers.New(n)
		used.Run(job(func(int) {}))
		for range 2 { // a second Close does nothing
			unused.Close()
			used.Close()
		}
		testkit.WaitForGoroutines(t, fmt.Sprint(n, " workers"), before)
	}
}

// phased is a job with a barrier. Its pointer becomes a Job without allocation.
type phased struct{ pool *workers.Pool }

func (p *phased) Work(int) { p.pool.Barrier() }

func TestRunDoesNotAllocate(t *testing.T) {
	for _, n := range []int{1, 2, 3} {
		work := &phased{newPool(t, n)}
		if got := testing.AllocsPerRun(100, func() { work.pool.Run(work) }); got != 0 {
			t.Errorf("%d workers: want no allocation in Run, have %v", n, got)
		}
	}
}
