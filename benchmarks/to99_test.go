package benchmarks

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

// TestRecipeRate looks at the learning rate where it begins, turns and ends, and
// wants it to rise before and to fall after.
func TestRecipeRate(t *testing.T) {
	for _, r := range []Recipe{
		To99(),
		{Epochs: 2, Peak: 2, Start: 0.25, WarmUp: 0.5, More: 1, Again: 0.5},
		{Epochs: 1, Peak: 1, Start: 0.5},
	} {
		const perEpoch = 1000
		steps := r.MaxEpochs() * perEpoch
		main := r.Epochs * perEpoch
		turn := int(r.WarmUp * float64(main))
		first := r.Peak * r.Start
		if turn == 0 {
			first = r.Peak
		}
		check := func(step int, want float64) {
			if have := r.Rate(step, steps); !(math.Abs(have-want) <= 1e-12) {
				t.Errorf("%+v: rate %v in step %d of %d, want %v", r, have, step, steps, want)
			}
		}
		check(0, first)
		check(turn, r.Peak)
		check((turn+main)/2, r.Peak/2)
		for epoch := range r.More {
			check(main+epoch*perEpoch, r.Peak*r.Again)
			check(main+epoch*perEpoch+perEpoch/2, r.Peak*r.Again/2)
		}
		for step := range steps - 1 {
			want := step < turn || step >= main-1 && (step+1)%perEpoch == 0
			if rises := r.Rate(step+1, steps) > r.Rate(step, steps); rises != want {
				t.Errorf("%+v: from step %d the rate rises: %v", r, step, rises)
			}
		}
		if last := r.Rate(steps-1, steps); last > r.Peak*1e-4 {
			t.Errorf("%+v: rate %v in the last step", r, last)
		}
	}
}

// fewDigits returns digits to train and to test on.
func fewDigits(t *testing.T) (train, test net.Dataset) {
	t.Helper()
	return fewdigits.Padded(t, 0, 512).Examples(mnist.Unit), fewdigits.Padded(t, 512, 640).Examples(mnist.Unit)
}

// TestRecipeTrain has a training end at its target, and one at its last epoch.
func TestRecipeTrain(t *testing.T) {
	train, test := fewDigits(t)
	steps := 0
	var told []RecipeEpoch
	run := RecipeRun{Train: train, Test: test, Seed: 1, Workers: 1,
		StepEnd:  func(net.Progress) error { steps++; return nil },
		EpochEnd: func(e RecipeEpoch) error { told = append(told, e); return nil },
	}
	r := Recipe{Epochs: 5, BatchSize: 16, Peak: 0.003, Start: 0.1, WarmUp: 0.2, More: 1, Again: 0.1, Target: 2}
	all, err := r.Train(t.Context(), run)
	if err != nil || len(all) != 6 || len(told) != 6 || steps != 6*32 {
		t.Fatalf("%d epochs of which %d are told, %d steps, %v, want six epochs of 32 steps", len(all), len(told), steps, err)
	}
	best := 0 // the first epoch that none before it equals
	for i, e := range all {
		if e != told[i] || e.Epoch != i+1 || e.Loss <= 0 || i > 0 && e.Time <= all[i-1].Time {
			t.Errorf("epoch %d: %+v, told %+v", i+1, e, told[i])
		}
		if e.Accuracy > all[best].Accuracy {
			best = i
		}
	}
	if best == 0 {
		t.Fatalf("nothing learnt: %+v", all)
	}
	r.Target = all[best].Accuracy
	run.StepEnd, run.EpochEnd = nil, nil
	short, err := r.Train(t.Context(), run)
	if err != nil || len(short) != best+1 {
		t.Fatalf("%d epochs, %v, want the target after %d", len(short), err, best+1)
	}
	for i, e := range short {
		want := all[i].EpochResult
		want.Duration = e.Duration
		if e.EpochResult != want {
			t.Errorf("epoch %d with a target: %+v, without: %+v", i+1, e, all[i])
		}
	}
}

// TestRecipeTrainFails interrupts a training after an epoch, which is returned,
// and gives another no data.
func TestRecipeTrainFails(t *testing.T) {
	train, test := fewDigits(t)
	ctx, cancel := context.WithCancel(t.Context())
	r := Recipe{Epochs: 3, BatchSize: 32, Peak: 0.001, Target: 2}
	epochs, err := r.Train(ctx, RecipeRun{Train: train, Test: test, Workers: 1, EpochEnd: func(RecipeEpoch) error { cancel(); return nil }})
	if !errors.Is(err, context.Canceled) || len(epochs) != 1 {
		t.Errorf("%d epochs, %v, want one and %v", len(epochs), err, context.Canceled)
	}
	if epochs, err := r.Train(t.Context(), RecipeRun{Train: net.Examples{}, Test: test, Workers: 1}); err == nil || len(epochs) != 0 {
		t.Errorf("no data: %d epochs, %v", len(epochs), err)
	}
}
