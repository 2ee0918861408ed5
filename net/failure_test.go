package net

import (
	"errors"
	"testing"
)

// TestFailureIsFirst reports failures of items in every order: what remains is
// that of the first item.
func TestFailureIsFirst(t *testing.T) {
	errs := []error{errors.New("0"), errors.New("1"), errors.New("2")}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		var f failure
		f.reset()
		for i, item := range order {
			if f.set(item, errs[item]); i == 0 && (f.before(item) || !f.before(item+1)) {
				t.Errorf("order %v: item %d counts as failed before %v, before %v", order, item, f.before(item), f.before(item+1))
			}
		}
		if err := f.result(); err != errs[0] {
			t.Errorf("order %v: error %v, want that of item 0", order, err)
		}
		if f.reset(); f.result() != nil || f.before(noItem) {
			t.Errorf("order %v: failed after reset", order)
		}
	}
}

// TestFailureAsPanic lets an item panic before and after another's error.
func TestFailureAsPanic(t *testing.T) {
	for panicking, wantPanic := range map[int]any{0: "oh", 2: nil} {
		var f failure
		f.reset()
		f.set(1, errors.New("1"))
		func() {
			defer f.catch(panicking)
			panic("oh")
		}()
		func() {
			defer func() {
				if got := recover(); got != wantPanic {
					t.Errorf("item %d panics, item 1 fails: panic %v, want %v", panicking, got, wantPanic)
				}
			}()
			if err := f.result(); err == nil || err.Error() != "1" {
				t.Errorf("error %v, want item 1's", err)
			}
		}()
	}
}
