package net

import (
	"fmt"
	"math"

	"github.com/simdlanes/lanes/layer"
)

// Monitor is the number of an [EpochResult] by which callbacks tell better
// epochs from worse. The zero value is ValidationLoss.
type Monitor int

// What is monitored. The first two are the better the smaller they are.
const (
	ValidationLoss Monitor = iota // needs FitConfig.Validation
	TrainingLoss
	Accuracy // needs FitConfig.Validation
)

var monitorNames = [...]string{ValidationLoss: "ValidationLoss", TrainingLoss: "TrainingLoss", Accuracy: "Accuracy"}

// String returns the name of the constant.
func (m Monitor) String() string {
	if m < 0 || int(m) >= len(monitorNames) {
		return fmt.Sprintf("Monitor(%d)", int(m))
	}
	return monitorNames[m]
}

// check returns an error unless a training with c has the monitored number.
func (m Monitor) check(c *FitConfig) error {
	if m < 0 || int(m) >= len(monitorNames) {
		return fmt.Errorf("%w: Monitor %d, want one of %v", layer.ErrOption, int(m), monitorNames)
	}
	if m != TrainingLoss && c.Validation == nil {
		return fmt.Errorf("%w: want FitConfig.Validation to monitor %v, have nil", layer.ErrOption, m)
	}
	return nil
}

// checkMinDelta returns an error unless d is a least difference between a better
// epoch and the best before.
func checkMinDelta(d float64) error {
	if !(d >= 0 && d <= math.MaxFloat64) {
		return fmt.Errorf("%w: want MinDelta of at least 0, have %v", layer.ErrOption, d)
	}
	return nil
}

func (m Monitor) value(r EpochResult) float64 {
	switch m {
	case TrainingLoss:
		return r.Loss
	case Accuracy:
		return r.Accuracy
	}
	return r.ValidationLoss
}

// record is the best value so far of what is monitored.
type record struct {
	best    float64
	set     bool // whether there is one
	waiting int  // epochs since
}

// see takes note of an epoch and reports whether it is better than the best
// before by more than minDelta. A NaN is not.
func (r *record) see(m Monitor, minDelta float64, e EpochResult) (better bool) {
	value := m.value(e)
	switch {
	case !r.set:
		better = value == value
	case m == Accuracy:
		better = value > r.best+minDelta
	default:
		better = value < r.best-minDelta
	}
	if !better {
		r.waiting++
		return false
	}
	*r = record{best: value, set: true}
	return true
}
