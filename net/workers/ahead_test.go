package workers_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/net/workers"
)

// count makes an Ahead that gives the numbers from 1 to n, or on and on if n is
// 0, and then ends as then says.
func count(items, n int, then func()) *workers.Ahead[*int] {
	numbers := make([]*int, items)
	for i := range numbers {
		numbers[i] = new(int)
	}
	return workers.NewAhead(numbers, func(a *workers.Ahead[*int]) {
		for i := 1; n == 0 || i <= n; i++ {
			number, ok := a.Take()
			if !ok {
				break
			}
			*number = i
			a.Give(number)
		}
		then()
	})
}

// receive takes up to limit numbers and fails unless they are 1, 2, 3 and so on;
// it returns how many there were.
func receive(t *testing.T, a *workers.Ahead[*int], limit int) int {
	t.Helper()
	for i := range limit {
		number, ok := a.Next(nil)
		if !ok {
			return i
		}
		if *number != i+1 {
			t.Fatalf("have number %d, want %d", *number, i+1)
		}
		a.Return(number)
	}
	return limit
}

// TestAheadOrder gives all items in order, however few go round, and ends in the
// midst.
func TestAheadOrder(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, items := range []int{1, 2, 4} {
		a := count(items, 100, func() {})
		if n := receive(t, a, 1000); n != 100 {
			t.Errorf("%d items: %d numbers, want 100", items, n)
		}
		a.End()
		a.End() // does nothing
		ended := false
		a = count(items, 0, func() { ended = true })
		receive(t, a, 10)
		a.End()
		if !ended {
			t.Errorf("%d items: the producer has not returned", items)
		}
		unused := count(items, 0, func() {})
		unused.End()
	}
	testkit.WaitForGoroutines(t, "ahead", before)
}

// TestAheadCancel waits in vain for a producer that gives nothing before it is
// ended, after which it gets nothing to fill, although there is.
func TestAheadCancel(t *testing.T) {
	a := workers.NewAhead([]*int{new(int)}, func(a *workers.Ahead[*int]) {
		for !a.Ended() {
			runtime.Gosched()
		}
		for range 50 {
			if item, ok := a.Take(); ok {
				t.Errorf("have %v to fill when nobody wants it", item)
			}
		}
	})
	cancel := make(chan struct{})
	close(cancel)
	if _, ok := a.Next(cancel); ok {
		t.Error("an item from a producer that gives none")
	}
	a.End()
}

// TestAheadPanics repeats the producer's panic and its exit, once, at Next after
// all it gave, or at End.
func TestAheadPanics(t *testing.T) {
	errOwn := errors.New("the producer's own")
	for name, then := range map[string]func(){"panic": func() { panic(errOwn) }, "exit": runtime.Goexit} {
		for _, numbers := range []int{0, 5, 100} { // of which the consumer takes 10
			var value any
			returned := false
			a := count(2, numbers, then)
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer func() { value = recover() }()
				if n := receive(t, a, 10); n != 10 {
					t.Errorf("%s: Next says that there is no more", name)
				}
				a.End()
				returned = true
			}()
			<-done
			if returned || name == "panic" && value != errOwn || name == "exit" && value != nil {
				t.Errorf("%s after %d numbers: returned %t, recovered %v", name, numbers, returned, value)
			}
			a.End() // a second time, or after Next: nothing to repeat
		}
	}
}

func TestAheadDoesNotAllocate(t *testing.T) {
	a := count(3, 0, func() {})
	defer a.End()
	allocs := testing.AllocsPerRun(100, func() {
		number, _ := a.Next(nil)
		a.Return(number)
	})
	if allocs != 0 {
		t.Errorf("%v allocations an item, want none", allocs)
	}
}
