package net

import "fmt"

// AdamW is [Adam] with decoupled weight decay (Loshchilov and Hutter, "Decoupled
// Weight Decay Regularization", 2019, algorithm 2, in the form of PyTorch): in
// each step a weight is first multiplied by 1 - rate*WeightDecay, whatever its
// gradient is. A field that is 0 means the default, which is PyTorch's; without a
// decay AdamW is Adam.
type AdamW struct {
	Rate    float64 // learning rate, at most 1e20; default 0.001
	Beta1   float64 // decay of the first moment, in [0, 1); default 0.9
	Beta2   float64 // decay of the second moment, in [0, 1); default 0.999
	Epsilon float64 // added to the root of the second moment, 1e-30 to 1e30; default 1e-8

	WeightDecay float64 // for a rate of 1, the share that a weight loses in a step; at most 1e10; default 0.01
	DecayBiases bool    // do not spare biases
}

func (a AdamW) withDefaults() AdamW {
	a.WeightDecay = orDefault(a.WeightDecay, 0.01)
	return a
}

// adam is AdamW without decay.
func (a AdamW) adam() Adam {
	return Adam{Rate: a.Rate, Beta1: a.Beta1, Beta2: a.Beta2, Epsilon: a.Epsilon}
}

func (a AdamW) rate() float64 { return a.adam().rate() }

func (a AdamW) check() error {
	if err := checkDecay(a.withDefaults().WeightDecay); err != nil {
		return fmt.Errorf("AdamW: %w", err)
	}
	return a.adam().checkAs("AdamW")
}

func (a AdamW) start(params int) updater {
	s, d := newAdamState(a.adam(), params), a.withDefaults()
	s.decoupled = &d
	return s
}
