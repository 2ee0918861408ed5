package net

import (
	"context"
	"fmt"
	"slices"

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
	// over all epochs, out of the given number of steps.
	Rate func(step, steps int) float64

	// Validation, if not nil, is evaluated after every epoch.
	Validation Dataset

	// Progress, if not nil, is called after every step.
	Progress func(Progress)
}

// Progress tells where a training is after a step.
type Progress struct {
	Epoch, Epochs int // the current epoch, counted from 1, and their number
	Step, Steps   int // completed steps over all epochs, and their number
	Loss          float64
}

// History is the course of a training.
type History struct {
	Losses []float64 // mean loss of each step's batch, before its update
	Epochs []EpochResult
}

// EpochResult sums up one epoch.
type EpochResult struct {
	Loss     float64 // mean of the losses of its steps
	Accuracy float64 // on FitConfig.Validation; 0 without
}

// Fit trains on data. It returns the course of the training so far also when
// ctx is cancelled, which it notices before every step and reports as ctx's
// error, and when a step fails; the network is then as the last completed step
// left it.
func (t *Trainer) Fit(ctx context.Context, data Dataset, c FitConfig) (*History, error) {
	f := &fit{t: t, data: data, FitConfig: c.withDefaults(), history: new(History)}
	if err := f.check(); err != nil {
		return f.history, fmt.Errorf("net: fit: %w", err)
	}
	for epoch := range f.Epochs {
		if err := f.epoch(ctx, epoch); err != nil {
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
	n := f.data.Len()
	if n < 1 {
		return fmt.Errorf("%w: want at least one image, have %d", ErrData, n)
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
	result := EpochResult{Loss: sum / float64(f.stepsPerEpoch())}
	if f.Validation != nil {
		accuracy, err := f.t.Accuracy(f.Validation)
		if err != nil {
			return err
		}
		result.Accuracy = accuracy
	}
	f.history.Epochs = append(f.history.Epochs, result)
	return nil
}

// step trains on the i-th batch of an epoch.
func (f *fit) step(epoch, i int) (float64, error) {
	done := epoch*f.stepsPerEpoch() + i
	steps := f.Epochs * f.stepsPerEpoch()
	if f.Rate != nil {
		if err := f.t.SetRate(f.Rate(done, steps)); err != nil {
			return 0, err
		}
	}
	indices := f.order[i*f.BatchSize : min((i+1)*f.BatchSize, len(f.order))]
	loss, err := f.t.step(batch{n: len(indices), data: f.data, indices: indices, labels: f.labels[:len(indices)]})
	if err != nil {
		return 0, err
	}
	f.history.Losses = append(f.history.Losses, loss)
	if f.Progress != nil {
		f.Progress(Progress{Epoch: epoch + 1, Epochs: f.Epochs, Step: done + 1, Steps: steps, Loss: loss})
	}
	return loss, nil
}
