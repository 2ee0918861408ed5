// Gorgonia measures a training step of LeNet-5 on Gorgonia: the graph is built
// once, and each step runs it and its gradients and lets Adam update the
// weights.
package main

import (
	"log"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/benchmarks/peers/measure"
)

func main() {
	log.SetFlags(0)
	run := measure.Parse("gorgonia")
	for _, batch := range []int{32, 256} {
		if !run.Wants(cases.Step(batch)) {
			continue
		}
		step, err := lenet(batch)
		if err != nil {
			log.Fatal(err)
		}
		run.Report(cases.Step(batch), run.Best(func() {
			if err := step(); err != nil {
				log.Fatal(err)
			}
		}))
	}
}

const classes = 10

// lenet returns a function that makes one step on a batch, the same each time.
func lenet(batch int) (step func() error, err error) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithShape(batch, 1, 32, 32), gorgonia.WithName("x"),
		gorgonia.WithValue(uniform(batch, 1, 32, 32)))
	want := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(batch, classes), gorgonia.WithName("labels"),
		gorgonia.WithValue(oneHot(batch)))
	n := &network{graph: g}
	a := n.conv(x, "conv1", 6, 1)
	a = n.conv(a, "conv2", 16, 6)
	a = gorgonia.Must(gorgonia.Reshape(a, tensor.Shape{batch, 400}))
	a = gorgonia.Must(gorgonia.Rectify(n.dense(a, "dense1", 400, 120)))
	a = gorgonia.Must(gorgonia.Rectify(n.dense(a, "dense2", 120, 84)))
	p := gorgonia.Must(gorgonia.SoftMax(n.dense(a, "dense3", 84, classes)))
	likelihood := gorgonia.Must(gorgonia.HadamardProd(gorgonia.Must(gorgonia.Log(p)), want))
	loss := gorgonia.Must(gorgonia.Neg(gorgonia.Must(gorgonia.Sum(likelihood))))
	if _, err := gorgonia.Grad(loss, n.params...); err != nil {
		return nil, err
	}
	machine := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(n.params...))
	solver := gorgonia.NewAdamSolver(gorgonia.WithLearnRate(0.001), gorgonia.WithBatchSize(float64(batch)))
	return func() error {
		if err := machine.RunAll(); err != nil {
			return err
		}
		if err := solver.Step(gorgonia.NodesToValueGrads(n.params)); err != nil {
			return err
		}
		machine.Reset()
		return nil
	}, nil
}

// network is a graph and the parameters in it.
type network struct {
	graph  *gorgonia.ExprGraph
	params gorgonia.Nodes
}

// conv adds a 5 x 5 convolution, ReLU and 2 x 2 max-pooling.
func (n *network) conv(x *gorgonia.Node, name string, filters, channels int) *gorgonia.Node {
	w := n.param(name+" weights", filters, channels, 5, 5)
	b := n.param(name+" bias", 1, filters, 1, 1)
	z := gorgonia.Must(gorgonia.Conv2d(x, w, tensor.Shape{5, 5}, []int{0, 0}, []int{1, 1}, []int{1, 1}))
	z = gorgonia.Must(gorgonia.BroadcastAdd(z, b, nil, []byte{0, 2, 3}))
	return gorgonia.Must(gorgonia.MaxPool2D(gorgonia.Must(gorgonia.Rectify(z)), tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
}

func (n *network) dense(x *gorgonia.Node, name string, in, out int) *gorgonia.Node {
	w, b := n.param(name+" weights", in, out), n.param(name+" bias", 1, out)
	return gorgonia.Must(gorgonia.BroadcastAdd(gorgonia.Must(gorgonia.Mul(x, w)), b, nil, []byte{0}))
}

func (n *network) param(name string, shape ...int) *gorgonia.Node {
	p := gorgonia.NewTensor(n.graph, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name),
		gorgonia.WithInit(gorgonia.GlorotU(1)))
	n.params = append(n.params, p)
	return p
}

func uniform(shape ...int) tensor.Tensor {
	values := make([]float32, tensor.Shape(shape).TotalSize())
	random := rand.New(rand.NewPCG(1, 1))
	for i := range values {
		values[i] = random.Float32()
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
}

func oneHot(batch int) tensor.Tensor {
	values := make([]float32, batch*classes)
	for i := range batch {
		values[i*classes+i%classes] = 1
	}
	return tensor.New(tensor.WithShape(batch, classes), tensor.WithBacking(values))
}
