package net

import (
	"fmt"

	"github.com/simdlanes/lanes/internal/enum"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Meaning says what the outputs of a network are, and so how they become
// classes and probabilities. It follows from the loss with which the network was
// trained. The zero value is Logits.
type Meaning int

// The meanings of outputs.
const (
	// Logits are logarithms of probabilities, but for a constant: the classes'
	// probabilities are their softmax.
	Logits Meaning = iota

	// Odds are logarithms of odds, each for itself: the probability of a class is
	// the sigmoid of its output. A single output tells two classes apart: it is
	// that of class 1, which is the more probable one if the output is greater
	// than 0, and the probability of class 0 is the sigmoid of its negative.
	Odds

	// Scores are near 1 for the image's class and near 0 for the others, and are
	// taken for probabilities as they are, whether they sum to 1 or not. A single
	// output tells two classes apart: it is that of class 1, which it speaks for
	// if it is greater than 1/2, and the score of class 0 is 1 less the output.
	Scores
)

var meaningNames = []string{Logits: "logits", Odds: "odds", Scores: "scores"}

// String returns the meaning's name in lower case.
func (m Meaning) String() string { return enum.Name("Meaning", int(m), meaningNames) }

func (m Meaning) check() error {
	if m < 0 || int(m) >= len(meaningNames) {
		return fmt.Errorf("%w: meaning %d, want one of %v", layer.ErrOption, int(m), meaningNames)
	}
	return nil
}

// Meaning is what the network's outputs are.
func (n *Network) Meaning() Meaning { return n.meaning }

// SetMeaning says what the network's outputs are. [NewTrainer] and the trainer's
// methods do so by the loss; it is for networks whose parameters come from
// elsewhere.
func (n *Network) SetMeaning(m Meaning) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("net: %w", err)
	}
	n.mean(m)
	return nil
}

// mean sets the meaning. What does not change it does not write, and so may run
// beside predictions.
func (n *Network) mean(m Meaning) {
	if n.meaning != m {
		n.meaning = m
	}
}

// Classes is the number of classes that the network tells apart: two for one
// output that means [Odds] or [Scores], one for each output otherwise.
func (n *Network) Classes() int { return n.meaning.classes(n.Output().Len()) }

// classes is the number of classes that a number of outputs tell apart.
func (m Meaning) classes(outputs int) int {
	if m != Logits && outputs == 1 {
		return 2
	}
	return outputs
}

// class is the class that the outputs y of an image speak for.
func (m Meaning) class(y []float32) int {
	if m.classes(len(y)) == len(y) {
		return argmax(y)
	}
	threshold := float32(0)
	if m == Scores {
		threshold = 0.5
	}
	if y[0] > threshold {
		return 1
	}
	return 0
}

// proba writes the probabilities of the classes of n images, whose outputs are the
// rows of y. scratch has room for a block of outputs.
func (m Meaning) proba(p, y, scratch []float32, n int) {
	outputs := len(y) / n
	one := m.classes(outputs) != outputs
	switch {
	case m == Logits:
		kernels.Interleave(scratch, y, outputs, outputs, n)
		kernels.Softmax(scratch, scratch, outputs)
		kernels.Deinterleave(p, scratch, outputs, outputs, n)
	case m == Odds && one:
		for i, logit := range y {
			p[2*i], p[2*i+1] = -logit, logit
		}
		kernels.Sigmoid(p, p)
	case m == Odds:
		kernels.Sigmoid(p, y)
	case one:
		for i, score := range y {
			p[2*i], p[2*i+1] = 1-score, score
		}
	default:
		copy(p, y)
	}
}
