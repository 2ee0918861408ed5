// Command lenet5bench shows how fast LeNet-5 trains and predicts on this
// machine with lanes, and how much faster that is than an honest naive
// implementation and than gonum.
//
//	go run github.com/simdlanes/lanes/cmd/lenet5bench@latest
//
// It runs five parts, about half a minute on two cores: the machine; the
// experiment of the teaching notebook from which lanes began, by all three
// implementations from the same weights; a real training on 8,000 embedded
// MNIST digits (or, with -mnist full, on all 60,000); every layer and pass by
// itself; and inference. Run it with -help for its options.
//
// With -to99 it does something else: it trains LeNet-5 on all 60,000 digits by a
// recipe made for speed (benchmarks.To99), until 99 % of the 10,000 test digits are
// right, and says how long that took, from one seed or from several.
//
// With -json the report is one JSON object; the fields of [Report] and of the
// types in it document its keys (go doc -cmd -all shows them). With -bench it is
// in the format of Go benchmarks, for benchstat.
//
// The exit status is 0 if all went well, 1 after a failure and 2 if the command
// line is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/simdlanes/lanes/benchmarks"
	"github.com/simdlanes/lanes/cmd/internal/cli"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/mnist"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "lenet5bench: %v (see -help)\n", err)
		return 2
	}
	err = profiled(o.cpuProfile, func() error {
		err := report(ctx, o, stdout, stderr)
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		return err
	})
	if err != nil {
		fmt.Fprintln(stderr, "lenet5bench:", err)
		return 1
	}
	return 0
}

// report makes all measurements and writes them in the format asked for.
func report(ctx context.Context, o options, stdout, stderr io.Writer) error {
	defer kernels.Use(o.impl)()
	var w writer = newTextWriter(stdout)
	switch {
	case o.to99 && !o.json && !o.bench:
		w = newTo99Writer(stdout)
	case o.json:
		w = jsonWriter{stdout}
	case o.bench:
		w = benchWriter{stdout}
	}
	b := &bench{options: o, ctx: ctx, out: w, bar: cli.NewBar(stderr), recipe: benchmarks.To99()}
	if err := b.load(); err != nil {
		return err
	}
	parts := []func(*Report) error{b.machine, b.notebook, b.training, b.passes, b.inference}
	if o.to99 {
		parts = []func(*Report) error{b.machine, b.to99Runs}
	}
	for _, part := range parts {
		if err := part(&b.result); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.part(&b.result); err != nil {
			return err
		}
	}
	return w.end(&b.result)
}

// bench is a run of the command.
type bench struct {
	options
	ctx         context.Context
	out         writer
	bar         cli.Bar
	recipe      benchmarks.Recipe // of -to99
	train, test *mnist.Examples   // what part 3 and -to99 train and test on
	result      Report
}
