package model

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/simdlanes/lanes/net"
)

// Load reads a model that [Model.Save] has written, and wants r to end with it.
// The error wraps [ErrFormat], [ErrVersion], [ErrChecksum], [ErrTooLarge],
// [ErrKind] or [ErrNotFinite], or what r reports.
func Load(r io.Reader, options ...Option) (*Model, error) {
	s, err := newSettings(options)
	if err != nil {
		return nil, fmt.Errorf("model: load: %w", err)
	}
	m, err := load(r, s)
	if err != nil {
		return nil, fmt.Errorf("model: load: %w", err)
	}
	return m, nil
}

// LoadFile is [Load] for a file, whose name is in its errors.
func LoadFile(path string, options ...Option) (*Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("model: load: %w", err)
	}
	defer f.Close()
	m, err := Load(f, options...)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	return m, nil
}

func load(r io.Reader, s *settings) (*Model, error) {
	c, moments, err := readFile(newFileReader(r, s.maxSize))
	if err != nil {
		return nil, err
	}
	m, err := c.interpret(s, moments)
	if err == nil || errors.Is(err, ErrFormat) || errors.Is(err, ErrKind) || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrNotFinite) {
		return m, err
	}
	return nil, fmt.Errorf("%w: %w", ErrFormat, err)
}

// readFile reads a file up to its checksum. The moments are one vector still.
func readFile(f *fileReader) (c *contents, moments []float32, err error) {
	sections, err := f.begin()
	if err != nil {
		return nil, nil, err
	}
	if sections != sectionsModel && sections != sectionsCheckpoint {
		return nil, nil, fmt.Errorf("%w: want %d or %d sections, have %d", ErrFormat, sectionsModel, sectionsCheckpoint, sections)
	}
	c = new(contents)
	if c.model, err = f.text(sectionModel, maxModelText); err != nil {
		return nil, nil, err
	}
	if c.params, err = f.float32s(sectionParams); err != nil {
		return nil, nil, err
	}
	if sections == sectionsCheckpoint {
		if moments, err = c.readTraining(f); err != nil {
			return nil, nil, err
		}
	}
	return c, moments, f.end()
}

// readTraining reads the sections of a checkpoint.
func (c *contents) readTraining(f *fileReader) (moments []float32, err error) {
	if c.training, err = f.text(sectionTraining, maxTrainingText); err != nil {
		return nil, err
	}
	if c.weights, err = f.float32s(sectionWeights); err != nil {
		return nil, err
	}
	if moments, err = f.float32s(sectionMoments); err != nil {
		return nil, err
	}
	if c.losses, err = f.float64s(sectionLosses); err != nil {
		return nil, err
	}
	if c.rates, err = f.float64s(sectionRates); err != nil {
		return nil, err
	}
	c.callbacks, err = f.text(sectionCallbacks, math.MaxInt)
	return moments, err
}

// interpret makes a model of a file that is whole.
func (c *contents) interpret(s *settings, moments []float32) (*Model, error) {
	var d description
	if err := decode(c.model, &d, &s.room); err != nil {
		return nil, fmt.Errorf("section %q: %w", sectionModel, err)
	}
	m, err := d.model(s, c.params)
	if err != nil {
		return nil, err
	}
	if c.training != nil {
		if m.Training, err = c.interpretTraining(s, moments); err != nil {
			return nil, fmt.Errorf("section %q: %w", sectionTraining, err)
		}
	}
	if _, err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

func (c *contents) interpretTraining(s *settings, moments []float32) (*net.State, error) {
	var t training
	if err := decode(c.training, &t, &s.room); err != nil {
		return nil, err
	}
	return t.join(c.weights, moments, c.losses, c.rates, c.callbacks)
}
