package net_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// plateaus are callbacks like those of testdata/optimizers/plateau.py.
var plateaus = map[string]func() *net.ReduceOnPlateau{
	"plain": func() *net.ReduceOnPlateau {
		return &net.ReduceOnPlateau{Monitor: net.TrainingLoss, Factor: 0.5, Patience: 2}
	},
	"all": func() *net.ReduceOnPlateau {
		return &net.ReduceOnPlateau{Factor: 0.3, Patience: 3, MinDelta: 0.02, Cooldown: 3, MinRate: 0.01}
	},
	"max": func() *net.ReduceOnPlateau {
		return &net.ReduceOnPlateau{Monitor: net.Accuracy, Factor: 0.5, Patience: 4, MinDelta: 0.01, Cooldown: 1}
	},
}

// TestReduceOnPlateauLikePyTorch tells callbacks of sixty epochs, and moves
// their memory to another, and the rate to another trainer, before each.
func TestReduceOnPlateauLikePyTorch(t *testing.T) {
	metrics, _ := golden.File(t, "testdata/optimizers/plateau_metrics.npy")
	for name, make := range plateaus {
		want, _ := golden.File(t, "testdata/optimizers/plateau_"+name+".npy")
		n, _, _ := blobs()
		tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.SGD{Rate: 0.5}})
		p := make()
		var got []float64
		for _, m := range metrics {
			memory, err := p.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			next, resumed := make(), newTrainer(t, n, net.TrainerConfig{})
			if err := errors.Join(next.UnmarshalBinary(memory), resumed.SetRate(tr.Rate())); err != nil {
				t.Fatal(err)
			}
			p, tr = next, resumed
			r := net.EpochResult{Loss: m, ValidationLoss: m, Accuracy: m}
			if err := errors.Join(p.StepEnd(tr, net.Progress{}), p.EpochEnd(tr, r)); err != nil {
				t.Fatal(err)
			}
			got = append(got, tr.Rate())
		}
		golden.Close(t, name, got, want, 1e-15)
	}
}

// TestReduceOnPlateauDefaults waits for ten epochs, of which one is NaN.
func TestReduceOnPlateauDefaults(t *testing.T) {
	n, _, _ := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.SGD{Rate: 1}})
	p := new(net.ReduceOnPlateau)
	for epoch := range 11 {
		if tr.Rate() != 1 {
			t.Fatalf("the rate is %v after %d epochs, want 1", tr.Rate(), epoch)
		}
		loss := 1.0
		if epoch == 5 {
			loss = math.NaN()
		}
		if err := p.EpochEnd(tr, net.EpochResult{ValidationLoss: loss}); err != nil {
			t.Fatal(err)
		}
	}
	if tr.Rate() != 0.1 {
		t.Errorf("the rate is %v after ten epochs without progress, want 0.1", tr.Rate())
	}
}

// TestReduceOnPlateauNeverRaises has a rate below MinRate.
func TestReduceOnPlateauNeverRaises(t *testing.T) {
	n, _, _ := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.SGD{Rate: 0.01}})
	p := &net.ReduceOnPlateau{Patience: 1, MinRate: 0.1}
	for range 3 {
		if err := p.EpochEnd(tr, net.EpochResult{ValidationLoss: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if tr.Rate() != 0.01 {
		t.Errorf("the rate is %v, want 0.01", tr.Rate())
	}
}

// TestReduceOnPlateauInFit trains at a rate of 0, so that no epoch is better than
// the first, twice with one callback.
func TestReduceOnPlateauInFit(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.SGD{Rate: 1}})
	p := &net.ReduceOnPlateau{Monitor: net.TrainingLoss, MinDelta: 100, Factor: 0.5, Patience: 3}
	for _, want := range []float64{0.5, 0.25} {
		c := net.FitConfig{Epochs: 6, BatchSize: 32, Callbacks: []net.Callback{p}}
		history, err := tr.Fit(t.Context(), net.Examples{Images: x, Labels: labels}, c)
		if err != nil {
			t.Fatal(err)
		}
		if first, last := history.Rates[3], history.Rates[4]; first != 2*want || last != want || tr.Rate() != want {
			t.Errorf("rates %v, then %v, want a half from the fifth epoch on", history.Rates, tr.Rate())
		}
	}
}

