package net

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/simdlanes/lanes/internal/enum"
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

var monitorNames = []string{ValidationLoss: "ValidationLoss", TrainingLoss: "TrainingLoss", Accuracy: "Accuracy"}

// String returns the name of the constant.
func (m Monitor) String() string { return enum.Name("Monitor", int(m), monitorNames) }

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

// recordSize is the number of bytes of a record.
const recordSize = 1 + 8 + 1 + 8

// append appends a record of m to the state of a callback.
func (r record) append(b []byte, m Monitor) []byte {
	b = append(b, byte(m))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.best))
	if r.set {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return binary.LittleEndian.AppendUint64(b, uint64(r.waiting))
}

// parseRecord reads a record of m from the beginning of a callback's state, and
// returns what follows it. An error wraps ErrState.
func parseRecord(b []byte, m Monitor) (r record, rest []byte, err error) {
	if len(b) < recordSize {
		return r, nil, fmt.Errorf("%w: want at least %d bytes, have %d", ErrState, recordSize, len(b))
	}
	if of := Monitor(b[0]); of != m {
		return r, nil, fmt.Errorf("%w: Monitor: want %v, have %v", ErrState, m, of)
	}
	waiting := binary.LittleEndian.Uint64(b[10:])
	if b[9] > 1 || waiting > math.MaxInt32 {
		return r, nil, fmt.Errorf("%w: want 0 or 1, and a number of epochs, have %d and %d", ErrState, b[9], waiting)
	}
	r = record{best: math.Float64frombits(binary.LittleEndian.Uint64(b[1:])), set: b[9] == 1, waiting: int(waiting)}
	return r, b[recordSize:], nil
}
