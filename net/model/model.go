package model

import (
	"fmt"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// Model is a network with what it takes to use it. Its methods may be called
// concurrently, but not while a field or the network's parameters change. A Model
// must not be copied after its first use.
type Model struct {
	// Network has the parameters, and says what its outputs mean.
	Network *net.Network

	// Labels are what the classes are called in the data, each another number; nil
	// stands for 0, 1, 2 and so on.
	Labels []int

	// Names are what the classes are called by people; nil stands for the labels in
	// decimal.
	Names []string

	// Input says how an image becomes the network's input. The zero value stands
	// for no way: such a model can be kept but cannot classify images.
	Input data.Preprocess

	// Training, if not nil, is where a training of the network was.
	Training *net.State

	// Notes are whatever else should be known, such as the date or the accuracy.
	Notes map[string]string

	servers sync.Pool // of *server
}

// Label is the label of a class, which must be at least 0 and less than
// Network.Classes().
func (m *Model) Label(class int) int {
	if m.Labels == nil {
		return class
	}
	return m.Labels[class]
}

// Name is the name of a class, which must be at least 0 and less than
// Network.Classes().
func (m *Model) Name(class int) string {
	if m.Names == nil {
		return strconv.Itoa(m.Label(class))
	}
	return m.Names[class]
}

// Check returns an error that wraps [ErrModel], [layer.ErrShape], layer.ErrOption
// or [ErrNotFinite] unless the model can be saved: there is a network whose
// parameters are finite, Labels, Names, Input and Training fit it, and all text is
// UTF-8.
func (m *Model) Check() error {
	if _, err := m.check(); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	return nil
}

// check returns the network's parameters.
func (m *Model) check() ([]float32, error) {
	if err := m.checkClasses(); err != nil {
		return nil, err
	}
	if err := m.checkText(); err != nil {
		return nil, err
	}
	if m.Input != (data.Preprocess{}) {
		if err := m.checkInput(); err != nil {
			return nil, err
		}
	}
	if err := m.checkTraining(); err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	params, err := flatten(m.Network)
	if err != nil {
		return nil, err
	}
	return params, checkFinite(params)
}

// checkClasses is what does not take longer for more classes.
func (m *Model) checkClasses() error {
	if m.Network == nil {
		return fmt.Errorf("%w: it has no network", ErrModel)
	}
	classes := m.Network.Classes()
	if m.Labels != nil && len(m.Labels) != classes {
		return fmt.Errorf("%w: want Labels for %d classes, have %d", ErrModel, classes, len(m.Labels))
	}
	if m.Names != nil && len(m.Names) != classes {
		return fmt.Errorf("%w: want Names for %d classes, have %d", ErrModel, classes, len(m.Names))
	}
	return nil
}

func (m *Model) checkText() error {
	seen := make(map[int]int, len(m.Labels))
	for class, label := range m.Labels {
		if other, ok := seen[label]; ok {
			return fmt.Errorf("%w: classes %d and %d have the same label, %d", ErrModel, other, class, label)
		}
		seen[label] = class
	}
	for class, name := range m.Names {
		if !utf8.ValidString(name) {
			return fmt.Errorf("%w: the name of class %d, %q, is not valid UTF-8", ErrModel, class, name)
		}
	}
	for key, note := range m.Notes {
		if !utf8.ValidString(key) || !utf8.ValidString(note) {
			return fmt.Errorf("%w: note %q, %q, is not valid UTF-8", ErrModel, key, note)
		}
	}
	return nil
}

func (m *Model) checkInput() error {
	if err := m.Input.Check(); err != nil {
		return fmt.Errorf("Input: %w", err)
	}
	if have, want := m.Input.Shape(), m.Network.Input(); have.Len() != want.Len() {
		return fmt.Errorf("Input: %w: the network wants %v, Input makes %v", layer.ErrShape, want, have)
	}
	return nil
}

// Bounds of the vectors of an optimiser's memory, and of the callbacks.
const (
	maxMoments   = 64
	maxCallbacks = 1024
)

func (m *Model) checkTraining() error {
	s := m.Training
	if s == nil {
		return nil
	}
	if s.Fit != nil && len(s.Fit.History.Epochs) > len(s.Fit.History.Losses) {
		return fmt.Errorf("%w: a history of %d epochs with the losses of %d steps", layer.ErrOption, len(s.Fit.History.Epochs), len(s.Fit.History.Losses))
	}
	if s.Fit != nil && len(s.Fit.Callbacks) > maxCallbacks {
		return fmt.Errorf("%w: want at most %d callbacks, have %d", layer.ErrOption, maxCallbacks, len(s.Fit.Callbacks))
	}
	n := m.Network.NumParams()
	if len(s.Params) != n {
		return fmt.Errorf("%w: the network has %d parameters, the training %d", layer.ErrShape, n, len(s.Params))
	}
	if len(s.Optimizer.Moments) > maxMoments {
		return fmt.Errorf("%w: want at most %d vectors of moments, have %d", layer.ErrOption, maxMoments, len(s.Optimizer.Moments))
	}
	for i, v := range s.Optimizer.Moments {
		if len(v) != n {
			return fmt.Errorf("%w: want moments for %d parameters, have %d in vector %d", layer.ErrShape, n, len(v), i)
		}
	}
	return checkFinite(s.Params)
}
