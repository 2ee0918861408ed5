package net_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// sequence is a Dataset of pairs as a Seq, which lends its memory for one image.
func sequence(data net.Dataset) net.Seq {
	return func(int) iter.Seq2[net.Example, error] {
		return func(yield func(net.Example, error) bool) {
			image, label := make([]float32, 2), make([]int, 1)
			for i := range data.Len() {
				err := data.Read(image, label, []int{i})
				if !yield(net.Example{Image: image, Label: label[0]}, err) || err != nil {
					return
				}
			}
		}
	}
}

// endless yields the examples again and again, and counts the iterators that have
// begun and ended.
func endless(data net.Examples, begun, ended *atomic.Int64) net.Seq {
	return func(int) iter.Seq2[net.Example, error] {
		return func(yield func(net.Example, error) bool) {
			begun.Add(1)
			defer ended.Add(1)
			for i := 0; ; i = (i + 1) % len(data.Labels) {
				if !yield(net.Example{Image: data.Images[2*i : 2*i+2], Label: data.Labels[i]}, nil) {
					return
				}
			}
		}
	}
}

// waitForReaders fails unless no goroutine reads a Seq: none does when FitSeq has
// returned, but for the last instructions of one that has ended.
func waitForReaders(t *testing.T) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		have := strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "workers.(*Ahead[")
		if have == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines still read", have)
		}
	}
}

// TestFitSeqLikeFit wants the bits and the history of Fit on the same images in
// the same order.
func TestFitSeqLikeFit(t *testing.T) {
	for name, c := range map[string]net.FitConfig{
		"partial batch":      {BatchSize: 10},
		"partial dropped":    {BatchSize: 10, DropLast: true},
		"whole batches":      {BatchSize: 16, DropLast: true},
		"larger than data":   {BatchSize: 50},
		"one by one":         {BatchSize: 1},
		"two steps an epoch": {BatchSize: 10, StepsPerEpoch: 2},
	} {
		c.Epochs, c.NoShuffle = 3, true
		n, x, labels := blobs()
		data := net.Examples{Images: x, Labels: labels}
		want, err := newTrainer(t, n, net.TrainerConfig{Workers: 1}).Fit(t.Context(), data, c)
		if err != nil {
			t.Fatal(err)
		}
		m, _, _ := blobs()
		have, err := newTrainer(t, m, net.TrainerConfig{Workers: 2}).FitSeq(t.Context(), sequence(data), c)
		if err != nil || !reflect.DeepEqual(timeless(*have), timeless(*want)) || m.Hash() != n.Hash() {
			t.Errorf("%s: error %v, history\n%+v, want\n%+v, and the same weights", name, err, have, want)
		}
	}
	waitForReaders(t)
}

// TestFitSeqEpochs asks for the sequence of every epoch, whose lengths may
// differ.
func TestFitSeqEpochs(t *testing.T) {
	n, x, labels := blobs()
	var epochs []int
	var steps []net.Progress
	seq := func(epoch int) iter.Seq2[net.Example, error] {
		epochs = append(epochs, epoch)
		return sequence(net.Examples{Images: x[:2*(epoch+1)], Labels: labels[:epoch+1]})(epoch)
	}
	tr := newTrainer(t, n, net.TrainerConfig{})
	history, err := tr.FitSeq(t.Context(), seq, net.FitConfig{
		Epochs: 3, BatchSize: 1,
		Callbacks: []net.Callback{net.OnStep(func(p net.Progress) error { steps = append(steps, p); return nil })},
	})
	if err != nil || !slices.Equal(epochs, []int{0, 1, 2}) || len(history.Losses) != 6 || history.Epochs[2].Steps != 3 {
		t.Errorf("error %v, epochs %v, history %+v", err, epochs, history)
	}
	if last := steps[5]; last.Step != 6 || last.Steps != 0 || last.Epoch != 3 {
		t.Errorf("progress %+v, want a number of steps that is not known", last)
	}
}

