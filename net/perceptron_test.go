package net_test

import (
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// hashed are n parameters in [-scale/2, scale/2), which float32 holds exactly, as
// the description of the golden arrays mlp_ defines them.
func hashed(n int, tag uint32, scale float64) []float32 {
	w := make([]float32, n)
	for k := range w {
		h := uint32(k)*2654435761 + tag*40503
		h = (h ^ h>>15) * 2246822519
		h ^= h >> 13
		w[k] = float32((float64(h>>8)/(1<<24) - 0.5) * scale)
	}
	return w
}

// perceptron returns the notebook's network, or its first layers, with the hashed
// parameters.
func perceptron(t *testing.T, layers int) *net.Network {
	t.Helper()
	sizes := []int{1024, 256, 64, 10}
	var units []layer.Layer
	for _, u := range sizes[1 : layers+1] {
		units = append(units, dense.Layer{Units: u, Activation: layer.Sigmoid})
	}
	n, err := net.New(layer.Vector(sizes[0]), 1, units...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range layers {
		w := hashed(sizes[i]*sizes[i+1], uint32(i+1), []float64{1. / 8, 1. / 4, 1. / 2}[i])
		if err := n.SetParams(i, w, hashed(sizes[i+1], uint32(i+101), 1./8)); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.SetMeaning(net.Scores); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestGoldenPerceptron makes one step of gradient descent on the summed squared
// error, and compares activations, gradients and parameters.
func TestGoldenPerceptron(t *testing.T) {
	x, labels := golden.Float32(t, "lenet_X"), golden.Ints(t, "lenet_labels")
	for i, name := range []string{"mlp_A0", "mlp_A1", "mlp_A2"} {
		y, err := perceptron(t, i+1).PredictProba(nil, x)
		if err != nil {
			t.Fatal(err)
		}
		golden.Close(t, name, y, golden.Float64(t, name), 1e-6)
	}
	n := perceptron(t, 3)
	tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.SGD{Rate: 0.01}, Reduction: net.Sum, Loss: net.SquaredError{}})
	loss, err := tr.Step(x, labels)
	if err != nil {
		t.Fatal(err)
	}
	want := golden.Float64(t, "mlp_loss")
	golden.Close(t, "sum, mean and the notebook's cost", []float64{4 * loss, loss, loss / 4}, want, 1e-6)
	for i, inputs := range []int{1024, 256, 64} {
		dw, db, err := tr.Gradients(i)
		if err != nil {
			t.Fatal(err)
		}
		w, b, err := n.Params(i)
		if err != nil {
			t.Fatal(err)
		}
		checkPerceptronLayer(t, i, inputs, dw, db, w, b)
	}
	y, err := n.PredictProba(nil, x)
	if err != nil {
		t.Fatal(err)
	}
	golden.Close(t, "mlp_after_A2", y, golden.Float64(t, "mlp_after_A2"), 1e-6)
}

// checkPerceptronLayer compares the gradients and the parameters of layer i, of
// which the first rows and the sums are stored, or all.
func checkPerceptronLayer(t *testing.T, i, inputs int, dw, db, w, b []float32) {
	t.Helper()
	suffix := string(rune('0' + i))
	golden.Close(t, "dB"+suffix, db, golden.Float64(t, "mlp_dB"+suffix), 1e-6)
	golden.Close(t, "B"+suffix, b, golden.Float64(t, "mlp_after_B"+suffix), 1e-6)
	if i == 2 {
		golden.Close(t, "dW2", dw, golden.Float64(t, "mlp_dW2"), 1e-6)
		golden.Close(t, "W2", w, golden.Float64(t, "mlp_after_W2"), 1e-6)
		return
	}
	stored := suffix + []string{"_rows0_4", "_rows0_8"}[i]
	rows := []int{4, 8}[i] * inputs
	golden.Close(t, "dW"+stored, dw[:rows], golden.Float64(t, "mlp_dW"+stored), 1e-6)
	golden.Close(t, "W"+stored, w[:rows], golden.Float64(t, "mlp_after_W"+stored), 1e-6)
	rowSums, columnSums := make([]float64, len(dw)/inputs), make([]float64, inputs)
	for j, v := range dw {
		rowSums[j/inputs] += float64(v)
		columnSums[j%inputs] += float64(v)
	}
	golden.Close(t, "row sums of dW"+suffix, rowSums, golden.Float64(t, "mlp_dW"+suffix+"_rowsum"), 1e-5)
	golden.Close(t, "column sums of dW"+suffix, columnSums, golden.Float64(t, "mlp_dW"+suffix+"_colsum"), 1e-5)
}
