package net

import (
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
)

// Fold returns a network for prediction, in which a batch normalisation
// (layer.Affine) right after a convolution or dense layer without activation is
// part of it: its factors are multiplied into the weights, and the layer before has
// its activation. What it predicts is the same but for roundings. The network itself
// stays as it is; one that has nothing to fold is copied. Both kinds of layer may have
// been given to [New] by address: a copy takes the activation, and all that is not
// folded is the same layer in both networks.
func (n *Network) Fold() (*Network, error) {
	var layers []layer.Layer
	var from [][2]int // of each new layer: the old one, and what is folded into it or the same
	for i, l := range n.layers {
		if a, ok := n.ops[i].(layer.Affine); ok && i > 0 {
			if merged := withActivation(n.layers[i-1], a.Activation()); merged != nil {
				layers[len(layers)-1] = merged
				from[len(from)-1][1] = i
				continue
			}
		}
		layers = append(layers, l)
		from = append(from, [2]int{i, i})
	}
	folded, err := New(n.Input(), 0, layers...)
	if err != nil {
		return nil, err
	}
	for i, f := range from {
		if err := n.foldInto(folded, i, f[0], f[1]); err != nil {
			return nil, err
		}
	}
	return folded, folded.SetMeaning(n.meaning)
}

// withActivation returns a convolution or dense layer that has no activation with
// one, and nil for any other layer.
func withActivation(l layer.Layer, a layer.Activation) layer.Layer {
	switch p := l.(type) {
	case *conv.Layer:
		l = *p
	case *dense.Layer:
		l = *p
	}
	switch l := l.(type) {
	case conv.Layer:
		if l.Activation == layer.Identity {
			l.Activation = a
			return l
		}
	case dense.Layer:
		if l.Activation == layer.Identity {
			l.Activation = a
			return l
		}
	}
	return nil
}

// foldInto gives layer i of another network the parameters of layer own, times the
// factors of the layer with, if that is another.
func (n *Network) foldInto(folded *Network, i, own, with int) error {
	w, b, err := n.Params(own)
	if err != nil {
		return err
	}
	state, err := n.State(own)
	if err != nil {
		return err
	}
	if with != own {
		scale, shift := make([]float32, len(b)), make([]float32, len(b))
		n.ops[with].(layer.Affine).Affine(scale, shift)
		row := len(w) / len(b)
		for j := range w {
			w[j] *= scale[j/row]
		}
		for j := range b {
			b[j] = float32(float64(float64(b[j])*float64(scale[j])) + float64(shift[j]))
		}
	}
	if err := folded.SetParams(i, w, b); err != nil {
		return err
	}
	return folded.SetState(i, state)
}
