package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/benchmarks"
	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/mnist"
)

// newTraining is a run of part 3 alone, on few digits, that writes to out.
func newTraining(ctx context.Context, t *testing.T, out writer) *bench {
	t.Helper()
	o, err := parseOptions([]string{"-epochs", "3", "-workers", "1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	few := fewdigits.Padded(t, 0, 64).Examples(mnist.Unit)
	return &bench{options: o, ctx: ctx, out: out, recipe: benchmarks.To99(), train: few, test: few}
}

// partThree is a textWriter whose next part is the third.
func partThree(out *bytes.Buffer, wrote func()) *textWriter {
	w := newTextWriter(writerFunc(func(p []byte) (int, error) {
		defer wrote()
		return out.Write(p)
	}))
	w.parts = w.parts[2:]
	return w
}

// TestEpochsAreWritten wants a line as soon as an epoch ends, and the rest at
// the end.
func TestEpochsAreWritten(t *testing.T) {
	var out bytes.Buffer
	var lines []int // that there are after each write
	w := partThree(&out, func() { lines = append(lines, strings.Count(out.String(), "\n")) })
	b := newTraining(t.Context(), t, w)
	if err := b.training(&b.result); err != nil {
		t.Fatal(err)
	}
	if err := w.part(&b.result); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 4 || lines[1] != lines[0]+1 || lines[2] != lines[1]+1 || lines[3] <= lines[2] {
		t.Errorf("after each write there are %v lines, want one epoch after the other and an end:\n%s", lines, out.String())
	}
	if r := b.result.Training; len(r.Epochs) != 3 || r.Seconds <= 0 || len(r.Hash) != 64 {
		t.Errorf("training %+v", r)
	}
}

// TestInterruptedTraining interrupts the run when the first epoch has been
// written: it stays.
func TestInterruptedTraining(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	b := newTraining(ctx, t, partThree(&out, cancel))
	if err := b.training(&b.result); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if s := out.String(); !strings.Contains(s, "\n   1      ") || strings.Contains(s, "\n   2      ") {
		t.Errorf("want the first epoch, have %q", s)
	}
}

// TestEpochCannotBeWritten ends the training then.
func TestEpochCannotBeWritten(t *testing.T) {
	full := errors.New("disk full")
	b := newTraining(t.Context(), t, newTextWriter(writerFunc(func([]byte) (int, error) { return 0, full })))
	if err := b.training(&b.result); !errors.Is(err, full) || len(b.result.Training.Epochs) != 1 {
		t.Errorf("error %v after %d epochs, want %v after one", err, len(b.result.Training.Epochs), full)
	}
}
