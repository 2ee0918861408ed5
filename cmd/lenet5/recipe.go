package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/simdlanes/lanes/cmd/internal/cli"
	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/model"
	"github.com/simdlanes/lanes/net/schedule"
)

// recipe is how a model is trained. It travels in the model's notes, so that a
// training can be resumed from its file alone.
type recipe struct {
	Digits    cli.Digits `json:"digits"`
	Network   string     `json:"network"`
	Epochs    int        `json:"epochs"`
	Batch     int        `json:"batch"`
	Optimizer string     `json:"optimizer"`
	Rate      float64    `json:"rate"`
	Schedule  string     `json:"schedule"`
	Decay     float64    `json:"decay"`
	Smoothing float64    `json:"smoothing"`
	HoldOut   float64    `json:"holdout"`
	Patience  int        `json:"patience"`
	Seed      uint64     `json:"seed"`

	Augment data.Augment `json:"augment,omitzero"` // but for its Seed, which is the recipe's
}

const (
	maxEpochs = 10_000
	unset     = -1 // a decay that nobody has asked for
)

var (
	optimizers = []string{"adam", "adamw", "sgd", "rmsprop"}
	schedules  = []string{"onecycle", "cosine", "constant"}
)

// flags defines the flags of a recipe, with their defaults.
func (r *recipe) flags(f *flag.FlagSet) {
	*r = recipe{Network: lenet, Epochs: 5, Batch: 32, Optimizer: optimizers[0], Decay: unset, Rate: 0.003, Schedule: schedules[0], Seed: 1}
	r.Digits.Flags(f)
	f.Func("network", "`one` of lenet5 and deep, which has five convolutions with batch normalisation, and dropout\n(default lenet5)", oneOf(&r.Network, networks))
	f.Func("epochs", "`number` of times to go through the digits (default 5)", cli.Whole(&r.Epochs, 1, maxEpochs))
	f.Func("batch", "`digits` of a training step (default 32)", cli.Whole(&r.Batch, 1, 60_000))
	f.Func("optimizer", "`one` of adam, adamw, sgd (with Nesterov's momentum of 0.9), rmsprop (default adam)", oneOf(&r.Optimizer, optimizers))
	f.Func("rate", "highest learning `rate` (default 0.003)", cli.Real(&r.Rate, 1e-12, 1000))
	f.Func("schedule", "`course` of the rate: onecycle, cosine or constant (default onecycle)", oneOf(&r.Schedule, schedules))
	f.Func("decay", "weight `decay` (default 0.01 with adamw, else 0; adam has none)", cli.Real(&r.Decay, 0, 1000))
	f.Func("smoothing", "`share` of a label that goes to all classes alike (default 0)", cli.Real(&r.Smoothing, 0, 0.999))
	f.Func("shift", "largest random shift of a training `digit`, in pixels, anew in every epoch (default 0)", cli.Real(&r.Augment.Shift, 0, 32))
	f.Func("rotate", "largest random rotation, in `degrees` (default 0)", cli.Real(&r.Augment.Rotate, 0, 180))
	f.Func("scale", "largest random change of size, as a `share` of it (default 0)", cli.Real(&r.Augment.Scale, 0, 0.9))
	f.Func("shear", "largest random slant, in `degrees` (default 0)", cli.Real(&r.Augment.Shear, 0, 80))
	f.Func("elastic", "standard deviation of a random elastic distortion, in `pixels` (default 0)", cli.Real(&r.Augment.Elastic, 0, 32))
	f.Func("holdout", "`share` of the training digits to hold out, and to watch instead of the test digits (default 0)", cli.Real(&r.HoldOut, 0, 0.9))
	f.Func("patience", "`epochs` without progress on the digits held out after which to stop, and to go back to\nthe best; needs -holdout (default 0: never)", cli.Whole(&r.Patience, 0, maxEpochs))
	f.Func("seed", "`number` that initial weights, the order of the digits, their distortion and what is held out\nderive from (default 1)", cli.Whole(&r.Seed, 0, 1<<64-1))
}

// oneOf returns a flag's function that sets *p to one of names.
func oneOf(p *string, names []string) func(string) error {
	return func(s string) error {
		if !slices.Contains(names, s) {
			return fmt.Errorf("want one of %s", strings.Join(names, ", "))
		}
		*p = s
		return nil
	}
}

