package net

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// Checkpoint is a [Callback] that saves the state of the training now and then,
// for FitConfig.Resume. Where it stands among the callbacks does not matter: a
// state knows which of them have been told of the last step or epoch.
type Checkpoint struct {
	Every  int  // steps from one state to the next; default 0: after epochs only
	Epochs bool // also after every epoch; always with Every 0

	// Save gets a state of its own. Its error ends the training; one that is
	// resumed calls it again.
	Save func(*State) error
}

// StepEnd implements [Callback].
func (c *Checkpoint) StepEnd(t *Trainer, p Progress) error {
	if c.Every == 0 || p.Step%c.Every != 0 {
		return nil
	}
	return c.save(t)
}

// EpochEnd implements [Callback].
func (c *Checkpoint) EpochEnd(t *Trainer, _ EpochResult) error {
	if c.Every != 0 && !c.Epochs {
		return nil
	}
	return c.save(t)
}

func (c *Checkpoint) save(t *Trainer) error {
	s, err := t.State()
	if err == nil {
		err = c.Save(s)
	}
	return prefix("Checkpoint", err)
}

func (c *Checkpoint) check(*FitConfig) error {
	if c.Every < 0 {
		return fmt.Errorf("Checkpoint: %w: want Every of at least 0, have %d", layer.ErrOption, c.Every)
	}
	if c.Save == nil {
		return fmt.Errorf("Checkpoint: %w: want Save, have nil", layer.ErrOption)
	}
	return nil
}
