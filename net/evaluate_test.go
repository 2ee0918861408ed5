package net_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// passing is a network whose outputs are its inputs.
func passing(t *testing.T, size int, m net.Meaning) *net.Network {
	t.Helper()
	n, err := net.New(layer.Vector(size), 1, dense.Layer{Units: size})
	if err != nil {
		t.Fatal(err)
	}
	w := make([]float32, size*size)
	for i := range size {
		w[i*size+i] = 1
	}
	if err := n.SetParams(0, w, make([]float32, size)); err != nil {
		t.Fatal(err)
	}
	if err := n.SetMeaning(m); err != nil {
		t.Fatal(err)
	}
	return n
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// TestMeanings predicts classes and probabilities from outputs of every meaning,
// one by one and in blocks, on one worker and several.
func TestMeanings(t *testing.T) {
	log := math.Log
	for _, c := range []struct {
		meaning net.Meaning
		outputs [][]float32
		classes []int
		proba   [][]float64
	}{
		{net.Logits, [][]float32{{0, float32(log(2)), float32(log(5))}, {1000, 1000, 0}},
			[]int{2, 0}, [][]float64{{1. / 8, 2. / 8, 5. / 8}, {0.5, 0.5, 0}}},
		{net.Odds, [][]float32{{0, 3, -200}, {-5, -4, -4}},
			[]int{1, 1}, [][]float64{{0.5, logistic(3), 0}, {logistic(-5), logistic(-4), logistic(-4)}}},
		{net.Odds, [][]float32{{0}, {0x1p-149}, {-3}, {20}, {-200}},
			[]int{0, 1, 0, 1, 0}, [][]float64{{0.5, 0.5}, {0.5, 0.5}, {logistic(3), logistic(-3)}, {logistic(-20), logistic(20)}, {1, 0}}},
		{net.Scores, [][]float32{{0.25, -1, 7}, {0.5, 0.5, 0}},
			[]int{2, 0}, [][]float64{{0.25, -1, 7}, {0.5, 0.5, 0}}},
		{net.Scores, [][]float32{{0.5}, {0.75}, {-1}},
			[]int{0, 1, 0}, [][]float64{{0.5, 0.5}, {0.25, 0.75}, {2, -1}}},
	} {
		n := passing(t, len(c.outputs[0]), c.meaning)
		if n.Classes() != len(c.proba[0]) {
			t.Errorf("%v of %d outputs: %d classes, want %d", c.meaning, n.Output().Len(), n.Classes(), len(c.proba[0]))
		}
		var x []float32
		for i := range 19 {
			x = append(x, c.outputs[i%len(c.outputs)]...)
		}
		for _, workers := range []int{1, 3} {
			p := n.NewPredictor(workers)
			for _, images := range []int{1, 2, 8, 19} {
				x := x[:images*n.Input().Len()]
				classes, err := p.Predict(nil, x)
				if err != nil {
					t.Fatal(err)
				}
				proba, err := p.PredictProba([]float32{7}, x)
				if err != nil || len(proba) != 1+images*n.Classes() {
					t.Fatalf("%d probabilities and error %v", len(proba), err)
				}
				for i := range images {
					want := c.proba[i%len(c.outputs)]
					got := proba[1+i*n.Classes():][:n.Classes()]
					if classes[i] != c.classes[i%len(c.outputs)] {
						t.Errorf("%v %v: class %d, want %d", c.meaning, c.outputs[i%len(c.outputs)], classes[i], c.classes[i%len(c.outputs)])
					}
					for j := range want {
						if !(math.Abs(float64(got[j])-want[j]) <= 1e-6*math.Abs(want[j])) {
							t.Errorf("%v %v: probabilities %v, want %v", c.meaning, c.outputs[i%len(c.outputs)], got, want)
						}
					}
				}
			}
			p.Close()
		}
	}
	n := passing(t, 2, net.Scores)
	wantError(t, "SetMeaning", n.SetMeaning(3), layer.ErrOption, "meaning 3", "logits")
	if n.Meaning() != net.Scores {
		t.Errorf("a meaning that was refused has been set: %v", n.Meaning())
	}
}

// TestEvaluate wants the same evaluation from network, predictors and trainers of
// any number of workers: of all images, in order.
func TestEvaluate(t *testing.T) {
	const images = 19
	for _, loss := range losses {
		n := ending(t, 3, layer.Tanh)
		x, labels := make([]float32, 2*images), make([]int, images)
		layer.Normal(x, 1, layer.Stream(1, "evaluate", 0))
		for i := range labels {
			labels[i] = i % 3
		}
		data := net.Examples{Images: x, Labels: labels}
		tr := newTrainer(t, n, net.TrainerConfig{Loss: loss, Optimizer: net.SGD{Rate: 1e-30}})
		want := &net.Evaluation{Labels: labels}
		var err error
		if want.Classes, err = n.Predict(nil, x); err != nil {
			t.Fatal(err)
		}
		if want.Proba, err = n.PredictProba(nil, x); err != nil {
			t.Fatal(err)
		}
		if want.Accuracy, err = n.Accuracy(data); err != nil {
			t.Fatal(err)
		}
		if want.Loss, err = tr.Step(x, labels); err != nil {
			t.Fatal(err)
		}
		right := 0
		for i, class := range want.Classes {
			if class == labels[i] {
				right++
			}
		}
		if want.Accuracy != float64(right)/images {
			t.Errorf("accuracy %v, want %d of %d", want.Accuracy, right, images)
		}
		same := func(name string, got *net.Evaluation, err error) {
			t.Helper()
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%T%+v: %s: %+v and error %v, want %+v", loss, loss, name, got, err, want)
			}
		}
		e, err := n.Evaluate(data, loss)
		same("network", e, err)
		for _, workers := range []int{1, 2, 7} {
			p := n.NewPredictor(workers)
			e, err := p.Evaluate(data, loss)
			same(fmt.Sprintf("predictor of %d", workers), e, err)
			p.Close()
			e, err = newTrainer(t, n, net.TrainerConfig{Loss: loss, Workers: workers}).Evaluate(data)
			same(fmt.Sprintf("trainer of %d", workers), e, err)
		}
		want.Loss = 0
		e, err = n.Evaluate(data, nil)
		same("no loss", e, err)
	}
}

