package main

import (
	"fmt"
	"time"

	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

const (
	trainOfTest = 8000 // of the embedded digits; the other 2,000 test
	initialRate = 0.002
)

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
		Data:        b.digits,
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
		step, end = b.bar.start(title, (b.train.Len()+b.batch-1)/b.batch)
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

// load gets the digits to train and to test on: 28 x 28 pixels from 0 to 1,
// zero-padded to 32 x 32. It comes first, so that missing files are told at
// once.
func (b *bench) load() error {
	train, test, err := b.sets()
	if err != nil {
		return err
	}
	if train, err = train.Pad(32, 32); err != nil {
		return err
	}
	if test, err = test.Pad(32, 32); err != nil {
		return err
	}
	b.train, b.test = train.Examples(mnist.Unit), test.Examples(mnist.Unit)
	return nil
}

func (b *bench) sets() (train, test *mnist.Set, err error) {
	switch {
	case b.data != "":
		return mnist.LoadDir(b.data)
	case b.digits == "full":
		dir, err := mnist.Download(b.ctx)
		if err != nil {
			return nil, nil, err
		}
		return mnist.LoadDir(dir)
	}
	all, err := mnist.Test10k()
	if err != nil {
		return nil, nil, err
	}
	if train, err = all.Slice(0, trainOfTest); err != nil {
		return nil, nil, err
	}
	test, err = all.Slice(trainOfTest, all.Len())
	return train, test, err
}
