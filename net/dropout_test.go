package net_test

import (
	"slices"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
)

// TestDropoutPredictsNothing predicts 19 images at once, in blocks, one by one, and
// by the same network without dropout: the bits are the same, also after a training.
func TestDropoutPredictsNothing(t *testing.T) {
	build := func(dropout bool) *net.Network {
		layers := []layer.Layer{
			conv.Layer{Filters: 4, Size: 3, Activation: layer.ReLU}, norm.Dropout{Rate: 0.25}, dense.Flatten{},
			dense.Layer{Units: 12, Activation: layer.Tanh}, norm.Dropout{Rate: 0.5}, dense.Layer{Units: 3},
		}
		if !dropout {
			layers = slices.DeleteFunc(layers, func(l layer.Layer) bool { _, is := l.(norm.Dropout); return is })
		}
		n, err := net.New(layer.Image(2, 6, 6), 5, layers...)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n, plain := build(true), build(false)
	x, _ := steadyData()
	steadySteps(t, newTrainer(t, n, net.TrainerConfig{}), 3)
	for to, from := range []int{0, 2, 3, 5} {
		w, b, err := n.Params(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := plain.SetParams(to, w, b); err != nil {
			t.Fatal(err)
		}
	}
	all := probabilities(t, n, x)
	var one []float32
	for image := range slices.Chunk(x, n.Input().Len()) {
		one = append(one, probabilities(t, n, image)...)
	}
	if !slices.Equal(one, all) {
		t.Error("19 images are predicted otherwise than one by one")
	}
	if !slices.Equal(probabilities(t, plain, x), all) {
		t.Error("the network predicts otherwise than one without dropout")
	}
}
