package model

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// maxLayers bounds the layers of a network in a file.
const maxLayers = 10_000

// A layerEntry is a layer as a file has it.
type layerEntry struct {
	Kind    string
	Options json.RawMessage
}

// encodeLayer returns the entry of a layer, and an error that wraps ErrKind
// unless its type is known.
func (s *settings) encodeLayer(l layer.Layer) (layerEntry, error) {
	v := reflect.ValueOf(l)
	kind, ok := s.names[v.Type()]
	if !ok && v.Kind() == reflect.Pointer { // such as &conv.Layer{}
		v = v.Elem()
		kind, ok = s.names[v.Type()]
	}
	if !ok {
		return layerEntry{}, fmt.Errorf("%w: type %v; name it by Kinds", ErrKind, v.Type())
	}
	options, err := encode(v.Interface())
	if err != nil {
		return layerEntry{}, fmt.Errorf("%q: %w", kind, err)
	}
	entry := layerEntry{kind, options}
	s.room = s.maxSize
	if back, err := s.decodeLayer(entry); err != nil || !reflect.DeepEqual(back, v.Interface()) {
		return layerEntry{}, fmt.Errorf("%q: %w: %+v comes back from a file as %+v, error %v; only exported fields are kept",
			kind, layer.ErrOption, v.Interface(), back, err)
	}
	return entry, nil
}

// decodeLayer is the inverse of encodeLayer.
func (s *settings) decodeLayer(e layerEntry) (layer.Layer, error) {
	t := s.types[e.Kind]
	if t == nil {
		return nil, fmt.Errorf("%w: %.40q; name its type by Kinds", ErrKind, e.Kind)
	}
	if e.Options == nil {
		return nil, fmt.Errorf("%q: options are missing", e.Kind)
	}
	v := reflect.New(t)
	if err := decode(e.Options, v.Interface(), &s.room); err != nil {
		return nil, fmt.Errorf("%q: %w", e.Kind, err)
	}
	l, ok := v.Elem().Interface().(layer.Layer)
	if !ok || t.Kind() == reflect.Pointer && v.Elem().IsNil() {
		return nil, fmt.Errorf("%q: no layer", e.Kind)
	}
	return l, nil
}

// A plan is what a network needs, known before it is built.
type plan struct {
	params []layer.Params // of each layer; zero for those that have none
	states []int          // numbers that each layer keeps beside them
	total  int            // parameters, and those numbers
}

// measure binds layers to their inputs, one after another, as net.New does, and
// returns what parameters they have. It gives up where the tensors of a block and
// the tables of convolutions, as estimated, exceed maxSize.
func measure(in layer.Shape, layers []layer.Layer, maxSize int64) (plan, error) {
	var p plan
	size := tensorSize(in)
	for i, l := range layers {
		if c, ok := l.(conv.Layer); ok {
			size += tableSize(c, in)
		}
		if size > float64(maxSize) {
			return plan{}, fmt.Errorf("layer %d: %w: tensors and tables would take more than %d bytes, see MaxSize", i, ErrTooLarge, maxSize)
		}
		op, err := l.Bind(in)
		if err != nil {
			return plan{}, fmt.Errorf("layer %d: %w", i, err)
		}
		in = op.Out()
		size += tensorSize(in)
		var params layer.Params
		if t, ok := op.(layer.Trained); ok {
			params = t.Params()
		}
		state := 0
		if st, ok := op.(layer.Stateful); ok {
			state = st.StateLen()
		}
		p.params, p.states = append(p.params, params), append(p.states, state)
		p.total += params.Len() + state
	}
	if size > float64(maxSize) {
		return plan{}, fmt.Errorf("%w: tensors and tables would take more than %d bytes, see MaxSize", ErrTooLarge, maxSize)
	}
	return p, nil
}

// tensorSize is the size in bytes of a block's tensor.
func tensorSize(s layer.Shape) float64 {
	rows, cols := float64(max(s.H, 1)), float64(max(s.W, 1))
	return float64(s.C) * rows * cols * kernels.Lanes * 4
}

// tableSize is about the size in bytes of the tables that the kernels make of a
// convolution's geometry: its taps, the positions along each axis with each tap,
// and, for filters of up to forty rows and columns, a list of taps for each way in
// which a filter can stick out over an edge.
func tableSize(l conv.Layer, in layer.Shape) float64 {
	cols := l.SizeCols
	if cols == 0 {
		cols = l.Size
	}
	taps := float64(l.Size) * float64(cols)
	lists := min(taps, 40*40)
	rowReads := (float64(in.H) + 2*float64(l.Padding)) * float64(l.Size)
	colReads := (float64(in.W) + 2*float64(l.Padding)) * float64(cols)
	return 1024*taps + 64*lists*lists + rowReads + colReads
}

// build returns the network that a description and its parameters make.
func (p plan) build(in layer.Shape, layers []layer.Layer, params []float32) (*net.Network, error) {
	if len(params) != p.total {
		return nil, fmt.Errorf("%w: its layers have %d parameters, the file %d", ErrFormat, p.total, len(params))
	}
	n, err := net.New(in, 0, layers...)
	if err != nil {
		return nil, err
	}
	for i, have := range p.params {
		w, b := params[:have.Weights()], params[have.Weights():have.Len()]
		state := params[have.Len():][:p.states[i]]
		params = params[have.Len()+p.states[i]:]
		if err := n.SetParams(i, w, b); err != nil {
			return nil, err
		}
		if err := n.SetState(i, state); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// flatten returns the parameters of a network, layer by layer, each layer's
// weights before its biases and these before its state.
func flatten(n *net.Network) ([]float32, error) {
	params := make([]float32, 0, n.NumParams())
	for i := range n.NumLayers() {
		w, b, err := n.Params(i)
		if err != nil {
			return nil, err
		}
		state, err := n.State(i)
		if err != nil {
			return nil, err
		}
		params = append(append(append(params, w...), b...), state...)
	}
	return params, nil
}

func checkFinite(params []float32) error {
	for i, v := range params {
		if v-v != 0 {
			return fmt.Errorf("%w: number %d of %d is %v", ErrNotFinite, i, len(params), v)
		}
	}
	return nil
}
