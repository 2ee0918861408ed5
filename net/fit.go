package net

import (
	"context"
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// FitConfig configures [Trainer.Fit] and [Trainer.FitSeq]. Its zero value trains
// for one epoch on batches of 32, shuffled by Fit.
type FitConfig struct {
	Epochs    int    // passes over the data; default 1
	BatchSize int    // images of a step; default 32
	DropLast  bool   // leave out the last batch of an epoch if it is partial
	NoShuffle bool   // keep the data's order; FitSeq always does
	Seed      uint64 // of the order; every epoch has its own

	// StepsPerEpoch is the number of steps of an epoch, at most: data that has
	// more waits for the next epoch's order, or for the next epoch's Seq. The
	// default, 0, means all of the data. A Seq's number of steps is not known
	// without it.
	StepsPerEpoch int

	// Rate, if not nil, returns the learning rate of each step, counted from 0
	// over all epochs, out of the given number of steps, 0 if that is not
	// known. Trainer.Rate stays what it was, and counts again afterwards. A rate
	// that is no number from 0 to 1e20 is an error.
	Rate func(step, steps int) float64

	// Validation, if not nil, is evaluated after every epoch.
	Validation Dataset

	// Callbacks watch the training, and may end it.
	Callbacks []Callback

	// Resume, if not nil, is where the training goes on: a State that was taken
	// during or after a Fit with the same data and configuration, of a network
	// of the same layers. It is not changed. What does not belong to this
	// training is an error that wraps ErrState, and changes nothing. Workers may
	// differ, and so may Epochs: more of them extend a training. The
	// Callbacks must be as many, in the same order. One whose error ended the
	// training is told once more of what it failed at; a training that ErrStop
	// has ended goes on, but for EarlyStopping, unless that has more Patience.
	Resume *State
}

// Fit trains on data. It returns the course of the training so far also when
// ctx is cancelled, which it notices before every step and during validation and
// reports as ctx's error, and when a step, a validation or a callback fails; the
// network is then as the last completed step left it, and [Trainer.State]
// tells from where to go on.
//
// A training that diverges ends at the first loss that is not finite, with an error
// that wraps ErrNotFinite.
//
// In a callback it is an error: a trainer has one Fit at a time.
func (t *Trainer) Fit(ctx context.Context, data Dataset, c FitConfig) (*History, error) {
	return t.fit(ctx, &datasetSource{data: data}, c)
}

func (c FitConfig) withDefaults() FitConfig {
	if c.Epochs == 0 {
		c.Epochs = 1
	}
	if c.BatchSize == 0 {
		c.BatchSize = 32
	}
	return c
}

func (c *FitConfig) check() error {
	if c.Epochs < 0 || c.BatchSize < 0 {
		return fmt.Errorf("%w: want Epochs and BatchSize of at least 1, have %d and %d", layer.ErrOption, c.Epochs, c.BatchSize)
	}
	if c.StepsPerEpoch < 0 {
		return fmt.Errorf("%w: want StepsPerEpoch of at least 0, have %d", layer.ErrOption, c.StepsPerEpoch)
	}
	return checkCallbacks(c)
}
