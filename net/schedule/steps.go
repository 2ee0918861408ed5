package schedule

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// Steps is a rate that begins with From and is multiplied by Factor again and
// again: whenever another Every steps are done, or before each of the steps At.
// The number of steps may be unknown.
type Steps struct {
	From   float64 // rate of the first step, 0 to 1e20
	Factor float64 // above 0, at most 1; default 0.1
	Every  int     // steps with one rate; either this or At
	At     []int   // the first steps with the next rate, ascending, counted from 0
}

// Rate implements [Schedule].
func (s Steps) Rate(step, steps int) float64 {
	if s.Check() != nil {
		return refused
	}
	times := 0
	if s.Every > 0 {
		times = max(0, step) / s.Every
	}
	for times < len(s.At) && s.At[times] <= step {
		times++
	}
	return float64(s.From * power(s.factor(), times))
}

func (s Steps) factor() float64 {
	if s.Factor == 0 {
		return 0.1
	}
	return s.Factor
}

// power is x multiplied n times, by squaring.
func power(x float64, n int) float64 {
	p := 1.0
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			p *= x
		}
		x *= x
	}
	return p
}

// Check returns an error that names the first field that makes no sense.
func (s Steps) Check() error {
	if err := checkRate("Steps.From", s.From); err != nil {
		return err
	}
	if f := s.factor(); !(f > 0 && f <= 1) {
		return fmt.Errorf("schedule: Steps.Factor: %w: want above 0 and at most 1, have %v", layer.ErrOption, f)
	}
	if err := checkCount("Steps.Every", s.Every, 0); err != nil {
		return err
	}
	if (s.Every > 0) == (len(s.At) > 0) {
		return fmt.Errorf("schedule: Steps: %w: want either Every or At, have %d and %v", layer.ErrOption, s.Every, s.At)
	}
	for i, at := range s.At {
		if at < 0 || i > 0 && at <= s.At[i-1] {
			return fmt.Errorf("schedule: Steps.At: %w: want steps of at least 0, ascending, have %v", layer.ErrOption, s.At)
		}
	}
	return nil
}
