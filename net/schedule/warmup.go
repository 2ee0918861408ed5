package schedule

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// WarmUp is a rate that rises in a straight line, from From to the first rate of
// another schedule, and then goes on with that (Goyal et al., "Accurate, Large
// Minibatch SGD: Training ImageNet in 1 Hour", 2017, section 2.2). Then is told
// of the steps after the warm-up alone, or of none if their number is not known,
// for which see there.
type WarmUp struct {
	Steps int      // with a rate below the first of Then; default 0, none
	From  float64  // rate of the first step, 0 to 1e20; default 0, which moves no weight
	Then  Schedule // what follows
}

// Rate implements [Schedule].
func (w WarmUp) Rate(step, steps int) float64 {
	if w.Check() != nil {
		return refused
	}
	step = max(0, step)
	if steps > 0 {
		steps = max(1, steps-w.Steps)
	}
	if step >= w.Steps {
		return w.Then.Rate(step-w.Steps, steps)
	}
	return between(w.Then.Rate(0, steps), w.From, float64(step)/float64(w.Steps))
}

// Check returns an error that names the first field that makes no sense, those
// of Then included if it has a Check.
func (w WarmUp) Check() error {
	if err := checkCount("WarmUp.Steps", w.Steps, 0); err != nil {
		return err
	}
	if err := checkRate("WarmUp.From", w.From); err != nil {
		return err
	}
	if w.Then == nil {
		return fmt.Errorf("schedule: WarmUp.Then: %w: want a schedule, have nil", layer.ErrOption)
	}
	if c, ok := w.Then.(interface{ Check() error }); ok {
		return c.Check()
	}
	return nil
}
