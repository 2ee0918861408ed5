package net

import (
	"fmt"
	"slices"

	"github.com/simdlanes/lanes/internal/learning"
)

// State returns a copy of all that it takes to go on with the training from
// here: with FitConfig.Resume, if it is taken by a callback or after Fit has
// returned and before anything else has changed the network (a Step that fails does
// not), or with [Trainer.Restore]. An error is one of a callback that cannot say its state.
// (If a layer of the caller's has panicked amidst an update, parameters and moments
// are what that left of them.)
func (t *Trainer) State() (*State, error) {
	s := &State{Params: slices.Clone(t.net.params), Rate: t.rate, Optimizer: t.engine.updater.state(), Objective: t.objective, Steps: t.engine.told()}
	f := t.course
	if f == nil || !f.running && f.changes != t.net.state {
		return s, nil
	}
	callbacks, err := callbackStates(f.Callbacks)
	if err != nil {
		return nil, fmt.Errorf("net: state: %w", err)
	}
	if f.params != nil {
		s.Params = slices.Clone(f.params)
	}
	at := f.at
	at.Callbacks = callbacks
	at.Failed = append([]int(nil), f.at.Failed...)
	at.History = *f.at.History.clone()
	s.Fit = &at
	return s, nil
}

// Restore brings back the parameters, the optimiser's memory and the rate of a
// state, for those who own the loop; its FitState is for FitConfig.Resume. A
// state of another network, optimiser, loss, reduction or clipping is an error
// that wraps ErrState, and changes nothing; during a Fit it is one that wraps
// layer.ErrOption.
func (t *Trainer) Restore(s *State) error {
	err := t.idle()
	if err == nil {
		err = t.restore(s)
	}
	if err != nil {
		return fmt.Errorf("net: restore: %w", err)
	}
	return nil
}

func (t *Trainer) restore(s *State) error {
	if t.closed {
		return ErrClosed
	}
	if s == nil {
		return fmt.Errorf("%w: want a State, have nil", ErrState)
	}
	if len(s.Params) != len(t.net.params) {
		return mismatch("parameters", len(t.net.params), len(s.Params))
	}
	if s.Objective != "" && s.Objective != t.objective {
		return mismatch("loss, reduction and clipping", t.objective, s.Objective)
	}
	if err := learning.CheckRate(s.Rate); err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	if s.Steps < 0 {
		return fmt.Errorf("%w: want Steps of at least 0, have %d", ErrState, s.Steps)
	}
	if err := t.engine.updater.restore(s.Optimizer); err != nil {
		return fmt.Errorf("optimizer: %w", err)
	}
	t.rate = s.Rate
	t.engine.clock = s.Steps
	t.net.setAll(s.Params)
	return nil
}

// resume takes the training to the place of s. On an error nothing has changed.
func (f *training) resume(s *State) error {
	if s.Fit == nil {
		return fmt.Errorf("%w: want one that was taken during or after Fit, have one of Step; see Trainer.Restore", ErrState)
	}
	if err := f.checkPlace(s.Fit); err != nil {
		return err
	}
	before, err := callbackStates(f.Callbacks)
	if err != nil {
		return err
	}
	err = setCallbackStates(f.Callbacks, s.Fit.Callbacks, f.t.net)
	if err == nil {
		err = f.t.restore(s)
	}
	if err != nil {
		for i, c := range f.Callbacks {
			if before[i] != nil {
				_ = c.(memorised).UnmarshalBinary(before[i]) // what it has returned itself
			}
		}
		return err
	}
	f.at = *s.Fit
	f.at.Callbacks = nil
	f.at.Failed = slices.Clone(s.Fit.Failed)
	f.at.History = *s.Fit.History.clone()
	return nil
}

// checkPlace returns an error unless a training can go on from p.
func (f *training) checkPlace(p *FitState) error {
	want := f.start()
	for _, field := range []struct {
		name       string
		want, have any
	}{
		{"images", want.Images, p.Images},
		{"BatchSize", want.BatchSize, p.BatchSize},
		{"DropLast", want.DropLast, p.DropLast},
		{"NoShuffle", want.NoShuffle, p.NoShuffle},
		{"Seed", want.Seed, p.Seed},
		{"StepsPerEpoch", want.StepsPerEpoch, p.StepsPerEpoch},
		{"callbacks", len(f.Callbacks), len(p.Callbacks)},
	} {
		if field.want != field.have {
			return mismatch(field.name, field.want, field.have)
		}
	}
	return f.checkProgress(p)
}

// checkProgress returns an error unless the place is one between the steps of
// this training.
func (f *training) checkProgress(p *FitState) error {
	if p.Epoch < 0 || p.Epoch > f.Epochs {
		return fmt.Errorf("%w: completed epochs: want at most %d (FitConfig.Epochs), have %d", ErrState, f.Epochs, p.Epoch)
	}
	last := f.source.steps() // of an epoch
	if p.Step < 0 || last > 0 && p.Step > last || p.Epoch == f.Epochs && p.Step > 0 {
		return fmt.Errorf("%w: completed steps of epoch %d: want at most %d, have %d", ErrState, p.Epoch+1, last, p.Step)
	}
	if p.Told < 0 || p.Told > len(f.Callbacks) {
		return fmt.Errorf("%w: told callbacks: want at most %d, have %d", ErrState, len(f.Callbacks), p.Told)
	}
	for i, failed := range p.Failed {
		if failed < 0 || failed >= p.Told || slices.Contains(p.Failed[:i], failed) {
			return fmt.Errorf("%w: failed callbacks: want some of the %d that have been told, have %v", ErrState, p.Told, p.Failed)
		}
	}
	return f.checkHistory(p, &p.History)
}

// checkHistory returns an error unless h is the history of a training that has
// come to p.
func (f *training) checkHistory(p *FitState, h *History) error {
	steps := p.Step
	for _, e := range h.Epochs {
		if e.Steps < 1 || e.Steps > len(h.Losses) {
			return fmt.Errorf("%w: history: epoch %d: want 1 to %d steps, have %d", ErrState, e.Epoch, len(h.Losses), e.Steps)
		}
		steps += e.Steps
	}
	if len(h.Epochs) != p.Epoch || len(h.Losses) != steps || len(h.Rates) != steps {
		return fmt.Errorf("%w: history: want %d epochs, %d losses and %d rates, have %d, %d and %d", ErrState,
			p.Epoch, steps, steps, len(h.Epochs), len(h.Losses), len(h.Rates))
	}
	return nil
}

// mismatch is the error that a field of a state has another value than it would
// have in this training.
func mismatch(field string, want, have any) error {
	return fmt.Errorf("%w: %s: want %v, have %v", ErrState, field, want, have)
}
