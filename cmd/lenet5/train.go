package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/simdlanes/lanes/cmd/internal/cli"
	"github.com/simdlanes/lanes/net/model"
)

var trainCommand = command{
	name:  "train",
	usage: "[options]",
	short: "train a network and write it to a file",
	long: `Trains LeNet-5, or another -network, on handwritten digits and writes the model
to the file that -out names. After every epoch it tells how well it does on the
test digits, or on those held out.

The file is written at the beginning, every few seconds and at the end. If the training is
interrupted, "lenet5 resume" goes on with it, to the same weights, bit for bit.`,
	setUp: func(f *flag.FlagSet) func(context.Context, []string, terminal) error {
		var r recipe
		preset := presetFlag(f)
		r.flags(f)
		out := f.String("out", "digits.lanes", "`file` to write the model to")
		replace := f.Bool("replace", false, "replace the file if there is one")
		var how running
		how.flags(f)
		return func(ctx context.Context, args []string, t terminal) error {
			if len(args) > 0 {
				return usagef("unexpected argument %q", args[0])
			}
			if err := presets[*preset].apply(f); err != nil {
				return usageError{err}
			}
			if err := r.settle(); err != nil {
				return usageError{err}
			}
			if !*replace {
				if err := absent(*out); err != nil {
					return err
				}
			}
			n := &training{recipe: r, path: *out, running: how}
			var err error
			if n.network, err = r.newNetwork(); err != nil {
				return err
			}
			return n.run(ctx, t)
		}
	},
}

var resumeCommand = command{
	name:  "resume",
	usage: "[options] model",
	short: "go on with a training that was interrupted",
	long: `Goes on with the training that wrote the model's file, where the file was written
last, and writes to the same file. The weights in the end are those of a training
without a break, bit for bit.

With more -epochs than the training had, it is extended: a learning rate that
falls then falls more slowly from here on.`,
	setUp: func(f *flag.FlagSet) func(context.Context, []string, terminal) error {
		var epochs int
		var moved cli.Digits
		f.Func("epochs", "`number` of epochs in all (default: as many as the training was to have)", cli.Whole(&epochs, 1, maxEpochs))
		moved.DataFlag(f)
		var how running
		how.flags(f)
		return func(ctx context.Context, args []string, t terminal) error {
			if len(args) != 1 {
				return usagef("want one model, have %d", len(args))
			}
			r, err := interruptedTraining(args[0])
			if err != nil {
				return err
			}
			r.running = how
			if epochs > 0 {
				r.recipe.Epochs = epochs
			}
			if moved.Data != "" && r.recipe.Digits.Set == cli.TestDigits {
				return usagef("-data is for trainings on MNIST's files; %s was trained on the embedded digits", args[0])
			}
			if moved.Data != "" {
				r.recipe.Digits.Data = moved.Data
			}
			if done := r.epochs(); done >= r.recipe.Epochs {
				_, err := fmt.Fprintf(t.out, "%s: the training is complete, with %d epochs; more -epochs would extend it\n", args[0], done)
				return err
			}
			return r.run(ctx, t)
		}
	},
}

func workersFlag(f *flag.FlagSet, workers *int) {
	*workers = runtime.GOMAXPROCS(0)
	f.Func("workers", "`number` of goroutines that share the work (default: one for each core)", cli.Whole(workers, 1, 1024))
}

// absent returns an error if there is such a file.
func absent(path string) error {
	_, err := os.Stat(path)
	if err == nil {
		return fmt.Errorf("%s is there already: go on with \"lenet5 resume %s\", or replace it with -replace", path, path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// interruptedTraining reads a training from the file that it has written.
func interruptedTraining(path string) (*training, error) {
	m, err := model.LoadFile(path)
	if err != nil {
		return nil, err
	}
	r, err := readRecipe(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t := &training{recipe: r, path: path, network: m.Network, state: m.Training}
	switch {
	case m.Training == nil:
		return nil, fmt.Errorf("%s: the model has no training to go on with", path)
	case m.Training.Fit == nil: // of the beginning
		t.state = nil
	}
	return t, nil
}

// epochs is the number of completed epochs of the training that is resumed.
func (t *training) epochs() int {
	if t.state == nil {
		return 0
	}
	return t.state.Fit.Epoch
}
