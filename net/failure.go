package net

import (
	"math"
	"sync"
	"sync/atomic"
)

// failure keeps what went wrong in the work that workers share: of all items
// that failed the one that a single worker would have come to first, so that the
// outcome does not depend on which worker was faster. A panic counts as a
// failure: the worker goes on to the barrier where others wait for it, and
// result panics anew, on the caller's goroutine.
type failure struct {
	mu   sync.Mutex
	item atomic.Int64 // that failed, or noItem
	err  error
}

const noItem = math.MaxInt

// panicked is a panic on its way to the caller.
type panicked struct{ value any }

func (panicked) Error() string { return "panic" }

func (f *failure) reset() {
	f.item.Store(noItem)
	f.err = nil
}

func (f *failure) set(item int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if int64(item) < f.item.Load() {
		f.item.Store(int64(item))
		f.err = err
	}
}

// catch, deferred, makes a panic the failure of an item.
func (f *failure) catch(item int) {
	if value := recover(); value != nil {
		f.set(item, panicked{value})
	}
}

// before reports whether an item before the given one has failed.
func (f *failure) before(item int) bool { return f.item.Load() < int64(item) }

// result returns the error of the failure, nil if there was none, when all
// workers are done.
func (f *failure) result() error {
	if p, ok := f.err.(panicked); ok {
		panic(p.value)
	}
	return f.err
}
