package net_test

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// spy tells, by its name, what it is told, and returns an error for some of it.
type spy struct {
	name string
	log  *[]string
	err  map[string]error
}

func (s spy) note(event string) error {
	*s.log = append(*s.log, s.name+" "+event)
	return s.err[event]
}

func (s spy) StepEnd(_ *net.Trainer, p net.Progress) error {
	return s.note(fmt.Sprint("step ", p.Step))
}

func (s spy) EpochEnd(_ *net.Trainer, r net.EpochResult) error {
	return s.note(fmt.Sprint("epoch ", r.Epoch))
}

// twoSteps trains for two epochs of two steps with the given callbacks.
func twoSteps(t *testing.T, callbacks ...net.Callback) (*net.History, error) {
	t.Helper()
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	return tr.Fit(t.Context(), net.Examples{Images: x, Labels: labels},
		net.FitConfig{Epochs: 2, BatchSize: 16, Callbacks: callbacks})
}

// TestCallbackOrder tells two callbacks everything in turn.
func TestCallbackOrder(t *testing.T) {
	var log []string
	if _, err := twoSteps(t, spy{name: "a", log: &log}, spy{name: "b", log: &log}); err != nil {
		t.Fatal(err)
	}
	want := "a step 1,b step 1,a step 2,b step 2,a epoch 1,b epoch 1,a step 3,b step 3,a step 4,b step 4,a epoch 2,b epoch 2"
	if have := strings.Join(log, ","); have != want {
		t.Errorf("told %s, want %s", have, want)
	}
}

// TestCallbackEnds ends trainings: those that follow are told of the same
// event, an error outweighs ErrStop, and of errors the first counts.
func TestCallbackEnds(t *testing.T) {
	errA, errB := errors.New("a's own"), errors.New("b's own")
	for _, c := range []struct {
		name   string
		at     string
		a, b   error
		want   error
		steps  int
		epochs int
	}{
		{"stop at a step", "step 1", net.ErrStop, nil, nil, 1, 0},
		{"stop at the last step of an epoch", "step 2", net.ErrStop, nil, nil, 2, 0},
		{"stop at an epoch", "epoch 1", nil, net.ErrStop, nil, 2, 1},
		{"wrapped stop", "epoch 1", fmt.Errorf("enough: %w", net.ErrStop), nil, nil, 2, 1},
		{"error at a step", "step 3", errA, nil, errA, 3, 1},
		{"error at an epoch", "epoch 2", errA, nil, errA, 4, 2},
		{"error after stop", "step 3", net.ErrStop, errB, errB, 3, 1},
		{"stop after error", "step 3", errA, net.ErrStop, errA, 3, 1},
		{"two errors", "step 3", errA, errB, errA, 3, 1},
	} {
		var log []string
		history, err := twoSteps(t, spy{"a", &log, map[string]error{c.at: c.a}}, spy{"b", &log, map[string]error{c.at: c.b}})
		if c.want == nil && err != nil {
			t.Errorf("%s: error %v", c.name, err)
		} else if c.want != nil {
			wantError(t, c.name, err, c.want, "fit: epoch ", "callback ")
		}
		if len(history.Losses) != c.steps || len(history.Rates) != c.steps || len(history.Epochs) != c.epochs {
			t.Errorf("%s: history %+v, want %d steps and %d epochs", c.name, history, c.steps, c.epochs)
		}
		if end := log[len(log)-2:]; !slices.Equal(end, []string{"a " + c.at, "b " + c.at}) {
			t.Errorf("%s: told %v at the end, want both of %s", c.name, end, c.at)
		}
	}
}

