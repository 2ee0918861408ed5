package net

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// Optimizer says how gradients change parameters: [Adam], [AdamW], [SGD] or
// [RMSProp]. What they call the gradient is the batch's as
// TrainerConfig.Reduction, ClipValue and ClipNorm make it.
type Optimizer interface {
	// rate returns the learning rate, the default in place of 0.
	rate() float64
	check() error
	// start returns an updater for a number of parameters.
	start(params int) updater
}

// An updater is an optimiser at work: its moments and its clock.
type updater interface {
	// begin prepares the step that follows the completed ones: the gradients are
	// factor/n times what update is given.
	begin(rate, factor float64, n int)
	// update changes parameters lo to hi, w, all of them weights or all biases
	// (or spared by decay like these), by their gradients g. It may run concurrently for disjoint ranges.
	update(w, g []float32, lo int, biases bool)
	// end completes the step: it advances the clock.
	end()
	// state returns a copy of the updater's memory. restore replaces it by that
	// of an updater of the same optimiser for as many parameters; on an error,
	// which wraps ErrState, nothing has changed.
	state() OptimizerState
	restore(s OptimizerState) error
}

func orDefault(x, def float64) float64 {
	if x == 0 {
		return def
	}
	return x
}

// Kernels compute in float32, to which these are converted after Adam's bias
// correction. It multiplies Epsilon by at least 2**-27: within these bounds Epsilon
// does not become 0, with which a weight whose gradient is 0 would become NaN. A
// weight decay is multiplied by a rate.
const (
	minEpsilon = 1e-30
	maxEpsilon = 1e30
	maxDecay   = 1e10
)

// checkShare returns an error unless x, the value of a field, is in [0, 1).
func checkShare(field string, x float64) error {
	if !(x >= 0 && x < 1) {
		return fmt.Errorf("%w: want %s in [0, 1), have %v", layer.ErrOption, field, x)
	}
	return nil
}

func checkEpsilon(epsilon float64) error {
	if !(epsilon >= minEpsilon && epsilon <= maxEpsilon) {
		return fmt.Errorf("%w: want Epsilon from %v to %v, have %v", layer.ErrOption, minEpsilon, maxEpsilon, epsilon)
	}
	return nil
}

func checkDecay(decay float64) error {
	if !(decay >= 0 && decay <= maxDecay) {
		return fmt.Errorf("%w: want WeightDecay from 0 to %v, have %v", layer.ErrOption, maxDecay, decay)
	}
	return nil
}