// settle chooses the digits and checks what no flag can check by itself.
func (r *recipe) settle() error {
	if err := r.Digits.Settle(false); err != nil {
		return err
	}
	if r.Patience > 0 && r.HoldOut == 0 {
		return errors.New("want -holdout with -patience: the test digits are for testing")
	}
	if r.Decay == unset {
		r.Decay = 0
		if r.Optimizer == "adamw" {
			r.Decay = 0.01
		}
	}
	if r.Decay > 0 && r.Optimizer == "adam" {
		return errors.New("want -decay 0 with -optimizer adam; adamw has a weight decay")
	}
	return nil
}

// trainer is the configuration of the recipe's trainer.
func (r recipe) trainer(workers int) net.TrainerConfig {
	c := net.TrainerConfig{Loss: net.CrossEntropy{Smoothing: r.Smoothing}, Workers: workers}
	switch r.Optimizer {
	case "adam":
		c.Optimizer = net.Adam{Rate: r.Rate}
	case "adamw":
		c.Optimizer = net.AdamW{Rate: r.Rate, WeightDecay: r.Decay}
		if r.Decay == 0 { // which net.AdamW takes for its default
			c.Optimizer = net.Adam{Rate: r.Rate}
		}
	case "sgd":
		c.Optimizer = net.SGD{Rate: r.Rate, Momentum: 0.9, Nesterov: true, WeightDecay: r.Decay}
	case "rmsprop":
		c.Optimizer = net.RMSProp{Rate: r.Rate, WeightDecay: r.Decay}
	}
	return c
}

// fit is the configuration of the recipe's training, but for what it is tested
// on and who watches it.
func (r recipe) fit() net.FitConfig {
	c := net.FitConfig{Epochs: r.Epochs, BatchSize: r.Batch, Seed: r.Seed}
	switch r.Schedule {
	case "onecycle":
		c.Rate = schedule.OneCycle{Max: r.Rate}.Rate
	case "cosine":
		c.Rate = schedule.Cosine{From: r.Rate}.Rate
	case "constant":
		c.Rate = schedule.Constant(r.Rate).Rate
	}
	return c
}

// watched says on which digits a training is tested.
func (r recipe) watched() string {
	if r.HoldOut > 0 {
		return "held-out"
	}
	return "test"
}

// augment returns the training digits as the recipe distorts them.
func (r recipe) augment(train net.Dataset) (net.Dataset, error) {
	if r.Augment == (data.Augment{}) {
		return train, nil
	}
	a := r.Augment
	a.Seed = r.Seed
	return a.Dataset(train, preprocess.Shape())
}

// note is the name of the recipe among the notes of a model.
const note = "lenet5"

// write puts the recipe into the notes of a model.
func (r recipe) write(m *model.Model) error {
	text, err := json.Marshal(r)
	m.Notes = map[string]string{note: string(text)}
	return err
}

// readRecipe reads the recipe from the notes of a model.
func readRecipe(m *model.Model) (r recipe, err error) {
	text, ok := m.Notes[note]
	if !ok {
		return r, errors.New("lenet5 train did not make this model")
	}
	d := json.NewDecoder(strings.NewReader(text))
	r.Network = lenet         // as of models from before there was another
	d.DisallowUnknownFields() // what this version does not know would be left out of the training
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("how it was trained: %w", err)
	}
	return r, r.check()
}

// check does for a recipe from a file what the flags do for one from the command
// line.
func (r recipe) check() error {
	var discard recipe
	f := flag.NewFlagSet("recipe", flag.ContinueOnError)
	discard.flags(f)
	for _, option := range []struct {
		name  string
		value any
	}{
		{"network", r.Network}, {"epochs", r.Epochs}, {"batch", r.Batch}, {"optimizer", r.Optimizer}, {"rate", r.Rate}, {"schedule", r.Schedule},
		{"decay", r.Decay}, {"smoothing", r.Smoothing}, {"holdout", r.HoldOut}, {"patience", r.Patience}, {"mnist", r.Digits.Set},
		{"shift", r.Augment.Shift}, {"rotate", r.Augment.Rotate}, {"scale", r.Augment.Scale}, {"shear", r.Augment.Shear},
		{"elastic", r.Augment.Elastic},
	} {
		if err := f.Set(option.name, fmt.Sprint(option.value)); err != nil {
			return fmt.Errorf("how it was trained: %s %v: %w", option.name, option.value, err)
		}
	}
	return r.settle()
}
