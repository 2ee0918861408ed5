package notebook

import (
	"fmt"
	"io"
	"math"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// Options say how a file is to be understood. The zero value is a file of the
// notebook.
type Options struct {
	// BiasOnce says that the file's convolutions added their bias once, as lanes
	// does. The notebook added it once for each input channel: unless BiasOnce is
	// set, the bias is multiplied by their number.
	BiasOnce bool
}

// Import sets the parameters of a network to those of a file. If the file has as
// many entries as the network layers, they belong together in order; otherwise
// the entries that are not empty belong to the layers that have parameters. The
// network may have convolutions and dense layers, of any options, and any
// layers without parameters.
//
// An error changes nothing, and names the layer and its entry. It wraps
// [layer.ErrShape] if an array does not fit, [net.ErrData] if a number is not
// finite as float32, ErrArchitecture if the network has parameters that the
// notebook does not know, ErrPickle if the file is not of its kind.
func Import(n *net.Network, r io.Reader, o Options) error {
	entries, err := Read(r)
	if err != nil {
		return err
	}
	return set(n, entries, o)
}

// set sets the parameters of a network to those of a file.
func set(n *net.Network, entries []Entry, o Options) error {
	places, err := places(n)
	if err != nil {
		return err
	}
	given, err := match(places, entries)
	if err != nil {
		return err
	}
	for i, p := range places {
		if p.trained() {
			if err := p.round(entries[given[i]], o); err != nil {
				return fmt.Errorf("notebook: layer %d (%s), entry %d of the file: %w", i, p.kind, given[i], err)
			}
		}
	}
	for i, p := range places {
		if p.trained() {
			if err := n.SetParams(i, p.w, p.b); err != nil {
				return err
			}
		}
	}
	return nil
}

// A place is where an entry goes: a layer of the network.
type place struct {
	kind     string
	shape    []int // of W; nil if the layer has no parameters
	channels int   // that the bias of a convolution was added for; 1 for a dense layer
	w, b     []float32
}

func (p *place) trained() bool { return p.shape != nil }

// places returns the layers of a network with room for their parameters.
func places(n *net.Network) ([]*place, error) {
	all := make([]*place, n.NumLayers())
	for i, l := range n.Layers() {
		w, b, err := n.Params(i)
		if err != nil {
			return nil, err
		}
		p := &place{w: w, b: b}
		all[i] = p
		if len(w)+len(b) == 0 {
			continue
		}
		switch l := value(l).(type) {
		case conv.Layer:
			cols := l.SizeCols
			if cols == 0 {
				cols = l.Size
			}
			p.kind = "convolution"
			p.channels = len(w) / (l.Filters * l.Size * cols)
			p.shape = []int{l.Filters, p.channels, l.Size, cols}
		case dense.Layer:
			p.kind = "dense"
			p.channels = 1
			p.shape = []int{l.Units, len(w) / l.Units}
		default:
			return nil, fmt.Errorf("notebook: %w: layer %d is a %T, of which the notebook has none", ErrArchitecture, i, l)
		}
	}
	return all, nil
}

// value is a convolution or dense layer that may have been given by address.
func value(l layer.Layer) layer.Layer {
	switch p := l.(type) {
	case *conv.Layer:
		return *p
	case *dense.Layer:
		return *p
	}
	return l
}

// match returns for each place the index of its entry.
func match(places []*place, entries []Entry) ([]int, error) {
	given := make([]int, len(places))
	if len(entries) == len(places) {
		for i, p := range places {
			given[i] = i
			if p.trained() == entries[i].IsEmpty() {
				return nil, fmt.Errorf("notebook: layer %d: %w: the layer has parameters: %v; entry %d of the file has: %v",
					i, layer.ErrShape, p.trained(), i, !entries[i].IsEmpty())
			}
		}
		return given, nil
	}
	var full []int
	for i, e := range entries {
		if !e.IsEmpty() {
			full = append(full, i)
		}
	}
	next := 0
	for i, p := range places {
		if p.trained() {
			if next < len(full) {
				given[i] = full[next]
			}
			next++
		}
	}
	if next != len(full) {
		return nil, fmt.Errorf("notebook: %w: the network has %d layers with parameters, the file %d", layer.ErrShape, next, len(full))
	}
	return given, nil
}

// round checks an entry and rounds its values to the place's.
func (p *place) round(e Entry, o Options) error {
	if !e.W.is(p.shape...) {
		return fmt.Errorf("%w: want W of %v, have %v", layer.ErrShape, Array{Shape: p.shape}, e.W)
	}
	if !e.B.isVector(len(p.b)) {
		return fmt.Errorf("%w: want B of %v, have %v", layer.ErrShape, Array{Shape: []int{len(p.b)}}, e.B)
	}
	times := float64(p.channels)
	if o.BiasOnce {
		times = 1
	}
	if err := round(p.w, e.W.Data, 1); err != nil {
		return fmt.Errorf("W: %w", err)
	}
	if err := round(p.b, e.B.Data, times); err != nil {
		return fmt.Errorf("B: %w", err)
	}
	return nil
}

// round writes times*src to dst.
func round(dst []float32, src []float64, times float64) error {
	for i, x := range src {
		dst[i] = float32(x * times)
		if d := float64(dst[i]); math.IsInf(d, 0) || math.IsNaN(d) {
			return fmt.Errorf("%w: element %d is %v", net.ErrData, i, x)
		}
	}
	return nil
}
