package main

import (
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
	"github.com/simdlanes/lanes/pool"
)

// The networks that -network chooses from.
const (
	lenet = "lenet5"
	deep  = "deep"
)

var networks = []string{lenet, deep}

// titles are the networks' names in a sentence.
var titles = map[string]string{lenet: "LeNet-5", deep: "deep network"}

// newNetwork returns the network of the recipe as it is before the training.
func (r recipe) newNetwork() (*net.Network, error) {
	layers := net.LeNet5Layers()
	if r.Network == deep {
		layers = deepLayers(r.Seed)
	}
	return net.New(preprocess.Shape(), r.Seed, layers...)
}

// deepLayers are those of five convolutions by filters of 3 x 3 (Simonyan and
// Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
// 2014, section 2.3: two of them see as much as one of 5 x 5, and are more than
// linear), each of which is normalised. Nothing is padded: the rim of an image is
// empty.
func deepLayers(seed uint64) (layers []layer.Layer) {
	for _, stage := range [][]int{{16, 16}, {32, 32}, {64}} {
		if len(layers) > 0 {
			layers = append(layers, pool.Max{Size: 2})
		}
		for _, filters := range stage {
			layers = append(layers, conv.Layer{Filters: filters, Size: 3}, norm.Batch{Activation: layer.ReLU})
		}
	}
	return append(layers, dense.Flatten{}, norm.Dropout{Rate: 0.4, Seed: seed}, dense.Layer{Units: 10})
}