// TestFitSeqFails wants clear errors, after the steps that come before them, and
// no goroutine left.
func TestFitSeqFails(t *testing.T) {
	_, x, labels := blobs()
	good := net.Examples{Images: x, Labels: labels}
	bad := func(at int, e net.Example, err error) net.Seq {
		return func(epoch int) iter.Seq2[net.Example, error] {
			return func(yield func(net.Example, error) bool) {
				i := 0
				for g := range sequence(good)(epoch) {
					if i == at {
						yield(e, err)
						return
					}
					if !yield(g, nil) {
						return
					}
					i++
				}
			}
		}
	}
	pair := x[:2]
	for name, c := range map[string]struct {
		seq   net.Seq
		want  error
		steps int
		text  []string
	}{
		"none":         {nil, net.ErrData, 0, []string{"Seq"}},
		"error":        {bad(25, net.Example{}, errBroken), errBroken, 2, []string{"epoch 1", "example 25"}},
		"first":        {bad(0, net.Example{}, errBroken), errBroken, 0, []string{"example 0"}},
		"after batch":  {bad(20, net.Example{}, errBroken), errBroken, 2, []string{"example 20"}},
		"wrong size":   {bad(12, net.Example{Image: x[:3]}, nil), layer.ErrShape, 1, []string{"example 12", "want 2 elements, have 3"}},
		"no class":     {bad(12, net.Example{Image: pair, Label: 2}, nil), net.ErrLabel, 1, []string{"image 2"}},
		"empty":        {sequence(net.Examples{}), net.ErrData, 0, []string{"epoch 1", "at least one"}},
		"few, dropped": {sequence(net.Examples{Images: x[:8], Labels: labels[:4]}), net.ErrData, 0, []string{"batch of 10"}},
	} {
		n, _, _ := blobs()
		tr := newTrainer(t, n, net.TrainerConfig{Workers: 2})
		history, err := tr.FitSeq(t.Context(), c.seq, net.FitConfig{BatchSize: 10, DropLast: name == "few, dropped"})
		wantError(t, name, err, c.want, append(c.text, "fit")...)
		if len(history.Losses) != c.steps {
			t.Errorf("%s: %d steps, want %d", name, len(history.Losses), c.steps)
		}
		waitForReaders(t)
	}
}

// TestFitSeqEndless trains on data without an end: for some steps an epoch, until
// it is cancelled, until a callback ends it, and until it panics. The iterators
// return, and so do their goroutines.
func TestFitSeqEndless(t *testing.T) {
	errOwn := errors.New("a callback's own")
	for name, c := range map[string]struct {
		perEpoch int
		at       func(cancel func()) error // of the fifth step
		want     error
		steps    int
	}{
		"steps an epoch": {4, func(func()) error { return nil }, nil, 12},
		"cancelled":      {0, func(cancel func()) error { cancel(); return nil }, context.Canceled, 5},
		"stopped":        {0, func(func()) error { return net.ErrStop }, nil, 5},
		"fails":          {0, func(func()) error { return errOwn }, errOwn, 5},
		"panics":         {0, func(func()) error { panic(errPanic) }, errPanic, 5},
	} {
		n, x, labels := blobs()
		tr := newTrainer(t, n, net.TrainerConfig{Workers: 2})
		ctx, cancel := context.WithCancel(t.Context())
		var begun, ended atomic.Int64
		steps := 0
		config := net.FitConfig{Epochs: 3, BatchSize: 3, StepsPerEpoch: c.perEpoch, Callbacks: []net.Callback{
			net.OnStep(func(net.Progress) error {
				if steps++; steps == 5 {
					return c.at(cancel)
				}
				return nil
			})}}
		var err error
		panicked := panicOf(func() {
			_, err = tr.FitSeq(ctx, endless(net.Examples{Images: x, Labels: labels}, &begun, &ended), config)
		})
		if panicked != nil {
			err = panicked.(error)
		}
		if !errors.Is(err, c.want) || c.want == nil && err != nil || steps != c.steps {
			t.Errorf("%s: error %v after %d steps, want %v after %d", name, err, steps, c.want, c.steps)
		}
		if begun.Load() == 0 || begun.Load() != ended.Load() {
			t.Errorf("%s: %d iterators begun and %d ended", name, begun.Load(), ended.Load())
		}
		waitForReaders(t)
		if _, err := n.Predict(nil, x); err != nil {
			t.Errorf("%s: predict: %v", name, err)
		}
		if _, err := tr.Fit(t.Context(), net.Examples{Images: x, Labels: labels}, net.FitConfig{}); err != nil {
			t.Errorf("%s: fit afterwards: %v", name, err)
		}
		cancel()
	}
}

