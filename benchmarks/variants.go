package benchmarks

import (
	"fmt"

	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
)

// NewNet returns a network of the kinds that are measured, with weights of seed
// 1.
func NewNet(n cases.Net) (*net.Network, error) {
	var layers []layer.Layer
	original := net.LeNet5Layers()
	for i, l := range original {
		c, isConv := l.(conv.Layer)
		_, isDense := l.(dense.Layer)
		switch {
		case isConv && n == cases.LeNet5BatchNorm:
			normalised := norm.Batch{Activation: c.Activation}
			c.Activation = layer.Identity
			layers = append(layers, c, normalised)
		case isDense && n == cases.LeNet5Dropout && i < len(original)-1:
			layers = append(layers, l, norm.Dropout{Rate: 0.5})
		default:
			layers = append(layers, l)
		}
	}
	network, err := net.New(net.LeNet5Input(), 1, layers...)
	if err != nil {
		return nil, fmt.Errorf("benchmarks: %s: %w", n, err)
	}
	return network, nil
}
