package net_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/net"
)

// TestFailedCallbackIsToldAgain has callbacks fail, some more than once, some by a
// panic: when the training is resumed, those and no others are told again.
func TestFailedCallbackIsToldAgain(t *testing.T) {
	errOwn := errors.New("a callback's own")
	for _, at := range []string{"step 1", "step 2", "epoch 1", "epoch 2"} {
		n, x, labels := blobs()
		tr := newTrainer(t, n, net.TrainerConfig{})
		data := net.Examples{Images: x, Labels: labels}
		told := map[string]int{}
		fails := map[string]int{"1 " + at: 2, "3 " + at: 1} // times that a callback fails
		var config net.FitConfig
		config.Epochs, config.BatchSize = 2, 16
		for i := range 5 {
			note := func(event string) error {
				event = fmt.Sprint(i, " ", event)
				told[event]++
				if fails[event] > 0 {
					fails[event]--
					return errOwn
				}
				return nil
			}
			config.Callbacks = append(config.Callbacks, events{note})
		}
		for fits := 1; ; fits++ {
			_, err := tr.Fit(t.Context(), data, config)
			if err == nil {
				if fits != 3 {
					t.Errorf("%s: %d times Fit, want 3", at, fits)
				}
				break
			}
			wantError(t, at, err, errOwn)
			if config.Resume, err = tr.State(); err != nil {
				t.Fatal(err)
			}
			if want := [][]int{{1, 3}, {1}}[fits-1]; !slices.Equal(config.Resume.Fit.Failed, want) {
				t.Errorf("%s: failed %v, want %v", at, config.Resume.Fit.Failed, want)
			}
		}
		if len(told) != 5*6 {
			t.Errorf("%s: %d events, want 6 of 5 callbacks", at, len(told))
		}
		for event, times := range told {
			if want := map[string]int{"1 " + at: 3, "3 " + at: 2}[event]; times != max(1, want) {
				t.Errorf("%s: %s is told %d times, want %d", at, event, times, max(1, want))
			}
		}
	}
}

// events is a callback that calls a function with all that it is told.
type events struct{ note func(event string) error }

func (e events) StepEnd(_ *net.Trainer, p net.Progress) error {
	return e.note(fmt.Sprint("step ", p.Step))
}

func (e events) EpochEnd(_ *net.Trainer, r net.EpochResult) error {
	return e.note(fmt.Sprint("epoch ", r.Epoch))
}

// TestBestModelSavesAfterAll has the first Save of the best model fail, or panic:
// the training that is resumed saves it.
func TestBestModelSavesAfterAll(t *testing.T) {
	for _, way := range []string{"error", "panic"} {
		n, x, labels := blobs()
		tr := newTrainer(t, n, net.TrainerConfig{})
		data := net.Examples{Images: x, Labels: labels}
		broken, saved := true, [32]byte{}
		config := net.FitConfig{
			Callbacks: []net.Callback{&net.BestModel{Monitor: net.TrainingLoss, Save: func(n *net.Network) error {
				if broken && way == "panic" {
					panic(way)
				}
				if broken {
					return errBroken
				}
				saved = n.Hash()
				return nil
			}}},
		}
		func() {
			defer func() { _ = recover() }()
			_, err := tr.Fit(t.Context(), data, config)
			wantError(t, way, err, errBroken, "BestModel")
		}()
		broken = false
		var err error
		if config.Resume, err = tr.State(); err != nil {
			t.Fatal(err)
		}
		if _, err := tr.Fit(t.Context(), data, config); err != nil {
			t.Fatal(err)
		}
		if saved != n.Hash() {
			t.Errorf("%s: the best model is not saved", way)
		}
	}
}

// TestFailedCallbacksAreChecked resumes from states whose failed callbacks cannot
// be.
func TestFailedCallbacksAreChecked(t *testing.T) {
	for _, failed := range [][]int{{-1}, {3}, {0, 0}} {
		tr, data, config, s := halfway(t)
		s.Fit.Failed = failed
		_, err := tr.Fit(t.Context(), data, config)
		wantError(t, fmt.Sprint(failed), err, net.ErrState, "failed callbacks")
	}
}
