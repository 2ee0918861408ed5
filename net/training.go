package net

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/simdlanes/lanes/internal/learning"
)

// training is a Fit under way, or a place to go on from: epochs of steps, what
// callbacks are told of them, and where all this is. Its batches come from a
// source.
type training struct {
	FitConfig
	t       *Trainer
	source  source
	running bool
	at      FitState // but for Callbacks, which are asked when a State is taken

	// After the end of the training:
	params  []float32 // those of the last step, if a callback has set others
	changes uint64    // Network.state, to tell whether the place is still one to go on from
}

// fit trains on the batches of s.
func (t *Trainer) fit(ctx context.Context, s source, c FitConfig) (*History, error) {
	f, err := t.begin(s, c)
	if err != nil {
		return new(History), fmt.Errorf("net: fit: %w", err)
	}
	defer f.end()
	err = f.run(ctx)
	return f.at.History.clone(), prefix("net: fit", err)
}

// begin checks everything and returns a training at its first step, or at that
// from which it is resumed. On an error nothing has changed.
func (t *Trainer) begin(s source, c FitConfig) (*training, error) {
	if err := t.ready(); err != nil {
		return nil, err
	}
	if err := t.idle(); err != nil {
		return nil, err
	}
	f := &training{FitConfig: c.withDefaults(), t: t, source: s}
	if err := f.FitConfig.check(); err != nil {
		return nil, err
	}
	if err := s.open(t.net, &f.FitConfig); err != nil {
		return nil, err
	}
	if err := f.checkValidation(); err != nil {
		return nil, err
	}
	f.at = f.start()
	if c.Resume == nil {
		f.forget()
	} else if err := f.resume(c.Resume); err != nil {
		return nil, fmt.Errorf("resume: %w", err)
	}
	f.running = true
	t.course = f
	return f, nil
}

// start is the place where a training begins.
func (f *training) start() FitState {
	return FitState{
		Images:        f.source.images(),
		BatchSize:     f.BatchSize,
		DropLast:      f.DropLast,
		NoShuffle:     f.NoShuffle,
		Seed:          f.Seed,
		StepsPerEpoch: f.StepsPerEpoch,
	}
}

// forget makes callbacks forget trainings before.
func (f *training) forget() {
	for _, c := range f.Callbacks {
		if r, ok := c.(resetter); ok {
			r.reset()
		}
	}
}

// checkValidation tries the first image, lest data of the wrong shape be noticed
// only after a whole epoch.
func (f *training) checkValidation() error {
	if f.Validation == nil {
		return nil
	}
	if _, _, err := f.t.evaluate(f.Validation, 1); err != nil {
		return fmt.Errorf("validation: %w", err)
	}
	return nil
}

// end lets go of all that a later State does not need.
func (f *training) end() {
	f.running = false
	f.changes = f.t.net.state
	f.source, f.Validation, f.Rate, f.Resume = nil, nil, nil, nil
}

// run trains from where the training is to its end.
func (f *training) run(ctx context.Context) error {
	err := f.goOn(ctx)
	if err == nil || err == ErrStop {
		f.finish()
		return nil
	}
	return err
}

// goOn tells the callbacks what they do not know yet, if the training is resumed
// from amidst them, and makes all epochs that are left.
func (f *training) goOn(ctx context.Context) error {
	if err := f.catchUp(); err != nil {
		return err
	}
	for f.at.Epoch < f.Epochs {
		number := f.at.Epoch + 1
		err := f.epoch(ctx)
		if err == ErrStop {
			return err
		}
		if err != nil {
			return fmt.Errorf("epoch %d: %w", number, err)
		}
	}
	return nil
}

// catchUp is what happens in a resumed training before its next step.
func (f *training) catchUp() error {
	var err error
	switch {
	case f.at.Step > 0:
		err = f.tellStep()
	case f.at.Epoch > 0:
		err = f.tellEpoch()
	}
	for _, c := range f.Callbacks {
		if e, ok := c.(ender); ok && e.over() && err == nil {
			err = ErrStop
		}
	}
	return err
}

// finish lets callbacks have the last word on the parameters. Those of the last
// step are kept: from them the training can go on.
func (f *training) finish() {
	for _, c := range f.Callbacks {
		r, ok := c.(restorer)
		if !ok {
			continue
		}
		if best := r.best(); best != nil {
			if f.params == nil {
				f.params = slices.Clone(f.t.net.params)
			}
			f.t.net.setAll(best)
		}
	}
}

// epoch makes the steps of an epoch that are left, and ends it.
func (f *training) epoch(ctx context.Context) error {
	begun := time.Now()
	if err := f.steps(ctx); err != nil {
		return err
	}
	return f.endEpoch(ctx, begun)
}

