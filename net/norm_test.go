package net_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
)

// steadied is a network with batch normalisation and dropout of images and of
// vectors.
func steadied(t testing.TB) *net.Network {
	t.Helper()
	n, err := net.New(layer.Image(2, 6, 6), 5,
		conv.Layer{Filters: 4, Size: 3},
		norm.Batch{Activation: layer.ReLU},
		norm.Dropout{Rate: 0.25},
		dense.Flatten{},
		dense.Layer{Units: 12},
		norm.Batch{Activation: layer.Tanh},
		norm.Dropout{Rate: 0.5},
		dense.Layer{Units: 3},
	)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// steadyData are images of three classes, some blocks and a partial one.
func steadyData() (x []float32, labels []int) {
	const images = 19
	x, labels = make([]float32, images*2*6*6), make([]int, images)
	layer.Normal(x, 1, layer.Stream(1, "steady", 0))
	for i := range labels {
		labels[i] = i % 3
		x[i*72+labels[i]*20] += 3
	}
	return x, labels
}

func steadySteps(t *testing.T, tr *net.Trainer, steps int) (loss float64) {
	t.Helper()
	x, labels := steadyData()
	for range steps {
		var err error
		if loss, err = tr.Step(x, labels); err != nil {
			t.Fatal(err)
		}
	}
	return loss
}

// TestNormSameBits trains with any number of workers and each implementation, and
// learns.
func TestNormSameBits(t *testing.T) {
	var want string
	for _, impl := range kernels.Impls() {
		for _, workers := range []int{1, 2, 3, 7} {
			t.Run(fmt.Sprint(impl, "/", workers), func(t *testing.T) {
				defer kernels.Use(impl)()
				n := steadied(t)
				tr := newTrainer(t, n, net.TrainerConfig{Workers: workers, Optimizer: net.AdamW{Rate: 0.01}})
				first := steadySteps(t, tr, 1)
				if last := steadySteps(t, tr, 29); !(last < first) {
					t.Errorf("the loss went from %v to %v", first, last)
				}
				if got := fmt.Sprintf("%x", n.Hash()); want == "" {
					want = got
				} else if got != want {
					t.Errorf("weights hash to %s, want %s", got, want)
				}
			})
		}
	}
}

// TestNormResumes goes on with another trainer and network from a State.
func TestNormResumes(t *testing.T) {
	whole := steadied(t)
	steadySteps(t, newTrainer(t, whole, net.TrainerConfig{}), 7)

	tr := newTrainer(t, steadied(t), net.TrainerConfig{})
	steadySteps(t, tr, 3)
	s, err := tr.State()
	if err != nil {
		t.Fatal(err)
	}
	n := steadied(t)
	resumed := newTrainer(t, n, net.TrainerConfig{})
	bad := *s
	bad.Steps = -1
	if err := resumed.Restore(&bad); !errors.Is(err, net.ErrState) {
		t.Errorf("-1 steps: want ErrState, have %v", err)
	}
	if err := resumed.Restore(s); err != nil {
		t.Fatal(err)
	}
	steadySteps(t, resumed, 4)
	if n.Hash() != whole.Hash() {
		t.Error("other bits than without a break")
	}
}

// TestNormState is kept in the network: it is in its hash, and predictions follow it.
func TestNormState(t *testing.T) {
	n := steadied(t)
	x, _ := steadyData()
	state, err := n.State(1)
	if err != nil || !slices.Equal(state, []float32{0, 0, 0, 0, 1, 1, 1, 1}) {
		t.Fatalf("state %v, error %v", state, err)
	}
	hash, before := n.Hash(), probabilities(t, n, x)
	state[0], state[5] = 2, 9
	if err := n.SetState(1, state); err != nil {
		t.Fatal(err)
	}
	if n.Hash() == hash || slices.Equal(probabilities(t, n, x), before) {
		t.Error("another state changes neither hash nor predictions")
	}
	if err := n.SetState(1, state[1:]); !errors.Is(err, layer.ErrShape) {
		t.Errorf("short state: want ErrShape, have %v", err)
	}
	if state, err := n.State(0); state != nil || err != nil {
		t.Errorf("state of a convolution: %v, error %v", state, err)
	}
	if _, err := n.State(8); !errors.Is(err, layer.ErrOption) {
		t.Errorf("state of no layer: want ErrOption, have %v", err)
	}
}

func probabilities(t *testing.T, n *net.Network, x []float32) []float32 {
	t.Helper()
	p, err := n.PredictProba(nil, x)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFailedStepKeepsState makes a step fail after the batch's statistics are
// known.
func TestFailedStepKeepsState(t *testing.T) {
	n := steadied(t)
	x, labels := steadyData()
	tr := newTrainer(t, n, net.TrainerConfig{Workers: 2})
	steadySteps(t, tr, 2)
	w, b, err := n.Params(7)
	if err != nil {
		t.Fatal(err)
	}
	kept := b[0]
	b[0] = float32(math.Inf(1))
	if err := n.SetParams(7, w, b); err != nil {
		t.Fatal(err)
	}
	hash := n.Hash()
	if _, err := tr.Step(x, labels); !errors.Is(err, net.ErrNotFinite) {
		t.Fatalf("want ErrNotFinite, have %v", err)
	}
	if n.Hash() != hash {
		t.Error("the failed step has changed the network")
	}
	b[0] = kept
	if err := n.SetParams(7, w, b); err != nil {
		t.Fatal(err)
	}
	steadySteps(t, tr, 1)
	want := steadied(t)
	steadySteps(t, newTrainer(t, want, net.TrainerConfig{}), 3)
	if n.Hash() != want.Hash() {
		t.Error("the failed step has changed what comes after it")
	}
}

// TestNormIsSparedByDecay decays all weights away but for gammas.
func TestNormIsSparedByDecay(t *testing.T) {
	n := steadied(t)
	tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.AdamW{Rate: 1e-6, WeightDecay: 1e6}})
	steadySteps(t, tr, 1)
	for i, low := range map[int]float32{1: 0.99, 5: 0.99, 7: -0.01} {
		w, _, err := n.Params(i)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Max(w); got < low || low < 0 && got > 0.01 {
			t.Errorf("layer %d: largest weight %v", i, got)
		}
	}
}

