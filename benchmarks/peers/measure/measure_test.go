package measure

import (
	"testing"
	"time"
)

func TestCalls(t *testing.T) {
	run := Run{"test", 1, time.Millisecond}
	calls := 0
	f := func() { calls++ }
	if run.Best(f); calls < 5 {
		t.Errorf("the best of %d calls", calls)
	}
	calls = 0
	if run.Median(f); calls < 1000 {
		t.Errorf("the median of %d calls", calls)
	}
}

func TestAllocations(t *testing.T) {
	var kept []byte
	if n := Allocations(func() { kept = make([]byte, 100) }); n != 1 {
		t.Errorf("%v allocations, want 1", n)
	}
	_ = kept
	if n := Allocations(func() {}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
