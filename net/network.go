package net

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync"

	"github.com/simdlanes/lanes/layer"
)

// Network is a sequence of layers and its parameters. Its methods may run
// concurrently with each other, but not with SetParams, SetMeaning or a Trainer's
// methods; with [NewTrainer] only if the loss leaves the outputs their [Meaning].
type Network struct {
	layers []layer.Layer // as given to New
	ops    []layer.Op
	shapes []layer.Shape // shapes[i] is the input of ops[i], the last one the output
	spans  []span        // of the layers with parameters, in order
	params []float32     // all parameters, one flat vector
	state  uint64        // counts the changes of the parameters

	meaning Meaning // of the outputs

	singles []layer.Single // ops, if all of them can compute single images
	scratch int            // elements of scratch that they need

	maxSingles int // the most images that are predicted one after another; 0 without singles

	predictors sync.Pool // of *Predictor with one worker
}

// span is the part of the flat parameter vector that one layer owns.
type span struct {
	index  int // of the layer
	op     layer.Trained
	params layer.Params
	offset int
	state  int // numbers of a layer.Stateful, behind the biases
}

// stateOf is the layer's state in a flat vector.
func (s span) stateOf(flat []float32) []float32 {
	return flat[s.offset+s.params.Len():][:s.state]
}

// weights and biases are the layer's parts of a flat vector.
func (s span) weights(flat []float32) []float32 {
	return flat[s.offset:][:s.params.Weights()]
}

func (s span) biases(flat []float32) []float32 {
	return flat[s.offset+s.params.Weights():][:s.params.Len()-s.params.Weights()]
}

// weightDims are the dimensions of the weights.
func (s span) weightDims() []int {
	if d, ok := s.op.(layer.Dimensioned); ok {
		return slices.Clone(d.WeightDims())
	}
	return []int{s.params.Rows, s.params.RowLen}
}

// New builds a network that takes images of shape in. It checks that the layers
// fit together, and draws initial parameters from seed, each layer from a
// stream of its own. An error names the layer, counted from 0, and wraps
// [layer.ErrShape] or [layer.ErrOption].
func New(in layer.Shape, seed uint64, layers ...layer.Layer) (*Network, error) {
	if err := in.Check(); err != nil {
		return nil, fmt.Errorf("net: input: %w", err)
	}
	if len(layers) == 0 {
		return nil, fmt.Errorf("net: %w: want at least one layer", layer.ErrOption)
	}
	n := &Network{layers: slices.Clone(layers), shapes: []layer.Shape{in}}
	total := 0
	for i, l := range layers {
		if l == nil {
			return nil, fmt.Errorf("net: layer %d: %w: want a layer, have nil", i, layer.ErrOption)
		}
		if v := reflect.ValueOf(l); v.Kind() == reflect.Pointer && v.IsNil() {
			return nil, fmt.Errorf("net: layer %d: %w: want a layer, have a nil %T", i, layer.ErrOption, l)
		}
		op, err := l.Bind(n.Output())
		if err != nil {
			return nil, fmt.Errorf("net: layer %d: %w", i, err)
		}
		n.ops = append(n.ops, op)
		n.shapes = append(n.shapes, op.Out())
		if t, ok := op.(layer.Trained); ok {
			s := span{index: i, op: t, params: t.Params(), offset: total}
			if st, ok := op.(layer.Stateful); ok {
				s.state = st.StateLen()
			}
			n.spans = append(n.spans, s)
			total += s.params.Len() + s.state
		}
	}
	n.params = make([]float32, total)
	n.initialise(seed)
	n.planSingles()
	n.predictors.New = func() any { return newPredictor(n, nil) }
	return n, nil
}

func (n *Network) initialise(seed uint64) {
	for _, s := range n.spans {
		w, b := s.weights(n.params), s.biases(n.params)
		s.op.Init(w, b, layer.Stream(seed, "init", uint64(s.index)))
		if st, ok := s.op.(layer.Stateful); ok {
			st.InitState(s.stateOf(n.params))
			st.AttachState(s.stateOf(n.params))
		}
		s.op.Attach(w, b)
	}
}

// Input is the shape of one image.
func (n *Network) Input() layer.Shape { return n.shapes[0] }

// Output is the shape of one image's output.
func (n *Network) Output() layer.Shape { return n.shapes[len(n.shapes)-1] }

// Layers returns the layers as they were given to [New].
func (n *Network) Layers() []layer.Layer { return slices.Clone(n.layers) }

