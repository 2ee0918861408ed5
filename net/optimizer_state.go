package net

import (
	"fmt"
	"slices"
)

// memory is what an updater remembers from step to step, as an OptimizerState
// holds it. Its vectors are the updater's own.
type memory struct {
	name    string // the optimiser and its constants
	clock   []*float64
	moments []moment
}

// A moment is a vector with a number for each parameter.
type moment struct {
	values   []float32
	positive bool // no number is below 0: a mean of squares, which may be +Inf
}

func (m memory) state() OptimizerState {
	s := OptimizerState{Name: m.name}
	for _, c := range m.clock {
		s.Clock = append(s.Clock, *c)
	}
	for _, v := range m.moments {
		s.Moments = append(s.Moments, slices.Clone(v.values))
	}
	return s
}

func (m memory) restore(s OptimizerState) error {
	if err := m.check(s); err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	for i, c := range m.clock {
		*c = s.Clock[i]
	}
	for i, v := range m.moments {
		copy(v.values, s.Moments[i])
	}
	return nil
}

// check returns an error unless s can be restored.
func (m memory) check(s OptimizerState) error {
	if s.Name != m.name {
		return fmt.Errorf("%w: it is that of %q", ErrState, s.Name)
	}
	if len(s.Clock) != len(m.clock) || len(s.Moments) != len(m.moments) {
		return fmt.Errorf("%w: want %d clocks and %d moments, have %d and %d",
			ErrState, len(m.clock), len(m.moments), len(s.Clock), len(s.Moments))
	}
	for i, c := range s.Clock {
		if !(c >= 0 && c <= 1) {
			return fmt.Errorf("%w: want clock %d in [0, 1], have %v", ErrState, i, c)
		}
	}
	for i, v := range m.moments {
		if err := v.check(s.Moments[i]); err != nil {
			return fmt.Errorf("moment %d: %w", i, err)
		}
	}
	return nil
}

// check returns an error unless values can replace those of m.
func (m moment) check(values []float32) error {
	if len(values) != len(m.values) {
		return fmt.Errorf("%w: want %d numbers, have %d", ErrState, len(m.values), len(values))
	}
	for i, v := range values {
		// The square of a gradient beyond 1e19 is infinite, and its parameter stays
		// finite: it does not move any more.
		if m.positive && !(v >= 0) || !m.positive && v-v != 0 {
			return fmt.Errorf("%w: number %d is %v", ErrState, i, v)
		}
	}
	return nil
}
