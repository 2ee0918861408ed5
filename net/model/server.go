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
	input   []float32 // of the network
	classes []int     // of the images
	proba   []float32 // of the images' classes
	order   []int     // classes, the most probable first
	names   []decimal // of the classes that have no other
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

// predict computes the class of each image, and the probabilities of all classes.
func (s *server) predict(n *net.Network) (err error) {
	s.classes, s.proba, err = n.PredictBoth(s.classes[:0], s.proba[:0], s.input)
	return err
}

// best returns the class that the network predicts and the k - 1 others of the
// largest probabilities, of equal ones the first.
func (s *server) best(predicted int, proba []float32, k int) []int {
	s.order = append(slices.Grow(s.order[:0], len(proba)), predicted)
	if k == 1 {
		return s.order
	}
	for class := range proba {
		if class != predicted {
			s.order = append(s.order, class)
		}
	}
	slices.SortFunc(s.order[1:], func(a, b int) int {
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
