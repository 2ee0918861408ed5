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
	mu    sync.Mutex
	place atomic.Int64 // that failed, or that of noItem
	err   error
}

const noItem = math.MaxInt32

// placeOf is the place of a part of an item in the order in which a single worker
// would come to them.
func placeOf(item, part int) int64 {
	const parts = 1 << 24
	return int64(item)*parts + int64(part)
}

// panicked is a panic on its way to the caller.
type panicked struct{ value any }

func (panicked) Error() string { return "panic" }

func (f *failure) reset() {
	f.place.Store(placeOf(noItem, 0))
	f.err = nil
}

func (f *failure) set(item int, err error) { f.setPart(item, 0, err) }

// setPart is set for one part of an item that several workers share.
func (f *failure) setPart(item, part int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if place := placeOf(item, part); place < f.place.Load() {
		f.place.Store(place)
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
func (f *failure) before(item int) bool { return f.beforePart(item, 0) }

// beforePart reports whether an item or part before the given one has failed.
func (f *failure) beforePart(item, part int) bool { return f.place.Load() < placeOf(item, part) }

// result returns the error of the failure, nil if there was none, when all
// workers are done.
func (f *failure) result() error {
	if p, ok := f.err.(panicked); ok {
		panic(p.value)
	}
	return f.err
}
