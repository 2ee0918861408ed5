package net_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// halfway is a trainer after four of six epochs, its data, its configuration and
// its state.
func halfway(t *testing.T) (*net.Trainer, net.Examples, net.FitConfig, *net.State) {
	t.Helper()
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.01}})
	data := net.Examples{Images: x, Labels: labels}
	config := net.FitConfig{
		Epochs: 4, BatchSize: 10, Seed: 7,
		Callbacks: []net.Callback{
			&net.EarlyStopping{Monitor: net.TrainingLoss, Patience: 9, Restore: true},
			&net.BestModel{Monitor: net.TrainingLoss, Save: func(*net.Network) error { return nil }},
			net.OnStep(func(net.Progress) error { return nil }),
		},
	}
	if _, err := tr.Fit(t.Context(), data, config); err != nil {
		t.Fatal(err)
	}
	s, err := tr.State()
	if err != nil {
		t.Fatal(err)
	}
	config.Epochs = 6
	config.Resume = s
	return tr, data, config, s
}

// TestResumeIsChecked resumes trainings to which the state does not belong: the
// error says what was wanted and given, and neither the network nor the optimiser
// nor a callback has changed.
func TestResumeIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *net.State, c *net.FitConfig, data *net.Examples)
		text   []string
	}{
		"no place":   {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Fit = nil }, []string{"Trainer.Restore"}},
		"parameters": {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Params = s.Params[1:] }, []string{"parameters: want 42, have 41"}},
		"rate":       {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Rate = math.NaN() }, []string{"rate", "NaN"}},
		"optimiser":  {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Optimizer.Name = "Bdam" }, []string{"Adam", "Bdam"}},
		"smoothing": {func(s *net.State, _ *net.FitConfig, _ *net.Examples) {
			s.Objective = strings.Replace(s.Objective, "Smoothing: 0", "Smoothing: 0.5", 1)
		}, []string{"loss, reduction and clipping", "Smoothing: 0,", "Smoothing: 0.5,"}},
		"clipping":      {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Objective += "5" }, []string{"loss, reduction and clipping", "ClipNorm"}},
		"moments":       {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Optimizer.Moments[1][3] = -1 }, []string{"moment 1"}},
		"images":        {func(_ *net.State, _ *net.FitConfig, d *net.Examples) { d.Labels, d.Images = d.Labels[1:], d.Images[2:] }, []string{"images: want 31, have 32"}},
		"BatchSize":     {func(_ *net.State, c *net.FitConfig, _ *net.Examples) { c.BatchSize = 9 }, []string{"BatchSize: want 9, have 10"}},
		"DropLast":      {func(_ *net.State, c *net.FitConfig, _ *net.Examples) { c.DropLast = true }, []string{"DropLast: want true, have false"}},
		"NoShuffle":     {func(_ *net.State, c *net.FitConfig, _ *net.Examples) { c.NoShuffle = true }, []string{"NoShuffle: want true, have false"}},
		"Seed":          {func(_ *net.State, c *net.FitConfig, _ *net.Examples) { c.Seed = 8 }, []string{"Seed: want 8, have 7"}},
		"StepsPerEpoch": {func(_ *net.State, c *net.FitConfig, _ *net.Examples) { c.StepsPerEpoch = 3 }, []string{"StepsPerEpoch: want 3, have 0"}},
		"callbacks":     {func(_ *net.State, c *net.FitConfig, _ *net.Examples) { c.Callbacks = c.Callbacks[1:] }, []string{"callbacks: want 2, have 3"}},
		"order of callbacks": {func(_ *net.State, c *net.FitConfig, _ *net.Examples) {
			c.Callbacks[0], c.Callbacks[1] = c.Callbacks[1], c.Callbacks[0]
		}, []string{"callback 0", "BestModel", "EarlyStopping"}},
		"callback with a state it should not have": {func(s *net.State, _ *net.FitConfig, _ *net.Examples) {
			s.Fit.Callbacks[2] = []byte{1}
		}, []string{"callback 2"}},
		"callback without its state": {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Fit.Callbacks[1] = nil }, []string{"callback 1"}},
		"monitor": {func(_ *net.State, c *net.FitConfig, d *net.Examples) {
			c.Validation = *d
			c.Callbacks[1].(*net.BestModel).Monitor = net.Accuracy
		}, []string{"callback 1", "Monitor: want Accuracy, have TrainingLoss"}},
		"best parameters": {func(s *net.State, _ *net.FitConfig, _ *net.Examples) {
			b := s.Fit.Callbacks[0]
			s.Fit.Callbacks[0] = b[:len(b)-4]
		}, []string{"callback 0", "best parameters: want 42, have 41"}},
		"no best parameters": {func(s *net.State, _ *net.FitConfig, _ *net.Examples) {
			b := s.Fit.Callbacks[0]
			s.Fit.Callbacks[0] = b[:len(b)-4*42]
		}, []string{"callback 0", "Restore"}},
		"fewer epochs":    {func(_ *net.State, c *net.FitConfig, _ *net.Examples) { c.Epochs = 3 }, []string{"want at most 3", "have 4"}},
		"negative epoch":  {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Fit.Epoch = -1 }, []string{"have -1"}},
		"negative step":   {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Fit.Step = -1 }, []string{"epoch 5", "have -1"}},
		"step too far":    {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Fit.Step = 5 }, []string{"want at most 4", "have 5"}},
		"step at the end": {func(s *net.State, c *net.FitConfig, _ *net.Examples) { s.Fit.Step, c.Epochs = 1, 4 }, []string{"have 1"}},
		"told too many":   {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Fit.Told = 4 }, []string{"want at most 3", "have 4"}},
		"told too few":    {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Fit.Told = -1 }, []string{"have -1"}},
		"losses":          {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Fit.History.Losses = nil }, []string{"history"}},
		"rates": {func(s *net.State, _ *net.FitConfig, _ *net.Examples) {
			s.Fit.History.Rates = s.Fit.History.Rates[1:]
		}, []string{"16 rates", "16 and 15"}},
		"epochs": {func(s *net.State, _ *net.FitConfig, _ *net.Examples) { s.Fit.History.Epochs = nil }, []string{"history", "want 4 epochs"}},
		"steps of epochs": {func(s *net.State, _ *net.FitConfig, _ *net.Examples) {
			s.Fit.Step = 1
			s.Fit.History.Epochs[0].Steps = -13
			s.Fit.History.Losses, s.Fit.History.Rates = nil, nil
		}, []string{"history: epoch 1", "have -13"}},
	} {
		tr, data, config, s := halfway(t)
		c.change(s, &config, &data)
		before, err := tr.State()
		if err != nil {
			t.Fatal(err)
		}
		history, err := tr.Fit(t.Context(), data, config)
		wantError(t, name, err, net.ErrState, append(c.text, "fit: resume")...)
		if len(history.Losses) != 0 {
			t.Errorf("%s: %d steps", name, len(history.Losses))
		}
		// The monitor is an option of the callback, which the test has changed.
		if after, err := tr.State(); name != "monitor" && (err != nil || !reflect.DeepEqual(after, before)) {
			t.Errorf("%s: error %v, and the trainer's state has changed", name, err)
		}
	}
}

