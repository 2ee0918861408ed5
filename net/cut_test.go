package net_test

import (
	"fmt"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// centre subtracts, from every element, its mean over the batch: a layer that
// needs the whole batch, forward and back.
type centre struct{}

func (centre) Bind(in layer.Shape) (layer.Op, error) {
	return &centreOp{shape: in, mean: make([]float32, in.Len()), gradMean: make([]float32, in.Len())}, nil
}

type centreOp struct {
	shape          layer.Shape
	mean, gradMean []float32
}

func (o *centreOp) String() string   { return "centre" }
func (o *centreOp) Out() layer.Shape { return o.shape }
func (o *centreOp) StatsLen() int    { return o.shape.Len() }

func (o *centreOp) Forward(y, x []float32, n int)                      { o.subtract(y, x, o.mean, n) }
func (o *centreOp) Backward(dx, dy, x, y []float32, n int)             { o.subtract(dx, dy, o.gradMean, n) }
func (o *centreOp) Observe(stats []float64, x []float32, n int)        { o.sum(stats, x, n) }
func (o *centreOp) Combine(stats []float64, n int)                     { o.average(o.mean, stats, n) }
func (o *centreOp) CombineGrad(stats []float64, n int)                 { o.average(o.gradMean, stats, n) }
func (o *centreOp) ObserveGrad(s []float64, dy, x, y []float32, n int) { o.sum(s, dy, n) }

// at is where element e of image i lies.
func (o *centreOp) at(e, i int) int {
	if o.shape.IsVector() {
		return i*o.shape.Len() + e
	}
	return e*kernels.Lanes + i
}

func (o *centreOp) subtract(y, x, mean []float32, n int) {
	for e := range o.shape.Len() {
		for i := range n {
			y[o.at(e, i)] = x[o.at(e, i)] - mean[e]
		}
	}
}

func (o *centreOp) sum(stats []float64, x []float32, n int) {
	for e := range stats {
		stats[e] = 0
		for i := range n {
			stats[e] += float64(x[o.at(e, i)])
		}
	}
}

func (o *centreOp) average(mean []float32, stats []float64, n int) {
	size := o.shape.Len()
	for e := range mean {
		sum := 0.0
		for block := 0; block < len(stats); block += size {
			sum += stats[block+e]
		}
		mean[e] = float32(sum / float64(n))
	}
}

// TestPhaseCut trains a network with layers that need the whole batch, over
// several blocks of which the last is partial: the same bits for any number of
// workers, and outputs that the layers have centred.
func TestPhaseCut(t *testing.T) {
	const images = 19
	in := layer.Image(2, 6, 6)
	x, labels := make([]float32, images*in.Len()), make([]int, images)
	layer.Normal(x, 1, layer.Stream(1, "cut", 0))
	for i := range labels {
		labels[i] = i % 3
	}
	var want string
	for _, workers := range []int{1, 2, 3, 7} {
		n, err := net.New(in, 5,
			conv.Layer{Filters: 4, Size: 3, Activation: layer.Tanh},
			centre{},
			conv.Layer{Filters: 3, Size: 2, Activation: layer.ReLU},
			dense.Flatten{},
			centre{},
			dense.Layer{Units: 3},
			centre{},
		)
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
		var first, last float64
		for step := range 30 {
			if last, err = tr.Step(x, labels); err != nil {
				t.Fatal(err)
			}
			if step == 0 {
				first = last
			}
		}
		if !(last < first) {
			t.Errorf("%d workers: the loss went from %v to %v", workers, first, last)
		}
		checkCentred(t, tr)
		got := fmt.Sprintf("%x", n.Hash())
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%d workers: weights hash to %s, want %s", workers, got, want)
		}
	}
}

// checkCentred checks a consequence of the last layer's gradient: what flows
// back from it sums to 0 over the batch, and so does the bias gradient before it.
func checkCentred(t *testing.T, tr *net.Trainer) {
	t.Helper()
	_, db, err := tr.Gradients(5)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range db {
		if !(g < 1e-5 && g > -1e-5) {
			t.Errorf("gradient of bias %d is %v, want 0", i, g)
		}
	}
}