// TestFitSeqCancelledWhileWaiting cancels while the iterator waits for something
// of its own, which heeds the context.
func TestFitSeqCancelledWhileWaiting(t *testing.T) {
	n, _, _ := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := tr.FitSeq(ctx, func(int) iter.Seq2[net.Example, error] {
		return func(func(net.Example, error) bool) {
			cancel()
			<-ctx.Done()
		}
	}, net.FitConfig{})
	wantError(t, "cancelled", err, context.Canceled, "epoch 1")
	waitForReaders(t)
}

// TestFitSeqCancelledInBatch cancels while a batch that never becomes full is
// being read.
func TestFitSeqCancelledInBatch(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	ctx, cancel := context.WithCancel(t.Context())
	seq := func(int) iter.Seq2[net.Example, error] {
		return func(yield func(net.Example, error) bool) {
			cancel()
			for deadline := time.Now().Add(5 * time.Second); yield(net.Example{Image: x[:2], Label: labels[0]}, nil); runtime.Gosched() {
				if time.Now().After(deadline) {
					t.Error("the iterator is not ended")
					return
				}
			}
		}
	}
	_, err := tr.FitSeq(ctx, seq, net.FitConfig{BatchSize: math.MaxInt})
	wantError(t, "cancelled", err, context.Canceled, "epoch 1")
}

// TestFitSeqPanics has the iterator panic, at its beginning, in the midst, when it
// is ended early, and exit: it comes again on the caller's goroutine, after the
// steps before it, and the trainer stays usable.
func TestFitSeqPanics(t *testing.T) {
	_, x, labels := blobs()
	data := net.Examples{Images: x, Labels: labels}
	for name, c := range map[string]struct {
		at    int
		stop  bool
		exit  bool
		steps int
	}{
		"at once":      {0, false, false, 0},
		"in the midst": {25, false, false, 8},
		"when ended":   {-1, true, false, 1},
		"exits":        {25, false, true, 8},
	} {
		n, _, _ := blobs()
		tr := newTrainer(t, n, net.TrainerConfig{Workers: 2})
		seq := func(epoch int) iter.Seq2[net.Example, error] {
			return func(yield func(net.Example, error) bool) {
				i := 0
				for e := range sequence(data)(epoch) {
					if i == c.at && c.exit {
						runtime.Goexit()
					}
					if i == c.at || !yield(e, nil) {
						panic(errPanic)
					}
					i++
				}
			}
		}
		steps := 0
		config := net.FitConfig{BatchSize: 3, Epochs: 2, Callbacks: []net.Callback{net.OnStep(func(net.Progress) error {
			if steps++; c.stop {
				return net.ErrStop
			}
			return nil
		})}}
		var panicked any
		returned := false
		done := make(chan struct{})
		go func() {
			defer close(done)
			panicked = panicOf(func() {
				_, _ = tr.FitSeq(t.Context(), seq, config)
				returned = true
			})
		}()
		<-done
		if returned || !c.exit && panicked != errPanic || c.exit && panicked != nil || steps != c.steps {
			t.Errorf("%s: returned %t, panic %v after %d steps, want one after %d", name, returned, panicked, steps, c.steps)
		}
		waitForReaders(t)
		s, err := tr.State()
		if err != nil || s.Fit == nil || s.Fit.Step != c.steps {
			t.Errorf("%s: error %v, place %+v, want step %d", name, err, s.Fit, c.steps)
		}
		if _, err := tr.FitSeq(t.Context(), sequence(data), net.FitConfig{}); err != nil {
			t.Errorf("%s: afterwards: %v", name, err)
		}
	}
}

