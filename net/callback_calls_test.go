package net_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// caller is a callback that calls methods of the trainer.
type caller struct{ step, epoch func(*net.Trainer) error }

func (c caller) StepEnd(t *net.Trainer, _ net.Progress) error     { return c.step(t) }
func (c caller) EpochEnd(t *net.Trainer, _ net.EpochResult) error { return c.epoch(t) }

// fitCalling trains for two epochs of three steps, and fails the test rather than
// wait for ever.
func fitCalling(t *testing.T, n *net.Network, workers int, call func(*net.Trainer) error) error {
	t.Helper()
	tr := newTrainer(t, n, net.TrainerConfig{Workers: workers, Optimizer: net.SGD{Rate: 0.125}})
	x, labels := steadyData()
	done := make(chan error, 1)
	go func() {
		_, err := tr.Fit(t.Context(), net.Examples{Images: x, Labels: labels}, net.FitConfig{
			Epochs: 2, BatchSize: 8, Callbacks: []net.Callback{caller{call, call}},
		})
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(time.Minute):
		t.Fatal("Fit waits for its callback")
		return nil
	}
}

func nothing(*net.Trainer) error { return nil }

// TestCallbackMayCall calls what a callback may, after every step and every epoch:
// it gets what it asks for, and the training has the bits that it has without.
func TestCallbackMayCall(t *testing.T) {
	x, labels := steadyData()
	data := net.Examples{Images: x, Labels: labels}
	plain := steadied(t)
	if err := fitCalling(t, plain, 1, nothing); err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 3} {
		n := steadied(t)
		calls := 0
		err := fitCalling(t, n, workers, func(tr *net.Trainer) error {
			calls++
			if tr.Workers() != workers || tr.Rate() != 0.125 {
				return fmt.Errorf("%d workers, rate %v", tr.Workers(), tr.Rate())
			}
			e, err := tr.Evaluate(data)
			if err != nil {
				return err
			}
			accuracy, err := tr.Accuracy(data)
			if err != nil || accuracy != e.Accuracy {
				return fmt.Errorf("accuracies %v and %v, error %v", e.Accuracy, accuracy, err)
			}
			proba, err := n.PredictProba(nil, x)
			if err != nil || !slices.Equal(proba, e.Proba) {
				return fmt.Errorf("other probabilities than those of the network, error %v", err)
			}
			dw, _, err := tr.Gradients(0)
			if err != nil || slices.Max(dw) == 0 {
				return fmt.Errorf("gradients %v, error %v", dw, err)
			}
			s, err := tr.State()
			if err != nil || s.Fit == nil || len(s.Params) != n.NumParams() {
				return fmt.Errorf("state %v, error %v", s, err)
			}
			return nil
		})
		if err != nil || calls != 8 {
			t.Errorf("%d workers: %d calls, error %v", workers, calls, err)
		}
		if n.Hash() != plain.Hash() {
			t.Errorf("%d workers: to look on has changed the weights", workers)
		}
	}
}

// TestCallbackMayChange sets the rate and parameters.
func TestCallbackMayChange(t *testing.T) {
	n := steadied(t)
	var kept [32]byte
	err := fitCalling(t, n, 2, func(tr *net.Trainer) error {
		if kept == [32]byte{} {
			w, b, err := n.Params(7)
			if err != nil {
				return err
			}
			b[0] = 0.25
			if err := n.SetParams(7, w, b); err != nil {
				return err
			}
			kept = n.Hash()
			return tr.SetRate(0)
		}
		_, b, err := n.Params(7)
		if err != nil || b[0] != 0.25 || tr.Rate() != 0 {
			return fmt.Errorf("bias %v, rate %v, error %v", b[0], tr.Rate(), err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestCallbackMustNotCall calls what would lead the training elsewhere: each is an
// error, and the training has the bits that it has without.
func TestCallbackMustNotCall(t *testing.T) {
	x, labels := steadyData()
	data := net.Examples{Images: x, Labels: labels}
	plain := steadied(t)
	if err := fitCalling(t, plain, 1, nothing); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(*net.Trainer) error{
		"Step": func(tr *net.Trainer) error { _, err := tr.Step(x, labels); return err },
		"Fit":  func(tr *net.Trainer) error { _, err := tr.Fit(t.Context(), data, net.FitConfig{}); return err },
		"FitSeq": func(tr *net.Trainer) error {
			_, err := tr.FitSeq(t.Context(), inOrder(data, 72), net.FitConfig{})
			return err
		},
		"Restore": func(tr *net.Trainer) error {
			s, err := tr.State()
			if err != nil {
				return err
			}
			clear(s.Params)
			return tr.Restore(s)
		},
	} {
		for _, workers := range []int{1, 3} {
			n := steadied(t)
			err := fitCalling(t, n, workers, func(tr *net.Trainer) error {
				if err := call(tr); !errors.Is(err, layer.ErrOption) {
					return fmt.Errorf("%s returns %v", name, err)
				}
				return nil
			})
			if err != nil {
				t.Errorf("%d workers: %v", workers, err)
			}
			if n.Hash() != plain.Hash() {
				t.Errorf("%s, %d workers: what was refused has changed the weights", name, workers)
			}
		}
	}
}

// TestCallbackCloses closes the trainer amidst a training.
func TestCallbackCloses(t *testing.T) {
	for _, workers := range []int{1, 3} {
		err := fitCalling(t, steadied(t), workers, func(tr *net.Trainer) error { tr.Close(); return nil })
		wantError(t, fmt.Sprint(workers, " workers"), err, net.ErrClosed, "epoch 1")
	}
}

// TestStepAfterFit wants a trainer to be its owner's again when Fit has ended,
// however it did.
func TestStepAfterFit(t *testing.T) {
	x, labels := steadyData()
	data := net.Examples{Images: x, Labels: labels}
	tr := newTrainer(t, steadied(t), net.TrainerConfig{})
	for _, callback := range []func(*net.Trainer) error{
		nothing,
		func(*net.Trainer) error { return net.ErrStop },
		func(*net.Trainer) error { return errBroken },
		func(*net.Trainer) error { panic(errBroken) },
	} {
		func() {
			defer func() { _ = recover() }()
			_, _ = tr.Fit(t.Context(), data, net.FitConfig{Callbacks: []net.Callback{caller{callback, callback}}})
		}()
		if _, err := tr.Step(x, labels); err != nil {
			t.Error(err)
		}
		s, err := tr.State()
		if err == nil {
			err = tr.Restore(s)
		}
		if err != nil {
			t.Error(err)
		}
	}
}
