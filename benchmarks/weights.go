package benchmarks

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext/prng"

	"github.com/simdlanes/lanes/net"
)

// Weights are the parameters of LeNet-5, or anything of the same sizes: a
// gradient, a moment of Adam. The index is the layer: 0 and 1 the convolutions,
// with W (out, in, filter, filter), 2 to 4 the dense layers, with W (out, in);
// B is (out). All arrays are row-major.
type Weights struct {
	W, B [5][]float32
}

// newWeights returns zeroes.
func newWeights() Weights {
	var w Weights
	for i, size := range [...]struct{ w, b int }{
		{conv1.WeightSize(), conv1.Out},
		{conv2.WeightSize(), conv2.Out},
		{dense1.WeightSize(), dense1.Out},
		{dense2.WeightSize(), dense2.Out},
		{dense3.WeightSize(), dense3.Out},
	} {
		w.W[i] = make([]float32, size.w)
		w.B[i] = make([]float32, size.b)
	}
	return w
}

// clone returns a copy that shares no memory with w. It panics if w does not
// have the sizes of LeNet-5.
func (w Weights) clone() Weights {
	c := newWeights()
	for i := range c.W {
		if len(w.W[i]) != len(c.W[i]) || len(w.B[i]) != len(c.B[i]) {
			panic(fmt.Sprintf("benchmarks: layer %d has %d weights and a bias of %d, want %d and %d",
				i, len(w.W[i]), len(w.B[i]), len(c.W[i]), len(c.B[i])))
		}
		copy(c.W[i], w.W[i])
		copy(c.B[i], w.B[i])
	}
	return c
}

// NotebookWeights returns the weights that the notebook's LeNet-5 starts from.
// Every layer takes the same stream of standard normals from its beginning and
// scales it, by 1/sqrt(out*in*filter*filter) for a convolution and by 0.01 for
// a dense layer; biases are zero.
func NotebookWeights() Weights {
	w := newWeights()
	normals := notebookNormals(dense1.WeightSize())
	for i, scale := range [...]float64{
		1 / math.Sqrt(float64(conv1.WeightSize())),
		1 / math.Sqrt(float64(conv2.WeightSize())),
		0.01, 0.01, 0.01,
	} {
		for j := range w.W[i] {
			w.W[i][j] = float32(scale * normals[j])
		}
	}
	return w
}

// notebookNormals returns the first n values of numpy's
// RandomState(1).standard_normal: the Mersenne twister seeded with 1 and
// Marsaglia's polar method, which makes two normals of each accepted point and
// hands out the second first.
func notebookNormals(n int) []float64 {
	twister := prng.NewMT19937()
	twister.Seed(1)
	// uniform returns a multiple of 2**-53 in [0, 1), from 27 + 26 random bits.
	uniform := func() float64 {
		high, low := twister.Uint32()>>5, twister.Uint32()>>6
		return (float64(high)*(1<<26) + float64(low)) / (1 << 53)
	}
	normals := make([]float64, 0, n+1)
	for len(normals) < n {
		x, y := 2*uniform()-1, 2*uniform()-1
		r := x*x + y*y
		if r >= 1 || r == 0 {
			continue
		}
		scale := math.Sqrt(-2 * math.Log(r) / r)
		normals = append(normals, scale*y, scale*x)
	}
	return normals[:n]
}

// CopyTo sets the parameters of a LeNet-5 network.
func (w Weights) CopyTo(n *net.Network) error {
	for i, layer := range [...]int{0, 2, 5, 6, 7} { // those of net.LeNet5Layers with parameters
		if err := n.SetParams(layer, w.W[i], w.B[i]); err != nil {
			return err
		}
	}
	return nil
}
