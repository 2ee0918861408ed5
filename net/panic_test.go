package net_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// panicking is a Dataset whose Read panics at one image while it is armed.
type panicking struct {
	net.Examples
	at    int
	armed *atomic.Bool
}

// errPanic is what the tests' data and layers panic with.
var errPanic = errors.New("panic of the caller's")

func (p panicking) Read(x []float32, labels []int, indices []int) error {
	for _, i := range indices {
		if i == p.at && p.armed.Load() {
			panic(errPanic)
		}
	}
	return p.Examples.Read(x, labels, indices)
}

// panicOf returns what a call panics with, or nil.
func panicOf(call func()) (value any) {
	defer func() { value = recover() }()
	call()
	return nil
}

// TestPanicInRead has Read panic in each of four blocks, on whichever worker:
// the caller gets the panic, nothing has changed, and all goes on.
func TestPanicInRead(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		for block := range 4 {
			t.Run(fmt.Sprintf("workers=%d/block=%d", workers, block), func(t *testing.T) {
				n, x, labels := blobs()
				data := panicking{net.Examples{Images: x, Labels: labels}, 8 * block, new(atomic.Bool)}
				tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
				p := n.NewPredictor(workers)
				defer p.Close()
				before := n.Hash()
				fit := func() {
					if _, err := tr.Fit(t.Context(), data, net.FitConfig{NoShuffle: true}); err != nil {
						t.Error(err)
					}
				}
				calls := map[string]func(){
					"Fit":                fit,
					"Trainer.Accuracy":   func() { _, _ = tr.Accuracy(data) },
					"Network.Accuracy":   func() { _, _ = n.Accuracy(data) },
					"Predictor.Accuracy": func() { _, _ = p.Accuracy(data) },
				}
				for range 3 {
					data.armed.Store(true)
					for name, call := range calls {
						if got := panicOf(call); got != errPanic {
							t.Errorf("%s: panic %v, want %v", name, got, errPanic)
						}
					}
					if n.Hash() != before {
						t.Error("a step that panicked has changed the weights")
					}
					data.armed.Store(false)
					for name, call := range calls {
						if name != "Fit" {
							call()
						}
					}
				}
				fit()
				if want := fitHash(t, data.Examples); n.Hash() != want {
					t.Error("after panics the training gives other weights")
				}
			})
		}
	}
}

// fitHash is the hash of the weights of blobs' network after one epoch.
func fitHash(t *testing.T, data net.Dataset) [32]byte {
	t.Helper()
	n, _, _ := blobs()
	if _, err := newTrainer(t, n, net.TrainerConfig{}).Fit(t.Context(), data, net.FitConfig{NoShuffle: true}); err != nil {
		t.Fatal(err)
	}
	return n.Hash()
}

// fragile is a layer, one that needs the whole batch, that panics in one of its
// methods while this is armed.
type fragile struct {
	in       *atomic.Pointer[string]
	combined *atomic.Int64 // calls of Combine; not counted if nil
}

func (f fragile) Bind(in layer.Shape) (layer.Op, error) {
	op, err := centre{}.Bind(in)
	return &fragileOp{op.(*centreOp), f}, err
}

type fragileOp struct {
	*centreOp
	fragile
}

func (o *fragileOp) reach(method string) {
	if in := o.in.Load(); in != nil && *in == method {
		panic(errPanic)
	}
}

func (o *fragileOp) Forward(y, x []float32, n int) {
	o.reach("Forward")
	o.centreOp.Forward(y, x, n)
}

func (o *fragileOp) Backward(dx, dy, x, y []float32, n int) {
	o.reach("Backward")
	o.centreOp.Backward(dx, dy, x, y, n)
}

func (o *fragileOp) Combine(stats []float64, n int) {
	o.reach("Combine")
	if o.combined != nil {
		o.combined.Add(1)
	}
	o.centreOp.Combine(stats, n)
}

func (o *fragileOp) CombineGrad(stats []float64, n int) {
	o.reach("CombineGrad")
	o.centreOp.CombineGrad(stats, n)
}

func (o *fragileOp) ObserveGrad(s []float64, dy, x, y []float32, n int) {
	o.reach("ObserveGrad")
	o.centreOp.ObserveGrad(s, dy, x, y, n)
}

// TestPanicInLayer has a layer panic in every phase of a step, where other
// workers wait at the next barrier.
func TestPanicInLayer(t *testing.T) {
	const images = 27
	in := layer.Image(1, 4, 4)
	x, labels := make([]float32, images*in.Len()), make([]int, images)
	layer.Normal(x, 1, layer.Stream(1, "panic", 0))
	for _, workers := range []int{1, 2, 3} {
		armed := new(atomic.Pointer[string])
		n, err := net.New(in, 1, conv.Layer{Filters: 2, Size: 3}, fragile{in: armed}, dense.Flatten{}, dense.Layer{Units: 2})
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
		before := n.Hash()
		for range 20 {
			for _, method := range []string{"Forward", "Backward", "Combine", "CombineGrad", "ObserveGrad"} {
				armed.Store(&method)
				if got := panicOf(func() { _, _ = tr.Step(x, labels) }); got != errPanic {
					t.Errorf("%d workers, %s: panic %v, want %v", workers, method, got, errPanic)
				}
			}
		}
		if n.Hash() != before {
			t.Errorf("%d workers: steps that panicked have changed the weights", workers)
		}
		armed.Store(nil)
		if _, err := tr.Step(x, labels); err != nil || n.Hash() == before {
			t.Errorf("%d workers: a step after panics: error %v", workers, err)
		}
	}
}