// TestCallbackOptions gives Fit callbacks that cannot be, which costs no step.
func TestCallbackOptions(t *testing.T) {
	n, x, labels := blobs()
	data := net.Examples{Images: x, Labels: labels}
	before := n.Hash()
	tr := newTrainer(t, n, net.TrainerConfig{})
	save := func(*net.Network) error { return nil }
	for text, c := range map[string]net.Callback{
		"want a Callback":     nil,
		"OnStep":              net.OnStep(nil),
		"OnEpoch":             net.OnEpoch(nil),
		"Patience":            &net.EarlyStopping{Patience: -1},
		"MinDelta":            &net.EarlyStopping{MinDelta: -1},
		"have NaN":            &net.EarlyStopping{MinDelta: math.NaN()},
		"Monitor 3":           &net.EarlyStopping{Monitor: 3},
		"Monitor -1":          &net.BestModel{Monitor: -1, Save: save},
		"BestModel":           &net.BestModel{},
		"Checkpoint":          &net.Checkpoint{},
		"want Every of":       &net.Checkpoint{Every: -1, Save: func(*net.State) error { return nil }},
		"callback 1: OnStep:": net.OnStep(nil),
	} {
		_, err := tr.Fit(t.Context(), data, net.FitConfig{
			Validation: data,
			Callbacks:  []net.Callback{net.OnStep(func(net.Progress) error { return nil }), c},
		})
		wantError(t, text, err, layer.ErrOption, "callback 1", text)
	}
	for _, c := range []net.Callback{&net.EarlyStopping{}, &net.BestModel{Monitor: net.Accuracy, Save: save}} {
		_, err := tr.Fit(t.Context(), data, net.FitConfig{Callbacks: []net.Callback{c}})
		wantError(t, "without validation", err, layer.ErrOption, "FitConfig.Validation", "monitor")
	}
	if n.Hash() != before {
		t.Error("a step was made")
	}
}

// feed tells a callback of epochs with the given values and returns after which
// of them, counted from 1, it stops; 0 for none.
func feed(t *testing.T, c net.Callback, values ...float64) int {
	t.Helper()
	n, _, _ := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	for i, v := range values {
		err := c.EpochEnd(tr, net.EpochResult{Epoch: i + 1, Loss: v, ValidationLoss: 10 - v, Accuracy: v / 10})
		if errors.Is(err, net.ErrStop) {
			return i + 1
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return 0
}

func TestEarlyStoppingPatience(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		stopping net.EarlyStopping
		values   []float64
		want     int
	}{
		"default patience":     {net.EarlyStopping{Monitor: net.TrainingLoss}, []float64{3, 2, 2, 1}, 3},
		"patience of 2":        {net.EarlyStopping{Monitor: net.TrainingLoss, Patience: 2}, []float64{3, 4, 2, 2, 3, 1}, 5},
		"waits anew":           {net.EarlyStopping{Monitor: net.TrainingLoss, Patience: 2}, []float64{3, 4, 2, 4, 1, 4, 0}, 0},
		"validation loss":      {net.EarlyStopping{}, []float64{1, 2, 3, 2}, 4},
		"accuracy":             {net.EarlyStopping{Monitor: net.Accuracy}, []float64{1, 2, 3, 3}, 4},
		"too little":           {net.EarlyStopping{Monitor: net.TrainingLoss, MinDelta: 0.5}, []float64{3, 2.4, 2, 1}, 3},
		"too little accuracy":  {net.EarlyStopping{Monitor: net.Accuracy, MinDelta: 0.1}, []float64{3, 4.5, 5.4, 9}, 3},
		"NaN is no better":     {net.EarlyStopping{Monitor: net.TrainingLoss, Patience: 2}, []float64{3, nan, nan, 1}, 3},
		"NaN from the start":   {net.EarlyStopping{Monitor: net.TrainingLoss, Patience: 3}, []float64{nan, nan, nan, 1}, 3},
		"better than NaN":      {net.EarlyStopping{Monitor: net.TrainingLoss, Patience: 2}, []float64{nan, 9, 10, 8}, 0},
		"from infinity":        {net.EarlyStopping{Monitor: net.TrainingLoss}, []float64{math.Inf(1), 9, 8, 8}, 4},
		"an infinite best one": {net.EarlyStopping{Monitor: net.TrainingLoss}, []float64{math.Inf(-1), 9, 8}, 2},
	} {
		if have := feed(t, &c.stopping, c.values...); have != c.want {
			t.Errorf("%s: stops after epoch %d of %v, want %d", name, have, c.values, c.want)
		}
	}
}

// fallible is training that becomes worse: its rate is sensible for some epochs
// of two steps, and then much too large.
func fallible(good int) func(step, steps int) float64 {
	return func(step, _ int) float64 {
		if step < 2*good {
			return 0.05
		}
		return 5
	}
}

// TestEarlyStoppingRestores wants the parameters of the best epoch at the end,
// whether the callback or the last epoch ends the training, in the network but
// not in the state; and a second training with the same callback to begin anew.
func TestEarlyStoppingRestores(t *testing.T) {
	for _, c := range []struct {
		restore        bool
		epochs, trains int // the former are allowed
	}{{true, 9, 5}, {true, 4, 4}, {false, 9, 5}} {
		n, x, labels := blobs()
		data := net.Examples{Images: x, Labels: labels}
		tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.Adam{}})
		start, err := tr.State()
		if err != nil {
			t.Fatal(err)
		}
		stopping := &net.EarlyStopping{Patience: 2, Restore: c.restore}
		for range 2 {
			if err := tr.Restore(start); err != nil {
				t.Fatal(err)
			}
			var hashes [][32]byte
			var last *net.State
			history, err := tr.Fit(t.Context(), data, net.FitConfig{
				Epochs: c.epochs, BatchSize: 16, Rate: fallible(3), Validation: data,
				Callbacks: []net.Callback{stopping, net.OnEpoch(func(net.EpochResult) error {
					hashes = append(hashes, n.Hash())
					last, err = tr.State()
					return err
				})},
			})
			if err != nil || len(history.Epochs) != c.trains {
				t.Fatalf("%+v: %d epochs, error %v", c, len(history.Epochs), err)
			}
			want := hashes[len(hashes)-1]
			if c.restore {
				want = hashes[2]
			}
			if n.Hash() != want {
				t.Errorf("%+v: the parameters are not those of the right epoch", c)
			}
			after, err := tr.State()
			if err != nil || !reflect.DeepEqual(after, last) {
				t.Errorf("%+v: error %v, and the state after Fit is not that of the last epoch", c, err)
			}
		}
	}
}

