package net

import (
	"fmt"
	"slices"
	"strings"

	"github.com/simdlanes/lanes/internal/enum"
	"github.com/simdlanes/lanes/layer"
)

// TensorKind says what a [Tensor] is. All gradients are those of the sum of the
// losses of the batch.
type TensorKind int

// The kinds of tensors, in the order in which a [Trace] shows them: those of each
// layer, first to last,
const (
	TensorInput   TensorKind = iota // what the layer gets
	TensorWeights                   // before the step's update
	TensorBiases                    // before the step's update
	TensorOutput                    // of the layer, after its activation
)

// then those of the loss,
const (
	TensorLabels       TensorKind = iota + TensorOutput + 1 // of the images, as integers
	TensorLosses                                            // of each image
	TensorLossGradient                                      // with respect to the network's output
)

// and again those of each layer, last to first.
const (
	TensorDelta          TensorKind = iota + TensorLossGradient + 1 // gradient with respect to the layer's output before its activation
	TensorWeightGradient                                            // summed over the batch, as Trainer.Gradients returns it
	TensorBiasGradient                                              // summed over the batch, as Trainer.Gradients returns it
	TensorInputGradient                                             // gradient with respect to the layer's input
)

var tensorNames = []string{
	TensorInput: "input", TensorWeights: "weights", TensorBiases: "biases", TensorOutput: "output",
	TensorLabels: "labels", TensorLosses: "losses", TensorLossGradient: "loss gradient",
	TensorDelta: "delta", TensorWeightGradient: "weight gradient", TensorBiasGradient: "bias gradient",
	TensorInputGradient: "input gradient",
}

// String returns the kind's name, such as "weight gradient".
func (k TensorKind) String() string { return enum.Name("TensorKind", int(k), tensorNames) }

func (k TensorKind) check() error {
	if k < 0 || int(k) >= len(tensorNames) {
		return fmt.Errorf("%w: kind of tensor %d, want one of %q", layer.ErrOption, int(k), tensorNames)
	}
	return nil
}

// ofLayer reports whether tensors of the kind belong to layers, and not to the
// loss.
func (k TensorKind) ofLayer() bool { return k < TensorLabels || k > TensorLossGradient }

// Tensor is one array of a training step, or of a prediction, as a [Trace] shows
// it. Activations and their gradients are those of the whole batch, in NCHW order,
// whatever the layout in which they were computed. Its slices are the trace's, and
// hold something else when Show has returned: see [Tensor.Clone].
type Tensor struct {
	Kind  TensorKind
	Step  int    // of the trainer, counted from 1; 0 in a prediction
	Layer int    // counted from 0; the number of layers for what belongs to the loss
	Name  string // of the layer and its options, such as "conv 6 filters 5x5, relu"; "loss" for the loss

	// Shape is (images, channels, rows, columns) or (images, elements) for
	// activations, (filters, channels, rows, columns) or (units, inputs) for
	// weights, (parameters) for biases, (images) for labels and losses.
	Shape  []int
	Data   []float32 // row-major
	Labels []int     // in place of Data, of the kind TensorLabels
}

// Clone returns a copy that lasts.
func (t Tensor) Clone() Tensor {
	t.Shape, t.Data, t.Labels = slices.Clone(t.Shape), slices.Clone(t.Data), slices.Clone(t.Labels)
	return t
}

// String says which tensor it is, without its elements: "step 1, layer 0 (conv 6
// filters 5x5, relu), output: 32x6x28x28".
func (t Tensor) String() string {
	var b strings.Builder
	if t.Step > 0 {
		fmt.Fprintf(&b, "step %d, ", t.Step)
	}
	if t.Kind.ofLayer() {
		fmt.Fprintf(&b, "layer %d (%s), ", t.Layer, t.Name)
	}
	fmt.Fprintf(&b, "%v: ", t.Kind)
	for i, n := range t.Shape {
		if i > 0 {
			b.WriteByte('x')
		}
		fmt.Fprint(&b, n)
	}
	return b.String()
}
