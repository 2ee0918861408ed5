package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"runtime"

	"github.com/simdlanes/lanes/cmd/internal/cli"
	"github.com/simdlanes/lanes/kernels"
)

// options is the command line.
type options struct {
	digits     cli.Digits
	epochs     int
	batch      int
	workers    int
	impl       kernels.Impl
	forced     bool // impl was asked for
	seed       uint64
	to99       bool
	seeds      int // of to99, from seed on
	cpuProfile string
	json       bool
	bench      bool
}

const usage = `usage: lenet5bench [options]

Trains and runs LeNet-5 on MNIST, and compares lanes with naive Go and gonum.
It takes about half a minute with assembly and twice that without.

The keys of the JSON report are documented with the type Report:

	go doc -cmd -all github.com/simdlanes/lanes/cmd/lenet5bench

lenet5bench -to99 does something else: it trains on all 60,000 digits by a
recipe made for speed, until 99 % of the 10,000 test digits are right, and says
how long that took; with -seeds 10 it does so from ten seeds.

options:
`

// maxBatch bounds a step of the naive implementation to about a second: an
// interrupt waits until a measurement, of a few steps, is done.
const maxBatch = 1024

// parseOptions reads the command line. With -help it writes the usage and
// returns flag.ErrHelp.
func parseOptions(args []string, stderr io.Writer) (options, error) {
	o := options{batch: 32, workers: runtime.GOMAXPROCS(0), impl: kernels.Active(), seed: 1, seeds: 1}
	f := flag.NewFlagSet("lenet5bench", flag.ContinueOnError)
	f.SetOutput(io.Discard) // the caller reports the error
	o.digits.Flags(f)
	f.Func("epochs", "`number` of epochs of the real training (default 5, or 1 with portable kernels)", cli.Whole(&o.epochs, 1, 1000))
	f.Func("batch", "`images` of a training step in parts 3 and 4 (default 32)", cli.Whole(&o.batch, 1, maxBatch))
	f.Func("workers", "`number` of goroutines that share the work, where it is shared (default: one for each core)", cli.Whole(&o.workers, 1, 1024))
	f.Func("kernels", "`implementation` of the kernels, avx2 or generic (default: what the CPU has)", o.setKernels)
	f.Func("seed", "`number` that initial weights and shuffling derive from (default 1)", cli.Whole(&o.seed, 0, math.MaxUint64))
	f.BoolVar(&o.to99, "to99", false, "train to 99 % of the test digits, by the recipe, and nothing else; implies -mnist full")
	f.Func("seeds", "`number` of trainings with -to99, from -seed on (default 1)", cli.Whole(&o.seeds, 1, 1000))
	f.StringVar(&o.cpuProfile, "cpuprofile", "", "write a CPU profile to `file`")
	f.BoolVar(&o.json, "json", false, "write the report as one JSON object")
	f.BoolVar(&o.bench, "bench", false, "write the report in the format of Go benchmarks")
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stderr, usage)
		f.SetOutput(stderr)
		f.PrintDefaults()
		return o, err
	case err != nil:
		return o, err
	case f.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case o.json && o.bench:
		return o, errors.New("want -json or -bench, not both")
	case o.to99 && o.digits.Set == cli.TestDigits:
		return o, errors.New("want -to99 or -mnist test, not both: the test digits are for testing")
	}
	if err := checkRecipe(f, o.to99); err != nil {
		return o, err
	}
	if err := o.digits.Settle(o.to99); err != nil {
		return o, err
	}
	if o.epochs == 0 {
		o.epochs = 5
		if o.impl == kernels.Generic {
			o.epochs = 1
		}
	}
	return o, nil
}

// checkRecipe returns an error if there is a flag that the recipe of -to99 makes
// meaningless, or one that means something to it alone.
func checkRecipe(f *flag.FlagSet, to99 bool) (err error) {
	f.Visit(func(f *flag.Flag) {
		switch {
		case to99 && (f.Name == "epochs" || f.Name == "batch"):
			err = fmt.Errorf("want -to99 or -%s, not both: the recipe has its own", f.Name)
		case !to99 && f.Name == "seeds":
			err = errors.New("want -to99 with -seeds")
		}
	})
	return err
}

func (o *options) setKernels(name string) error {
	for _, i := range kernels.Impls() {
		if i.String() == name {
			o.impl, o.forced = i, true
			return nil
		}
	}
	return fmt.Errorf("want one of %v, those that this machine can run", kernels.Impls())
}