// steps makes the steps of an epoch that are left.
func (f *training) steps(ctx context.Context) error {
	f.at.History.grow(f.source.steps() - f.at.Step)
	if err := f.source.begin(f.at.Epoch, f.at.Step); err != nil {
		return err
	}
	defer f.source.end()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := f.source.next(ctx)
		if err != nil || b.n == 0 {
			return err
		}
		if err := f.step(b); err != nil {
			return err
		}
	}
}

// step trains on one batch.
func (f *training) step(b batch) error {
	rate, err := f.rate()
	if err != nil {
		return err
	}
	loss, err := f.t.step(b, rate)
	if err != nil {
		return err
	}
	h := &f.at.History
	h.Losses = append(h.Losses, loss)
	h.Rates = append(h.Rates, rate)
	f.at.Step++
	f.at.LossSum += loss
	f.at.Told, f.at.Failed = 0, nil
	return f.tellStep()
}

// rate is the learning rate of the next step.
func (f *training) rate() (float64, error) {
	if f.Rate == nil {
		return f.t.rate, nil
	}
	step, steps := len(f.at.History.Losses), f.totalSteps()
	rate := f.Rate(step, steps)
	if err := learning.CheckRate(rate); err != nil {
		return 0, fmt.Errorf("FitConfig.Rate(%d, %d): %w", step, steps, err)
	}
	return rate, nil
}

// totalSteps is the number of steps of the training, 0 if it is not known.
func (f *training) totalSteps() int {
	steps := f.source.steps()
	if steps > 0 && f.Epochs > math.MaxInt/steps {
		return math.MaxInt
	}
	return f.Epochs * steps
}

// endEpoch validates, and ends an epoch that has begun at the given time.
func (f *training) endEpoch(ctx context.Context, begun time.Time) error {
	if f.at.Step == 0 {
		return fmt.Errorf("%w: want at least one batch of %d images", ErrData, f.BatchSize)
	}
	h := &f.at.History
	result := EpochResult{
		Epoch: f.at.Epoch + 1,
		Steps: f.at.Step,
		Loss:  f.at.LossSum / float64(f.at.Step),
		Rate:  h.Rates[len(h.Rates)-1],
	}
	if f.Validation != nil {
		var err error
		result.ValidationLoss, result.Accuracy, err = f.t.evaluate(interruptible{f.Validation, ctx}, math.MaxInt)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("validation: %w", err)
		}
	}
	result.Duration = time.Since(begun)
	h.Epochs = append(h.Epochs, result)
	f.at.Epoch++
	f.at.Step, f.at.LossSum, f.at.Told, f.at.Failed = 0, 0, 0, nil
	return f.tellEpoch()
}

// tellStep tells the last step, and tellEpoch the last epoch, to the callbacks
// that do not know of it.
func (f *training) tellStep() error {
	h := &f.at.History
	p := Progress{
		Epoch:  f.at.Epoch + 1,
		Epochs: f.Epochs,
		Step:   len(h.Losses),
		Steps:  f.totalSteps(),
		Loss:   h.Losses[len(h.Losses)-1],
		Rate:   h.Rates[len(h.Rates)-1],
	}
	return f.tell(func(c Callback) error { return c.StepEnd(f.t, p) })
}

func (f *training) tellEpoch() error {
	r := f.at.History.Epochs[len(f.at.History.Epochs)-1]
	return f.tell(func(c Callback) error { return c.EpochEnd(f.t, r) })
}

// tell tells all callbacks that do not know of it what has happened, first those
// that failed when they were told, and returns what is to end the training: an
// error of their own before ErrStop.
func (f *training) tell(event func(Callback) error) error {
	var end error
	for range f.at.Failed {
		i := f.at.Failed[0]
		f.at.Failed = f.at.Failed[1:]
		end = worse(end, f.tellOne(i, event))
	}
	for f.at.Told < len(f.Callbacks) {
		f.at.Told++
		end = worse(end, f.tellOne(f.at.Told-1, event))
	}
	return end
}

// tellOne tells callback i, and remembers if it fails, also by a panic. A state
// that the callback takes itself counts it as told.
func (f *training) tellOne(i int, event func(Callback) error) (err error) {
	failed := true
	defer func() {
		if failed {
			f.at.Failed = append(f.at.Failed, i)
		}
	}()
	err = event(f.Callbacks[i])
	failed = err != nil && !errors.Is(err, ErrStop)
	if failed {
		return fmt.Errorf("callback %d: %w", i, err)
	}
	if err != nil {
		return ErrStop
	}
	return nil
}

// worse is the one of two ends of a training that counts: the first error that is
// not ErrStop.
func worse(a, b error) error {
	if a == nil || a == ErrStop && b != nil {
		return b
	}
	return a
}
