package net_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

// losses are all losses, plain and smoothed.
var losses = []net.Loss{
	net.CrossEntropy{}, net.CrossEntropy{Smoothing: 0.1}, net.CrossEntropy{Epsilon: 1e-7},
	net.BinaryCrossEntropy{}, net.BinaryCrossEntropy{Smoothing: 0.1}, net.SquaredError{},
}

// ending is a network of two inputs that ends with an activation.
func ending(t testing.TB, units int, last layer.Activation) *net.Network {
	t.Helper()
	n, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 4, Activation: layer.Tanh}, dense.Layer{Units: units, Activation: last})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestLossesAreChecked builds trainers whose loss has bad options, or does not
// suit the network.
func TestLossesAreChecked(t *testing.T) {
	image := func(layers ...layer.Layer) *net.Network {
		n, err := net.New(layer.Image(2, 3, 3), 1, layers...)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	plain, sigmoid := ending(t, 3, layer.Identity), ending(t, 3, layer.Sigmoid)
	for _, c := range []struct {
		name string
		n    *net.Network
		loss net.Loss
		want error
		text []string
	}{
		{"smoothing 1", plain, net.CrossEntropy{Smoothing: 1}, layer.ErrOption, []string{"cross-entropy", "[0, 1)", "have 1"}},
		{"smoothing that rounds to 1", plain, net.CrossEntropy{Smoothing: 1 - 1e-12}, layer.ErrOption, []string{"Smoothing"}},
		{"smoothing -1", plain, net.BinaryCrossEntropy{Smoothing: -1}, layer.ErrOption, []string{"binary cross-entropy", "have -1"}},
		{"smoothing NaN", plain, net.BinaryCrossEntropy{Smoothing: math.NaN()}, layer.ErrOption, []string{"Smoothing"}},
		{"smoothing and epsilon", plain, net.CrossEntropy{Smoothing: 0.1, Epsilon: 1e-7}, layer.ErrOption, []string{"have both"}},
		{"one logit", ending(t, 1, layer.Identity), net.CrossEntropy{}, layer.ErrShape, []string{"two classes", "BinaryCrossEntropy"}},
		{"sigmoid twice", sigmoid, net.BinaryCrossEntropy{}, layer.ErrOption, []string{"ends with sigmoid", "leave out"}},
		{"sigmoid before softmax", sigmoid, net.CrossEntropy{}, layer.ErrOption, []string{"ends with sigmoid", "leave out"}},
		{"default loss", sigmoid, nil, layer.ErrOption, []string{"cross-entropy"}},
		{"sigmoid before flatten", image(conv.Layer{Filters: 2, Size: 2, Activation: layer.Sigmoid}, dense.Flatten{}),
			net.CrossEntropy{}, layer.ErrOption, []string{"ends with sigmoid"}},
		{"sigmoid of a pool", image(pool.Max{Size: 2, Activation: layer.Sigmoid}, dense.Flatten{}),
			net.BinaryCrossEntropy{}, layer.ErrOption, []string{"ends with sigmoid"}},
		{"image, cross-entropy", image(pool.Max{Size: 2}), net.CrossEntropy{}, layer.ErrShape, []string{"dense.Flatten", "logits"}},
		{"image, binary", image(pool.Max{Size: 2}), net.BinaryCrossEntropy{}, layer.ErrShape, []string{"dense.Flatten", "logits"}},
		{"image, squared", image(pool.Max{Size: 2}), net.SquaredError{}, layer.ErrShape, []string{"squared error", "dense.Flatten"}},
	} {
		before := c.n.Meaning()
		_, err := net.NewTrainer(c.n, net.TrainerConfig{Loss: c.loss})
		wantError(t, c.name, err, c.want, c.text...)
		if c.n.Meaning() != before {
			t.Errorf("%s: a loss that was refused has changed the network's meaning", c.name)
		}
	}
	for _, act := range []layer.Activation{layer.Identity, layer.ReLU, layer.Tanh, layer.Sigmoid} {
		newTrainer(t, ending(t, 2, act), net.TrainerConfig{Loss: net.SquaredError{}})
		if act != layer.Sigmoid {
			newTrainer(t, ending(t, 2, act), net.TrainerConfig{Loss: net.CrossEntropy{}})
			newTrainer(t, ending(t, 1, act), net.TrainerConfig{Loss: net.BinaryCrossEntropy{}})
		}
	}
}

// TestSoftmaxInsideIsRefused asks every kind of layer for softmax.
func TestSoftmaxInsideIsRefused(t *testing.T) {
	for name, l := range map[string]layer.Layer{
		"dense":       dense.Layer{Units: 2, Activation: layer.Softmax},
		"convolution": conv.Layer{Filters: 2, Size: 1, Activation: layer.Softmax},
		"max-pool":    pool.Max{Size: 1, Activation: layer.Softmax},
	} {
		in := layer.Image(1, 2, 2)
		if name == "dense" {
			in = layer.Vector(2)
		}
		_, err := net.New(in, 1, l)
		wantError(t, name, err, layer.ErrOption, "layer 0", "net.CrossEntropy", "PredictProba")
	}
}

// TestLabelsOfOneOutput trains one output on labels 0 and 1, and on 2, which it
// has no room for.
func TestLabelsOfOneOutput(t *testing.T) {
	for _, loss := range []net.Loss{net.BinaryCrossEntropy{}, net.SquaredError{}} {
		n := ending(t, 1, layer.Identity)
		tr := newTrainer(t, n, net.TrainerConfig{Loss: loss})
		if n.Classes() != 2 {
			t.Errorf("%T: %d classes, want 2", loss, n.Classes())
		}
		if _, err := tr.Step(xor.Images, xor.Labels); err != nil {
			t.Errorf("%T: %v", loss, err)
		}
		_, err := tr.Step(xor.Images, []int{0, 1, 2, 0})
		wantError(t, fmt.Sprintf("%T", loss), err, net.ErrLabel, "image 2", "0 to 1", "have 2")
		if err := n.SetMeaning(net.Logits); err != nil { // in the middle of a training
			t.Fatal(err)
		}
		if _, err := tr.Step(xor.Images, xor.Labels); err != nil {
			t.Errorf("%T: labels are checked by something else than the loss: %v", loss, err)
		}
		if e, err := n.Evaluate(xor, nil); err != nil || len(e.Proba) != 2*4 {
			t.Errorf("%T: error %v, want 2 classes again", loss, err)
		}
	}
}

// TestLossGradients compares the gradient of every loss with respect to the
// parameters of a network with central differences of the loss.
func TestLossGradients(t *testing.T) {
	for _, loss := range losses {
		for _, units := range []int{1, 2, 5} {
			if _, softmax := loss.(net.CrossEntropy); softmax && units == 1 {
				continue
			}
			t.Run(fmt.Sprintf("%T%+v/%d outputs", loss, loss, units), func(t *testing.T) {
				const images = 11
				n := ending(t, units, layer.Tanh)
				tr := newTrainer(t, n, net.TrainerConfig{Loss: loss, Optimizer: net.SGD{Rate: 1e-30}})
				x, labels := make([]float32, 2*images), make([]int, images)
				layer.Normal(x, 1, layer.Stream(1, "loss", 0))
				for i := range labels {
					labels[i] = i % n.Classes()
				}
				step := func() float64 {
					l, err := tr.Step(x, labels)
					if err != nil {
						t.Fatal(err)
					}
					return l * images
				}
				for i := range 2 {
					w, b, err := n.Params(i)
					if err != nil {
						t.Fatal(err)
					}
					step()
					dw, db, err := tr.Gradients(i)
					if err != nil {
						t.Fatal(err)
					}
					for _, c := range []struct{ v, grad []float32 }{{w, dw}, {b, db}} {
						for j, was := range c.v {
							var side [2]float64
							for k, h := range []float32{1. / 128, -1. / 128} {
								c.v[j] = was + h
								if err := n.SetParams(i, w, b); err != nil {
									t.Fatal(err)
								}
								side[k] = step()
							}
							c.v[j] = was
							want := (side[0] - side[1]) * 64
							if got := float64(c.grad[j]); !(math.Abs(got-want) <= 2e-3*(1+math.Abs(want))) {
								t.Errorf("layer %d, parameter %d: gradient %v, want %v", i, j, got, want)
							}
						}
					}
					if err := n.SetParams(i, w, b); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}

// TestLossesLearn trains two classes with one output and with two, and three
// classes with every loss that takes them.
func TestLossesLearn(t *testing.T) {
	_, x, two := blobs()
	three := make([]int, len(two))
	for i := range three {
		three[i] = i % 4 * 3 / 4
	}
	for _, loss := range losses {
		_, softmax := loss.(net.CrossEntropy)
		for _, c := range []struct {
			outputs int
			labels  []int
		}{{1, two}, {2, two}, {3, three}} {
			if softmax && c.outputs == 1 {
				continue
			}
			n, err := net.New(layer.Vector(2), 3, dense.Layer{Units: 8, Activation: layer.Tanh}, dense.Layer{Units: c.outputs})
			if err != nil {
				t.Fatal(err)
			}
			tr := newTrainer(t, n, net.TrainerConfig{Loss: loss, Optimizer: net.Adam{Rate: 0.05}})
			for range 400 {
				if _, err := tr.Step(x, c.labels); err != nil {
					t.Fatal(err)
				}
			}
			e, err := tr.Evaluate(net.Examples{Images: x, Labels: c.labels})
			if err != nil || e.Accuracy != 1 {
				t.Errorf("%T%+v, %d outputs: %+v and error %v, want an accuracy of 1", loss, loss, c.outputs, e, err)
			}
		}
	}
}

// TestSigmoidIsSoftmax trains one logit beside two, of which the second stays 0:
// the softmax of (0, z) is the sigmoid of z, and the gradients are the same.
func TestSigmoidIsSoftmax(t *testing.T) {
	_, x, labels := blobs()
	one, err := net.New(layer.Vector(2), 3, dense.Layer{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	two, err := net.New(layer.Vector(2), 3, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	sigmoid := newTrainer(t, one, net.TrainerConfig{Loss: net.BinaryCrossEntropy{}, Optimizer: net.SGD{Rate: 0.5}})
	softmax := newTrainer(t, two, net.TrainerConfig{Loss: net.CrossEntropy{}, Optimizer: net.SGD{Rate: 0.5}})
	for step := range 100 {
		w, b, err := one.Params(0)
		if err != nil {
			t.Fatal(err)
		}
		if err := two.SetParams(0, []float32{0, 0, w[0], w[1]}, []float32{0, b[0]}); err != nil {
			t.Fatal(err)
		}
		p1, err := one.PredictProba(nil, x)
		if err != nil {
			t.Fatal(err)
		}
		p2, err := two.PredictProba(nil, x)
		if err != nil {
			t.Fatal(err)
		}
		l1, err := sigmoid.Step(x, labels)
		if err != nil {
			t.Fatal(err)
		}
		l2, err := softmax.Step(x, labels)
		if err != nil {
			t.Fatal(err)
		}
		_, db1, _ := sigmoid.Gradients(0)
		_, db2, _ := softmax.Gradients(0)
		if !(math.Abs(l1-l2) <= 1e-6) || !(math.Abs(float64(db1[0]-db2[1])) <= 1e-5) {
			t.Fatalf("step %d: losses %v and %v, gradients %v and %v", step, l1, l2, db1, db2)
		}
		for i := range p1 {
			if !(math.Abs(float64(p1[i]-p2[i])) <= 1e-6) {
				t.Fatalf("step %d: probability %d is %v with one logit, %v with two", step, i, p1[i], p2[i])
			}
		}
	}
}

// TestStepsOfPyTorch compares a step of a small network with PyTorch's: loss,
// gradients, and parameters afterwards.
func TestStepsOfPyTorch(t *testing.T) {
	file := func(format string, a ...any) []float64 {
		data, _ := golden.File(t, "testdata/losses/"+fmt.Sprintf(format, a...)+".npy")
		return data
	}
	for _, c := range []struct {
		name string
		loss net.Loss
	}{
		{"cross_entropy", net.CrossEntropy{}},
		{"cross_entropy_smooth", net.CrossEntropy{Smoothing: 0.1}},
		{"binary", net.BinaryCrossEntropy{}},
		{"binary_smooth", net.BinaryCrossEntropy{Smoothing: 0.2}},
		{"squared", net.SquaredError{}},
	} {
		for _, outputs := range []int{1, 2, 3, 10} {
			last := dense.Layer{Units: outputs}
			switch c.loss.(type) {
			case net.CrossEntropy:
				if outputs == 1 {
					continue
				}
			case net.SquaredError:
				last.Activation = layer.Sigmoid
			}
			n, err := net.New(layer.Vector(5), 1, dense.Layer{Units: 4, Activation: layer.Tanh}, last)
			if err != nil {
				t.Fatal(err)
			}
			params := golden.Float32s(file("parameters_%d", outputs))
			first, second := params[:24], params[24:]
			for i, p := range [][]float32{first, second} {
				biases := []int{4, outputs}[i]
				if err := n.SetParams(i, p[:len(p)-biases], p[len(p)-biases:]); err != nil {
					t.Fatal(err)
				}
			}
			var labels []int
			for _, l := range file("labels_%d", outputs) {
				labels = append(labels, int(l))
			}
			tr := newTrainer(t, n, net.TrainerConfig{Loss: c.loss, Optimizer: net.SGD{Rate: 0.5}})
			loss, err := tr.Step(golden.Float32s(file("input")), labels)
			if err != nil {
				t.Fatal(err)
			}
			got := []float32{float32(loss)}
			for i := range 2 {
				dw, db, err := tr.Gradients(i)
				if err != nil {
					t.Fatal(err)
				}
				got = append(append(got, dw...), db...)
			}
			for i := range 2 {
				w, b, err := n.Params(i)
				if err != nil {
					t.Fatal(err)
				}
				got = append(append(got, w...), b...)
			}
			name := fmt.Sprintf("step_%s_%d", c.name, outputs)
			golden.Close(t, name, got, file("%s", name), 5e-6)
		}
	}
}
