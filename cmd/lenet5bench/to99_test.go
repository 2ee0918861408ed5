package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/benchmarks"
)

// TestTo99 trains from two seeds on few digits to a target that the first epoch
// misses and the recipe's epochs reach.
func TestTo99(t *testing.T) {
	var out bytes.Buffer
	w := newTo99Writer(&out)
	w.parts = w.parts[1:]
	b := newTraining(t.Context(), t, w)
	b.seed, b.seeds = 3, 2
	b.recipe = benchmarks.Recipe{Epochs: 30, BatchSize: 8, Peak: 0.003, WarmUp: 0.1, Target: 0.9}
	if err := b.to99Runs(&b.result); err != nil {
		t.Fatal(err)
	}
	if err := w.part(&b.result); err != nil {
		t.Fatal(err)
	}
	r := b.result.To99
	if r.TrainImages != 64 || r.TestImages != 64 || r.Batch != 8 || r.MaxEpochs != 30 || r.PeakRate != 0.003 || r.Target != 0.9 ||
		r.Workers != 1 || r.Reached != 2 || len(r.Runs) != 2 || !(0 < r.MeanSeconds && r.MeanSeconds < r.WorstSeconds) {
		t.Fatalf("report %+v", r)
	}
	lines := 0
	for i, run := range r.Runs {
		n := len(run.Epochs)
		if run.Seed != uint64(3+i) || !run.Reached || n < 2 || n > 30 || run.Epochs[n-1].Accuracy < 0.9 || run.Epochs[n-2].Accuracy >= 0.9 ||
			run.Seconds != run.Epochs[n-1].Seconds || run.Epochs[0].Seconds <= 0 || run.Epochs[0].Loss <= 0 {
			t.Errorf("run %+v", run)
		}
		lines += n
	}
	if s := out.String(); strings.Count(s, "reached\n") != 2 || strings.Count(s, "\n   3  ")+strings.Count(s, "\n   4  ") != lines {
		t.Errorf("want a line for each of %d epochs, have:\n%s", lines, s)
	}
}

// TestTo99Interrupted interrupts a run when its first epoch has been written.
func TestTo99Interrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := newTo99Writer(writerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	}))
	b := newTraining(ctx, t, w)
	if err := b.to99Runs(&b.result); !errors.Is(err, context.Canceled) || len(b.result.To99.Runs[0].Epochs) != 1 {
		t.Errorf("error %v, %+v, want %v after an epoch", err, b.result.To99, context.Canceled)
	}
}

// TestTo99CannotBeWritten ends the run then.
func TestTo99CannotBeWritten(t *testing.T) {
	full := errors.New("disk full")
	b := newTraining(t.Context(), t, newTo99Writer(writerFunc(func([]byte) (int, error) { return 0, full })))
	if err := b.to99Runs(&b.result); !errors.Is(err, full) || len(b.result.To99.Runs[0].Epochs) != 1 {
		t.Errorf("error %v, %+v, want %v after an epoch", err, b.result.To99, full)
	}
}
