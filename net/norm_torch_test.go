package net_test

import (
	"fmt"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
	"github.com/simdlanes/lanes/pool"
)

// TestNormPyTorch trains a network with batch normalisation of images and of
// vectors on 19 images, three blocks, and compares gradients, weights, running
// statistics and predictions with PyTorch's.
func TestNormPyTorch(t *testing.T) {
	for name, opt := range map[string]net.Optimizer{
		"sgd":  net.SGD{Rate: 0.1, Momentum: 0.9},
		"adam": net.Adam{Rate: 0.01, Epsilon: 1e-3},
	} {
		for _, impl := range kernels.Impls() {
			for _, workers := range []int{1, 3} {
				t.Run(fmt.Sprint(name, "/", impl, "/", workers), func(t *testing.T) {
					defer kernels.Use(impl)()
					compareNorms(t, name, net.TrainerConfig{Optimizer: opt, Workers: workers})
				})
			}
		}
	}
}

func compareNorms(t *testing.T, name string, c net.TrainerConfig) {
	n, err := net.New(layer.Image(2, 6, 6), 0,
		conv.Layer{Filters: 4, Size: 3},
		norm.Batch{Activation: layer.ReLU},
		pool.Max{Size: 2},
		dense.Flatten{},
		dense.Layer{Units: 7},
		norm.Batch{Activation: layer.Tanh, Epsilon: 0.01, Momentum: 0.3},
		dense.Layer{Units: 3},
	)
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string) []float64 {
		x, _ := golden.File(t, "testdata/norm/"+name+".npy")
		return x
	}
	setParams(t, n, file("initial"))
	x := narrow[float32](file("input"))
	labels := narrow[int](file("labels"))
	want, running := file(name), file(name+"_running")
	tr := newTrainer(t, n, c)
	for step := range 3 {
		if _, err := tr.Step(x, labels); err != nil {
			t.Fatal(err)
		}
		var params, gradients, state []float32
		for i := range n.NumLayers() {
			w, b, err := n.Params(i)
			dw, db, err2 := tr.Gradients(i)
			s, err3 := n.State(i)
			if err != nil || err2 != nil || err3 != nil {
				t.Fatal(err, err2, err3)
			}
			params = append(append(params, w...), b...)
			gradients = append(append(gradients, dw...), db...)
			state = append(state, s...)
		}
		for i := range gradients {
			gradients[i] /= float32(len(labels)) // of the mean
		}
		const tol = 2e-6
		golden.Close(t, fmt.Sprint("gradients of step ", step), gradients, want[(2*step+1)*len(params):][:len(params)], tol)
		golden.Close(t, fmt.Sprint("parameters after step ", step), params, want[2*step*len(params):][:len(params)], tol)
		golden.Close(t, fmt.Sprint("running statistics after step ", step), state, running[step*len(state):][:len(state)], tol)
	}
	golden.Close(t, "predictions", probabilities(t, n, x), file(name+"_proba"), 5e-6)
	golden.Close(t, "prediction of one", probabilities(t, n, x[:72]), file(name + "_proba")[:3], 5e-6)
}

// setParams sets all weights and biases, layer by layer.
func setParams(t *testing.T, n *net.Network, params []float64) {
	t.Helper()
	for i := range n.NumLayers() {
		w, b, err := n.Params(i)
		if err != nil {
			t.Fatal(err)
		}
		copy(w, narrow[float32](params[:len(w)]))
		copy(b, narrow[float32](params[len(w):][:len(b)]))
		params = params[len(w)+len(b):]
		if err := n.SetParams(i, w, b); err != nil {
			t.Fatal(err)
		}
	}
}

func narrow[T int | float32](x []float64) []T {
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = T(v)
	}
	return y
}
