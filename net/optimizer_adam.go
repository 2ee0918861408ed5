package net

import (
	"fmt"
	"math"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Adam is the optimiser of Kingma and Ba, "Adam: A Method for Stochastic
// Optimization", 2015, algorithm 1. A field that is 0 means the default, which
// the paper recommends: there is no Adam with a decay or an Epsilon of 0, and a
// rate of 0 is set by [Trainer.SetRate] or FitConfig.Rate.
type Adam struct {
	Rate    float64 // learning rate, at most 1e20; default 0.001
	Beta1   float64 // decay of the first moment, in [0, 1); default 0.9
	Beta2   float64 // decay of the second moment, in [0, 1); default 0.999
	Epsilon float64 // added to the root of the second moment, 1e-30 to 1e30; default 1e-8

	// Uncorrected leaves out the correction of the moments' bias towards 0 in
	// the first steps.
	Uncorrected bool
}

// NotebookAdam is the variant that the teaching notebook from which this module
// began trains with: decays 0.95 and 0.99, epsilon 1e-7, no bias correction.
func NotebookAdam(rate float64) Adam {
	return Adam{Rate: rate, Beta1: 0.95, Beta2: 0.99, Epsilon: 1e-7, Uncorrected: true}
}

func (a Adam) withDefaults() Adam {
	a.Rate = orDefault(a.Rate, 0.001)
	a.Beta1 = orDefault(a.Beta1, 0.9)
	a.Beta2 = orDefault(a.Beta2, 0.999)
	a.Epsilon = orDefault(a.Epsilon, 1e-8)
	return a
}

func (a Adam) rate() float64 { return a.withDefaults().Rate }

func (a Adam) check() error {
	d := a.withDefaults()
	if !(d.Beta1 >= 0 && d.Beta1 < 1) || !(d.Beta2 >= 0 && d.Beta2 < 1) {
		return fmt.Errorf("Adam: %w: want decays in [0, 1), have Beta1 %v and Beta2 %v", layer.ErrOption, d.Beta1, d.Beta2)
	}
	if !(d.Epsilon >= minEpsilon && d.Epsilon <= maxEpsilon) {
		return fmt.Errorf("Adam: %w: want Epsilon from %v to %v, have %v", layer.ErrOption, minEpsilon, maxEpsilon, d.Epsilon)
	}
	if err := checkRate(d.Rate); err != nil {
		return fmt.Errorf("Adam: %w", err)
	}
	return nil
}

func (a Adam) start(params int) updater {
	return &adamState{Adam: a.withDefaults(), m: make([]float32, params), v: make([]float32, params), power1: 1, power2: 1}
}

// adamState is Adam at work. Its scalars use + - * / and square roots of
// float64, explicitly rounded, so that they have the same bits everywhere.
type adamState struct {
	Adam
	m, v           []float32
	power1, power2 float64 // Beta1 and Beta2 to the power of the number of completed steps
	step           kernels.AdamStep
}

func (s *adamState) begin(rate float64, n int) {
	epsilon := s.Epsilon
	if !s.Uncorrected {
		// The paper, end of section 2: both corrections move into the rate and
		// epsilon.
		root := math.Sqrt(1 - float64(s.power2*s.Beta2))
		rate = float64(rate*root) / (1 - float64(s.power1*s.Beta1))
		epsilon = float64(epsilon * root)
	}
	s.step = kernels.AdamStep{
		Scale:         1 / float32(n),
		Beta1:         float32(s.Beta1),
		OneMinusBeta1: float32(1 - s.Beta1),
		Beta2:         float32(s.Beta2),
		OneMinusBeta2: float32(1 - s.Beta2),
		Rate:          float32(rate),
		Epsilon:       float32(epsilon),
	}
}

func (s *adamState) end() {
	s.power1 *= s.Beta1
	s.power2 *= s.Beta2
}

func (s *adamState) update(w, g []float32, lo int) {
	hi := lo + len(w)
	kernels.Adam(w, s.m[lo:hi], s.v[lo:hi], g, &s.step)
}

func (s *adamState) state() OptimizerState { return s.memory().state() }

func (s *adamState) restore(o OptimizerState) error { return s.memory().restore(o) }

func (s *adamState) memory() memory {
	return memory{
		name:    fmt.Sprintf("Adam{Beta1: %v, Beta2: %v, Epsilon: %v, Uncorrected: %v}", s.Beta1, s.Beta2, s.Epsilon, s.Uncorrected),
		clock:   []*float64{&s.power1, &s.power2},
		moments: []moment{{values: s.m}, {values: s.v, positive: true}},
	}
}