// TestResumeCannotBeFooled lets a history claim so many steps that their sum
// comes out right again.
func TestResumeCannotBeFooled(t *testing.T) {
	tr, data, config, s := halfway(t)
	s.Fit.Step = 2
	for i := range s.Fit.History.Epochs {
		s.Fit.History.Epochs[i].Steps = math.MaxInt/2 + 1
	}
	s.Fit.Epoch = 4
	s.Fit.History.Losses, s.Fit.History.Rates = s.Fit.History.Losses[:2], s.Fit.History.Rates[:2]
	_, err := tr.Fit(t.Context(), data, config)
	wantError(t, "overflow", err, net.ErrState, "history")
}

// TestResumeExtends trains for six epochs at once, and for four and then two
// more: callbacks, history and weights are the same.
func TestResumeExtends(t *testing.T) {
	tr, data, config, _ := halfway(t)
	history, err := tr.Fit(t.Context(), data, config)
	if err != nil {
		t.Fatal(err)
	}
	n, _, _ := blobs()
	whole := newTrainer(t, n, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.01}})
	config.Resume = nil
	want, err := whole.Fit(t.Context(), data, config)
	if err != nil || !reflect.DeepEqual(timeless(*history), timeless(*want)) {
		t.Errorf("error %v, history %+v, want %+v", err, history, want)
	}
	a, errA := tr.State()
	b, errB := whole.State()
	if errA != nil || errB != nil || !reflect.DeepEqual(timelessState(*a), timelessState(*b)) {
		t.Errorf("errors %v and %v, and another state at the end", errA, errB)
	}
}

// TestResumeDone resumes a training that has come to its end: nothing is left to
// do.
func TestResumeDone(t *testing.T) {
	tr, data, config, s := halfway(t)
	config.Epochs = 4
	history, err := tr.Fit(t.Context(), data, config)
	if err != nil || !reflect.DeepEqual(*history, s.Fit.History) {
		t.Errorf("error %v, history %+v, want %+v", err, history, s.Fit.History)
	}
}

