package schedule

// Constant is a rate that stays the same. The number of steps may be unknown.
type Constant float64

// Rate implements [Schedule].
func (c Constant) Rate(step, steps int) float64 {
	if c.Check() != nil {
		return refused
	}
	return float64(c)
}

// Check returns an error unless the rate is from 0 to 1e20.
func (c Constant) Check() error { return checkRate("Constant", float64(c)) }
