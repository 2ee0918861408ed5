package net_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/simdlanes/lanes/net"
)

// TestCloseEndsGoroutines closes a trainer and a predictor of four workers, of
// whom the caller is one.
func TestCloseEndsGoroutines(t *testing.T) {
	n, x, labels := blobs()
	for name, open := range map[string]func() (use func() error, end func()){
		"Trainer": func() (func() error, func()) {
			tr, err := net.NewTrainer(n, net.TrainerConfig{Workers: 4})
			if err != nil {
				t.Fatal(err)
			}
			return func() error { _, err := tr.Step(x, labels); return err }, tr.Close
		},
		"Predictor": func() (func() error, func()) {
			p := n.NewPredictor(4)
			return func() error { _, err := p.Predict(nil, x); return err }, p.Close
		},
	} {
		waitForServers(t, name+", before", 0)
		use, end := open()
		if err := use(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		waitForServers(t, name+", in use", 3)
		end()
		waitForServers(t, name+", closed", 0)
	}
}

// waitForServers waits until as many goroutines serve pools of workers: those
// of a closed pool end on their own time.
func waitForServers(t *testing.T, what string, want int) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		have := strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "workers.(*Pool).serve(")
		if have == want {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("%s: %d goroutines wait for work, want %d", what, have, want)
			return
		}
	}
}