// TestResumeAfterEarlyStopping resumes a training that has stopped early: it
// stays so, unless it gets more patience.
func TestResumeAfterEarlyStopping(t *testing.T) {
	n, x, labels := blobs()
	data := net.Examples{Images: x, Labels: labels}
	tr := newTrainer(t, n, net.TrainerConfig{})
	stopping := &net.EarlyStopping{Patience: 2, Restore: true}
	config := net.FitConfig{Epochs: 20, BatchSize: 16, Rate: fallible(3), Validation: data, Callbacks: []net.Callback{stopping}}
	history, err := tr.Fit(t.Context(), data, config)
	if err != nil || len(history.Epochs) != 5 {
		t.Fatalf("error %v after %d epochs, want 5", err, len(history.Epochs))
	}
	best := n.Hash()
	config.Resume, err = tr.State()
	if err != nil {
		t.Fatal(err)
	}
	again, err := tr.Fit(t.Context(), data, config)
	if err != nil || !reflect.DeepEqual(again, history) || n.Hash() != best {
		t.Errorf("error %v after %d epochs, want the same 5 and the best parameters", err, len(again.Epochs))
	}
	stopping.Patience = 4
	if config.Resume, err = tr.State(); err != nil {
		t.Fatal(err)
	}
	if more, err := tr.Fit(t.Context(), data, config); err != nil || len(more.Epochs) != 7 {
		t.Errorf("error %v after %d epochs, want two more with more patience", err, len(more.Epochs))
	}
}

// TestRestore goes back to a state in a loop of steps, in another network with
// other workers: the same steps lead to the same weights.
func TestRestore(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{Workers: 1})
	steps := func(tr *net.Trainer) {
		for i := range 3 {
			if _, err := tr.Step(x[:2*(i+20)], labels[:i+20]); err != nil {
				t.Fatal(err)
			}
		}
	}
	steps(tr)
	if err := tr.SetRate(0.02); err != nil {
		t.Fatal(err)
	}
	s, err := tr.State()
	if err != nil || s.Fit != nil {
		t.Fatalf("error %v, and a place in data %v", err, s.Fit)
	}
	steps(tr)
	want := n.Hash()
	other, err := net.New(layer.Vector(2), 99, dense.Layer{Units: 8, Activation: layer.Tanh}, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]*net.Network{"the same network": n, "another": other} {
		again := tr
		if n == other {
			again = newTrainer(t, n, net.TrainerConfig{Workers: 3})
			steps(again)
		}
		if err := again.SetRate(0.5); err != nil {
			t.Fatal(err)
		}
		if err := again.Restore(s); err != nil || again.Rate() != 0.02 {
			t.Errorf("%s: error %v and rate %v, want 0.02", name, err, again.Rate())
		}
		steps(again)
		if n.Hash() != want {
			t.Errorf("%s: other weights", name)
		}
	}
}

// TestRestoreIsChecked restores states of other trainings, and none.
func TestRestoreIsChecked(t *testing.T) {
	tr, _, _, s := halfway(t)
	before, err := tr.State()
	if err != nil {
		t.Fatal(err)
	}
	clone := func() *net.State { c := *s; return &c }
	short, rate, optimizer := clone(), clone(), clone()
	short.Params = s.Params[1:]
	rate.Rate = -1
	optimizer.Optimizer.Name = "SGD"
	for text, s := range map[string]*net.State{"have nil": nil, "want 42, have 41": short, "have -1": rate, "optimizer": optimizer} {
		wantError(t, text, tr.Restore(s), net.ErrState, "restore", text)
	}
	if after, err := tr.State(); err != nil || !reflect.DeepEqual(after, before) {
		t.Errorf("error %v, and the state has changed", err)
	}
	tr.Close()
	wantError(t, "closed", tr.Restore(s), net.ErrClosed, "restore")
}

