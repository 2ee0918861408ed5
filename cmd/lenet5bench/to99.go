package main

import (
	"fmt"

	"github.com/simdlanes/lanes/benchmarks"
	"github.com/simdlanes/lanes/net"
)

// to99Runs is what -to99 asks for.
func (b *bench) to99Runs(r *Report) error {
	r.To99 = To99{
		TrainImages: b.train.Len(),
		TestImages:  b.test.Len(),
		Batch:       b.recipe.BatchSize,
		MaxEpochs:   b.recipe.MaxEpochs(),
		PeakRate:    b.recipe.Peak,
		Target:      b.recipe.Target,
		Workers:     b.workers,
	}
	for i := range b.seeds {
		r.To99.Runs = append(r.To99.Runs, To99Run{Seed: b.seed + uint64(i)})
		if err := b.to99Run(&r.To99); err != nil {
			return err
		}
	}
	r.To99.sum()
	return nil
}

// to99Run makes the last of the runs, with a progress bar for each epoch.
func (b *bench) to99Run(result *To99) error {
	run := &result.Runs[len(result.Runs)-1]
	var step, end func()
	_, err := b.recipe.Train(b.ctx, benchmarks.RecipeRun{
		Train:   b.train,
		Test:    b.test,
		Seed:    run.Seed,
		Workers: b.workers,
		StepEnd: func(p net.Progress) error {
			if step == nil {
				step, end = b.bar.Start(fmt.Sprintf("seed %d, epoch %d", run.Seed, p.Epoch), p.Steps/p.Epochs)
			}
			step()
			return nil
		},
		EpochEnd: func(e benchmarks.RecipeEpoch) error {
			end()
			step = nil
			run.add(e, b.recipe.Target)
			return b.out.to99Epoch(result)
		},
	})
	if step != nil {
		end()
	}
	return err
}

func (r *To99Run) add(e benchmarks.RecipeEpoch, target float64) {
	r.Epochs = append(r.Epochs, To99Epoch{Loss: e.Loss, Accuracy: e.Accuracy, Seconds: e.Time.Seconds()})
	r.Seconds = e.Time.Seconds()
	r.Reached = e.Accuracy >= target
}

// sum sums up the runs.
func (t *To99) sum() {
	var sum, worst float64
	for _, run := range t.Runs {
		if run.Reached {
			t.Reached++
		}
		sum += run.Seconds
		worst = max(worst, run.Seconds)
	}
	if t.Reached == len(t.Runs) {
		t.MeanSeconds, t.WorstSeconds = sum/float64(len(t.Runs)), worst
	}
}