// TestBestModel saves every epoch that is better than those before, and again one
// whose saving failed.
func TestBestModel(t *testing.T) {
	var saved []int
	epoch := 0
	best := &net.BestModel{Monitor: net.Accuracy, Save: func(*net.Network) error { saved = append(saved, epoch); return nil }}
	n, _, _ := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	for i, v := range []float64{0.2, 0.1, 0.2, 0.4, math.NaN(), 0.3, 0.5} {
		epoch = i
		if err := best.EpochEnd(tr, net.EpochResult{Accuracy: v}); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(saved, []int{0, 3, 6}) {
		t.Errorf("saved epochs %v, want 0, 3 and 6", saved)
	}
	save := best.Save
	best.Save = func(*net.Network) error { return errBroken }
	if err := best.EpochEnd(tr, net.EpochResult{Accuracy: 0.7}); !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "BestModel") {
		t.Errorf("error %v, want Save's", err)
	}
	best.Save, epoch = save, 8
	if err := best.EpochEnd(tr, net.EpochResult{Accuracy: 0.6}); err != nil || len(saved) != 4 {
		t.Errorf("error %v, saved %v, want a fourth", err, saved)
	}
}

// TestBestModelForgets begins a second training with the same callback: its first
// epoch is its best.
func TestBestModelForgets(t *testing.T) {
	saved := 0
	best := &net.BestModel{Monitor: net.TrainingLoss, Save: func(*net.Network) error { saved++; return nil }}
	for i := range 2 {
		n, x, labels := blobs()
		tr := newTrainer(t, n, net.TrainerConfig{})
		_, err := tr.Fit(t.Context(), net.Examples{Images: x, Labels: labels}, net.FitConfig{Callbacks: []net.Callback{best}})
		if err != nil || saved != i+1 {
			t.Errorf("error %v, saved %d times in %d trainings of one epoch", err, saved, i+1)
		}
	}
}

// TestCheckpoint saves states every so many steps, after epochs, or both.
func TestCheckpoint(t *testing.T) {
	for name, c := range map[string]struct {
		checkpoint net.Checkpoint
		want       string // epoch.step of each state
	}{
		"epochs":           {net.Checkpoint{}, "1.0 2.0"},
		"steps":            {net.Checkpoint{Every: 3}, "1.1"},
		"steps and epochs": {net.Checkpoint{Every: 2, Epochs: true}, "0.2 1.0 1.2 2.0"},
	} {
		var saved []string
		c.checkpoint.Save = func(s *net.State) error {
			saved = append(saved, fmt.Sprintf("%d.%d", s.Fit.Epoch, s.Fit.Step))
			return nil
		}
		_, err := twoSteps(t, &c.checkpoint)
		if have := strings.Join(saved, " "); err != nil || have != c.want {
			t.Errorf("%s: error %v, states %s, want %s", name, err, have, c.want)
		}
	}
	_, err := twoSteps(t, &net.Checkpoint{Save: func(*net.State) error { return errBroken }})
	wantError(t, "Save fails", err, errBroken, "epoch 1", "callback 0", "Checkpoint")
}

