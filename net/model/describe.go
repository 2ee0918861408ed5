package model

import (
	"fmt"
	"slices"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// A description is what a file says of a model but for the numbers.
type description struct {
	Input      layer.Shape
	Layers     []layerEntry
	Meaning    string
	Labels     []int
	Names      []string
	Preprocess data.Preprocess
	Notes      map[string]string
}

// meanings are all that outputs can mean.
var meanings = []net.Meaning{net.Logits, net.Odds, net.Scores}

func (m *Model) describe(s *settings) (description, error) {
	d := description{
		Input:      m.Network.Input(),
		Meaning:    m.Network.Meaning().String(),
		Labels:     m.Labels,
		Names:      m.Names,
		Preprocess: m.Input,
		Notes:      m.Notes,
	}
	for i, l := range m.Network.Layers() {
		entry, err := s.encodeLayer(l)
		if err != nil {
			return description{}, fmt.Errorf("layer %d: %w", i, err)
		}
		d.Layers = append(d.Layers, entry)
	}
	return d, nil
}

// layers returns the layers that a description names.
func (d description) layers(s *settings) ([]layer.Layer, error) {
	if len(d.Layers) > maxLayers {
		return nil, fmt.Errorf("%w: want at most %d layers, have %d", ErrTooLarge, maxLayers, len(d.Layers))
	}
	var layers []layer.Layer
	for i, entry := range d.Layers {
		l, err := s.decodeLayer(entry)
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
		layers = append(layers, l)
	}
	return layers, nil
}

// model returns the model that a description and its parameters make.
func (d description) model(s *settings, params []float32) (*Model, error) {
	if err := d.Input.Check(); err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	layers, err := d.layers(s)
	if err != nil {
		return nil, err
	}
	p, err := measure(d.Input, layers, s.maxSize)
	if err != nil {
		return nil, err
	}
	m := &Model{Labels: d.Labels, Names: d.Names, Input: d.Preprocess, Notes: d.Notes}
	if m.Network, err = p.build(d.Input, layers, params); err != nil {
		return nil, err
	}
	for _, meaning := range meanings {
		if meaning.String() == d.Meaning {
			return m, m.Network.SetMeaning(meaning)
		}
	}
	return nil, fmt.Errorf("%w: meaning %.40q, want one of %v", layer.ErrOption, d.Meaning, meanings)
}

// A training is what a file says of a training but for the long vectors, which
// State lacks.
type training struct {
	State     net.State
	Moments   int   // vectors
	Callbacks []int // length of each one's state, -1 for none
}

// split separates the vectors of a training from the rest.
func split(s *net.State) (rest training, losses, rates []float64, callbacks []byte) {
	rest = training{State: *s, Moments: len(s.Optimizer.Moments)}
	rest.State.Params, rest.State.Optimizer.Moments = nil, nil
	if s.Fit == nil {
		return rest, nil, nil, nil
	}
	fit := *s.Fit
	losses, rates = fit.History.Losses, fit.History.Rates
	for _, b := range fit.Callbacks {
		n := len(b)
		if b == nil {
			n = -1
		}
		rest.Callbacks = append(rest.Callbacks, n)
		callbacks = append(callbacks, b...)
	}
	fit.History.Losses, fit.History.Rates, fit.Callbacks = nil, nil, nil
	rest.State.Fit = &fit
	return rest, losses, rates, callbacks
}

// join is the inverse of split.
func (t training) join(params, moments []float32, losses, rates []float64, callbacks []byte) (*net.State, error) {
	s := t.State
	if s.Params != nil || s.Optimizer.Moments != nil {
		return nil, fmt.Errorf("%w: parameters among the text", ErrFormat)
	}
	s.Params = params
	if t.Moments < 0 || t.Moments > maxMoments || t.Moments*len(params) != len(moments) {
		return nil, fmt.Errorf("%w: %d vectors of %d moments, have %d numbers", ErrFormat, t.Moments, len(params), len(moments))
	}
	for i := range t.Moments {
		s.Optimizer.Moments = append(s.Optimizer.Moments, slices.Clip(moments[i*len(params):][:len(params)]))
	}
	if s.Fit == nil {
		if len(losses)+len(rates)+len(callbacks)+len(t.Callbacks) > 0 {
			return nil, fmt.Errorf("%w: a history of no training", ErrFormat)
		}
		return &s, nil
	}
	if s.Fit.History.Losses != nil || s.Fit.History.Rates != nil || s.Fit.Callbacks != nil {
		return nil, fmt.Errorf("%w: vectors among the text", ErrFormat)
	}
	s.Fit.History.Losses, s.Fit.History.Rates = orNil(losses), orNil(rates)
	states, err := cut(callbacks, t.Callbacks)
	s.Fit.Callbacks = states
	return &s, err
}

// cut divides the states of callbacks by their lengths.
func cut(b []byte, lengths []int) (states [][]byte, err error) {
	if len(lengths) > maxCallbacks {
		return nil, fmt.Errorf("%w: want at most %d callbacks, have %d", ErrFormat, maxCallbacks, len(lengths))
	}
	for _, n := range lengths {
		if n < -1 || n > len(b) {
			return nil, fmt.Errorf("%w: a callback's state of %d bytes, of which %d are there", ErrFormat, n, len(b))
		}
		var state []byte
		if n >= 0 {
			state = append([]byte{}, b[:n]...) // not nil, even if it is empty
			b = b[n:]
		}
		states = append(states, state)
	}
	if len(b) > 0 {
		return nil, fmt.Errorf("%w: %d bytes belong to no callback", ErrFormat, len(b))
	}
	return states, nil
}

func orNil(x []float64) []float64 {
	if len(x) == 0 {
		return nil
	}
	return x
}
