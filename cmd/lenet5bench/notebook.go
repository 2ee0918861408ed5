package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/simdlanes/lanes/benchmarks"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

const (
	notebookImages = 2000
	notebookBatch  = 32
	notebookSteps  = notebookImages / notebookBatch // the last, partial batch is left out
	compareSteps   = 16                             // afterwards float32 rounding has grown into different weights
	notebookRounds = 3
)

// stepFLOPs is the useful arithmetic of a training step of LeNet-5 for one
// image, as [net.Summary] counts it.
func stepFLOPs() int { return int(net.LeNet5(1).Summary().StepFLOPs) }

// A contestant is one implementation in the notebook's experiment.
type contestant struct {
	name    string
	workers int
	make    func() (benchmarks.Trainer, func(), error)

	best     time.Duration
	losses   []float64
	accuracy float64
}

// notebook is part 2: all implementations on one core, in turn, several rounds.
func (b *bench) notebook(r *Report) error {
	x, labels, err := notebookDigits()
	if err != nil {
		return err
	}
	contestants := b.contestants()
	rounds := notebookRounds
	if b.impl == kernels.Generic {
		rounds = 1
	}
	step, end := b.bar.Start("notebook's experiment", rounds*len(contestants))
	defer end()
	for range rounds {
		for _, c := range contestants {
			if err := c.run(b.ctx, x, labels); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			step()
		}
		b.raisePeak()
	}
	r.Notebook = Notebook{Images: notebookImages, Batch: notebookBatch, Steps: notebookSteps}
	for _, c := range contestants {
		r.Notebook.Entries = append(r.Notebook.Entries, c.result(contestants[0], r.Machine.PeakGFLOPS))
	}
	return nil
}

// notebookDigits returns the notebook's input: raw pixels, resized.
func notebookDigits() (x []float32, labels []int, err error) {
	digits, err := mnist.Test10k()
	if err != nil {
		return nil, nil, err
	}
	if digits, err = digits.Slice(0, notebookImages); err != nil {
		return nil, nil, err
	}
	if digits, err = digits.Resize(32, 32); err != nil {
		return nil, nil, err
	}
	e := digits.Examples(mnist.Raw)
	return e.Floats(), e.Labels(), nil
}

func (b *bench) contestants() []*contestant {
	baseline := func(f func(benchmarks.Weights, benchmarks.Adam, int) *benchmarks.Network) func() (benchmarks.Trainer, func(), error) {
		return func() (benchmarks.Trainer, func(), error) {
			return f(benchmarks.NotebookWeights(), benchmarks.NotebookAdam, notebookBatch), func() {}, nil
		}
	}
	all := []*contestant{
		{name: "naive", workers: 1, make: baseline(benchmarks.NewNaive)},
		{name: "gonum", workers: 1, make: baseline(benchmarks.NewGonum)},
		{name: "lanes", workers: 1, make: func() (benchmarks.Trainer, func(), error) { return newLanesTrainer(1) }},
	}
	if b.workers > 1 {
		all = append(all, &contestant{name: "lanes", workers: b.workers, make: func() (benchmarks.Trainer, func(), error) {
			return newLanesTrainer(b.workers)
		}})
	}
	return all
}

// lanesTrainer makes a net.Trainer a benchmarks.Trainer.
type lanesTrainer struct {
	*net.Trainer
	network *net.Network
}

func (t lanesTrainer) Predict(dst []int, x []float32) error {
	_, err := t.network.Predict(dst[:0], x)
	return err
}

func newLanesTrainer(workers int) (benchmarks.Trainer, func(), error) {
	n := net.LeNet5(0)
	if err := benchmarks.NotebookWeights().CopyTo(n); err != nil {
		return nil, nil, err
	}
	t, err := net.NewTrainer(n, net.TrainerConfig{
		Optimizer: net.NotebookAdam(benchmarks.NotebookAdam.Rate),
		Loss:      net.CrossEntropy{Epsilon: 1e-7},
		Workers:   workers,
	})
	if err != nil {
		return nil, nil, err
	}
	return lanesTrainer{t, n}, t.Close, nil
}

// run trains for one epoch on the contestant's number of workers, and keeps the
// time if it is the best.
func (c *contestant) run(ctx context.Context, x []float32, labels []int) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(c.workers))
	t, closeTrainer, err := c.make()
	if err != nil {
		return err
	}
	defer closeTrainer()
	size := len(x) / len(labels)
	c.losses = c.losses[:0]
	runtime.GC() // the last contestant's garbage is not this one's
	start := time.Now()
	for s := range notebookSteps {
		if err := ctx.Err(); err != nil {
			return err
		}
		lo, hi := s*notebookBatch, (s+1)*notebookBatch
		loss, err := t.Step(x[lo*size:hi*size], labels[lo:hi])
		if err != nil {
			return err
		}
		c.losses = append(c.losses, loss)
	}
	if d := time.Since(start); c.best == 0 || d < c.best {
		c.best = d
	}
	c.accuracy, err = accuracy(t, x, labels)
	return err
}

func accuracy(t benchmarks.Trainer, x []float32, labels []int) (float64, error) {
	size, correct := len(x)/len(labels), 0
	var classes [notebookBatch]int
	for lo := 0; lo < len(labels); lo += notebookBatch {
		n := min(notebookBatch, len(labels)-lo)
		if err := t.Predict(classes[:n], x[lo*size:(lo+n)*size]); err != nil {
			return 0, err
		}
		for i, class := range classes[:n] {
			if class == labels[lo+i] {
				correct++
			}
		}
	}
	return float64(correct) / float64(len(labels)), nil
}

func (c *contestant) result(naive *contestant, peak float64) Implementation {
	const images = notebookSteps * notebookBatch
	rate := gflops(float64(images*stepFLOPs()), c.best)
	return Implementation{
		Name:            c.name,
		Workers:         c.workers,
		Seconds:         c.best.Seconds(),
		MicrosPerImage:  micros(c.best) / images,
		GFLOPS:          rate,
		PeakShare:       share(rate, peak*float64(min(c.workers, runtime.NumCPU()))),
		Speedup:         naive.best.Seconds() / c.best.Seconds(),
		Accuracy:        c.accuracy,
		FirstLoss:       c.losses[0],
		LastLoss:        c.losses[len(c.losses)-1],
		MaxLossDiff16:   maxDiff(c.losses[:compareSteps], naive.losses),
		MaxLossDiffFull: maxDiff(c.losses, naive.losses),
	}
}

func maxDiff(a, b []float64) float64 {
	worst := 0.0
	for i := range a {
		worst = math.Max(worst, math.Abs(a[i]-b[i]))
	}
	return worst
}
