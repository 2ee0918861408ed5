package net

import (
	"slices"
	"time"
)

// Progress tells where a training is after a step.
type Progress struct {
	Epoch, Epochs int // the current epoch, counted from 1, and their number
	Step, Steps   int // completed steps over all epochs, and their number; 0 if that is not known (FitConfig.StepsPerEpoch)
	Loss          float64
	Rate          float64 // learning rate of the step
}

// History is the course of a training.
type History struct {
	Losses []float64 // mean loss of each step's batch, before its update
	Rates  []float64 // learning rate of each step
	Epochs []EpochResult
}

// EpochResult sums up one epoch.
type EpochResult struct {
	Epoch          int           // counted from 1
	Steps          int           // of this epoch
	Loss           float64       // mean of the losses of its steps
	ValidationLoss float64       // mean loss on FitConfig.Validation; 0 without
	Accuracy       float64       // on FitConfig.Validation; 0 without
	Rate           float64       // learning rate of the last step
	Duration       time.Duration // since its beginning, or since it was resumed, validation included
}

// clone returns a copy.
func (h *History) clone() *History {
	return &History{Losses: slices.Clone(h.Losses), Rates: slices.Clone(h.Rates), Epochs: slices.Clone(h.Epochs)}
}

// maxGrowth bounds the memory that a number of steps alone can claim.
const maxGrowth = 1 << 16

// grow makes room for a number of steps, so that they need not allocate.
func (h *History) grow(steps int) {
	steps = min(max(0, steps), maxGrowth)
	h.Losses = slices.Grow(h.Losses, steps)
	h.Rates = slices.Grow(h.Rates, steps)
}