func TestReduceOnPlateauOptions(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	data := net.Examples{Images: x, Labels: labels}
	rate := func(step, steps int) float64 { return 0 }
	for _, c := range []struct {
		p      net.ReduceOnPlateau
		config net.FitConfig
	}{
		{net.ReduceOnPlateau{}, net.FitConfig{}}, // without validation
		{net.ReduceOnPlateau{}, net.FitConfig{Validation: data, Rate: rate}},
		{net.ReduceOnPlateau{Monitor: 9}, net.FitConfig{Validation: data}},
		{net.ReduceOnPlateau{Factor: 1}, net.FitConfig{Validation: data}},
		{net.ReduceOnPlateau{Factor: -0.5}, net.FitConfig{Validation: data}},
		{net.ReduceOnPlateau{Factor: math.NaN()}, net.FitConfig{Validation: data}},
		{net.ReduceOnPlateau{Patience: -1}, net.FitConfig{Validation: data}},
		{net.ReduceOnPlateau{Cooldown: -1}, net.FitConfig{Validation: data}},
		{net.ReduceOnPlateau{MinDelta: -1}, net.FitConfig{Validation: data}},
		{net.ReduceOnPlateau{MinRate: -1}, net.FitConfig{Validation: data}},
	} {
		c.config.Callbacks = []net.Callback{&c.p}
		if _, err := tr.Fit(t.Context(), data, c.config); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%+v: error %v, want ErrOption", c.p, err)
		}
	}
}

// TestReduceOnPlateauRefusesState cuts and spoils a memory.
func TestReduceOnPlateauRefusesState(t *testing.T) {
	p := net.ReduceOnPlateau{Patience: 1, Cooldown: 3}
	n, _, _ := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	for range 2 {
		if err := p.EpochEnd(tr, net.EpochResult{ValidationLoss: 1}); err != nil {
			t.Fatal(err)
		}
	}
	good, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	bad := [][]byte{append(good[:len(good):len(good)], 0), append(good[:len(good)-1:len(good)-1], 1), []byte("EarlyStopping 1\n")}
	for n := range good {
		bad = append(bad, good[:n])
	}
	for _, b := range bad {
		if err := p.UnmarshalBinary(b); !errors.Is(err, net.ErrState) {
			t.Errorf("state %q: error %v, want ErrState", b, err)
		}
	}
	if err := new(net.ReduceOnPlateau).UnmarshalBinary(good); err != nil {
		t.Error(err)
	}
	if err := (&net.ReduceOnPlateau{Monitor: net.Accuracy}).UnmarshalBinary(good); !errors.Is(err, net.ErrState) {
		t.Errorf("another monitor: error %v, want ErrState", err)
	}
	if same, err := p.MarshalBinary(); err != nil || string(same) != string(good) {
		t.Error("a state that was refused has changed the callback")
	}
}

// A training whose loss falls by less than a tenth an epoch for three epochs goes
// on at a tenth of the rate.
func ExampleReduceOnPlateau() {
	_, trainer := newXOR()
	defer trainer.Close()
	history, err := trainer.Fit(context.Background(), xor, net.FitConfig{
		Epochs:     5,
		Validation: xor,
		Callbacks:  []net.Callback{&net.ReduceOnPlateau{Patience: 3, MinDelta: 0.1}},
	})
	for _, r := range history.Epochs {
		fmt.Printf("%.3f ", r.Rate)
	}
	fmt.Println(err)
	// Output: 0.100 0.100 0.100 0.100 0.010 <nil>
}

// TestReduceOnPlateauResumes breaks a training after each of its epochs and goes
// on in another network: the same weights and rates as without a break.
func TestReduceOnPlateauResumes(t *testing.T) {
	_, x, labels := blobs()
	data := net.Examples{Images: x, Labels: labels}
	fit := func(resume *net.State, epochs int) ([32]byte, *net.History, *net.State) {
		n, _, _ := blobs()
		tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.SGD{Rate: 0.5, Momentum: 0.9}, ClipNorm: 0.1})
		history, err := tr.Fit(t.Context(), data, net.FitConfig{
			Epochs: 8, BatchSize: 10, Resume: resume,
			Callbacks: []net.Callback{
				&net.ReduceOnPlateau{Monitor: net.TrainingLoss, MinDelta: 0.3, Factor: 0.5, Patience: 1, Cooldown: 1},
				net.OnEpoch(func(r net.EpochResult) error {
					if r.Epoch == epochs {
						return net.ErrStop
					}
					return nil
				}),
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		state, err := tr.State()
		if err != nil {
			t.Fatal(err)
		}
		return n.Hash(), history, state
	}
	want, unbroken, _ := fit(nil, 8)
	if r := unbroken.Epochs; r[0].Rate <= r[7].Rate || r[3].Rate <= r[7].Rate {
		t.Fatalf("rates of the epochs: %+v, want several", r)
	}
	for epochs := 1; epochs < 8; epochs++ {
		_, _, state := fit(nil, epochs)
		got, history, _ := fit(state, 8)
		if got != want || !slices.Equal(history.Rates, unbroken.Rates) {
			t.Errorf("broken after epoch %d: rates %v, want %v, or other weights", epochs, history.Rates, unbroken.Rates)
		}
	}
}
