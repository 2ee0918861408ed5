package net

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
)

// SGD is plain gradient descent: w = w - Rate * (mean gradient).
type SGD struct {
	Rate float64 // learning rate, at most 1e20; 0 means the default, 0.01
}

func (s SGD) rate() float64 { return orDefault(s.Rate, 0.01) }

func (s SGD) check() error {
	if err := checkRate(s.rate()); err != nil {
		return fmt.Errorf("SGD: %w", err)
	}
	return nil
}

func (s SGD) start(int) updater { return new(sgdState) }

type sgdState struct{ rate float32 }

func (s *sgdState) begin(rate float64, n int) { s.rate = float32(rate / float64(n)) }

func (s *sgdState) end() {}

func (s *sgdState) update(w, g []float32, lo int) { kernels.SGD(w, g, s.rate) }

func (s *sgdState) state() OptimizerState { return s.memory().state() }

func (s *sgdState) restore(o OptimizerState) error { return s.memory().restore(o) }

func (s *sgdState) memory() memory { return memory{name: "SGD{}"} }
