package gonummat

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// Params returns copies of the parameters of layer i, counted from 0, a dense
// layer or a convolution. The rows of w are the units or filters; its columns
// are the inputs of a dense layer, or the channels, rows and columns of a filter.
// The elements of b are the biases; it is nil if the layer has none.
//
// The error wraps [layer.ErrOption] if there is no such layer.
func Params(n *net.Network, i int) (w *mat.Dense, b *mat.VecDense, err error) {
	rows, err := outputs(n, i)
	if err != nil {
		return nil, nil, err
	}
	weights, biases, err := n.Params(i)
	if err != nil {
		return nil, nil, err
	}
	w = mat.NewDense(rows, len(weights)/rows, widen(weights))
	if len(biases) > 0 {
		b = mat.NewVecDense(len(biases), widen(biases))
	}
	return w, b, nil
}

// SetParams copies parameters into layer i, in the form that [Params] has; b
// may be nil if the layer has no biases. Like [net.Network.SetParams] it must not
// run beside anything else that uses the network.
//
// The error names the layer. It wraps [layer.ErrOption] if there is no such
// layer, [layer.ErrShape] if w or b have other sizes, [net.ErrData] if a number
// is not finite as float32. It changes nothing.
func SetParams(n *net.Network, i int, w mat.Matrix, b mat.Vector) error {
	rows, err := outputs(n, i)
	if err != nil {
		return err
	}
	have, _, err := n.Params(i)
	if err != nil {
		return err
	}
	r, c, err := dims(w)
	if err != nil {
		return fmt.Errorf("gonummat: layer %d, weights: %w", i, err)
	}
	if r != rows || c != len(have)/rows {
		return fmt.Errorf("gonummat: layer %d: %w: want weights of %d x %d, have %d x %d", i, layer.ErrShape, rows, len(have)/rows, r, c)
	}
	weights, err := appendAll(nil, w)
	if err != nil {
		return fmt.Errorf("gonummat: layer %d, weights: %w", i, err)
	}
	var biases []float32
	if !isNil(b) {
		if biases, err = appendAll(nil, b.T()); err != nil {
			return fmt.Errorf("gonummat: layer %d, biases: %w", i, err)
		}
	}
	return n.SetParams(i, weights, biases)
}

// outputs is the number of units or filters of layer i.
func outputs(n *net.Network, i int) (int, error) {
	if i < 0 || i >= n.NumLayers() {
		return 0, fmt.Errorf("gonummat: %w: layer %d of a network with %d layers", layer.ErrOption, i, n.NumLayers())
	}
	switch l := n.Layers()[i].(type) {
	case dense.Layer:
		return l.Units, nil
	case *dense.Layer:
		return l.Units, nil
	case conv.Layer:
		return l.Filters, nil
	case *conv.Layer:
		return l.Filters, nil
	default:
		return 0, fmt.Errorf("gonummat: %w: layer %d is a %T: want a dense layer or a convolution", layer.ErrOption, i, l)
	}
}