// TestNormTrace shows steps of such a network, and changes nothing by it.
func TestNormTrace(t *testing.T) {
	plain, traced := steadied(t), steadied(t)
	steadySteps(t, newTrainer(t, plain, net.TrainerConfig{}), 2)
	shown := 0
	tr := newTrainer(t, traced, net.TrainerConfig{Workers: 2, Trace: net.Trace{Show: func(net.Tensor) error { shown++; return nil }}})
	steadySteps(t, tr, 2)
	if shown == 0 || plain.Hash() != traced.Hash() {
		t.Errorf("%d tensors shown; same bits: %t", shown, plain.Hash() == traced.Hash())
	}
}

// TestNormRestoresBest gives the network the best epoch's running statistics, too.
func TestNormRestoresBest(t *testing.T) {
	n := steadied(t)
	x, labels := steadyData()
	data := net.Examples{Images: x, Labels: labels}
	tr := newTrainer(t, n, net.TrainerConfig{})
	var states [][]float32
	keep := net.OnEpoch(func(net.EpochResult) error {
		s, err := n.State(1)
		states = append(states, s)
		return err
	})
	best := &net.EarlyStopping{Patience: 9, MinDelta: 100, Restore: true} // the first is the best
	_, err := tr.Fit(t.Context(), data, net.FitConfig{Epochs: 3, Validation: data, Callbacks: []net.Callback{keep, best}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := n.State(1)
	if err != nil || !slices.Equal(got, states[0]) {
		t.Errorf("state %v, error %v; want that of the first epoch, %v", got, err, states[0])
	}
}

// TestNormAllocatesNothing counts the allocations of steps and predictions.
func TestNormAllocatesNothing(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector allocates")
	}
	x, labels := steadyData()
	n := steadied(t)
	tr := newTrainer(t, n, net.TrainerConfig{Workers: 2})
	classes := make([]int, 0, len(labels))
	for name, call := range map[string]func() error{
		"Step":           func() error { _, err := tr.Step(x, labels); return err },
		"Predict":        func() error { _, err := n.Predict(classes, x); return err },
		"Predict of one": func() error { _, err := n.Predict(classes, x[:72]); return err },
	} {
		if allocs := testing.AllocsPerRun(3, func() {
			if err := call(); err != nil {
				t.Error(err)
			}
		}); allocs != 0 {
			t.Errorf("%s: %v allocations, want none", name, allocs)
		}
	}
}

// TestFold compares a network, trained for a while, with what it folds to.
func TestFold(t *testing.T) {
	n := steadied(t)
	tr := newTrainer(t, n, net.TrainerConfig{})
	steadySteps(t, tr, 10)
	hash := n.Hash()
	folded, err := n.Fold()
	if err != nil {
		t.Fatal(err)
	}
	if folded.NumLayers() != n.NumLayers()-2 || n.Hash() != hash {
		t.Errorf("%d layers of %d; the network itself is the same: %t", folded.NumLayers(), n.NumLayers(), n.Hash() == hash)
	}
	x, _ := steadyData()
	want := probabilities(t, n, x)
	for i, p := range probabilities(t, folded, x) {
		if math.Abs(float64(p-want[i])) > 1e-5 {
			t.Fatalf("probability %d is %v, want %v", i, p, want[i])
		}
	}
}
