package net

import (
	"cmp"
	"fmt"
	"math"

	"github.com/simdlanes/lanes/internal/learning"
	"github.com/simdlanes/lanes/kernels"
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

func (a Adam) check() error { return a.checkAs("Adam") }

// checkAs checks the options of the optimiser of that name.
func (a Adam) checkAs(name string) error {
	d := a.withDefaults()
	err := cmp.Or(checkShare("Beta1", d.Beta1), checkShare("Beta2", d.Beta2), checkEpsilon(d.Epsilon), learning.CheckRate(d.Rate))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (a Adam) start(params int) updater { return newAdamState(a, params) }

func newAdamState(a Adam, params int) *adamState {
	return &adamState{Adam: a.withDefaults(), m: make([]float32, params), v: make([]float32, params), power1: 1, power2: 1}
}

// adamState is Adam or AdamW at work. Its scalars use + - * / and square roots
// of float64, explicitly rounded, so that they have the same bits everywhere.
type adamState struct {
	Adam
	decoupled      *AdamW // nil: Adam
	m, v           []float32
	power1, power2 float64          // Beta1 and Beta2 to the power of the number of completed steps
	step           kernels.AdamStep // of weights
	biasStep       kernels.AdamStep
}

func (s *adamState) begin(rate, factor float64, n int) {
	corrected, epsilon := rate, s.Epsilon
	if !s.Uncorrected {
		// The paper, end of section 2: both corrections move into the rate and
		// epsilon.
		root := math.Sqrt(1 - float64(s.power2*s.Beta2))
		corrected = float64(rate*root) / (1 - float64(s.power1*s.Beta1))
		epsilon = float64(epsilon * root)
	}
	s.step = kernels.AdamStep{
		Scale:         float32(factor / float64(n)),
		Beta1:         float32(s.Beta1),
		OneMinusBeta1: float32(1 - s.Beta1),
		Beta2:         float32(s.Beta2),
		OneMinusBeta2: float32(1 - s.Beta2),
		Rate:          float32(corrected),
		Epsilon:       float32(epsilon),
	}
	s.biasStep = s.step
	if w := s.decoupled; w != nil {
		s.step.Decay = float32(rate * w.WeightDecay)
		if w.DecayBiases {
			s.biasStep.Decay = s.step.Decay
		}
	}
}

func (s *adamState) end() {
	s.power1 *= s.Beta1
	s.power2 *= s.Beta2
}

func (s *adamState) update(w, g []float32, lo int, biases bool) {
	step, hi := &s.step, lo+len(w)
	if biases {
		step = &s.biasStep
	}
	kernels.Adam(w, s.m[lo:hi], s.v[lo:hi], g, step)
}

func (s *adamState) state() OptimizerState { return s.memory().state() }

func (s *adamState) restore(o OptimizerState) error { return s.memory().restore(o) }

func (s *adamState) memory() memory {
	m := memory{
		name:    fmt.Sprintf("Adam{Beta1: %v, Beta2: %v, Epsilon: %v, Uncorrected: %v}", s.Beta1, s.Beta2, s.Epsilon, s.Uncorrected),
		clock:   []*float64{&s.power1, &s.power2},
		moments: []moment{{values: s.m}, {values: s.v, positive: true}},
	}
	if w := s.decoupled; w != nil {
		m.name = fmt.Sprintf("AdamW{Beta1: %v, Beta2: %v, Epsilon: %v, WeightDecay: %v, DecayBiases: %v}",
			s.Beta1, s.Beta2, s.Epsilon, w.WeightDecay, w.DecayBiases)
	}
	return m
}