// NumLayers is the number of layers.
func (n *Network) NumLayers() int { return len(n.ops) }

// NumParams is the number of parameters, weights and biases together, and of the
// numbers that layers keep beside them ([Network.State]): the length of
// State.Params.
func (n *Network) NumParams() int { return len(n.params) }

// Params returns copies of the weights and biases of layer i, counted from 0;
// both are nil for a layer that has none. Weights are row-major: (filters,
// channels, rows, columns) for a convolution, (units, inputs) for a dense layer:
// [Network.WeightDims] says how many. There is a bias for each of the first, or none.
func (n *Network) Params(i int) (w, b []float32, err error) {
	s, err := n.span(i)
	if err != nil || s == nil {
		return nil, nil, err
	}
	return append(w, s.weights(n.params)...), append(b, s.biases(n.params)...), nil
}

// WeightDims returns the dimensions of the weights of layer i, counted from 0, as
// [Network.Params] returns them, row-major: (filters, channels of a group, rows,
// columns) for a convolution, (units, inputs) for a dense layer, and of others what
// they say as a layer.Dimensioned, or else Rows and RowLen of their layer.Params. They
// are nil for a layer that has no parameters.
func (n *Network) WeightDims(i int) ([]int, error) {
	s, err := n.span(i)
	if err != nil || s == nil {
		return nil, err
	}
	return s.weightDims(), nil
}

// SetParams copies weights and biases into layer i.
func (n *Network) SetParams(i int, w, b []float32) error {
	s, err := n.span(i)
	if err != nil {
		return err
	}
	var want layer.Params
	if s != nil {
		want = s.params
	}
	if len(w) != want.Weights() || len(b) != want.Len()-want.Weights() {
		return fmt.Errorf("net: layer %d (%v): %w: want %d weights and %d biases, have %d and %d", i, n.ops[i],
			layer.ErrShape, want.Weights(), want.Len()-want.Weights(), len(w), len(b))
	}
	if s != nil {
		copy(s.weights(n.params), w)
		copy(s.biases(n.params), b)
		s.op.Pack(0, s.params.Rows)
		n.state++
	}
	return nil
}

// State returns a copy of what layer i, counted from 0, has learnt without
// gradients, such as the running means and then the running variances of a batch
// normalisation; nil for a layer that has nothing of that kind.
func (n *Network) State(i int) ([]float32, error) {
	s, err := n.span(i)
	if err != nil || s == nil || s.state == 0 {
		return nil, err
	}
	return slices.Clone(s.stateOf(n.params)), nil
}

// SetState copies what [Network.State] returns into layer i.
func (n *Network) SetState(i int, state []float32) error {
	s, err := n.span(i)
	if err != nil {
		return err
	}
	want := 0
	if s != nil {
		want = s.state
	}
	if len(state) != want {
		return fmt.Errorf("net: layer %d (%v): %w: want a state of %d numbers, have %d", i, n.ops[i], layer.ErrShape, want, len(state))
	}
	if s != nil {
		copy(s.stateOf(n.params), state)
		s.op.Pack(0, s.params.Rows)
		n.state++
	}
	return nil
}

// setAll copies all parameters into the network.
func (n *Network) setAll(params []float32) {
	copy(n.params, params)
	for _, s := range n.spans {
		s.op.Pack(0, s.params.Rows)
	}
	n.state++
}

// span returns the parameters' place of layer i, nil if it has none.
func (n *Network) span(i int) (*span, error) {
	if i < 0 || i >= len(n.ops) {
		return nil, fmt.Errorf("net: %w: layer %d of a network with %d layers", layer.ErrOption, i, len(n.ops))
	}
	for j := range n.spans {
		if n.spans[j].index == i {
			return &n.spans[j], nil
		}
	}
	return nil, nil
}

// firstTrained is the first layer that has parameters, or the number of layers.
func (n *Network) firstTrained() int {
	if len(n.spans) == 0 {
		return len(n.ops)
	}
	return n.spans[0].index
}

// Hash returns the SHA-256 of all parameters, as little-endian float32 in
// layer order, each layer's weights, biases and state ([Network.State]): equal if and only if the parameters have the same bits.
func (n *Network) Hash() [sha256.Size]byte {
	b := make([]byte, 0, 4*len(n.params))
	for _, p := range n.params {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(p))
	}
	return sha256.Sum256(b)
}
