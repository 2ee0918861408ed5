package main

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"github.com/simdlanes/lanes/cmd/internal/cli"
	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/metrics"
	"github.com/simdlanes/lanes/net/model"
)

var evalCommand = command{
	name:  "eval",
	usage: "[options] model",
	short: "test a model on digits that it has not seen",
	long: `Tests a model on the test digits, and shows for each digit how often it is right,
and what it takes for what. Without -mnist or -data the digits are those that the
training was tested on.`,
	setUp: func(f *flag.FlagSet) func(context.Context, []string, terminal) error {
		var digits cli.Digits
		digits.Flags(f)
		var workers int
		workersFlag(f, &workers)
		return func(ctx context.Context, args []string, t terminal) error {
			if len(args) != 1 {
				return usagef("want one model, have %d", len(args))
			}
			m, err := model.LoadFile(args[0])
			if err != nil {
				return err
			}
			if digits == (cli.Digits{}) {
				if r, err := readRecipe(m); err == nil {
					digits = r.Digits
				}
			}
			if err := digits.Settle(false); err != nil {
				return usageError{err}
			}
			return eval(ctx, m, digits, workers, t)
		}
	},
}

// eval evaluates a model on test digits and reports it.
func eval(ctx context.Context, m *model.Model, digits cli.Digits, workers int, t terminal) error {
	_, test, err := digits.Load(ctx)
	if err != nil {
		return err
	}
	p := m.Network.NewPredictor(workers)
	defer p.Close()
	labelled, err := classes(test, m)
	if err != nil {
		return err
	}
	e, err := p.EvaluateContext(ctx, labelled, lossOf(m.Network))
	if err != nil {
		return err
	}
	c, err := metrics.NewConfusion(e.Labels, e.Classes, m.Network.Classes())
	if err != nil {
		return err
	}
	top2, err := metrics.TopK(e.Labels, e.Proba, 2)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d test digits: %.2f %% right, %.2f %% among the two most probable, loss %.4f\n\n", test.Len(), 100*e.Accuracy, 100*top2, e.Loss)
	for class := range c.Classes() {
		c.Names = append(c.Names, m.Name(class))
	}
	fmt.Fprintf(&b, "%s\n%s", c.Report(), c)
	_, err = fmt.Fprint(t.out, b.String())
	return err
}

// classes are the digits with the model's classes as labels.
func classes(digits net.Dataset, m *model.Model) (net.Dataset, error) {
	if m.Labels == nil {
		return digits, nil
	}
	return data.ApplyClasses(digits, m.Labels)
}

// lossOf is a loss for what the network's outputs mean.
func lossOf(n *net.Network) net.Loss {
	switch n.Meaning() {
	case net.Odds:
		return net.BinaryCrossEntropy{}
	case net.Scores:
		return net.SquaredError{}
	}
	return net.CrossEntropy{}
}
