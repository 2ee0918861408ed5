package net

import (
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/pool"
)

// LeNet5 returns the network of LeCun et al., "Gradient-Based Learning Applied
// to Document Recognition", 1998, figure 2, as it is built today: max-pooling,
// ReLU and ten logits. It takes images of 1 x 32 x 32 and has 61,706
// parameters, drawn from seed.
func LeNet5(seed uint64) *Network {
	n, err := New(LeNet5Input(), seed, LeNet5Layers()...)
	if err != nil {
		panic(err) // the layers below are constants that fit
	}
	return n
}

// LeNet5Input is the shape of the images that [LeNet5] takes.
func LeNet5Input() layer.Shape { return layer.Image(1, 32, 32) }

// LeNet5Layers returns the layers of [LeNet5], for variations of it.
func LeNet5Layers() []layer.Layer {
	return []layer.Layer{
		conv.Layer{Filters: 6, Size: 5, Activation: layer.ReLU},
		pool.Max{Size: 2, Activation: layer.ReLU},
		conv.Layer{Filters: 16, Size: 5, Activation: layer.ReLU},
		pool.Max{Size: 2, Activation: layer.ReLU},
		dense.Flatten{},
		dense.Layer{Units: 120, Activation: layer.ReLU},
		dense.Layer{Units: 84, Activation: layer.ReLU},
		dense.Layer{Units: 10},
	}
}