// TestStateIsACopy changes a state and what it came from.
func TestStateIsACopy(t *testing.T) {
	tr, data, config, s := halfway(t)
	params, moment, loss, epoch, byte20 := s.Params[0], s.Optimizer.Moments[0][0], s.Fit.History.Losses[0], s.Fit.History.Epochs[0], s.Fit.Callbacks[0][20]
	s.Params[0]++
	s.Optimizer.Moments[0][0]++
	s.Fit.History.Losses[0]++
	s.Fit.History.Epochs[0].Loss++
	s.Fit.Callbacks[0][20]++
	again, err := tr.State()
	if err != nil || again.Params[0] != params || again.Optimizer.Moments[0][0] != moment || again.Fit.History.Losses[0] != loss ||
		again.Fit.History.Epochs[0] != epoch || again.Fit.Callbacks[0][20] != byte20 {
		t.Errorf("error %v, and a change of one state changes the next", err)
	}
	h := &again.Fit.History
	h.Losses = slices.Grow(h.Losses, 100)
	config.Resume = again
	if _, err := tr.Fit(t.Context(), data, config); err != nil {
		t.Fatal(err)
	}
	if len(h.Losses) != 16 || h.Losses[:17][16] != 0 || len(h.Epochs) != 4 {
		t.Error("resuming has changed the state")
	}
}

// TestHistoryIsACopy changes what Fit has returned, rates included, and what a
// callback has of a State: the training goes on from what it was.
func TestHistoryIsACopy(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	data := net.Examples{Images: x, Labels: labels}
	spoil := func(h *net.History) {
		for i := range h.Losses {
			h.Losses[i], h.Rates[i] = -1, -2
		}
		for i := range h.Epochs {
			h.Epochs[i].Rate = -3
		}
	}
	config := net.FitConfig{
		Epochs: 2, BatchSize: 10,
		Rate: func(step, _ int) float64 { return 0.5 / float64(1+step) },
		Callbacks: []net.Callback{net.OnStep(func(net.Progress) error {
			s, err := tr.State()
			if err == nil {
				spoil(&s.Fit.History)
			}
			return err
		})},
	}
	first, err := tr.Fit(t.Context(), data, config)
	if err != nil {
		t.Fatal(err)
	}
	steps := len(first.Rates)
	spoil(first)
	first.Rates = append(first.Rates, -4) // where the training might write next
	if config.Resume, err = tr.State(); err != nil {
		t.Fatal(err)
	}
	config.Epochs = 3
	second, err := tr.Fit(t.Context(), data, config)
	if err != nil {
		t.Fatal(err)
	}
	for i, rate := range second.Rates {
		if want := 0.5 / float64(1+i); rate != want || second.Losses[i] < 0 {
			t.Errorf("step %d: rate %v, want %v; loss %v", i, rate, want, second.Losses[i])
		}
	}
	for i, e := range second.Epochs {
		if want := 0.5 / float64((i+1)*steps/2); e.Rate != want {
			t.Errorf("epoch %d: rate %v, want %v", i, e.Rate, want)
		}
	}
	spoil(second)
	if s, err := tr.State(); err != nil || s.Fit.History.Rates[0] != 0.5 || first.Rates[steps] != -4 {
		t.Errorf("rate %v of the state, %v of the first history, error %v", s.Fit.History.Rates[0], first.Rates[steps], err)
	}
}

// TestStateAfterSteps makes a step after Fit: there is no place in the data any
// more from which the training could go on.
func TestStateAfterSteps(t *testing.T) {
	tr, data, _, _ := halfway(t)
	if _, err := tr.Step(data.Images, data.Labels); err != nil {
		t.Fatal(err)
	}
	if s, err := tr.State(); err != nil || s.Fit != nil {
		t.Errorf("error %v, place %+v, want none", err, s.Fit)
	}
}

// TestStateAfterFailedSteps makes steps after Fit that fail and change nothing: the
// training can still go on from its place, to the weights of one without them.
func TestStateAfterFailedSteps(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		var hash [2][32]byte
		for fails := range hash {
			show := false
			n, x, labels := blobs()
			tr := newTrainer(t, n, net.TrainerConfig{
				ClipNorm: 1,
				Workers:  workers,
				Trace:    net.Trace{Steps: func(int) bool { return show }, Show: func(net.Tensor) error { return errBroken }},
			})
			data, config := net.Examples{Images: x, Labels: labels}, net.FitConfig{BatchSize: 9}
			if _, err := tr.Fit(t.Context(), data, config); err != nil {
				t.Fatal(err)
			}
			if fails == 1 {
				bad := slices.Clone(x)
				bad[len(bad)-1] = float32(math.NaN())
				if _, err := tr.Step(bad, labels); !errors.Is(err, net.ErrNotFinite) {
					t.Fatalf("error %v, want ErrNotFinite", err)
				}
				show = true
				if _, err := tr.Step(x, labels); !errors.Is(err, errBroken) {
					t.Fatalf("error %v, want that of the trace", err)
				}
				show = false
			}
			var err error
			if config.Resume, err = tr.State(); err != nil || config.Resume.Fit == nil {
				t.Fatalf("error %v, and no place to go on from after a failed step", err)
			}
			config.Epochs = 2
			if _, err := tr.Fit(t.Context(), data, config); err != nil {
				t.Fatal(err)
			}
			hash[fails] = n.Hash()
		}
		if hash[0] != hash[1] {
			t.Errorf("%d workers: failed steps change the weights", workers)
		}
	}
}

