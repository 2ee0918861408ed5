// Package learning says which learning rates there are: those of a trainer and
// those of schedules, which must not promise more than a trainer takes.
package learning

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// MaxRate is the largest rate with which a training takes a step. Kernels compute
// in float32; Adam's bias correction multiplies a rate by at most 2**53, which does
// not make this one infinite.
const MaxRate = 1e20

// CheckRate returns an error that wraps layer.ErrOption unless rate is a learning
// rate.
func CheckRate(rate float64) error {
	if !(rate >= 0 && rate <= MaxRate) {
		return fmt.Errorf("%w: want a learning rate from 0 to %v, have %v", layer.ErrOption, MaxRate, rate)
	}
	return nil
}
