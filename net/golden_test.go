package net_test

import (
	"fmt"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

// goldenNet is a network whose reference numbers carry a prefix, with the
// layers that have parameters and the tolerances for float32.
type goldenNet struct {
	prefix  string
	build   func() *net.Network
	trained []int
}

var goldenLeNet = goldenNet{"lenet_", func() *net.Network { return net.LeNet5(0) }, []int{0, 2, 5, 6, 7}}

// goldenTiny has the layer kinds, activations and odd sizes that LeNet-5 lacks.
var goldenTiny = goldenNet{"tiny_", func() *net.Network {
	n, err := net.New(layer.Image(2, 11, 10), 0,
		conv.Layer{Filters: 3, Size: 3, Activation: layer.Tanh},
		pool.Max{Size: 2, Activation: layer.Sigmoid},
		conv.Layer{Filters: 4, Size: 2, Activation: layer.ReLU},
		dense.Flatten{},
		dense.Layer{Units: 5, Activation: layer.Tanh},
		dense.Layer{Units: 3},
	)
	if err != nil {
		panic(err)
	}
	return n
}, []int{0, 2, 4, 5}}

// network returns the network with the initial weights of the files.
func (g goldenNet) network(t *testing.T) *net.Network {
	n := g.build()
	for _, i := range g.trained {
		err := n.SetParams(i, golden.Float32(t, fmt.Sprintf("%sW%d", g.prefix, i)), golden.Float32(t, fmt.Sprintf("%sB%d", g.prefix, i)))
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func (g goldenNet) batch(t *testing.T) (x []float32, labels []int) {
	return golden.Float32(t, g.prefix+"X"), golden.Ints(t, g.prefix+"labels")
}

// after returns the network and its trainer after some steps on the same batch,
// and the losses.
func (g goldenNet) after(t *testing.T, steps int, opt net.Optimizer) (n *net.Network, tr *net.Trainer, losses []float64) {
	n = g.network(t)
	tr = newTrainer(t, n, net.TrainerConfig{Optimizer: opt, Loss: net.CrossEntropy{Epsilon: 1e-7}})
	x, labels := g.batch(t)
	for range steps {
		loss, err := tr.Step(x, labels)
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, loss)
	}
	return n, tr, losses
}

// newTrainer returns a trainer that is closed at the end of the test.
func newTrainer(t testing.TB, n *net.Network, c net.TrainerConfig) *net.Trainer {
	t.Helper()
	tr, err := net.NewTrainer(n, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	return tr
}

func TestGoldenProbabilities(t *testing.T) {
	for _, c := range []struct {
		goldenNet
		name string
	}{{goldenLeNet, "lenet_A7_f64"}, {goldenTiny, "tiny_A5"}} {
		x, _ := c.batch(t)
		p, err := c.network(t).PredictProba(nil, x)
		if err != nil {
			t.Fatal(err)
		}
		golden.Close(t, c.name, p, golden.Float64(t, c.name), 1e-5)
	}
}

func TestGoldenGradients(t *testing.T) {
	for _, g := range []goldenNet{goldenLeNet, goldenTiny} {
		_, tr, losses := g.after(t, 1, nil)
		name := g.prefix + "loss"
		if g.prefix == "lenet_" {
			name += "_f64"
		}
		golden.Close(t, name, losses, golden.Float64(t, name)[1:], 1e-5)
		for _, i := range g.trained {
			dw, db, err := tr.Gradients(i)
			if err != nil {
				t.Fatal(err)
			}
			golden.Close(t, fmt.Sprint("dW", i), dw, golden.Float64(t, fmt.Sprintf("%sdW%d", g.prefix, i)), 1e-5)
			bias := fmt.Sprintf("%sdB%d", g.prefix, i)
			if g.prefix == "lenet_" {
				bias += "_f64"
			}
			golden.Close(t, bias, db, golden.Float64(t, bias), 1e-5)
		}
	}
}

func TestGoldenAdam(t *testing.T) {
	for _, c := range []struct {
		goldenNet
		tag    string
		steps  int
		opt    net.Optimizer
		losses string
		tol    float64
	}{
		{goldenLeNet, "nbadam1", 1, net.NotebookAdam(0.01), "", 1e-4},
		{goldenLeNet, "nbadam3", 3, net.NotebookAdam(0.01), "lenet_losses_nbadam_f64", 1e-4},
		{goldenLeNet, "std3", 3, net.Adam{}, "lenet_losses_stdadam_f64", 5e-6},
		{goldenTiny, "nbadam3", 3, net.NotebookAdam(0.01), "", 1e-4},
		{goldenTiny, "std3", 3, net.Adam{}, "", 5e-6},
	} {
		t.Run(c.prefix+c.tag, func(t *testing.T) {
			n, _, losses := c.after(t, c.steps, c.opt)
			if c.losses != "" {
				golden.Close(t, c.losses, losses, golden.Float64(t, c.losses), 1e-5)
			}
			for _, i := range c.trained {
				w, b, err := n.Params(i)
				if err != nil {
					t.Fatal(err)
				}
				bias := fmt.Sprintf("%s%s_B%d", c.prefix, c.tag, i)
				weights := fmt.Sprintf("%s%s_W%d", c.prefix, c.tag, i)
				if c.prefix == "lenet_" {
					bias += "_f64"
				}
				golden.Close(t, bias, b, golden.Float64(t, bias), c.tol)
				if weights == c.prefix+c.tag+"_W5" && c.prefix == "lenet_" {
					checkDense5(t, weights, w, c.tol)
					continue
				}
				golden.Close(t, weights, w, golden.Float64(t, weights), c.tol)
			}
		})
	}
}

// checkDense5 compares the large dense layer, of which the files hold the first
// rows and all sums over rows and columns.
func checkDense5(t *testing.T, name string, w []float32, tol float64) {
	const rows, cols = 120, 400
	golden.Close(t, name, w[:8*cols], golden.Float64(t, name+"_rows0_8"), tol)
	rowSums, colSums := make([]float64, rows), make([]float64, cols)
	for i, v := range w {
		rowSums[i/cols] += float64(v)
		colSums[i%cols] += float64(v)
	}
	golden.Close(t, name+" row sums", rowSums, golden.Float64(t, name+"_rowsum_f64"), tol*40)
	golden.Close(t, name+" column sums", colSums, golden.Float64(t, name+"_colsum_f64"), tol*20)
}
