package schedule

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// OneCycle is a rate that rises along half a period of a cosine and falls along
// another, to almost nothing (Smith and Topin, "Super-Convergence: Very Fast
// Training of Neural Networks Using Large Learning Rates", 2018, in the form of
// PyTorch, whose defaults these are). The momentum stays what it is. After the
// cycle the rate is To.
//
// Where the number of steps is not known, Steps has to be given.
type OneCycle struct {
	Max   float64 // the largest rate, 0 to 1e20
	From  float64 // rate of the first step, 0 to 1e20; default Max/25
	To    float64 // rate of the last step, 0 to 1e20; default From/10000
	Rise  float64 // share of the cycle in which the rate rises, above 0, below 1; default 0.3
	Steps int     // of the cycle; default all
}

// Rate implements [Schedule].
func (c OneCycle) Rate(step, steps int) float64 {
	if c.Steps == 0 {
		c.Steps = steps
	}
	c = c.withDefaults()
	if c.Check() != nil || c.Steps < 1 {
		return refused
	}
	// As in PyTorch the largest rate is that of step Rise*Steps - 1, which need
	// not be whole, nor positive if there are few steps.
	top, last, at := float64(c.Rise*float64(c.Steps))-1, float64(c.Steps-1), float64(max(0, step))
	switch {
	case at <= top && top > 0:
		return between(c.From, c.Max, fall(at/top))
	case at < last:
		return between(c.Max, c.To, fall((at-top)/(last-top)))
	}
	return c.To
}

func (c OneCycle) withDefaults() OneCycle {
	if c.From == 0 {
		c.From = c.Max / 25
	}
	if c.To == 0 {
		c.To = c.From / 1e4
	}
	if c.Rise == 0 {
		c.Rise = 0.3
	}
	return c
}

// Check returns an error that names the first field that makes no sense. That
// Steps is missing where the number of steps is not known is not its to see.
func (c OneCycle) Check() error {
	c = c.withDefaults()
	if err := checkRate("OneCycle.Max", c.Max); err != nil {
		return err
	}
	if err := checkRate("OneCycle.From", c.From); err != nil {
		return err
	}
	if err := checkRate("OneCycle.To", c.To); err != nil {
		return err
	}
	if !(c.Rise > 0 && c.Rise < 1) {
		return fmt.Errorf("schedule: OneCycle.Rise: %w: want above 0 and below 1, have %v", layer.ErrOption, c.Rise)
	}
	return checkCount("OneCycle.Steps", c.Steps, 0)
}
