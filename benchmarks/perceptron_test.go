package benchmarks

import (
	"flag"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

var slow = flag.Bool("slow", false, "train the notebook's perceptron for all of its epochs")

// newPerceptron is the notebook's: 1024-256-64-10, sigmoid throughout, gradient
// descent on the sum of squared errors, from the notebook's weights.
func newPerceptron(t *testing.T) (*net.Network, *net.Trainer) {
	t.Helper()
	units := []int{256, 64, 10}
	var layers []layer.Layer
	for _, u := range units {
		layers = append(layers, dense.Layer{Units: u, Activation: layer.Sigmoid})
	}
	n, err := net.New(layer.Vector(1024), 1, layers...)
	if err != nil {
		t.Fatal(err)
	}
	normals := notebookNormals(256 * 1024)
	for i, in := range []int{1024, 256, 64} {
		w := make([]float32, units[i]*in)
		for j := range w {
			w[j] = float32(0.01 * normals[j])
		}
		if err := n.SetParams(i, w, make([]float32, units[i])); err != nil {
			t.Fatal(err)
		}
	}
	tr, err := net.NewTrainer(n, net.TrainerConfig{
		Optimizer: net.SGD{Rate: 0.01}, Reduction: net.Sum, Loss: net.SquaredError{},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	return n, tr
}

// perceptronEpoch trains on the 62 full batches in order, and returns the cost of each as
// the notebook has it: the mean loss, divided by the batch once more.
func perceptronEpoch(t *testing.T, tr *net.Trainer, x []float32, labels []int) (costs []float64) {
	t.Helper()
	for i := range len(labels) / notebookBatch {
		batchX, batchLabels := batchOf(x, labels, i, notebookBatch)
		loss, err := tr.Step(batchX, batchLabels)
		if err != nil {
			t.Fatal(err)
		}
		costs = append(costs, loss/notebookBatch)
	}
	return costs
}

// TestNotebookPerceptron follows the notebook's perceptron, on raw pixels of the
// first 2000 digits, for an epoch step by step, and for seven epochs, which it
// spends on a plateau, by the last cost of each. After that rounding errors grow,
// and of its 30 epochs only the outcome can be compared: a share of 79.5 to 82 %
// of the images that it is trained on.
func TestNotebookPerceptron(t *testing.T) {
	x, labels := notebookDigits(t)
	n, tr := newPerceptron(t)
	costs := perceptronEpoch(t, tr, x, labels)
	golden.Close(t, "costs of the first epoch", costs, golden.Float64(t, "notebook_mlp_raw_costs_first62"), 1e-8)
	if !*slow {
		return
	}
	last := []float64{costs[len(costs)-1]}
	for range 29 {
		costs = perceptronEpoch(t, tr, x, labels)
		last = append(last, costs[len(costs)-1])
	}
	want := golden.Float64(t, "notebook_mlp_raw_costs_30epochs")
	golden.Close(t, "last costs of the first epochs", last[:7], want[:7], 1e-8)
	golden.Close(t, "last costs", last, want, 5e-4)
	accuracy, err := n.Accuracy(net.Examples{Images: x, Labels: labels})
	if err != nil || !(accuracy >= 0.795 && accuracy <= 0.82) {
		t.Errorf("accuracy %v and error %v after 30 epochs, want 0.795 to 0.82", accuracy, err)
	}
}