// TestFitSeqIsRead reads ahead of a step, but not far: a step that waits holds
// the iterator up.
func TestFitSeqIsRead(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	var read atomic.Int64
	seq := func(epoch int) iter.Seq2[net.Example, error] {
		return func(yield func(net.Example, error) bool) {
			for i := range 1000 {
				read.Add(1)
				if !yield(net.Example{Image: x[2*(i%32) : 2*(i%32)+2], Label: labels[i%32]}, nil) {
					return
				}
			}
		}
	}
	_, err := tr.FitSeq(t.Context(), seq, net.FitConfig{BatchSize: 10, Callbacks: []net.Callback{
		net.OnStep(func(p net.Progress) error {
			// The batch of this step, three read ahead, and an image that waits for room.
			most := int64(10*(p.Step+3) + 1)
			for deadline := time.Now().Add(5 * time.Second); read.Load() < min(1000, most); runtime.Gosched() {
				if time.Now().After(deadline) {
					return fmt.Errorf("%d images read at step %d, want %d", read.Load(), p.Step, most)
				}
			}
			if have := read.Load(); have > most {
				return fmt.Errorf("%d images read at step %d, want at most %d", have, p.Step, most)
			}
			return nil
		}),
	}})
	if err != nil {
		t.Error(err)
	}
}

// TestFitSeqResumeOnShortSeq resumes an epoch whose Seq has become shorter than
// what is done of it.
func TestFitSeqResumeOnShortSeq(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	config := net.FitConfig{BatchSize: 10, Callbacks: []net.Callback{net.OnStep(func(p net.Progress) error {
		if p.Step == 3 {
			return net.ErrStop
		}
		return nil
	})}}
	if _, err := tr.FitSeq(t.Context(), sequence(net.Examples{Images: x, Labels: labels}), config); err != nil {
		t.Fatal(err)
	}
	var err error
	if config.Resume, err = tr.State(); err != nil {
		t.Fatal(err)
	}
	_, err = tr.FitSeq(t.Context(), sequence(net.Examples{Images: x[:50], Labels: labels[:25]}), net.FitConfig{
		BatchSize: 10, DropLast: false, Resume: config.Resume, Callbacks: config.Callbacks})
	if err != nil {
		t.Errorf("25 images are three batches: %v", err)
	}
	_, err = tr.FitSeq(t.Context(), sequence(net.Examples{Images: x[:40], Labels: labels[:20]}), config)
	wantError(t, "short", err, net.ErrState, "3 steps", "20 examples")
	_, err = tr.Fit(t.Context(), net.Examples{Images: x, Labels: labels}, config)
	wantError(t, "Fit", err, net.ErrState, "images: want 32, have 0")
}

// TestFitSeqBounds asks for batches and epochs larger than any memory.
func TestFitSeqBounds(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	history, err := tr.FitSeq(t.Context(), sequence(net.Examples{Images: x, Labels: labels}), net.FitConfig{
		BatchSize: math.MaxInt, StepsPerEpoch: math.MaxInt, Epochs: 2,
		Callbacks: []net.Callback{net.OnStep(func(p net.Progress) error {
			if p.Steps != math.MaxInt {
				return fmt.Errorf("%d steps", p.Steps)
			}
			return nil
		})},
	})
	if err != nil || len(history.Losses) != 2 {
		t.Errorf("error %v after %d steps, want 2", err, len(history.Losses))
	}
}
