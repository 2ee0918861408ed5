package layertest_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/layer/layertest"
)

// centre subtracts, from every element of a vector, its mean over the batch, with
// the fault that it is told to have.
type centre struct{ fault string }

func (l centre) Bind(in layer.Shape) (layer.Op, error) {
	return &centreOp{l.fault, in, make([]float32, in.Len()), make([]float32, in.Len())}, nil
}

type centreOp struct {
	fault          string
	in             layer.Shape
	mean, gradMean []float32
}

func (o *centreOp) String() string   { return "centre" }
func (o *centreOp) Out() layer.Shape { return o.in }
func (o *centreOp) StatsLen() int    { return o.in.Len() }

func (o *centreOp) Observe(stats []float64, x []float32, n int)            { o.sum(stats, x) }
func (o *centreOp) ObserveGrad(stats []float64, dy, x, y []float32, n int) { o.sum(stats, dy) }

func (o *centreOp) sum(stats []float64, x []float32) {
	clear(stats)
	for i, v := range x {
		stats[i%len(stats)] += float64(v)
	}
}

func (o *centreOp) Combine(stats []float64, n int) {
	for e, v := range stats {
		o.mean[e] = float32(v / float64(n))
	}
}

func (o *centreOp) CombineGrad(stats []float64, n int) {
	for e, v := range stats {
		o.gradMean[e] = float32(v / float64(n))
	}
	if o.fault == "takes the mean for a constant" {
		clear(o.gradMean)
	}
}

func (o *centreOp) Forward(y, x []float32, n int) {
	mean := o.mean
	if o.fault == "takes the mean of what it sees" {
		sums := make([]float64, len(mean))
		o.sum(sums, x)
		mean = make([]float32, len(mean))
		for e, v := range sums {
			mean[e] = float32(v / float64(n))
		}
	}
	subtract(y, x, mean)
}

func (o *centreOp) Backward(dx, dy, x, y []float32, n int) {
	if dx != nil {
		subtract(dx, dy, o.gradMean)
	}
}

func subtract(y, x, mean []float32) {
	for i, v := range x {
		y[i] = v - mean[i%len(mean)]
	}
}

// TestBatched checks a layer whose images depend on each other.
func TestBatched(t *testing.T) {
	in := layer.Vector(5)
	if err := errors.Join(layertest.Check(centre{}, in), layertest.GradCheck(centre{}, in)); err != nil {
		t.Error(err)
	}
	if err := layertest.GradCheck(centre{"takes the mean for a constant"}, in); !errors.Is(err, layertest.ErrGradient) {
		t.Errorf("error %v, want %v", err, layertest.ErrGradient)
	}
}

// root is a layer for positive inputs.
type root struct{ in layer.Shape }

func (root) Bind(in layer.Shape) (layer.Op, error) { return root{in}, nil }
func (root) String() string                        { return "root" }
func (r root) Out() layer.Shape                    { return r.in }
func (root) Forward(y, x []float32, n int) {
	for i, v := range x {
		if v < 1 {
			panic("not positive")
		}
		y[i] = 1 / v
	}
}

func (root) Backward(dx, dy, x, y []float32, n int) {
	for i := range dx {
		dx[i] = -dy[i] * y[i] * y[i]
	}
}

// TestFill gives a layer inputs of the kind that it wants, large ones.
func TestFill(t *testing.T) {
	in := layer.Vector(7)
	c := layertest.Checker{Fill: func(x []float32, r *rand.Rand) {
		for i := range x {
			x[i] = 1000 + 500*layer.Uniform(r)
		}
	}}
	if err := errors.Join(c.Check(root{}, in), c.GradCheck(root{}, in)); err != nil {
		t.Error(err)
	}
	if err := layertest.Check(root{}, in); !errors.Is(err, layertest.ErrContract) || !strings.Contains(err.Error(), "not positive") {
		t.Errorf("without Fill: error %v", err)
	}
}

// TestSeed wants other numbers from another seed, and the same from the same.
func TestSeed(t *testing.T) {
	report := func(seed uint64) string {
		return layertest.Checker{Seed: seed}.GradCheck(affine{"takes the mean"}, affineIn).Error()
	}
	if report(1) != report(1) || report(1) == report(2) {
		t.Errorf("seed 1: %q and %q, seed 2: %q", report(1), report(1), report(2))
	}
}

// TestSample wants of many elements MaxElements to be tried.
func TestSample(t *testing.T) {
	err := layertest.GradCheck(affine{"is a little wrong"}, layer.Image(2, 20, 20))
	if err == nil || !strings.Contains(err.Error(), "of 1000 that were tried") {
		t.Errorf("error %v, want 1000 elements to be tried", err)
	}
}
