package net

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
)

// BinaryCrossEntropy is the loss of a network whose outputs are logits z of
// probabilities that do not depend on each other: the mean over the images of
//
//	-sum over the outputs c of t[c]*log(p[c]) + (1-t[c])*log(1-p[c]), p = sigmoid(z)
//
// A single output tells two classes apart: p is the probability of class 1, and
// the target t is the label, 0 or 1. Several outputs are one for each class,
// against the rest: t is 1 for the label and 0 for the others. A smoothed target
// is t*(1-Smoothing) + Smoothing/2. The gradient with respect to the logits is
// p - t.
//
// Sigmoid is part of the loss: a network that ends with it, or with softmax, is an
// error of [NewTrainer]. So both loss and gradient are computed from the logits,
//
//	sum of max(z[c],0) - t[c]*z[c] + log(1+exp(-|z[c]|))
//
// which is finite however small a probability becomes.
type BinaryCrossEntropy struct {
	// Smoothing moves the targets towards 1/2, in [0, 1).
	Smoothing float64
}

func (l BinaryCrossEntropy) check(n *Network) error {
	err := checkSmoothing(l.Smoothing)
	if err == nil {
		err = checkVector(n, "logits")
	}
	if err == nil {
		err = checkLinear(n, "sigmoid")
	}
	if err != nil {
		return fmt.Errorf("binary cross-entropy: %w", err)
	}
	return nil
}

func (l BinaryCrossEntropy) meaning() Meaning { return Odds }

func (l BinaryCrossEntropy) name() string {
	return fmt.Sprintf("BinaryCrossEntropy{Smoothing: %v}", l.Smoothing)
}

func (l BinaryCrossEntropy) block(grad, logits []float32, labels []int, losses, scratch []float32) {
	onBlock(grad, logits, scratch, len(labels), func(z []float32, outputs int) {
		kernels.SigmoidCrossEntropy(z, z, labels, losses, float32(l.Smoothing), outputs)
	})
}
