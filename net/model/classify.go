package model

import (
	"fmt"
	"image"
	"slices"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Prediction is a class that an image may belong to.
type Prediction struct {
	Class       int     // index of the network's output
	Label       int     // Model.Label of it
	Name        string  // Model.Name of it
	Probability float32 // as Network.PredictProba has it
}

// Classify tells what is on an image of any size and colour model: the class that
// Network.Predict gives, and its probability.
//
// Goroutines may call it at once: they share the network's parameters, each has
// workspace of its own, and none waits for another. It does not allocate for the
// image types of the standard library, but for a new workspace when more goroutines
// call it than before, or the garbage collector has taken one that two collections
// found unused: 360 KiB in 33 pieces for LeNet-5. An image that cannot be used is an
// error that wraps data.ErrImage, as is nil, but a nil pointer in the interface, such
// as a nil *image.Gray, panics as its methods do; outputs of the network that are not finite are one
// that wraps net.ErrNotFinite.
func (m *Model) Classify(img image.Image) (Prediction, error) {
	var best [1]Prediction
	if err := m.classify(best[:], 1, []image.Image{img}, 0); err != nil {
		return Prediction{}, fmt.Errorf("model: classify: %w", err)
	}
	return best[0], nil
}

// TopK appends the k most probable classes of an image, at most as many as there
// are, to dst and returns it: the one that Classify gives, then the others by their
// probabilities, of equal ones the first. It is otherwise like [Model.Classify].
func (m *Model) TopK(dst []Prediction, img image.Image, k int) ([]Prediction, error) {
	if k < 1 {
		return dst, fmt.Errorf("model: classify: %w: want k of at least 1, have %d", layer.ErrOption, k)
	}
	if err := m.checkClasses(); err != nil {
		return dst, fmt.Errorf("model: classify: %w", err)
	}
	have := len(dst)
	k = min(k, m.Network.Classes())
	out := slices.Grow(dst, k)[:have+k]
	if err := m.classify(out[have:], k, []image.Image{img}, 0); err != nil {
		return dst, fmt.Errorf("model: classify: %w", err)
	}
	return out, nil
}

// ClassifyAll appends the most probable class of each image to dst and returns it.
// It takes eight images at a time through the network, on the calling goroutine,
// which is faster than one by one, and is otherwise like [Model.Classify]. An error
// names the image, counted from 0.
func (m *Model) ClassifyAll(dst []Prediction, images []image.Image) ([]Prediction, error) {
	have := len(dst)
	out := slices.Grow(dst, len(images))[:have+len(images)]
	for lo := 0; lo < len(images); lo += kernels.Lanes {
		hi := min(lo+kernels.Lanes, len(images))
		if err := m.classify(out[have+lo:have+hi], 1, images[lo:hi], lo); err != nil {
			return dst, fmt.Errorf("model: classify: %w", err)
		}
	}
	return out, nil
}

// classify writes the k most probable classes of each image, at most eight, to dst.
// The first image is number first to the caller.
func (m *Model) classify(dst []Prediction, k int, images []image.Image, first int) error {
	if err := m.checkClasses(); err != nil {
		return err
	}
	s, _ := m.servers.Get().(*server)
	if s == nil {
		s = new(server)
	}
	defer m.servers.Put(s)
	if err := s.load(m, images, first); err != nil {
		return err
	}
	if err := s.predict(m.Network); err != nil {
		return err
	}
	classes := m.Network.Classes()
	for i := range images {
		proba := s.proba[i*classes:][:classes]
		for rank, class := range s.best(s.classes[i], proba, k) {
			dst[i*k+rank] = Prediction{Class: class, Label: m.Label(class), Name: s.name(m, class), Probability: proba[class]}
		}
	}
	return nil
}
