package measure

import (
	"strings"
	"testing"
	"time"
)

func TestCalls(t *testing.T) {
	run := Run{Impl: "test", Workers: 1, Time: time.Millisecond}
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

func TestWants(t *testing.T) {
	keys, err := readKeys(strings.NewReader("op=conv2d/batch=8 8 1 2\nop=epoch\n"))
	if err != nil {
		t.Fatal(err)
	}
	run := Run{wanted: keys}
	if !run.Wants("op=conv2d/batch=8") || !run.Wants("op=step", "op=epoch") {
		t.Error("what is listed is not wanted")
	}
	if run.Wants("op=step") || run.Wants() || run.Wants("op=conv2d/batch=8 8 1 2") {
		t.Error("what is not listed is wanted")
	}
}
