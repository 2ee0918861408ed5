package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/simdlanes/lanes/cmd/internal/cli"
	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/model"
)

// training is a training on its way from a recipe to a model's file.
type training struct {
	recipe  recipe
	path    string // of the model's file
	network *net.Network
	state   *net.State // where to go on; nil at the beginning
	running

	train, watched, test net.Dataset // watched is tested after every epoch
	trainer              *net.Trainer
}

// running is what of a training may change when it is resumed.
type running struct {
	workers   int
	saveEvery time.Duration // between two writings of the file
}

func (r *running) flags(f *flag.FlagSet) {
	workersFlag(f, &r.workers)
	f.DurationVar(&r.saveEvery, "save", 3*time.Second, "`time` between two writings of the file")
}

// preprocess is what makes an image file look like the digits that the network
// is trained on: 28 x 28 pixels, light on dark, with two more all around.
var preprocess = data.Preprocess{Rows: 28, Cols: 28, Channels: 1, Padding: 2, Fit: data.Letterbox, Invert: data.Auto}

// run runs the training to its end.
func (t *training) run(ctx context.Context, term terminal) error {
	if err := t.load(ctx); err != nil {
		return err
	}
	var err error
	if t.trainer, err = net.NewTrainer(t.network, t.recipe.trainer(t.workers)); err != nil {
		return err
	}
	defer t.trainer.Close()
	if err := t.save(); err != nil { // where that cannot be done, let us know before the training
		return err
	}
	w := newWatcher(t, term)
	if err := w.heading(); err != nil {
		return err
	}
	history, err := t.trainer.Fit(ctx, t.train, t.config(w))
	w.endBar()
	if err != nil && ctx.Err() == nil {
		return err
	}
	if err := t.save(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%w after %d steps: go on with \"lenet5 resume %s\"", errInterrupted, len(history.Losses), t.path)
	}
	return w.result()
}

// config is the configuration of Fit.
func (t *training) config(w *watcher) net.FitConfig {
	c := t.recipe.fit()
	c.Validation = t.watched
	c.Resume = t.state
	if t.recipe.Patience > 0 {
		c.Callbacks = append(c.Callbacks, &net.EarlyStopping{Monitor: net.Accuracy, Patience: t.recipe.Patience, Restore: true})
	}
	c.Callbacks = append(c.Callbacks, w)
	return c
}

// load gets the digits.
func (t *training) load(ctx context.Context) error {
	train, test, err := t.recipe.Digits.Load(ctx)
	if err != nil {
		return err
	}
	t.train, t.watched, t.test = train, test, test
	if t.recipe.HoldOut > 0 {
		if t.train, t.watched, err = data.Split(train, t.recipe.HoldOut, t.recipe.Seed); err != nil {
			return err
		}
	}
	t.train, err = t.recipe.augment(t.train)
	return err
}

// save writes the model, with all that it takes to go on, in place of what the
// file held before.
func (t *training) save() error {
	state, err := t.trainer.State()
	if err != nil {
		return err
	}
	m := &model.Model{Network: t.network, Input: preprocess, Training: state}
	if err := t.recipe.write(m); err != nil {
		return err
	}
	return m.SaveFile(t.path)
}

// A watcher is told of every step and epoch: it draws the bar and the table, and
// sees to it that the file is written.
type watcher struct {
	*training
	term      terminal
	bar       cli.Bar
	step, end func() // of the bar
	began     time.Time
	saved     time.Time
}

func newWatcher(t *training, term terminal) *watcher {
	now := time.Now()
	return &watcher{training: t, term: term, bar: cli.NewBar(term.err), began: now, saved: now}
}

// heading says what is going to happen.
func (w *watcher) heading() error {
	verb := "train on"
	if w.state != nil {
		verb = "go on with"
	}
	r := w.recipe
	watched, distorted := r.watched(), ""
	if r.Augment != (data.Augment{}) {
		distorted = ", distorted anew in every epoch"
	}
	_, err := fmt.Fprintf(w.term.out, "%s, %d parameters: %s %d digits, %d a step, and watch %d %s digits;\n%s, %s rate of at most %v; seed %d%s\n\n"+
		"epoch   training loss   %8s loss   accuracy   seconds\n",
		titles[r.Network], w.network.Summary().Params, verb, w.train.Len(), r.Batch, w.watched.Len(), watched, r.Optimizer, r.Schedule, r.Rate, r.Seed, distorted, watched)
	return err
}

// StepEnd implements [net.Callback].
func (w *watcher) StepEnd(_ *net.Trainer, p net.Progress) error {
	if w.step == nil {
		perEpoch := p.Steps / p.Epochs
		left := perEpoch - (p.Step-1)%perEpoch
		w.step, w.end = w.bar.Start(fmt.Sprintf("epoch %d of %d", p.Epoch, p.Epochs), left)
	}
	w.step()
	if time.Since(w.saved) < w.saveEvery {
		return nil
	}
	w.saved = time.Now()
	return w.save()
}

// EpochEnd implements [net.Callback].
func (w *watcher) EpochEnd(_ *net.Trainer, r net.EpochResult) error {
	w.endBar()
	_, err := fmt.Fprintf(w.term.out, "%5d   %13.4f   %13.4f   %6.2f %%   %7.2f\n", r.Epoch, r.Loss, r.ValidationLoss, 100*r.Accuracy, time.Since(w.began).Seconds())
	return err
}

func (w *watcher) endBar() {
	if w.end != nil {
		w.end()
		w.step, w.end = nil, nil
	}
}

// result says what has come out.
func (w *watcher) result() error {
	accuracy, err := w.trainer.Accuracy(w.test)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.term.out, "\n%s: %.2f %% of %d test digits\nweights %x\n", w.path, 100*accuracy, w.test.Len(), w.network.Hash())
	return err
}
