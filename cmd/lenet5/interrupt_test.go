package main

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/model"
)

// TestInterruptedEvaluation interrupts commands that evaluate, once they have
// begun.
func TestInterruptedEvaluation(t *testing.T) {
	tmp := t.TempDir()
	file := filepath.Join(tmp, "m.lanes")
	if err := (&model.Model{Network: net.LeNet5(1)}).SaveFile(file); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"eval", file},
		{"eval", "-workers", "3", "-data", fewDigits(t), file},
		{"inspect", "-mnist", "test", "-out", filepath.Join(tmp, "out"), file},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		status, stdout, stderr := lenet5With(ctx, "", args...)
		if want := "lenet5 " + args[0] + ": interrupted\n"; status != interrupted || stderr != want {
			t.Errorf("%q: status %d, message %q, want %d and %q", args, status, stderr, interrupted, want)
		}
		if args[0] == "eval" && stdout != "" {
			t.Errorf("%q: it reports %q", args, stdout)
		}
	}
}
