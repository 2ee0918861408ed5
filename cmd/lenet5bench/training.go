package main

import (
	"fmt"
	"time"

	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

const trainOfTest = 8000 // of the embedded digits; the other 2,000 test

// training is part 3.
func (b *bench) training(r *Report) error {
	train, test, err := b.digits()
	if err != nil {
		return err
	}
	n := net.LeNet5(b.seed)
	t, err := net.NewTrainer(n, net.TrainerConfig{Workers: b.workers})
	if err != nil {
		return err
	}
	defer t.Close()
	steps := (train.Len() + b.batch - 1) / b.batch * b.epochs
	step, end := b.bar.start("training", steps)
	start := time.Now()
	history, err := t.Fit(b.ctx, train, net.FitConfig{
		Epochs:     b.epochs,
		BatchSize:  b.batch,
		Seed:       b.seed,
		Validation: test,
		Progress:   func(net.Progress) { step() },
	})
	end()
	if err != nil {
		return err
	}
	r.Training = Training{
		Data:        "test",
		TrainImages: train.Len(),
		TestImages:  test.Len(),
		Batch:       b.batch,
		Workers:     b.workers,
		Seed:        b.seed,
		Seconds:     time.Since(start).Seconds(),
		Hash:        fmt.Sprintf("%x", n.Hash()),
	}
	if b.full {
		r.Training.Data = "full"
	}
	for _, e := range history.Epochs {
		r.Training.Epochs = append(r.Training.Epochs, Epoch(e))
	}
	return nil
}

// digits returns what to train and to test on: 28 x 28 pixels, zero-padded to
// 32 x 32, from 0 to 1.
func (b *bench) digits() (train, test *mnist.Examples, err error) {
	trainSet, testSet, err := b.sets()
	if err != nil {
		return nil, nil, err
	}
	if trainSet, err = trainSet.Pad(32, 32); err != nil {
		return nil, nil, err
	}
	if testSet, err = testSet.Pad(32, 32); err != nil {
		return nil, nil, err
	}
	return trainSet.Examples(mnist.Unit), testSet.Examples(mnist.Unit), nil
}

func (b *bench) sets() (train, test *mnist.Set, err error) {
	if b.full {
		dir := b.data
		if dir == "" {
			if dir, err = mnist.Download(b.ctx); err != nil {
				return nil, nil, err
			}
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
