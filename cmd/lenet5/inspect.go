package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"

	"github.com/simdlanes/lanes/cmd/internal/cli"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/model"
)

var inspectCommand = command{
	name:  "inspect",
	usage: "[options] model [image...]",
	short: "show what a model consists of, and what it makes of images",
	long: `Shows the layers of a model, how its training went, and which digit it sees in
each image, and how sure it is. With -out it draws pictures into a directory:

  filters-*.png       the filters of each convolution, but for those of 1 x 1
  activations-*.png   what each layer makes of an image
  saliency-*.png      on which pixels of an image the prediction hangs
  training.png, .svg  loss and accuracy in the course of the training
  confusion.png, .svg which digits are taken for which
  mistakes.png        the test digits about which the model is most sure, and wrong

The images are files as "lenet5 predict" takes them, and test digits by number.
The test digits are those of the training unless -mnist or -data says otherwise. It
goes on after an image that it cannot read, and fails in the end.`,
	setUp: func(f *flag.FlagSet) func(context.Context, []string, terminal) error {
		var i inspection
		f.StringVar(&i.out, "out", "", "`directory` for pictures, made if it is not there; pictures in it are replaced")
		f.Func("layer", "with -out: `number` of a layer whose filters and activations are drawn, counted from 0; may be\nrepeated (default: all layers)", appendWhole(&i.layers))
		f.Func("digit", "`number` of a test digit to inspect, counted from 0; may be repeated", appendWhole(&i.digits))
		f.Func("mistakes", "with -out: `number` of mistakes to draw (default 24)", cli.Whole(&i.mistakes, 1, 200))
		i.source.Flags(f)
		workersFlag(f, &i.workers)
		return func(ctx context.Context, args []string, t terminal) error {
			if len(args) == 0 {
				return usagef("want a model")
			}
			if err := i.settlePictures(); err != nil {
				return err
			}
			i.ctx, i.term, i.images = ctx, t, args[1:]
			return i.run(args[0])
		}
	},
}

// defaultMistakes is how many mistakes are drawn.
const defaultMistakes = 24

// appendWhole returns a flag's function that appends a number.
func appendWhole(list *[]int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return errors.New("want a whole number of at least 0")
		}
		*list = append(*list, n)
		return nil
	}
}

// inspection is a run of the command.
type inspection struct {
	ctx      context.Context
	term     terminal
	out      string // directory; "" for no pictures
	layers   []int  // to draw; nil for all
	digits   []int  // of the test digits
	images   []string
	mistakes int // to draw
	workers  int
	source   cli.Digits // of the test digits

	*model.Model
	tests *mnist.Examples // loaded when needed
}

// settlePictures chooses how many mistakes are drawn, and refuses to be told what to
// draw where nothing is drawn.
func (i *inspection) settlePictures() error {
	if i.out == "" && i.layers != nil {
		return usagef("-layer says what is drawn: want -out, too")
	}
	if i.out == "" && i.mistakes != 0 {
		return usagef("-mistakes says what is drawn: want -out, too")
	}
	if i.mistakes == 0 {
		i.mistakes = defaultMistakes
	}
	return nil
}

func (i *inspection) run(path string) error {
	var err error
	if i.Model, err = model.LoadFile(path); err != nil {
		return err
	}
	for _, l := range i.layers {
		if l >= i.Network.NumLayers() {
			return usagef("want -layer 0 to %d, have %d", i.Network.NumLayers()-1, l)
		}
	}
	known, err := i.settle()
	if err != nil {
		return usageError{err}
	}
	if err := i.describe(); err != nil {
		return err
	}
	if i.out != "" {
		if err := i.drawModel(known); err != nil {
			return err
		}
	}
	return i.inspectSubjects()
}

// settle chooses the test digits, and reports whether there are some that the
// model is known to be for.
func (i *inspection) settle() (known bool, err error) {
	if i.source == (cli.Digits{}) {
		r, err := readRecipe(i.Model)
		if err != nil {
			return false, i.source.Settle(false)
		}
		i.source = r.Digits
	}
	return true, i.source.Settle(false)
}

// test returns the test digits.
func (i *inspection) test() (*mnist.Examples, error) {
	if i.tests != nil {
		return i.tests, nil
	}
	var err error
	_, i.tests, err = i.source.Load(i.ctx)
	return i.tests, err
}

// evaluate predicts the test digits.
func (i *inspection) evaluate() (*mnist.Examples, *net.Evaluation, error) {
	test, err := i.test()
	if err != nil {
		return nil, nil, err
	}
	labelled, err := classes(test, i.Model)
	if err != nil {
		return nil, nil, err
	}
	p := i.Network.NewPredictor(i.workers)
	defer p.Close()
	e, err := p.EvaluateContext(i.ctx, labelled, nil)
	return test, e, err
}

// history is the course of the training, nil if the model does not have it.
func (i *inspection) history() *net.History {
	if i.Training == nil || i.Training.Fit == nil || len(i.Training.Fit.History.Losses) == 0 {
		return nil
	}
	return &i.Training.Fit.History
}

// print writes to the terminal.
func (i *inspection) print(format string, args ...any) error {
	_, err := fmt.Fprintf(i.term.out, format, args...)
	return err
}
