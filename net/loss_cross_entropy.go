package net

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// CrossEntropy is the loss of a classifier that ends in logits z, one for each of
// two classes or more: the mean over the images of
//
//	-sum over the classes c of t[c] * log(p[c]), p = softmax(z)
//
// where the target t is 1 for the label and 0 for the other classes, or, smoothed
// (Szegedy et al., "Rethinking the Inception Architecture for Computer Vision",
// 2016, section 7), 1 - Smoothing + Smoothing/classes and Smoothing/classes. Its
// gradient with respect to the logits is p - t.
//
// Softmax is part of the loss: a network that ends with it, or with sigmoid, is an
// error of [NewTrainer]. So both loss and gradient are computed from the logits,
//
//	log(sum of exp(z[c]-m)) - sum of t[c]*(z[c]-m), m the largest logit
//
// which is finite however small a probability becomes.
type CrossEntropy struct {
	// Smoothing is the share of the target that is spread evenly over all
	// classes, in [0, 1).
	Smoothing float64

	// Epsilon, if not 0, replaces the reported loss, not the gradient, by
	// -log(p[label] + Epsilon), as teaching code often has it. It must lie in
	// [1e-30, 1), and goes without Smoothing.
	Epsilon float64
}

func (l CrossEntropy) check(n *Network) error {
	if err := l.checkFor(n); err != nil {
		return fmt.Errorf("cross-entropy: %w", err)
	}
	return nil
}

func (l CrossEntropy) checkFor(n *Network) error {
	if err := checkSmoothing(l.Smoothing); err != nil {
		return err
	}
	if l.Epsilon != 0 && !(l.Epsilon >= minEpsilon && l.Epsilon < 1) {
		return fmt.Errorf("%w: want Epsilon 0 or in [%v, 1), have %v", layer.ErrOption, minEpsilon, l.Epsilon)
	}
	if l.Epsilon != 0 && l.Smoothing != 0 {
		return fmt.Errorf("%w: want Epsilon or Smoothing, have both, %v and %v", layer.ErrOption, l.Epsilon, l.Smoothing)
	}
	if err := checkVector(n, "logits"); err != nil {
		return err
	}
	if n.Output().Len() < 2 {
		return fmt.Errorf("%w: want a logit for each of at least two classes, have one, whose probability is always 1; "+
			"BinaryCrossEntropy takes one", layer.ErrShape)
	}
	return checkLinear(n, "softmax")
}

func (l CrossEntropy) meaning() Meaning { return Logits }

func (l CrossEntropy) name() string {
	return fmt.Sprintf("CrossEntropy{Smoothing: %v, Epsilon: %v}", l.Smoothing, l.Epsilon)
}

func (l CrossEntropy) block(grad, logits []float32, labels []int, losses, scratch []float32) {
	onBlock(grad, logits, scratch, len(labels), func(z []float32, classes int) {
		if l.Epsilon == 0 {
			kernels.SoftmaxCrossEntropy(z, z, labels, losses, float32(l.Smoothing), classes)
			return
		}
		kernels.Softmax(z, z, classes)
		kernels.CrossEntropy(z, labels, losses, float32(l.Epsilon), classes)
	})
}
