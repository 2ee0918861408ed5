// Lanes measures this module: its kernels on all cases, and LeNet-5.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/simdlanes/lanes/benchmarks"
	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/benchmarks/peers/measure"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

func main() {
	log.SetFlags(0)
	run := measure.Parse("lanes")
	if kernels.Active() != kernels.AVX2 {
		log.Fatal("this is a comparison of AVX2 kernels: ", kernels.Reason())
	}
	for i, c := range cases.All(run.Workers) {
		if i%20 == 0 { // again and again: a core's clock may rise and fall
			bench(run, cases.Peak, benchmarks.NewPeakRunner(run.Workers))
		}
		if !run.Wants(c.Key()) {
			continue
		}
		bench(run, c.Key(), benchmarks.NewRunner(c, run.Workers))
		if e, ok := c.(cases.Elementwise); ok {
			copying := run
			copying.Impl = "copy"
			bench(copying, c.Key(), benchmarks.NewCopyRunner(e))
		}
	}
	if run.Wants(cases.Networks(run.Workers)...) {
		if err := networks(run); err != nil {
			log.Fatal(err)
		}
	}
}

func bench(run measure.Run, key string, r *benchmarks.Runner) {
	defer r.Close()
	run.Report(key, run.Best(r.Run))
}

// networks measures LeNet-5 and its variants on digits.
func networks(run measure.Run) error {
	digits, test, err := load()
	if err != nil {
		return err
	}
	for _, of := range []struct {
		net   cases.Net
		batch int
	}{{cases.LeNet5, 32}, {cases.LeNet5, 256}, {cases.LeNet5BatchNorm, 32}, {cases.LeNet5Dropout, 32}} {
		if run.Wants(cases.StepOf(of.net, of.batch)) {
			if err := step(run, digits, of.net, of.batch); err != nil {
				return err
			}
		}
	}
	for _, batch := range []int{1, 256} {
		if run.Wants(cases.Predict(batch)) {
			if err := predict(run, digits, batch); err != nil {
				return err
			}
		}
	}
	if run.Wants(cases.Epoch) {
		if err := epoch(run, digits); err != nil {
			return err
		}
	}
	return to99(run, digits, test)
}

// load returns MNIST's 60,000 training images and 10,000 test images, in 32 x 32
// pixels.
func load() (train, test net.Examples, err error) {
	dir, err := mnist.Download(context.Background())
	if err != nil {
		return train, test, err
	}
	trainSet, testSet, err := mnist.LoadDir(dir)
	if err != nil {
		return train, test, err
	}
	if train, err = padded(trainSet); err != nil {
		return train, test, err
	}
	test, err = padded(testSet)
	return train, test, err
}

func padded(set *mnist.Set) (net.Examples, error) {
	set, err := set.Pad(32, 32)
	if err != nil {
		return net.Examples{}, err
	}
	examples := set.Examples(mnist.Unit)
	return net.Examples{Images: examples.Floats(), Labels: examples.Labels()}, nil
}

const imageSize = 32 * 32

func step(run measure.Run, digits net.Examples, of cases.Net, batch int) error {
	network, err := benchmarks.NewNet(of)
	if err != nil {
		return err
	}
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Workers: run.Workers})
	if err != nil {
		return err
	}
	defer trainer.Close()
	next := 0
	once := func() {
		_, err = trainer.Step(digits.Images[next*imageSize:][:batch*imageSize], digits.Labels[next:][:batch])
		next = (next + batch) % (60 * batch)
	}
	run.Report(cases.StepOf(of, batch), run.Best(once), allocations(once))
	return err
}

// predict uses a predictor for batches. One image at a time is predicted by the
// network itself, on the calling goroutine.
func predict(run measure.Run, digits net.Examples, batch int) error {
	network := net.LeNet5(1)
	images := digits.Images[:batch*imageSize]
	var classes []int
	var err error
	if batch == 1 {
		once := func() { classes, err = network.Predict(classes[:0], images) }
		run.Report(cases.Predict(batch), run.Median(once), allocations(once))
		return err
	}
	predictor := network.NewPredictor(run.Workers)
	defer predictor.Close()
	once := func() { classes, err = predictor.Predict(classes[:0], images) }
	run.Report(cases.Predict(batch), run.Best(once), allocations(once))
	return err
}

// epoch trains once on all images.
func epoch(run measure.Run, digits net.Examples) error {
	trainer, err := net.NewTrainer(net.LeNet5(1), net.TrainerConfig{Workers: run.Workers})
	if err != nil {
		return err
	}
	defer trainer.Close()
	start := time.Now()
	_, err = trainer.Fit(context.Background(), digits, net.FitConfig{})
	run.Report(cases.Epoch, float64(time.Since(start).Nanoseconds()))
	return err
}

// to99 trains from every seed that is wanted to 99 % of the test images. A training
// that does not get there has no time.
func to99(run measure.Run, train, test net.Examples) error {
	recipe := benchmarks.To99()
	for seed := 1; seed <= cases.Seeds; seed++ {
		if !run.Wants(cases.To99(seed)) {
			continue
		}
		epochs, err := recipe.Train(context.Background(), benchmarks.RecipeRun{
			Train: train, Test: test, Seed: uint64(seed), Workers: run.Workers,
		})
		if err != nil {
			return err
		}
		last := epochs[len(epochs)-1]
		if last.Accuracy < recipe.Target {
			log.Printf("seed %d: %.2f %% of the test images after %d epochs", seed, 100*last.Accuracy, last.Epoch)
			continue
		}
		run.Report(cases.To99(seed), float64(last.Time.Nanoseconds()))
	}
	return nil
}

func allocations(f func()) string { return fmt.Sprintf("%v allocs/op", measure.Allocations(f)) }
