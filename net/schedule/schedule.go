package schedule

import (
	"fmt"
	"math"

	"github.com/simdlanes/lanes/internal/learning"
	"github.com/simdlanes/lanes/layer"
)

// Schedule is a learning rate that depends on the step. All types of this package
// are schedules, and so may be types of a user's own.
type Schedule interface {
	// Rate is the learning rate of a step, counted from 0, out of a number of
	// steps, 0 if that is not known.
	Rate(step, steps int) float64
}

// refused is a rate that every training refuses.
var refused = math.NaN()

// checkRate returns an error unless rate, the value of a schedule's field, is a
// learning rate.
func checkRate(field string, rate float64) error {
	if err := learning.CheckRate(rate); err != nil {
		return fmt.Errorf("schedule: %s: %w", field, err)
	}
	return nil
}

// checkCount returns an error unless n, the value of a schedule's field, is at
// least lowest.
func checkCount(field string, n, lowest int) error {
	if n < lowest {
		return fmt.Errorf("schedule: %s: %w: want at least %d, have %d", field, layer.ErrOption, lowest, n)
	}
	return nil
}

// between is a for a share of 1 and b for one of 0, both exactly.
func between(a, b, share float64) float64 {
	return float64(a*share) + float64(b*(1-share))
}
