package net

import (
	"cmp"
	"fmt"

	"github.com/simdlanes/lanes/internal/learning"
	"github.com/simdlanes/lanes/kernels"
)

// RMSProp divides a gradient by the root of a running mean of its squares
// (Hinton, "Neural Networks for Machine Learning", 2012, lecture 6e), in the form
// of PyTorch, whose defaults a field that is 0 means:
//
//	v = Alpha*v + (1-Alpha)*g*g
//	w = w - Rate*g/(sqrt(v) + Epsilon)
//
// where g is the gradient + WeightDecay*w. With momentum
//
//	m = Momentum*m + g/(sqrt(v) + Epsilon)
//	w = w - Rate*m
type RMSProp struct {
	Rate     float64 // learning rate, at most 1e20; default 0.01
	Alpha    float64 // decay of the mean of squares, in [0, 1); default 0.99
	Epsilon  float64 // added to the root of the mean of squares, 1e-30 to 1e30; default 1e-8
	Momentum float64 // in [0, 1); default 0: none

	WeightDecay float64 // factor of the L2 penalty WeightDecay/2*w*w, at most 1e10; default 0: none
	DecayBiases bool    // do not spare biases
}

func (o RMSProp) withDefaults() RMSProp {
	o.Rate = orDefault(o.Rate, 0.01)
	o.Alpha = orDefault(o.Alpha, 0.99)
	o.Epsilon = orDefault(o.Epsilon, 1e-8)
	return o
}

func (o RMSProp) rate() float64 { return o.withDefaults().Rate }

func (o RMSProp) check() error {
	d := o.withDefaults()
	err := cmp.Or(checkShare("Alpha", d.Alpha), checkShare("Momentum", d.Momentum),
		checkEpsilon(d.Epsilon), checkDecay(d.WeightDecay), learning.CheckRate(d.Rate))
	if err != nil {
		return fmt.Errorf("RMSProp: %w", err)
	}
	return nil
}

func (o RMSProp) start(params int) updater {
	s := &rmsPropState{RMSProp: o.withDefaults(), v: make([]float32, params)}
	if o.Momentum > 0 {
		s.m = make([]float32, params)
	}
	return s
}

// rmsPropState is RMSProp at work.
type rmsPropState struct {
	RMSProp
	v, m     []float32 // means of squares, and directions; these are nil without momentum
	step     kernels.RMSPropStep
	biasStep kernels.RMSPropStep
}

func (s *rmsPropState) begin(rate, factor float64, n int) {
	s.step = kernels.RMSPropStep{
		Scale:         float32(factor / float64(n)),
		Decay:         float32(s.WeightDecay),
		Alpha:         float32(s.Alpha),
		OneMinusAlpha: float32(1 - s.Alpha),
		Epsilon:       float32(s.Epsilon),
		Momentum:      float32(s.Momentum),
		Rate:          float32(rate),
	}
	s.biasStep = s.step
	if !s.DecayBiases {
		s.biasStep.Decay = 0
	}
}

func (s *rmsPropState) end() {}

func (s *rmsPropState) update(w, g []float32, lo int, biases bool) {
	step, hi := &s.step, lo+len(w)
	if biases {
		step = &s.biasStep
	}
	if s.m == nil {
		kernels.RMSProp(w, s.v[lo:hi], g, step)
		return
	}
	kernels.RMSPropMomentum(w, s.v[lo:hi], s.m[lo:hi], g, step)
}

func (s *rmsPropState) state() OptimizerState { return s.memory().state() }

func (s *rmsPropState) restore(o OptimizerState) error { return s.memory().restore(o) }

func (s *rmsPropState) memory() memory {
	m := memory{
		name: fmt.Sprintf("RMSProp{Alpha: %v, Epsilon: %v, Momentum: %v, WeightDecay: %v, DecayBiases: %v}",
			s.Alpha, s.Epsilon, s.Momentum, s.WeightDecay, s.DecayBiases),
		moments: []moment{{values: s.v, positive: true}},
	}
	if s.m != nil {
		m.moments = append(m.moments, moment{values: s.m})
	}
	return m
}