// TestRateOfStepIsChecked has FitConfig.Rate return what is no rate at the fourth
// of six steps.
func TestRateOfStepIsChecked(t *testing.T) {
	for _, bad := range []float64{math.NaN(), -1, math.Inf(1), 1e21} {
		n, x, labels := blobs()
		tr := newTrainer(t, n, net.TrainerConfig{})
		history, err := tr.Fit(t.Context(), net.Examples{Images: x, Labels: labels}, net.FitConfig{
			Epochs: 2, BatchSize: 12,
			Rate: func(step, _ int) float64 {
				if step == 3 {
					return bad
				}
				return 0.01
			},
		})
		wantError(t, "rate", err, layer.ErrOption, "epoch 2", "Rate(3, 6)")
		if len(history.Losses) != 3 {
			t.Errorf("rate %v: %d steps, want 3", bad, len(history.Losses))
		}
	}
}

// cancelling is a Dataset that cancels a context when it is read.
type cancelling struct {
	net.Examples
	cancel context.CancelFunc
	armed  *bool
	reads  *atomic.Int64 // while it is armed
}

func (c cancelling) Read(x []float32, labels []int, indices []int) error {
	if *c.armed {
		c.reads.Add(1)
		c.cancel()
	}
	return c.Examples.Read(x, labels, indices)
}

// TestCancelledValidation cancels before a validation and in its midst: the epoch
// is not complete, and the training goes on with the validation.
func TestCancelledValidation(t *testing.T) {
	n, x, labels := blobs()
	data := net.Examples{Images: x, Labels: labels}
	want, err := newTrainer(t, n, net.TrainerConfig{}).Fit(t.Context(), data, net.FitConfig{Epochs: 2, Validation: data})
	if err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"before", "amidst"} {
		n, _, _ := blobs()
		tr := newTrainer(t, n, net.TrainerConfig{Workers: 1})
		ctx, cancel := context.WithCancel(t.Context())
		var reads atomic.Int64
		armed := false
		config := net.FitConfig{
			Epochs:     2,
			Validation: cancelling{data, cancel, &armed, &reads},
			Callbacks: []net.Callback{net.OnStep(func(p net.Progress) error {
				if p.Step == 2 {
					if armed = true; when == "before" {
						cancel()
					}
				}
				return nil
			})},
		}
		history, err := tr.Fit(ctx, data, config)
		if most := map[string]int64{"before": 0, "amidst": 1}[when]; reads.Load() != most {
			t.Errorf("%s: %d reads for the validation, want %d", when, reads.Load(), most)
		}
		if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "images") || len(history.Losses) != 2 || len(history.Epochs) != 1 {
			t.Errorf("%s: error %v after %d steps and %d epochs, want 2 and 1", when, err, len(history.Losses), len(history.Epochs))
		}
		if config.Resume, err = tr.State(); err != nil {
			t.Fatal(err)
		}
		history, err = tr.Fit(t.Context(), data, config)
		if err != nil || !reflect.DeepEqual(timeless(*history), timeless(*want)) {
			t.Errorf("%s: error %v, history %+v, want %+v", when, err, history, want)
		}
	}
}

// TestStepsPerEpoch makes epochs of two batches out of four.
func TestStepsPerEpoch(t *testing.T) {
	for steps, want := range map[int]int{0: 4, 1: 1, 2: 2, 4: 4, 9: 4} {
		n, x, labels := blobs()
		tr := newTrainer(t, n, net.TrainerConfig{})
		var last net.Progress
		history, err := tr.Fit(t.Context(), net.Examples{Images: x, Labels: labels}, net.FitConfig{
			Epochs: 3, BatchSize: 10, StepsPerEpoch: steps,
			Callbacks: []net.Callback{net.OnStep(func(p net.Progress) error { last = p; return nil })},
		})
		if err != nil || len(history.Losses) != 3*want || history.Epochs[2].Steps != want || last.Step != 3*want || last.Steps != 3*want {
			t.Errorf("StepsPerEpoch %d: error %v, %d steps, progress %+v, want %d an epoch", steps, err, len(history.Losses), last, want)
		}
	}
}
