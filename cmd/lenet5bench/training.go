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

// training is part 3.
func (b *bench) training(r *Report) error {
	n := net.LeNet5(b.seed)
	t, err := net.NewTrainer(n, net.TrainerConfig{Workers: b.workers})
	if err != nil {
		return err
	}
	defer t.Close()
	steps := (b.train.Len() + b.batch - 1) / b.batch * b.epochs
	step, end := b.bar.start("training", steps)
	start := time.Now()
	history, err := t.Fit(b.ctx, b.train, net.FitConfig{
		Epochs:     b.epochs,
		BatchSize:  b.batch,
		Seed:       b.seed,
		Rate:       fallingRate,
		Validation: b.test,
		Progress:   func(net.Progress) { step() },
	})
	end()
	if err != nil {
		return err
	}
	r.Training = Training{
		Data:        "test",
		TrainImages: b.train.Len(),
		TestImages:  b.test.Len(),
		Batch:       b.batch,
		Workers:     b.workers,
		Seed:        b.seed,
		Seconds:     time.Since(start).Seconds(),
		Hash:        fmt.Sprintf("%x", n.Hash()),
	}
	if b.full || b.data != "" {
		r.Training.Data = "full"
	}
	for _, e := range history.Epochs {
		r.Training.Epochs = append(r.Training.Epochs, Epoch{Loss: e.Loss, Accuracy: e.Accuracy})
	}
	return nil
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
	case b.full:
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
