package net

import (
	"errors"
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// Callback watches a training, and may end it. Its methods are called on the
// goroutine of [Trainer.Fit], in the order of FitConfig.Callbacks, and may call
// methods of the trainer between whose steps they are. They must not start
// another Fit of it.
//
// A method that returns [ErrStop] ends the training without an error, one that
// returns another error ends it with that. In both cases the callbacks that
// follow are told of the same step or epoch first.
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

// checker is a callback with options, which are checked before a training
// begins.
type checker interface{ check(c *FitConfig) error }

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
