package model

import (
	"fmt"
	"io"
)

// Save writes the model to w. Nothing is written if it cannot be: its fields do not
// fit each other (see [Model.Check]), a layer is of an unknown kind (ErrKind) or
// not restored by its exported fields (layer.ErrOption), or [Load] with the same
// options would find it too large (ErrTooLarge). Equal models give equal bytes.
func (m *Model) Save(w io.Writer, options ...Option) error {
	c, err := m.contents(options)
	if err == nil {
		err = c.write(w)
	}
	if err != nil {
		return fmt.Errorf("model: save: %w", err)
	}
	return nil
}

// contents is a file before it is written.
type contents struct {
	model  []byte
	params []float32

	training      []byte // nil without one
	weights       []float32
	moments       [][]float32
	losses, rates []float64
	callbacks     []byte
}

// contents checks the model.
func (m *Model) contents(options []Option) (*contents, error) {
	s, err := newSettings(options)
	if err != nil {
		return nil, err
	}
	c := new(contents)
	if c.params, err = m.check(); err != nil {
		return nil, err
	}
	d, err := m.describe(s)
	if err != nil {
		return nil, err
	}
	if c.model, err = encode(d); err != nil {
		return nil, err
	}
	if t := m.Training; t != nil {
		var rest training
		rest, c.losses, c.rates, c.callbacks = split(t)
		if c.training, err = encode(rest); err != nil {
			return nil, fmt.Errorf("training: %w", err)
		}
		c.weights, c.moments = t.Params, t.Optimizer.Moments
	}
	return c, c.check(s)
}

// check returns an error that wraps ErrTooLarge if Load would.
func (c *contents) check(s *settings) error {
	if len(c.model) > maxModelText || len(c.training) > maxTrainingText {
		return fmt.Errorf("%w: want at most %d and %d bytes of text about the model and its training, have %d and %d",
			ErrTooLarge, maxModelText, maxTrainingText, len(c.model), len(c.training))
	}
	if size := c.size(); size > s.maxSize {
		return fmt.Errorf("%w: a file of %d bytes, with a MaxSize of %d", ErrTooLarge, size, s.maxSize)
	}
	return c.readBack(s)
}

// readBack reads the text as Load does.
func (c *contents) readBack(s *settings) error {
	s.room = s.maxSize
	var d description
	if err := decode(c.model, &d, &s.room); err != nil {
		return err
	}
	layers, err := d.layers(s)
	if err != nil {
		return err
	}
	if _, err := measure(d.Input, layers, s.maxSize); err != nil || c.training == nil {
		return err
	}
	return decode(c.training, new(training), &s.room)
}

func (c *contents) size() int64 {
	n := fileSize(sectionsModel) + int64(len(c.model)) + 4*int64(len(c.params))
	if c.training == nil {
		return n
	}
	n += fileSize(sectionsCheckpoint) - fileSize(sectionsModel)
	n += int64(len(c.training)) + int64(len(c.callbacks)) + 8*int64(len(c.losses)+len(c.rates))
	return n + 4*int64(len(c.weights))*int64(1+len(c.moments))
}

func (c *contents) write(w io.Writer) error {
	f := newFileWriter(w)
	if c.training == nil {
		f.begin(sectionsModel)
	} else {
		f.begin(sectionsCheckpoint)
	}
	f.text(sectionModel, c.model)
	f.float32s(sectionParams, c.params)
	if c.training != nil {
		f.text(sectionTraining, c.training)
		f.float32s(sectionWeights, c.weights)
		f.float32s(sectionMoments, c.moments...)
		f.float64s(sectionLosses, c.losses)
		f.float64s(sectionRates, c.rates)
		f.text(sectionCallbacks, c.callbacks)
	}
	return f.end()
}
