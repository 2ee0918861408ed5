package main

import (
	"fmt"
	"time"

	"github.com/simdlanes/lanes/net"
)

const initialRate = 0.002

// training is part 3. It tells of every epoch as it ends, so that an interrupt
// loses only the last.
func (b *bench) training(r *Report) error {
	n := net.LeNet5(b.seed)
	t, err := net.NewTrainer(n, net.TrainerConfig{Workers: b.workers})
	if err != nil {
		return err
	}
	defer t.Close()
	r.Training = Training{
		Data:        b.digits.Set,
		TrainImages: b.train.Len(),
		TestImages:  b.test.Len(),
		Batch:       b.batch,
		Workers:     b.workers,
		Seed:        b.seed,
	}
	start := time.Now()
	if err := b.fit(t, &r.Training); err != nil {
		return err
	}
	r.Training.Seconds = time.Since(start).Seconds()
	r.Training.Hash = fmt.Sprintf("%x", n.Hash())
	return nil
}

// fit trains, with a progress bar for each epoch.
func (b *bench) fit(t *net.Trainer, result *Training) error {
	var step, end func()
	begin := func() {
		title := fmt.Sprintf("training, epoch %d of %d", len(result.Epochs)+1, b.epochs)
		step, end = b.bar.Start(title, (b.train.Len()+b.batch-1)/b.batch)
	}
	begin()
	_, err := t.Fit(b.ctx, b.train, net.FitConfig{
		Epochs:     b.epochs,
		BatchSize:  b.batch,
		Seed:       b.seed,
		Rate:       fallingRate,
		Validation: b.test,
		Callbacks: []net.Callback{
			net.OnStep(func(net.Progress) error { step(); return nil }),
			net.OnEpoch(func(e net.EpochResult) error {
				end()
				result.Epochs = append(result.Epochs, Epoch{Loss: e.Loss, Accuracy: e.Accuracy})
				if err := b.out.epoch(result); err != nil {
					return err
				}
				if e.Epoch < b.epochs {
					begin()
				}
				return nil
			}),
		},
	})
	end()
	return err
}

// fallingRate is the learning rate of the real training: it falls in a straight
// line, so that the last steps average out what a constant rate would leave
// noisy.
func fallingRate(step, steps int) float64 {
	return initialRate * (1 - float64(step)/float64(steps))
}

// load gets the digits to train and to test on. It comes first, so that missing
// files are told at once.
func (b *bench) load() (err error) {
	b.train, b.test, err = b.digits.Load(b.ctx)
	return err
}
