package benchmarks

import (
	"context"
	"fmt"
	"time"

	"github.com/simdlanes/lanes/net"
)

// To99 is the recipe that takes LeNet-5 to 99 % of MNIST's test digits in few
// epochs.
//
// It was chosen on the first 50,000 training digits, with the last 10,000 to test
// on; the test digits had no part in it. There, seeds 1 to 10 come to 98.96 % on
// average after four epochs and to 99.08 % after five (98.98 % at worst, standard
// deviation 0.07), and nine have been at 99 % by then; the tenth is after the
// first epoch in reserve. On all 60,000 a seed makes a fifth more steps.
func To99() Recipe {
	return Recipe{Epochs: 5, BatchSize: 32, Peak: 0.003, Start: 0.1, WarmUp: 0.2, More: 3, Again: 0.33, Target: 0.99}
}

// Recipe is a way of training LeNet-5 in few epochs, with Adam. In the course of
// the steps the learning rate rises in a straight line, so that the first
// gradients, which are large, do no harm, and then falls to 0, so that the last
// steps average out what a constant rate would leave noisy. A training that
// misses its target by a little has some more epochs, in each of which the rate
// falls to 0 again, from a lower one.
type Recipe struct {
	Epochs    int
	BatchSize int
	Peak      float64 // the highest learning rate
	Start     float64 // the first rate, as a share of the highest
	WarmUp    float64 // the share of the steps of Epochs in which the rate rises
	More      int     // epochs after Epochs
	Again     float64 // the first rate of each of them, as a share of the highest
	Target    float64 // the accuracy at which a training ends
}

// MaxEpochs is the number of epochs of a training that misses its target.
func (r Recipe) MaxEpochs() int { return r.Epochs + r.More }

// Rate is the learning rate of a step out of those of MaxEpochs, for
// [net.FitConfig].
func (r Recipe) Rate(step, steps int) float64 {
	perEpoch := steps / r.MaxEpochs()
	main := r.Epochs * perEpoch
	if step >= main {
		return r.Peak * r.Again * falling(float64((step-main)%perEpoch)/float64(perEpoch))
	}
	done := float64(step) / float64(main)
	if done < r.WarmUp {
		return r.Peak * (r.Start + float64((1-r.Start)*(done/r.WarmUp)))
	}
	return r.Peak * falling((done-r.WarmUp)/(1-r.WarmUp))
}

// falling falls from 1 to 0, flat at both ends: nearly half a wave of a cosine,
// but with the same bits on every architecture.
func falling(u float64) float64 { return 1 - float64(u*u*(3-float64(2*u))) }

// RecipeRun is what one training by a recipe needs.
type RecipeRun struct {
	Train, Test net.Dataset // images of 32 x 32 pixels
	Seed        uint64      // of the initial weights and of the order
	Workers     int         // as in [net.TrainerConfig]

	// StepEnd, if not nil, is called after every step, and EpochEnd after every
	// epoch. An error ends the training.
	StepEnd  func(net.Progress) error
	EpochEnd func(RecipeEpoch) error
}

// RecipeEpoch is what an epoch has come to.
type RecipeEpoch struct {
	net.EpochResult
	Time time.Duration // since the beginning, tests included
}

// Train trains a new LeNet-5 until an epoch has ended with Target on the test
// images, or all have. It returns the epochs, also with an error.
func (r Recipe) Train(ctx context.Context, run RecipeRun) (epochs []RecipeEpoch, err error) {
	start := time.Now()
	t, err := net.NewTrainer(net.LeNet5(run.Seed), net.TrainerConfig{Workers: run.Workers})
	if err != nil {
		return nil, fmt.Errorf("benchmarks: %w", err)
	}
	defer t.Close()
	callbacks := []net.Callback{net.OnEpoch(func(e net.EpochResult) error {
		epochs = append(epochs, RecipeEpoch{EpochResult: e, Time: time.Since(start)})
		if run.EpochEnd != nil {
			if err := run.EpochEnd(epochs[len(epochs)-1]); err != nil {
				return err
			}
		}
		if e.Accuracy >= r.Target {
			return net.ErrStop
		}
		return nil
	})}
	if run.StepEnd != nil {
		callbacks = append(callbacks, net.OnStep(run.StepEnd))
	}
	_, err = t.Fit(ctx, run.Train, net.FitConfig{
		Epochs:     r.MaxEpochs(),
		BatchSize:  r.BatchSize,
		Seed:       run.Seed,
		Rate:       r.Rate,
		Validation: run.Test,
		Callbacks:  callbacks,
	})
	if err != nil {
		return epochs, fmt.Errorf("benchmarks: %w", err)
	}
	return epochs, nil
}
