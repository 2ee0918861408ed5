package net

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// Callback watches a training, and may end it. Its methods are called on the
// goroutine of [Trainer.Fit], in the order of FitConfig.Callbacks, between two steps.
//
// They may call the trainer's Workers, Rate, SetRate (which counts from the next step
// on, unless there is a FitConfig.Rate), State, Gradients, Evaluate, EvaluateContext
// and Accuracy, and all methods of the network: with parameters that it is given by
// SetParams or SetState the training goes on. Step, Fit, FitSeq and Restore, which would
// lead the training away from its place in the data, return an error there that wraps
// layer.ErrOption, and change nothing. After a Close the training ends with ErrClosed.
//
// A method that returns [ErrStop] ends the training without an error, one that
// returns another error ends it with that. In both cases the callbacks that
// follow are told of the same step or epoch first. If the training is resumed, one
// that returned another error, or panicked, is told of the same step or epoch
// again, and so should not have taken note of it; [ErrStop] is not remembered: what
// is to stop a resumed training too has to return it again.
//
// A callback with a memory that a training needs to be resumed implements
// [encoding.BinaryMarshaler] and [encoding.BinaryUnmarshaler] too.
type Callback interface {
	// StepEnd is called after every step.
	StepEnd(t *Trainer, p Progress) error

	// EpochEnd is called after every epoch, its validation included.
	EpochEnd(t *Trainer, r EpochResult) error
}

// ErrStop is returned by a [Callback] to end the training without an error.
var ErrStop = errors.New("the training has been stopped")

// OnStep is a [Callback] that calls f after every step.
func OnStep(f func(Progress) error) Callback { return onStep(f) }

// OnEpoch is a [Callback] that calls f after every epoch.
func OnEpoch(f func(EpochResult) error) Callback { return onEpoch(f) }

type onStep func(Progress) error

func (f onStep) StepEnd(_ *Trainer, p Progress) error { return f(p) }

func (f onStep) EpochEnd(*Trainer, EpochResult) error { return nil }

func (f onStep) check(*FitConfig) error { return needFunction("OnStep", f == nil) }

type onEpoch func(EpochResult) error

func (f onEpoch) StepEnd(*Trainer, Progress) error { return nil }

func (f onEpoch) EpochEnd(_ *Trainer, r EpochResult) error { return f(r) }

func (f onEpoch) check(*FitConfig) error { return needFunction("OnEpoch", f == nil) }

func needFunction(name string, missing bool) error {
	if missing {
		return fmt.Errorf("%s: %w: want a function, have nil", name, layer.ErrOption)
	}
	return nil
}

// What the callbacks of this package implement beside [Callback].
type (
	// checker has options, which are checked before a training begins.
	checker interface{ check(c *FitConfig) error }

	// resetter forgets the training before when a new one begins.
	resetter interface{ reset() }

	// fitter returns an error unless what it remembers suits the network.
	fitter interface{ fits(n *Network) error }

	// ender may end a training that is resumed before its next step.
	ender interface{ over() bool }

	// restorer may have parameters that the network gets when a training has come
	// to its end without an error, nil for none.
	restorer interface{ best() []float32 }
)

// memorised is a callback whose state is kept.
type memorised interface {
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

func checkCallbacks(c *FitConfig) error {
	for i, callback := range c.Callbacks {
		if callback == nil {
			return fmt.Errorf("callback %d: %w: want a Callback, have nil", i, layer.ErrOption)
		}
		if k, ok := callback.(checker); ok {
			if err := k.check(c); err != nil {
				return fmt.Errorf("callback %d: %w", i, err)
			}
		}
	}
	return nil
}

// callbackStates returns the state of each callback, nil for one without.
func callbackStates(callbacks []Callback) ([][]byte, error) {
	states := make([][]byte, len(callbacks))
	for i, callback := range callbacks {
		m, ok := callback.(memorised)
		if !ok {
			continue
		}
		b, err := m.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("callback %d: %w", i, err)
		}
		states[i] = append([]byte{}, b...)
	}
	return states, nil
}

// setCallbackStates gives each callback its state, as many as there are.
func setCallbackStates(callbacks []Callback, states [][]byte, n *Network) error {
	for i, callback := range callbacks {
		m, ok := callback.(memorised)
		if ok != (states[i] != nil) {
			return fmt.Errorf("callback %d: %w: state of a %T: want %t, have %t", i, ErrState, callback, ok, !ok)
		}
		if !ok {
			continue
		}
		if err := m.UnmarshalBinary(states[i]); err != nil {
			return fmt.Errorf("callback %d: %w", i, err)
		}
		if k, ok := callback.(fitter); ok {
			if err := k.fits(n); err != nil {
				return fmt.Errorf("callback %d: %w", i, err)
			}
		}
	}
	return nil
}

// cutName returns the state of a callback without its name.
func cutName(state []byte, name string) ([]byte, error) {
	rest, ok := bytes.CutPrefix(state, []byte(name))
	if !ok {
		return nil, fmt.Errorf("%w: want a state that begins with %q, have %.40q", ErrState, name, state)
	}
	return rest, nil
}

// prefix says whose an error is.
func prefix(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}
