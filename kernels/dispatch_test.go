package kernels

import (
	"fmt"
	"os"
	"slices"
	"testing"
)

// TestChoose lists what the environment may ask for.
func TestChoose(t *testing.T) {
	defer Use(Active())()
	best := Impls()[len(Impls())-1]
	notHere := func(wish string) string {
		return fmt.Sprintf("%s=%q is not available here; %s", EnvVar, wish, cpuReason)
	}
	wanted := cpuReason
	if !hasAVX2 {
		wanted = notHere("avx2")
	}
	for _, c := range []struct {
		wish   string
		impl   Impl
		reason string
	}{
		{"", best, cpuReason},
		{"generic", Generic, "forced by LANES_KERNELS"},
		{"avx2", best, wanted},
		{"AVX2", best, notHere("AVX2")},
		{"Generic", best, notHere("Generic")},
		{"avx512", best, notHere("avx512")},
		{" ", best, notHere(" ")},
	} {
		for _, before := range Impls() {
			undo := Use(before)
			if reason := choose(c.wish); Active() != c.impl || reason != c.reason {
				t.Errorf("choose(%q) = %q with %v active, want %q with %v", c.wish, reason, Active(), c.reason, c.impl)
			}
			undo()
		}
	}
}

// TestReason proves that the choice was made from the environment.
func TestReason(t *testing.T) {
	defer Use(Active())()
	active := Active()
	if want := choose(os.Getenv(EnvVar)); Reason() != want || Active() != active {
		t.Errorf("started with %v: %q, want %v: %q", active, Reason(), Active(), want)
	}
}

func TestImpls(t *testing.T) {
	want := []Impl{Generic}
	if hasAVX2 {
		want = append(want, AVX2)
	}
	if got := Impls(); !slices.Equal(got, want) {
		t.Errorf("Impls() = %v, want %v", got, want)
	}
	if !slices.Contains(want, Active()) {
		t.Errorf("Active() = %v, want one of %v", Active(), want)
	}
}

// TestUse nests switches, whose undo functions give back what was.
func TestUse(t *testing.T) {
	before := Active()
	for _, first := range Impls() {
		for _, second := range Impls() {
			undoFirst := Use(first)
			undoSecond := Use(second)
			if Active() != second {
				t.Errorf("after Use(%v) %v is active", second, Active())
			}
			if undoSecond(); Active() != first {
				t.Errorf("undone to %v, want %v", Active(), first)
			}
			if undoFirst(); Active() != before {
				t.Errorf("undone to %v, want %v", Active(), before)
			}
		}
	}
	if !hasAVX2 {
		if got, want := panicOf(func() { Use(AVX2) }), "kernels: implementation not available: avx2"; got != want {
			t.Errorf("Use(AVX2): panic %v, want %q", got, want)
		}
	}
}

func TestImplString(t *testing.T) {
	for impl, want := range map[Impl]string{Generic: "generic", AVX2: "avx2", -1: "Impl(-1)"} {
		if got := impl.String(); got != want {
			t.Errorf("Impl(%d).String() = %q, want %q", int(impl), got, want)
		}
	}
}