// speechless is a callback that cannot say its state.
type speechless struct{ witness }

func (*speechless) MarshalBinary() ([]byte, error) { return nil, errBroken }

func TestStateOfCallbackFails(t *testing.T) {
	var stateErr error
	_, err := twoSteps(t, &speechless{witness{then: func(tr *net.Trainer) error {
		_, stateErr = tr.State()
		return nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, "State", stateErr, errBroken, "state", "callback 0")
}

// memories are the callbacks of this package that remember something, after two
// epochs.
func memories(t *testing.T) []net.Callback {
	stopping := &net.EarlyStopping{Monitor: net.TrainingLoss, Patience: 5, Restore: true}
	best := &net.BestModel{Monitor: net.TrainingLoss, Save: func(*net.Network) error { return nil }}
	feed(t, stopping, 2, 3)
	feed(t, best, 2, 3)
	return []net.Callback{stopping, best}
}

// TestCallbackStateIsChecked cuts the callbacks' states at every length and
// flips every byte: what is refused changes nothing, and nothing panics.
func TestCallbackStateIsChecked(t *testing.T) {
	for i, c := range memories(t) {
		state, err := c.(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		try := func(what string, b []byte) {
			fresh := memories(t)[i]
			err := fresh.(encoding.BinaryUnmarshaler).UnmarshalBinary(b)
			after, _ := fresh.(encoding.BinaryMarshaler).MarshalBinary()
			switch {
			case err == nil && !slices.Equal(after, b):
				t.Errorf("%T: %s: accepted, but remembers something else", c, what)
			case err != nil && (!errors.Is(err, net.ErrState) || !slices.Equal(after, state)):
				t.Errorf("%T: %s: error %v, and the memory has changed: %t", c, what, err, !slices.Equal(after, state))
			case err != nil:
				refused++
			}
		}
		for length := range state {
			try(fmt.Sprint("cut at ", length), state[:length])
		}
		for at := range state {
			flipped := slices.Clone(state)
			flipped[at] ^= 0x81
			try(fmt.Sprint("flipped at ", at), flipped)
		}
		try("longer", append(slices.Clone(state), 1))
		if refused < 30 {
			t.Errorf("%T: only %d states refused", c, refused)
		}
	}
}

// FuzzCallbackState gives callbacks any state: they refuse it with ErrState, or
// remember just that.
func FuzzCallbackState(f *testing.F) {
	remembering := func() []net.Callback {
		return []net.Callback{&net.EarlyStopping{}, &net.BestModel{}, &net.ReduceOnPlateau{}}
	}
	for _, c := range remembering() {
		state, err := c.(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(state)
		f.Add(append(state, 0, 0, 128, 63))
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		for _, c := range remembering() {
			if err := c.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
				if !errors.Is(err, net.ErrState) {
					t.Errorf("%T: error %v", c, err)
				}
				continue
			}
			if after, err := c.(encoding.BinaryMarshaler).MarshalBinary(); err != nil || !slices.Equal(after, state) {
				t.Errorf("%T: error %v, and remembers %q of %q", c, err, after, state)
			}
		}
	})
}

// TestFitWithinFit starts a training from a callback of the same trainer.
func TestFitWithinFit(t *testing.T) {
	_, x, labels := blobs()
	var inner error
	history, err := twoSteps(t, &witness{then: func(tr *net.Trainer) error {
		_, inner = tr.Fit(context.Background(), net.Examples{Images: x, Labels: labels}, net.FitConfig{})
		return nil
	}})
	wantError(t, "inner", inner, layer.ErrOption, "under way")
	if err != nil || len(history.Losses) != 4 {
		t.Errorf("outer: error %v and %d steps, want 4", err, len(history.Losses))
	}
}
