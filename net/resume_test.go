package net_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// witness is a callback that remembers what it has been told, beyond a break of
// the training, unless it fails.
type witness struct {
	told []string
	then func(t *net.Trainer) error
}

func (w *witness) StepEnd(t *net.Trainer, p net.Progress) error {
	return w.note(t, fmt.Sprintf("step %+v", p))
}

func (w *witness) EpochEnd(t *net.Trainer, r net.EpochResult) error {
	r.Duration = 0
	return w.note(t, fmt.Sprintf("epoch %+v", r))
}

func (w *witness) note(t *net.Trainer, event string) error {
	w.told = append(w.told, event)
	if w.then == nil {
		return nil
	}
	err := w.then(t)
	if err != nil && !errors.Is(err, net.ErrStop) {
		w.told = w.told[:len(w.told)-1]
	}
	return err
}

func (w *witness) MarshalBinary() ([]byte, error) { return json.Marshal(w.told) }

func (w *witness) UnmarshalBinary(b []byte) error { return json.Unmarshal(b, &w.told) }

// course is a training that can be broken anywhere and resumed.
type course struct {
	optimizer net.Optimizer
	epochs    int
	patience  int
	seq       bool // train by FitSeq
	plateau   bool // a callback sets the rate, not a schedule
	workers   int
	seed      uint64 // of a network's first parameters
	resume    *net.State
	ctx       context.Context
	broken    *atomic.Bool // whether the data fails

	first, last func(t *net.Trainer) error // of the first and the last of three callbacks
}

// outcome is all that is left of a training.
type outcome struct {
	hash    [32]byte
	history net.History
	state   net.State
	told    [][]string
	err     error
}

// breakable is a Dataset that fails at will.
type breakable struct {
	net.Examples
	broken *atomic.Bool
}

func (b breakable) Read(x []float32, labels []int, indices []int) error {
	if b.broken != nil && b.broken.Load() {
		return errBroken
	}
	return b.Examples.Read(x, labels, indices)
}

