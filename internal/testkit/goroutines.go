package testkit

import (
	"runtime"
	"testing"
	"time"
)

// WaitForGoroutines fails the test unless soon no more goroutines run than
// before: those of a closed pool end on their own time.
func WaitForGoroutines(tb testing.TB, what string, before int) {
	tb.Helper()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("%s: want %d goroutines after Close, have %d", what, before, runtime.NumGoroutine())
		}
	}
}
