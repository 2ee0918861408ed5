package net

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// Meaning says what the outputs of a network are, and so how they become
// classes and probabilities. It follows from the loss with which the network was
// trained. The zero value is Logits.
type Meaning int

// The meanings of outputs.
const (
	Logits Meaning = iota // logarithms of probabilities, but for a constant: softmax
	Odds                  // logarithms of odds, each for itself: sigmoid; one output tells two classes apart
	Scores                // the largest wins, and they are taken as they are
)

var meaningNames = [...]string{Logits: "logits", Odds: "odds", Scores: "scores"}

// String returns the meaning's name in lower case.
func (m Meaning) String() string {
	if m.check() != nil {
		return fmt.Sprintf("Meaning(%d)", int(m))
	}
	return meaningNames[m]
}

func (m Meaning) check() error {
	if m < 0 || int(m) >= len(meaningNames) {
		return fmt.Errorf("%w: meaning %d, want one of %v", layer.ErrOption, int(m), meaningNames)
	}
	return nil
}

// Meaning is what the network's outputs are.
func (n *Network) Meaning() Meaning { return n.meaning }

// SetMeaning says what the network's outputs are. [NewTrainer] does so by the
// loss; it is for networks whose parameters come from elsewhere.
func (n *Network) SetMeaning(m Meaning) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("net: %w", err)
	}
	n.meaning = m
	return nil
}

// Classes is the number of classes that the network tells apart: two for one
// output that means [Odds], one for each output otherwise.
func (n *Network) Classes() int {
	if n.meaning == Odds && n.Output().Len() == 1 {
		return 2
	}
	return n.Output().Len()
}
