package net

import (
	"cmp"
	"fmt"

	"github.com/simdlanes/lanes/internal/learning"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// SGD is gradient descent: w = w - Rate*g, where g is the gradient. With weight
// decay g is the gradient + WeightDecay*w, that of an L2 penalty
// WeightDecay/2*w*w. With momentum a step goes in a direction with memory,
// as in PyTorch:
//
//	m = Momentum*m + g
//	w = w - Rate*m                 // Polyak, 1964
//	w = w - Rate*(g + Momentum*m)  // or Nesterov's, in the form of Sutskever et al., 2013
type SGD struct {
	Rate     float64 // learning rate, at most 1e20; 0 means the default, 0.01
	Momentum float64 // in [0, 1); default 0: none
	Nesterov bool    // look a step ahead; needs Momentum

	WeightDecay float64 // factor of the L2 penalty, at most 1e10; default 0: none
	DecayBiases bool    // do not spare biases
}

func (o SGD) rate() float64 { return orDefault(o.Rate, 0.01) }

func (o SGD) check() error {
	err := cmp.Or(checkShare("Momentum", o.Momentum), checkDecay(o.WeightDecay), learning.CheckRate(o.rate()))
	if err == nil && o.Nesterov && o.Momentum == 0 {
		err = fmt.Errorf("%w: want Momentum above 0 for Nesterov, have 0", layer.ErrOption)
	}
	if err != nil {
		return fmt.Errorf("SGD: %w", err)
	}
	return nil
}

func (o SGD) start(params int) updater {
	s := &sgdState{SGD: o}
	if o.Momentum > 0 {
		s.m = make([]float32, params)
	}
	return s
}

// sgdState is SGD at work.
type sgdState struct {
	SGD
	m        []float32 // directions; nil without momentum
	plain    float32   // the rate of summed gradients, for neither momentum nor decay
	step     kernels.SGDStep
	biasStep kernels.SGDStep
}

func (s *sgdState) begin(rate, factor float64, n int) {
	s.plain = float32(float64(rate*factor) / float64(n))
	s.step = kernels.SGDStep{
		Scale:    float32(factor / float64(n)),
		Decay:    float32(s.WeightDecay),
		Momentum: float32(s.Momentum),
		Rate:     float32(rate),
	}
	s.biasStep = s.step
	if !s.DecayBiases {
		s.biasStep.Decay = 0
	}
}

func (s *sgdState) end() {}

func (s *sgdState) update(w, g []float32, lo int, biases bool) {
	step := &s.step
	if biases {
		step = &s.biasStep
	}
	switch {
	case s.m == nil && step.Decay == 0:
		kernels.SGD(w, g, s.plain)
	case s.m == nil:
		kernels.DecayedSGD(w, g, step)
	case s.Nesterov:
		kernels.Nesterov(w, s.m[lo:lo+len(w)], g, step)
	default:
		kernels.Momentum(w, s.m[lo:lo+len(w)], g, step)
	}
}

func (s *sgdState) state() OptimizerState { return s.memory().state() }

func (s *sgdState) restore(o OptimizerState) error { return s.memory().restore(o) }

func (s *sgdState) memory() memory {
	m := memory{name: fmt.Sprintf("SGD{Momentum: %v, Nesterov: %v, WeightDecay: %v, DecayBiases: %v}",
		s.Momentum, s.Nesterov, s.WeightDecay, s.DecayBiases)}
	if s.m != nil {
		m.moments = []moment{{values: s.m}}
	}
	return m
}
