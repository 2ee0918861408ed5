package net_test

import (
	"math"
	"os"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// TestOptimizerDefaults compares zero options with those that the documentation
// says they mean.
func TestOptimizerDefaults(t *testing.T) {
	adam := net.Adam{Rate: 0.001, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
	for _, c := range []struct {
		name           string
		zero, explicit net.Optimizer
		rate           float64
	}{
		{"none", nil, adam, 0.001},
		{"Adam", net.Adam{}, adam, 0.001},
		{"SGD", net.SGD{}, net.SGD{Rate: 0.01}, 0.01},
	} {
		var hashes [2][32]byte
		for i, opt := range []net.Optimizer{c.zero, c.explicit} {
			n, x, labels := blobs()
			tr := newTrainer(t, n, net.TrainerConfig{Optimizer: opt})
			if tr.Rate() != c.rate {
				t.Errorf("%s: rate %v, want %v", c.name, tr.Rate(), c.rate)
			}
			for range 3 {
				if _, err := tr.Step(x, labels); err != nil {
					t.Fatal(err)
				}
			}
			hashes[i] = n.Hash()
		}
		if hashes[0] != hashes[1] {
			t.Errorf("%s: the defaults are not the documented ones", c.name)
		}
	}
}

// TestFitDefaults trains one epoch in batches of 32, and in other batches.
func TestFitDefaults(t *testing.T) {
	x, labels := make([]float32, 2*65), make([]int, 65)
	for _, c := range []struct {
		config net.FitConfig
		steps  int
	}{
		{net.FitConfig{}, 3}, // 32 + 32 + 1
		{net.FitConfig{Epochs: 2}, 6},
		{net.FitConfig{BatchSize: 65}, 1},
	} {
		n, _, _ := blobs()
		history, err := newTrainer(t, n, net.TrainerConfig{}).Fit(t.Context(), net.Examples{Images: x, Labels: labels}, c.config)
		if err != nil || len(history.Losses) != c.steps {
			t.Errorf("%+v: %d steps and error %v, want %d", c.config, len(history.Losses), err, c.steps)
		}
	}
}

// TestLossEpsilon has the label's probability vanish.
func TestLossEpsilon(t *testing.T) {
	for _, c := range []struct{ epsilon, want float64 }{
		{0, 200}, {1e-7, -math.Log(1e-7)}, {0.5, -math.Log(0.5)},
	} {
		n, err := net.New(layer.Vector(1), 1, dense.Layer{Units: 2})
		if err == nil {
			err = n.SetParams(0, []float32{0, 0}, []float32{200, 0})
		}
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrainer(t, n, net.TrainerConfig{Loss: net.CrossEntropy{Epsilon: c.epsilon}})
		loss, err := tr.Step([]float32{0}, []int{1})
		if err != nil || loss != c.want && !(math.Abs(loss-c.want) <= 1e-5) {
			t.Errorf("Epsilon %v: loss %v and error %v, want %v", c.epsilon, loss, err, c.want)
		}
	}
}

// TestTooSmallOrLarge tries options that are good as float64 and would be 0 or
// infinite where they are used, as float32.
func TestTooSmallOrLarge(t *testing.T) {
	n, _, _ := blobs()
	for _, opt := range []net.Optimizer{
		net.Adam{Epsilon: 1e-46}, net.Adam{Epsilon: 1e-31}, net.Adam{Epsilon: 1e31}, net.Adam{Rate: 1e39}, net.SGD{Rate: 1e39},
	} {
		_, err := net.NewTrainer(n, net.TrainerConfig{Optimizer: opt})
		wantError(t, "optimizer", err, layer.ErrOption)
	}
	_, err := net.NewTrainer(n, net.TrainerConfig{Loss: net.CrossEntropy{Epsilon: 1e-46}})
	wantError(t, "loss", err, layer.ErrOption, "Epsilon")
	tr := newTrainer(t, n, net.TrainerConfig{})
	wantError(t, "SetRate", tr.SetRate(1e300), layer.ErrOption, "1e+300")
	_, err = tr.Fit(t.Context(), xor, net.FitConfig{Rate: func(int, int) float64 { return 1e300 }})
	wantError(t, "Fit", err, layer.ErrOption, "1e+300", "epoch 1")
}

// TestExtremeOptions takes options to their bounds: a weight whose gradient is 0
// stays a number.
func TestExtremeOptions(t *testing.T) {
	almost1 := math.Nextafter(1, 0)
	for _, opt := range []net.Optimizer{
		net.Adam{Epsilon: 1e-30, Beta1: almost1, Beta2: almost1},
		net.Adam{Rate: 1e20, Beta1: almost1, Beta2: 1e-300},
		net.Adam{Rate: 1e20, Epsilon: 1e-30, Uncorrected: true},
		net.Adam{Epsilon: 1e30},
		net.SGD{Rate: 1e20},
	} {
		n, err := net.New(layer.Vector(1), 1, dense.Layer{Units: 2})
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrainer(t, n, net.TrainerConfig{Optimizer: opt})
		if _, err := tr.Step([]float32{0}, []int{1}); err != nil { // weights times an input of 0
			t.Fatal(err)
		}
		w, _, err := n.Params(0)
		if err != nil || math.IsNaN(float64(w[0])) || math.IsNaN(float64(w[1])) {
			t.Errorf("%+v: weights %v, error %v", opt, w, err)
		}
	}
}

// TestNil passes nothing where something is needed.
func TestNil(t *testing.T) {
	_, err := net.NewTrainer(nil, net.TrainerConfig{})
	wantError(t, "NewTrainer", err, layer.ErrOption, "network")
	n, _, _ := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	_, err = tr.Fit(t.Context(), nil, net.FitConfig{})
	wantError(t, "Fit", err, net.ErrData, "Dataset")
	_, err = tr.Accuracy(nil)
	wantError(t, "Accuracy", err, net.ErrData, "Dataset")
}

// TestErrorsNameThePackageOnce calls every method with arguments that it
// refuses.
func TestErrorsNameThePackageOnce(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	_, err := tr.Step(x[:3], labels)
	wantError(t, "half an image", err, layer.ErrShape, "step")
	_, err = tr.Step(x, labels[:1])
	wantError(t, "few labels", err, layer.ErrShape, "step")
	_, err = tr.Step(x[:2], []int{2})
	wantError(t, "bad label", err, net.ErrLabel, "step", "image 0")
	_, err = n.Predict(nil, x[:1])
	wantError(t, "half an image", err, layer.ErrShape, "predict")
	_, err = n.PredictProba(nil, x[:1])
	wantError(t, "half an image", err, layer.ErrShape, "predict")
	_, err = tr.Fit(t.Context(), failing{net.Examples{Images: x, Labels: labels}, 9}, net.FitConfig{})
	wantError(t, "broken data", err, errBroken, "fit: epoch 1")
	tr.Close()
	_, err = tr.Step(x, labels)
	wantError(t, "closed", err, net.ErrClosed, "step")
	_, err = tr.Fit(t.Context(), xor, net.FitConfig{})
	wantError(t, "closed", err, net.ErrClosed, "fit")
	_, err = tr.Accuracy(xor)
	wantError(t, "closed", err, net.ErrClosed, "accuracy")
	p := n.NewPredictor(2)
	p.Close()
	_, err = p.Predict(nil, x)
	wantError(t, "closed", err, net.ErrClosed, "predict")
}

// TestParamsAreCopies writes to what the accessors return.
func TestParamsAreCopies(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	if _, err := tr.Step(x, labels); err != nil {
		t.Fatal(err)
	}
	before := n.Hash()
	w, b, err := n.Params(0)
	if err != nil {
		t.Fatal(err)
	}
	spoil(w)
	spoil(b)
	if n.Hash() != before {
		t.Error("what Params returns is the network's own")
	}
	dw, db, err := tr.Gradients(0)
	if err != nil {
		t.Fatal(err)
	}
	spoil(dw)
	spoil(db)
	again, _, err := tr.Gradients(0)
	if err != nil || math.IsNaN(float64(again[0])) {
		t.Error("what Gradients returns is the trainer's own")
	}
}

func spoil(x []float32) {
	for i := range x {
		x[i] = float32(math.NaN())
	}
}

// TestImplementation fails if the environment asks for kernels that are then not
// in use, lest a run that is to prove something of assembly prove nothing.
func TestImplementation(t *testing.T) {
	if wish := os.Getenv(kernels.EnvVar); wish != "" && wish != kernels.Active().String() {
		t.Errorf("%s=%s, but the kernels in use are %v: %s", kernels.EnvVar, wish, kernels.Active(), kernels.Reason())
	}
}
