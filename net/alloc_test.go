package net_test

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"testing"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/net"
)

// TestNoAllocation proves that a training step and a prediction allocate
// nothing once they have run.
func TestNoAllocation(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector makes sync.Pool forget at random")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties sync.Pool
	data := digits(t, 9)
	x, labels := data.Floats(), data.Labels()
	for _, workers := range []int{1, 2} {
		n := net.LeNet5(1)
		tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
		p := n.NewPredictor(workers)
		defer p.Close()
		classes, proba := make([]int, 0, 9), make([]float32, 0, 90)
		for name, call := range map[string]func() error{
			"Step":                   func() error { _, err := tr.Step(x, labels); return err },
			"Trainer.Accuracy":       func() error { _, err := tr.Accuracy(data); return err },
			"Network.Predict":        func() error { _, err := n.Predict(classes, x); return err },
			"Network.PredictProba":   func() error { _, err := n.PredictProba(proba, x); return err },
			"Network.PredictBoth":    func() error { _, _, err := n.PredictBoth(classes, proba, x); return err },
			"Predictor.PredictBoth":  func() error { _, _, err := p.PredictBoth(classes, proba, x); return err },
			"Predictor.Predict":      func() error { _, err := p.Predict(classes, x); return err },
			"Predictor.PredictProba": func() error { _, err := p.PredictProba(proba, x); return err },
		} {
			t.Run(fmt.Sprintf("%s/workers=%d", name, workers), func(t *testing.T) {
				var failure error
				allocs := testing.AllocsPerRun(3, func() {
					if err := call(); err != nil {
						failure = err
					}
				})
				if failure != nil || allocs != 0 {
					t.Errorf("%v allocations and error %v, want none", allocs, failure)
				}
			})
		}
	}
}

// TestFitDoesNotAllocate proves that a step within Fit and FitSeq allocates
// nothing: a training with 48 steps more does not allocate 48 times more. (A few
// times it may: the runtime needs memory for goroutines that wait.)
func TestFitDoesNotAllocate(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector makes sync.Pool forget at random")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	_, x, labels := blobs()
	data := net.Examples{Images: x, Labels: labels}
	var begun, ended atomic.Int64
	for name, fit := range map[string]func(*net.Trainer, net.FitConfig) error{
		"Fit": func(tr *net.Trainer, c net.FitConfig) error { _, err := tr.Fit(t.Context(), data, c); return err },
		"FitSeq": func(tr *net.Trainer, c net.FitConfig) error {
			_, err := tr.FitSeq(t.Context(), endless(data, &begun, &ended), c)
			return err
		},
	} {
		for _, workers := range []int{1, 2} {
			n, _, _ := blobs()
			tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
			allocs := func(steps int) float64 {
				return testing.AllocsPerRun(3, func() {
					if err := fit(tr, net.FitConfig{
						BatchSize: 1, StepsPerEpoch: steps, Epochs: 2,
						Rate:      func(step, steps int) float64 { return 0.01 },
						Callbacks: []net.Callback{net.OnStep(func(net.Progress) error { return nil }), &net.Checkpoint{Every: 1000, Save: func(*net.State) error { return nil }}},
					}); err != nil {
						t.Error(err)
					}
				})
			}
			if few, many := allocs(8), allocs(32); many-few > 10 {
				t.Errorf("%s, %d workers: %v allocations in 16 steps and %v in 64", name, workers, few, many)
			}
		}
	}
}
