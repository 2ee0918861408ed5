package schedule

import "math"

// Cosine is a rate that falls from From to To along half a period of a cosine,
// once or, with warm restarts, again and again (Loshchilov and Hutter, "SGDR:
// Stochastic Gradient Descent with Warm Restarts", 2017, equation 5). The last
// step before a restart, or the end, is one short of To.
//
// Where the number of steps is not known, Period has to be given.
type Cosine struct {
	From   float64 // rate of the first step, 0 to 1e20
	To     float64 // rate at the end, 0 to 1e20; default 0
	Period int     // steps until the first restart; default all, and no restart
	Growth int     // each period is as many times as long as the one before; default 1
}

// Rate implements [Schedule].
func (c Cosine) Rate(step, steps int) float64 {
	if c.Check() != nil {
		return refused
	}
	done, period := max(0, step), c.Period
	if period > 0 {
		done, period = c.restart(done)
	} else {
		done, period = min(done, steps), steps
	}
	if period < 1 {
		return refused
	}
	return between(c.From, c.To, fall(float64(done)/float64(period)))
}

// restart returns the steps since the last restart, and the period that then
// began.
func (c Cosine) restart(step int) (done, period int) {
	period = c.Period
	if c.Growth <= 1 {
		return step % period, period
	}
	for step >= period {
		step -= period
		if period > math.MaxInt/c.Growth {
			return step, math.MaxInt
		}
		period *= c.Growth
	}
	return step, period
}

// Check returns an error that names the first field that makes no sense. That
// Period is missing where the number of steps is not known is not its to see.
func (c Cosine) Check() error {
	if err := checkRate("Cosine.From", c.From); err != nil {
		return err
	}
	if err := checkRate("Cosine.To", c.To); err != nil {
		return err
	}
	if err := checkCount("Cosine.Period", c.Period, 0); err != nil {
		return err
	}
	return checkCount("Cosine.Growth", c.Growth, 0)
}
