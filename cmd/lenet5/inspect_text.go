package main

import (
	"fmt"
	"strings"

	"github.com/simdlanes/lanes/cmd/internal/figure"
)

// sparkWidth is the length of a curve on the terminal.
const sparkWidth = 50

// describe shows the layers and the course of the training.
func (i *inspection) describe() error {
	var b strings.Builder
	fmt.Fprintf(&b, "%v\n", i.Network)
	h := i.history()
	if h == nil {
		b.WriteString("\nThe file does not say how the model was trained.\n")
		return i.print("%s", b.String())
	}
	parts := figure.Condense(h.Losses, sparkWidth)
	fmt.Fprintf(&b, "\ntraining, %s:\n", count(len(h.Losses), "step"))
	fmt.Fprintf(&b, "  loss      %s  %.4f to %.4f, logarithmic\n", figure.Sparkline(h.Losses, sparkWidth, true), parts[0], parts[len(parts)-1])
	switch c := i.curves(h); len(c.Accuracy) {
	case 0:
	case 1:
		fmt.Fprintf(&b, "  accuracy  %.2f %% of the %s after one epoch\n", 100*c.Accuracy[0], c.Tested)
	default:
		last := len(c.Accuracy) - 1
		fmt.Fprintf(&b, "  accuracy  %s  %.2f %% to %.2f %% of the %s after each of %d epochs\n",
			figure.Sparkline(c.Accuracy, sparkWidth, false), 100*c.Accuracy[0], 100*c.Accuracy[last], c.Tested, last+1)
	}
	return i.print("%s", b.String())
}
