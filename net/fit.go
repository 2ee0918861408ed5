package net

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/simdlanes/lanes/layer"
)

// FitConfig configures [Trainer.Fit]. Its zero value trains for one epoch on
// shuffled batches of 32.
type FitConfig struct {
	Epochs    int    // passes over the data; default 1
	BatchSize int    // images of a step; default 32
	DropLast  bool   // leave out the last batch of an epoch if it is partial
	NoShuffle bool   // keep the data's order
	Seed      uint64 // of the order; every epoch has its own

	// Rate, if not nil, returns the learning rate of each step, counted from 0
	// over all epochs, out of the given number of steps. Trainer.Rate stays what
	// it was, and counts again afterwards.
	Rate func(step, steps int) float64

	// Validation, if not nil, is evaluated after every epoch.
	Validation Dataset

	// Callbacks watch the training, and may end it.
	Callbacks []Callback
}

// Progress tells where a training is after a step.
type Progress struct {
	Epoch, Epochs int // the current epoch, counted from 1, and their number
	Step, Steps   int // completed steps over all epochs, and their number
	Loss          float64
	Rate          float64 // learning rate of the step
}

// History is the course of a training.
type History struct {
	Losses []float64 // mean loss of each step's batch, before its update
	Rates  []float64 // learning rate of each step
	Epochs []EpochResult
}

// EpochResult sums up one epoch.
type EpochResult struct {
	Epoch          int           // counted from 1
	Steps          int           // of this epoch
	Loss           float64       // mean of the losses of its steps
	ValidationLoss float64       // mean loss on FitConfig.Validation; 0 without
	Accuracy       float64       // on FitConfig.Validation; 0 without
	Rate           float64       // learning rate of the last step
	Duration       time.Duration // since its beginning, validation included
}

// Fit trains on data. It returns the course of the training so far also when
// ctx is cancelled, which it notices before every step and reports as ctx's
// error, and when a step or a validation fails; the network is then as the last
// completed step left it.
//
// A training that diverges ends at the first loss that is not finite, with an error
// that wraps ErrNotFinite.
func (t *Trainer) Fit(ctx context.Context, data Dataset, c FitConfig) (*History, error) {
	f := &fit{t: t, data: data, FitConfig: c.withDefaults(), history: new(History)}
	if err := f.check(); err != nil {
		return f.history, fmt.Errorf("net: fit: %w", err)
	}
	for epoch := range f.Epochs {
		err := f.epoch(ctx, epoch)
		if err == ErrStop {
			return f.history, nil
		}
		if err != nil {
			return f.history, fmt.Errorf("net: fit: epoch %d: %w", epoch+1, err)
		}
	}
	return f.history, nil
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

// fit is a training under way.
type fit struct {
	FitConfig
	t       *Trainer
	data    Dataset
	history *History
	order   []int // of the images in the current epoch
	labels  []int // of the current batch
}

func (f *fit) check() error {
	if f.t.closed {
		return ErrClosed
	}
	n, err := checkData(f.data)
	if err != nil {
		return err
	}
	if f.Epochs < 0 || f.BatchSize < 0 {
		return fmt.Errorf("%w: want Epochs and BatchSize of at least 1, have %d and %d", layer.ErrOption, f.Epochs, f.BatchSize)
	}
	if f.stepsPerEpoch() == 0 {
		return fmt.Errorf("%w: %d images do not fill a batch of %d, and DropLast is set", ErrData, n, f.BatchSize)
	}
	f.BatchSize = min(f.BatchSize, n)
	f.order = make([]int, n)
	f.labels = make([]int, f.BatchSize)
	if err := checkCallbacks(&f.FitConfig); err != nil {
		return err
	}
	return f.checkValidation()
}

// checkValidation tries the first image, lest data of the wrong shape be noticed
// only after a whole epoch.
func (f *fit) checkValidation() error {
	if f.Validation == nil {
		return nil
	}
	if _, err := f.t.accuracy(f.Validation, 1); err != nil {
		return fmt.Errorf("validation: %w", err)
	}
	return nil
}

func (f *fit) stepsPerEpoch() int {
	n := f.data.Len() / f.BatchSize
	if !f.DropLast && f.data.Len()%f.BatchSize != 0 {
		n++
	}
	return n
}

// epoch trains on all images once.
func (f *fit) epoch(ctx context.Context, epoch int) error {
	for i := range f.order {
		f.order[i] = i
	}
	if !f.NoShuffle {
		layer.Shuffle(f.order, layer.Stream(f.Seed, "shuffle", uint64(epoch)))
	}
	f.history.Losses = slices.Grow(f.history.Losses, f.stepsPerEpoch())
	f.history.Rates = slices.Grow(f.history.Rates, f.stepsPerEpoch())
	begun := time.Now()
	var sum float64
	for i := range f.stepsPerEpoch() {
		if err := ctx.Err(); err != nil {
			return err
		}
		loss, err := f.step(epoch, i)
		if err != nil {
			return err
		}
		sum += loss
	}
	return f.endEpoch(EpochResult{
		Epoch: epoch + 1,
		Steps: f.stepsPerEpoch(),
		Loss:  sum / float64(f.stepsPerEpoch()),
		Rate:  f.history.Rates[len(f.history.Rates)-1],
	}, begun)
}

// endEpoch validates, and reports an epoch that has begun at the given time and
// of which all else is known.
func (f *fit) endEpoch(result EpochResult, begun time.Time) error {
	var err error
	if f.Validation != nil {
		result.Accuracy, err = f.t.accuracy(f.Validation, math.MaxInt)
	}
	result.Duration = time.Since(begun)
	f.history.Epochs = append(f.history.Epochs, result)
	if err != nil {
		return fmt.Errorf("validation: %w", err)
	}
	return f.tell(func(c Callback) error { return c.EpochEnd(f.t, result) })
}

// tell tells all callbacks of what has happened, and returns what is to end the
// training: an error of their own before ErrStop.
func (f *fit) tell(event func(Callback) error) error {
	var end error
	for i, c := range f.Callbacks {
		err := event(c)
		switch {
		case err == nil:
		case errors.Is(err, ErrStop):
			end = cmp.Or(end, ErrStop)
		case end == nil || end == ErrStop:
			end = fmt.Errorf("callback %d: %w", i, err)
		}
	}
	return end
}

// step trains on the i-th batch of an epoch.
func (f *fit) step(epoch, i int) (float64, error) {
	done := epoch*f.stepsPerEpoch() + i
	steps := f.Epochs * f.stepsPerEpoch()
	rate := f.t.rate
	if f.Rate != nil {
		rate = f.Rate(done, steps)
	}
	if err := checkRate(rate); err != nil {
		return 0, err
	}
	indices := f.order[i*f.BatchSize : min((i+1)*f.BatchSize, len(f.order))]
	loss, err := f.t.step(batch{n: len(indices), data: f.data, indices: indices, labels: f.labels[:len(indices)]}, rate)
	if err != nil {
		return 0, err
	}
	f.history.Losses = append(f.history.Losses, loss)
	f.history.Rates = append(f.history.Rates, rate)
	p := Progress{Epoch: epoch + 1, Epochs: f.Epochs, Step: done + 1, Steps: steps, Loss: loss, Rate: rate}
	return loss, f.tell(func(c Callback) error { return c.StepEnd(f.t, p) })
}
