// Command lenet5 trains LeNet-5, or a deeper network, on handwritten digits and
// uses what it has learnt.
//
//	lenet5 train -out digits.lanes          train, and write the model to a file
//	lenet5 resume digits.lanes              go on with a training that was interrupted
//	lenet5 eval digits.lanes                test the model on digits that it has not seen
//	lenet5 predict digits.lanes photo.png   name the digit in image files
//	lenet5 inspect -out DIR digits.lanes    draw filters, activations, curves and mistakes
//
// A training writes its file again and again while it runs, each time whole, so
// that neither an interrupt nor a power cut loses more than a few seconds; and
// resumed it comes to the same weights, bit for bit, as one without a break.
//
// "lenet5 help train" and so on lists the options of a command. The exit status
// is 0 if all went well, 1 after a failure, 2 if the command line is wrong, and
// 130 if it was interrupted, a training having been saved.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// Exit statuses.
const (
	success     = 0
	failure     = 1
	wrongUsage  = 2
	interrupted = 130 // 128 and the number of SIGINT, as shells have it
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Args[1:], terminal{os.Stdin, os.Stdout, os.Stderr}))
}

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// A command is what the first argument names.
type command struct {
	name  string
	usage string // its arguments
	short string // what it does, in a line
	long  string // and in a paragraph

	// setUp defines the command's flags and returns what runs it with the
	// arguments that are no flags.
	setUp func(f *flag.FlagSet) func(ctx context.Context, args []string, t terminal) error
}

func commands() []command {
	return []command{trainCommand, resumeCommand, evalCommand, predictCommand, inspectCommand}
}

// errInterrupted ends a command that was interrupted and has lost nothing.
var errInterrupted = errors.New("interrupted")

// usageError is a mistake on the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run is main with its surroundings as arguments; it returns the exit status.
func run(ctx context.Context, args []string, t terminal) int {
	if len(args) == 0 {
		fmt.Fprint(t.err, overview())
		return wrongUsage
	}
	name, args := args[0], args[1:]
	if name == "help" || name == "-h" || name == "-help" || name == "--help" {
		return help(args, t)
	}
	i := slices.IndexFunc(commands(), func(c command) bool { return c.name == name })
	if i < 0 {
		fmt.Fprintf(t.err, "lenet5: no command %q: want train, resume, eval, predict, inspect or help\n", name)
		return wrongUsage
	}
	return commands()[i].run(ctx, args, t)
}

// run runs the command.
func (c command) run(ctx context.Context, args []string, t terminal) int {
	f := flag.NewFlagSet(c.name, flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are reported below
	do := c.setUp(f)
	positional, err := parse(f, args)
	if errors.Is(err, flag.ErrHelp) {
		c.help(t.out)
		return success
	}
	if err == nil {
		err = do(ctx, positional, t)
	} else {
		err = usageError{err}
	}
	switch {
	case err == nil:
		return success
	case errors.As(err, new(usageError)):
		fmt.Fprintf(t.err, "lenet5 %s: %v (see lenet5 help %s)\n", c.name, err, c.name)
		return wrongUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(t.err, "lenet5 %s: %v\n", c.name, errInterrupted)
		return interrupted
	case errors.Is(err, errInterrupted):
		fmt.Fprintf(t.err, "lenet5 %s: %v\n", c.name, err)
		return interrupted
	}
	fmt.Fprintf(t.err, "lenet5 %s: %v\n", c.name, err)
	return failure
}

// parse parses flags wherever they stand between the other arguments, which it
// returns. What follows "--" is no flag.
func parse(f *flag.FlagSet, args []string) (positional []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			return nil, err
		}
		rest := f.Args()
		if len(rest) == 0 {
			return positional, nil
		}
		if ended := len(args) - len(rest); ended > 0 && args[ended-1] == "--" {
			return append(positional, rest...), nil
		}
		positional, args = append(positional, rest[0]), rest[1:]
	}
}