// run trains, on batches of 10, 10, 10 and 2 images.
func (c course) run(t *testing.T) outcome {
	t.Helper()
	n, err := net.New(layer.Vector(2), c.seed, dense.Layer{Units: 8, Activation: layer.Tanh}, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	_, x, labels := blobs()
	data := breakable{net.Examples{Images: x, Labels: labels}, c.broken}
	tr := newTrainer(t, n, net.TrainerConfig{Optimizer: c.optimizer, ClipNorm: 0.5, Workers: c.workers})
	first, last := &witness{then: c.first}, &witness{then: c.last}
	config := net.FitConfig{
		Epochs:     c.epochs,
		BatchSize:  10,
		Seed:       5,
		Rate:       func(step, steps int) float64 { return 0.05 / float64(10+step) },
		Validation: net.Examples{Images: x[:24], Labels: labels[:12]},
		Callbacks:  []net.Callback{first, &net.EarlyStopping{Patience: c.patience, MinDelta: 0.009, Restore: true}, last},
		Resume:     c.resume,
	}
	if c.plateau {
		config.Rate = nil
		config.Callbacks = slices.Insert(config.Callbacks, 2, net.Callback(&net.ReduceOnPlateau{Patience: 1, MinDelta: 0.1, Factor: 0.5}))
	}
	if c.ctx == nil {
		c.ctx = t.Context()
	}
	var history *net.History
	if c.seq {
		config.StepsPerEpoch = 4
		history, err = tr.FitSeq(c.ctx, sequence(data), config)
	} else {
		history, err = tr.Fit(c.ctx, data, config)
	}
	state, stateErr := tr.State()
	if stateErr != nil {
		t.Fatal(stateErr)
	}
	return outcome{n.Hash(), timeless(*history), timelessState(*state), [][]string{first.told, last.told}, err}
}

// timeless is a history without durations.
func timeless(h net.History) net.History {
	h.Epochs = slices.Clone(h.Epochs)
	for i := range h.Epochs {
		h.Epochs[i].Duration = 0
	}
	return h
}

func timelessState(s net.State) net.State {
	if s.Fit != nil {
		at := *s.Fit
		at.History = timeless(at.History)
		s.Fit = &at
	}
	return s
}

// courses are several optimisers, a training that stops early and others that do
// not, one whose rate a callback reduces, and one on a Seq.
func courses() map[string]course {
	return map[string]course{
		"Adam stops early": {optimizer: net.Adam{}, epochs: 9, patience: 2, workers: 1, seed: 3},
		"Adam":             {optimizer: net.Adam{}, epochs: 3, patience: 20, workers: 2, seed: 3},
		"momentum":         {optimizer: net.SGD{Momentum: 0.9, Nesterov: true}, epochs: 3, patience: 20, workers: 3, seed: 3},
		"plateau":          {optimizer: net.RMSProp{}, epochs: 5, patience: 20, workers: 2, seed: 3, plateau: true},
		"Seq":              {optimizer: net.Adam{}, epochs: 3, patience: 20, workers: 1, seed: 3, seq: true},
	}
}

// goesOn resumes a course from a state, in another network with other workers,
// and wants the outcome of the unbroken one.
func (c course) goesOn(t *testing.T, what string, s *net.State, want outcome) {
	t.Helper()
	c.resume, c.seed, c.workers = s, 99, c.workers%3+1
	c.first, c.last, c.broken, c.ctx = nil, nil, nil, nil
	if have := c.run(t); !reflect.DeepEqual(have, want) {
		t.Errorf("%s: resumed: want\n%+v\nhave\n%+v", what, want, have)
	}
}

// TestResumeFromCallbacks takes a state in every call of the first callback and
// of the last, while those between have heard of the step or not.
func TestResumeFromCallbacks(t *testing.T) {
	for name, c := range courses() {
		t.Run(name, func(t *testing.T) {
			var states []*net.State
			take := func(tr *net.Trainer) error {
				s, err := tr.State()
				states = append(states, s)
				return err
			}
			want := c.run(t)
			epochs := len(want.history.Epochs)
			if (c.patience < 20) != (epochs < c.epochs) {
				t.Fatalf("%d epochs of %d with a patience of %d", epochs, c.epochs, c.patience)
			}
			c.first, c.last = take, take
			if have := c.run(t); !reflect.DeepEqual(have, want) {
				t.Fatal("taking a state changes the training")
			}
			if h := want.history.Rates; c.plateau && h[len(h)-1] == h[0] {
				t.Fatal("the rate has not been reduced")
			}
			if len(states) != 2*5*epochs {
				t.Fatalf("%d states, want two for each of 4 steps and the end of %d epochs", len(states), epochs)
			}
			for i, s := range states {
				c.goesOn(t, fmt.Sprint("state ", i), s, want)
			}
		})
	}
}

// TestResumeAfterBreak ends the training at every step and every epoch's end, in
// every way, and goes on from the state of the trainer afterwards.
func TestResumeAfterBreak(t *testing.T) {
	errOwn := errors.New("a callback's own")
	for name, c := range courses() {
		t.Run(name, func(t *testing.T) {
			want := c.run(t)
			events := len(want.told[0])
			for _, way := range []string{"cancelled", "stopped", "callback fails", "data fails"} {
				for at := 1; at < events; at++ {
					what := fmt.Sprintf("%s at event %d", way, at)
					seen, broken := 0, new(atomic.Bool)
					ctx, cancel := context.WithCancel(t.Context())
					c.ctx, c.broken = ctx, broken
					end := map[string]error{"cancelled": context.Canceled, "callback fails": errOwn, "data fails": errBroken}[way]
					c.first = func(*net.Trainer) error {
						if seen++; seen != at {
							return nil
						}
						switch way {
						case "cancelled":
							cancel()
						case "stopped":
							return net.ErrStop
						case "callback fails":
							return errOwn
						case "data fails":
							broken.Store(true)
						}
						return nil
					}
					have := c.run(t)
					cancel()
					if way == "data fails" && have.err == nil {
						continue // all had been read
					}
					if !errors.Is(have.err, end) || end == nil && have.err != nil {
						t.Fatalf("%s: error %v, want %v", what, have.err, end)
					}
					if way != "data fails" && seen != at {
						t.Errorf("%s: the training goes on for %d events", what, seen-at)
					}
					if have.state.Fit == nil || len(have.history.Losses) != len(have.state.Fit.History.Losses) {
						t.Fatalf("%s: state %+v beside history %+v", what, have.state, have.history)
					}
					c.goesOn(t, what, &have.state, want)
				}
			}
		})
	}
}

// TestResumeWithInfiniteMoments trains on images so large that the squares of
// gradients are infinite, and goes on from a state in between.
func TestResumeWithInfiniteMoments(t *testing.T) {
	for name, o := range map[string]net.Optimizer{
		"Adam": net.Adam{}, "AdamW": net.AdamW{}, "RMSProp": net.RMSProp{}, "RMSProp with momentum": net.RMSProp{Momentum: 0.9},
	} {
		var hash [2][32]byte
		for broken := range hash {
			n, err := net.New(layer.Vector(2), 3, dense.Layer{Units: 2})
			if err != nil {
				t.Fatal(err)
			}
			_, x, labels := blobs()
			for i := range x {
				x[i] *= 1e24
			}
			tr := newTrainer(t, n, net.TrainerConfig{Optimizer: o})
			data, config := net.Examples{Images: x, Labels: labels}, net.FitConfig{Epochs: 1 + 3*(1-broken), BatchSize: 8}
			_, err = tr.Fit(t.Context(), data, config)
			if err == nil && broken == 1 {
				config.Epochs = 4
				if config.Resume, err = tr.State(); err == nil {
					if !slices.ContainsFunc(slices.Concat(config.Resume.Optimizer.Moments...), func(v float32) bool { return math.IsInf(float64(v), 1) }) {
						t.Errorf("%s: no moment is infinite", name)
					}
					_, err = tr.Fit(t.Context(), data, config)
				}
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			hash[broken] = n.Hash()
		}
		if hash[0] != hash[1] {
			t.Errorf("%s: other weights than those of an unbroken training", name)
		}
	}
}
