package net

import "sync"

// failure keeps the error of the first block, in the batch's order, that
// failed, so that the error does not depend on which worker was faster.
type failure struct {
	mu    sync.Mutex
	block int
	err   error
}

func (f *failure) reset() { f.err = nil }

func (f *failure) set(block int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil || block < f.block {
		f.block, f.err = block, err
	}
}