// TestFailedStepDoesNotCombine has data fail before a layer that needs the whole
// batch: what was observed of the others must not reach it.
func TestFailedStepDoesNotCombine(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		combined := new(atomic.Int64)
		n, err := net.New(layer.Vector(2), 1, fragile{new(atomic.Pointer[string]), combined}, dense.Layer{Units: 2})
		if err != nil {
			t.Fatal(err)
		}
		_, x, labels := blobs()
		data := net.Examples{Images: x, Labels: labels}
		tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
		for _, from := range []int{0, 9, 31} {
			_, err := tr.Fit(t.Context(), failing{data, from}, net.FitConfig{NoShuffle: true})
			wantError(t, "broken data", err, errBroken)
		}
		if combined.Load() != 0 {
			t.Errorf("%d workers: Combine was called in a failed step", workers)
		}
		if _, err := tr.Step(x, labels); err != nil || combined.Load() != 1 {
			t.Errorf("%d workers: error %v, Combine called %d times, want once", workers, err, combined.Load())
		}
	}
}

// TestPanicInPrediction has a prediction panic that has a place for its results,
// and looks whether it is forgotten.
func TestPanicInPrediction(t *testing.T) {
	armed := new(atomic.Pointer[string])
	n, err := net.New(layer.Vector(2), 1, fragile{in: armed}, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	method := "Forward"
	for name, call := range map[string]func(){
		"Predict":      func() { _, _ = n.Predict(nil, make([]float32, 8)) },
		"PredictProba": func() { _, _ = n.PredictProba(nil, make([]float32, 8)) },
	} {
		before, err := n.Accuracy(xor)
		if err != nil {
			t.Fatal(err)
		}
		armed.Store(&method)
		if got := panicOf(call); got != errPanic {
			t.Errorf("%s: panic %v, want %v", name, got, errPanic)
		}
		armed.Store(nil)
		if after, err := n.Accuracy(xor); err != nil || after != before {
			t.Errorf("%s: accuracy %v and error %v after a panic, want %v", name, after, err, before)
		}
	}
}

// fragileDense is a dense layer whose weight gradient panics while it is armed:
// in the update, when other layers may have been updated.
type fragileDense struct {
	dense.Layer
	armed *atomic.Bool
}

func (f fragileDense) Bind(in layer.Shape) (layer.Op, error) {
	op, err := f.Layer.Bind(in)
	if err != nil {
		return nil, err
	}
	return &fragileDenseOp{op.(layer.BatchGradient), f.armed}, nil
}

type fragileDenseOp struct {
	layer.BatchGradient
	armed *atomic.Bool
}

func (o *fragileDenseOp) Gradient(dw, db, x, dy []float32, n, lo, hi int) {
	if o.armed.Load() {
		panic(errPanic)
	}
	o.BatchGradient.Gradient(dw, db, x, dy, n, lo, hi)
}

func (o *fragileDenseOp) Replica() layer.Trained {
	return &fragileDenseOp{o.BatchGradient.(layer.Replicated).Replica().(layer.BatchGradient), o.armed}
}

// wideBefore returns a network with a layer whose update takes long before the
// last one.
func wideBefore(t *testing.T, last layer.Layer) *net.Network {
	t.Helper()
	n, err := net.New(layer.Vector(2), 3, dense.Layer{Units: 200, Activation: layer.Tanh}, last)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// copyParams gives a network the parameters of another.
func copyParams(t *testing.T, to, from *net.Network) {
	t.Helper()
	for i := range from.Layers() {
		w, b, err := from.Params(i)
		if err == nil {
			err = to.SetParams(i, w, b)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestPanicInUpdate goes on training after an update that was only half done,
// and compares with a training that begins from the same weights.
func TestPanicInUpdate(t *testing.T) {
	armed := new(atomic.Bool)
	build := func() *net.Network { return wideBefore(t, fragileDense{dense.Layer{Units: 2}, armed}) }
	_, x, labels := blobs()
	sgd := net.TrainerConfig{Optimizer: net.SGD{Rate: 0.1}}
	for _, sgd.Workers = range []int{1, 2, 3} {
		n := build()
		tr := newTrainer(t, n, sgd)
		for range 20 {
			armed.Store(true)
			if got := panicOf(func() { _, _ = tr.Step(x, labels) }); got != errPanic {
				t.Fatalf("%d workers: panic %v, want %v", sgd.Workers, got, errPanic)
			}
			armed.Store(false)
			same := build()
			copyParams(t, same, n)
			for _, trainer := range []*net.Trainer{tr, newTrainer(t, same, sgd)} {
				if _, err := trainer.Step(x, labels); err != nil {
					t.Fatal(err)
				}
			}
			if n.Hash() != same.Hash() {
				t.Fatalf("%d workers: a step after a panic is not that of the same weights", sgd.Workers)
			}
		}
	}
}

// TestPanicInUpdateOfAnother lets one trainer's update panic half-way; another
// trainer of the same network must then see the weights as they are.
func TestPanicInUpdateOfAnother(t *testing.T) {
	armed := new(atomic.Bool)
	_, x, labels := blobs()
	config := net.TrainerConfig{Optimizer: net.SGD{Rate: 0.1}, Workers: 2}
	build := func() *net.Network { return wideBefore(t, fragileDense{dense.Layer{Units: 2}, armed}) }
	for range 20 { // which worker has updated what differs
		n, same := build(), build()
		one, other := newTrainer(t, n, config), newTrainer(t, n, config)
		armed.Store(true)
		panicOf(func() { _, _ = one.Step(x, labels) })
		armed.Store(false)
		copyParams(t, same, n)
		for _, trainer := range []*net.Trainer{other, newTrainer(t, same, config)} {
			if _, err := trainer.Step(x, labels); err != nil {
				t.Fatal(err)
			}
		}
		if n.Hash() != same.Hash() {
			t.Fatal("the other trainer's step is not from the network's weights")
		}
	}
}
