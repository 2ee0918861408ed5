package notebook

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

// Load returns the network of a file whose arrays are those of a LeNet:
// convolutions with square filters, each followed by max-pooling of 2 x 2, then
// dense layers, with ReLU everywhere but after the last one, whose outputs are
// logits. The file says neither the size of the images nor the activations; the
// size is the square one in which every convolution and pooling comes out even,
// 32 x 32 for LeNet-5.
//
// An error wraps ErrArchitecture if the arrays are not those of such a network,
// for instance of dense layers alone, whose activations could be any: build the
// network then and [Import] the file. Otherwise it is like Import's.
func Load(r io.Reader, o Options) (*net.Network, error) {
	entries, err := Read(r)
	if err != nil {
		return nil, err
	}
	in, layers, err := infer(entries)
	if err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	n, err := net.New(in, 0, layers...)
	if err != nil {
		return nil, fmt.Errorf("notebook: %w: %w", ErrArchitecture, err)
	}
	if err := set(n, entries, o); err != nil {
		return nil, err
	}
	return n, nil
}

// maxSide is the most rows of an image that infer makes out.
const maxSide = 1 << 12

// infer returns the network that the arrays are of.
func infer(entries []Entry) (in layer.Shape, layers []layer.Layer, err error) {
	convs, denses, err := divide(entries)
	if err != nil {
		return in, nil, err
	}
	side, err := flatSide(convs[len(convs)-1], denses[0])
	if err != nil {
		return in, nil, err
	}
	for i := len(convs) - 1; i >= 0; i-- {
		side = 2*side + convs[i].Shape[2] - 1
		if side > maxSide {
			return in, nil, fmt.Errorf("%w: images of more than %d rows", ErrArchitecture, maxSide)
		}
	}
	for _, w := range convs {
		layers = append(layers,
			conv.Layer{Filters: w.Shape[0], Size: w.Shape[2], Activation: layer.ReLU},
			pool.Max{Size: 2, Activation: layer.ReLU})
	}
	layers = append(layers, dense.Flatten{})
	for i, w := range denses {
		l := dense.Layer{Units: w.Shape[0]}
		if i < len(denses)-1 {
			l.Activation = layer.ReLU
		}
		layers = append(layers, l)
	}
	return layer.Image(convs[0].Shape[1], side, side), layers, nil
}

// divide returns the weights of the convolutions and of the dense layers.
func divide(entries []Entry) (convs, denses []Array, err error) {
	pattern := ""
	for i, e := range entries {
		w := e.W
		switch {
		case e.IsEmpty():
			pattern += "-"
			continue
		case len(w.Shape) == 4 && len(denses) == 0 && w.Shape[2] == w.Shape[3]:
			convs = append(convs, w)
			pattern += "c"
		case len(w.Shape) == 2:
			denses = append(denses, w)
			pattern += "d"
		default:
			return nil, nil, fmt.Errorf("%w: entry %d: W of %v", ErrArchitecture, i, w)
		}
	}
	if len(convs) == 0 || len(denses) == 0 {
		return nil, nil, fmt.Errorf("%w: %d convolutions and %d dense layers, want at least one of each", ErrArchitecture, len(convs), len(denses))
	}
	if !fits(pattern, len(convs), len(denses)) {
		return nil, nil, fmt.Errorf("%w: entries without parameters are not where poolings and flattening are", ErrArchitecture)
	}
	return convs, denses, nil
}

// fits reports whether entries, of which c is a convolution, d a dense layer and
// - is empty, are those of the layers with parameters alone, or of all layers,
// with or without one for the flattening.
func fits(pattern string, convs, denses int) bool {
	dense := strings.Repeat("d", denses)
	pooled := strings.Repeat("c-", convs)
	return pattern == strings.Repeat("c", convs)+dense || pattern == pooled+dense || pattern == pooled+"-"+dense
}

// flatSide returns the rows and columns of the image that is flattened.
func flatSide(last, first Array) (int, error) {
	inputs, channels := first.Shape[1], last.Shape[0]
	side := int(math.Sqrt(float64(inputs / channels)))
	if side*side*channels != inputs {
		return 0, fmt.Errorf("%w: %d inputs of the first dense layer are no square images of %d channels", ErrArchitecture, inputs, channels)
	}
	return side, nil
}