// TestEvaluateRefuses evaluates nothing, with losses of other networks, and after
// Close.
func TestEvaluateRefuses(t *testing.T) {
	n, x, labels := blobs()
	data := net.Examples{Images: x, Labels: labels}
	_, err := n.Evaluate(nil, nil)
	wantError(t, "nil", err, net.ErrData, "evaluate", "Dataset")
	_, err = n.Evaluate(net.Examples{}, nil)
	wantError(t, "no images", err, net.ErrData, "evaluate")
	_, err = n.Evaluate(data, net.CrossEntropy{Smoothing: 2})
	wantError(t, "smoothing", err, layer.ErrOption, "evaluate", "Smoothing")
	for _, loss := range []net.Loss{net.BinaryCrossEntropy{}, net.SquaredError{}} {
		_, err = n.Evaluate(data, loss)
		wantError(t, fmt.Sprintf("%T", loss), err, layer.ErrOption, "evaluate", "logits", "SetMeaning")
	}
	_, err = n.Evaluate(net.Examples{Images: x, Labels: append([]int{5}, labels[1:]...)}, net.CrossEntropy{})
	wantError(t, "label", err, net.ErrLabel, "evaluate", "image 0", "have 5")
	tr := newTrainer(t, n, net.TrainerConfig{})
	tr.Close()
	_, err = tr.Evaluate(data)
	wantError(t, "trainer", err, net.ErrClosed, "evaluate")
	p := n.NewPredictor(2)
	p.Close()
	_, err = p.Evaluate(data, nil)
	wantError(t, "predictor", err, net.ErrClosed, "evaluate")
}
