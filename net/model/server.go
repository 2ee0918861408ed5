package model

import (
	"cmp"
	"fmt"
	"image"
	"slices"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/net"
)

// A server is the workspace of a call of Classify.
type server struct {
	input []float32 // of the network
	proba []float32 // of the images' classes
	order []int     // classes, the most probable first
	names []decimal // of the classes that have no other
}

// A decimal is a label and its digits, which are made once.
type decimal struct {
	label  int
	digits string
}

// load makes images the network's input.
func (s *server) load(m *Model, images []image.Image, first int) error {
	if m.Input == (data.Preprocess{}) {
		return fmt.Errorf("%w: Input does not say how an image becomes the network's input", ErrModel)
	}
	if err := m.checkInput(); err != nil {
		return err
	}
	size := m.Network.Input().Len()
	s.input = slices.Grow(s.input[:0], size*len(images))[:size*len(images)]
	for i, img := range images {
		if err := m.Input.Apply(s.input[i*size:][:size], img); err != nil {
			return fmt.Errorf("image %d: %w", first+i, err)
		}
	}
	return nil
}

// predict computes the probabilities of all classes of each image.
func (s *server) predict(n *net.Network) (err error) {
	s.proba, err = n.PredictProba(s.proba[:0], s.input)
	return err
}

// best returns the k classes of the largest probabilities, of equal ones the first
// and NaN last.
func (s *server) best(proba []float32, k int) []int {
	s.order = slices.Grow(s.order[:0], len(proba))
	if k == 1 {
		best := 0
		for class, p := range proba {
			if p > proba[best] || p == p && proba[best] != proba[best] {
				best = class
			}
		}
		return append(s.order, best)
	}
	for class := range proba {
		s.order = append(s.order, class)
	}
	slices.SortFunc(s.order, func(a, b int) int { // cmp has NaN below all numbers
		return cmp.Or(cmp.Compare(proba[b], proba[a]), cmp.Compare(a, b))
	})
	return s.order[:k]
}

// name is m.Name(class) without allocating each time.
func (s *server) name(m *Model, class int) string {
	if m.Names != nil {
		return m.Names[class]
	}
	if len(s.names) != m.Network.Classes() {
		s.names = make([]decimal, m.Network.Classes())
	}
	label := m.Label(class)
	if d := &s.names[class]; d.digits == "" || d.label != label {
		*d = decimal{label, m.Name(class)}
	}
	return s.names[class].digits
}
