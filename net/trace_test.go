package net_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

// album keeps copies of the tensors that it is shown.
type album struct{ tensors []net.Tensor }

func (a *album) Show(t net.Tensor) error {
	a.tensors = append(a.tensors, t.Clone())
	return nil
}

// find returns the tensor of a kind and a layer.
func (a *album) find(t *testing.T, k net.TensorKind, i int) net.Tensor {
	t.Helper()
	for _, x := range a.tensors {
		if x.Kind == k && x.Layer == i {
			return x
		}
	}
	t.Fatalf("layer %d: no %v among %d tensors", i, k, len(a.tensors))
	return net.Tensor{}
}

// TestTensorClone wants a copy that shares nothing with the tensor, and lacks nothing
// of it.
func TestTensorClone(t *testing.T) {
	make := func() net.Tensor {
		return net.Tensor{Kind: net.TensorLabels, Step: 2, Layer: 3, Name: "x", Shape: []int{1, 2}, Data: []float32{3, 4}, Labels: []int{5}}
	}
	x := make()
	c := x.Clone()
	x.Shape[1], x.Data[0], x.Labels[0] = -1, -1, -1
	if !reflect.DeepEqual(c, make()) {
		t.Errorf("have %+v, want %+v", c, make())
	}
	if c := (net.Tensor{}).Clone(); c.Shape != nil || c.Data != nil || c.Labels != nil {
		t.Errorf("the copy of nothing is %+v", c)
	}
}

// TestTraceGolden compares what is shown of a step of LeNet-5 with the reference
// numbers of the same step.
func TestTraceGolden(t *testing.T) {
	n := goldenLeNet.network(t)
	a := new(album)
	tr := newTrainer(t, n, net.TrainerConfig{Trace: net.Trace{Show: a.Show}})
	x, labels := goldenLeNet.batch(t)
	if _, err := tr.Step(x, labels); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind  net.TensorKind
		layer int
		name  string
		tol   float64
	}{
		{net.TensorInput, 0, "lenet_X", 0},
		{net.TensorWeights, 2, "lenet_W2", 0},
		{net.TensorBiases, 5, "lenet_B5", 0},
		{net.TensorOutput, 1, "lenet_A1", 1e-5},
		{net.TensorInput, 2, "lenet_A1", 1e-5},
		{net.TensorOutput, 3, "lenet_A3", 1e-5},
		{net.TensorOutput, 6, "lenet_A6", 1e-5},
		{net.TensorOutput, 7, "lenet_Z7", 1e-5},
		{net.TensorLossGradient, 8, "lenet_dZ7", 1e-6},
		{net.TensorDelta, 7, "lenet_dZ7", 1e-6},
		{net.TensorDelta, 6, "lenet_dZ6", 1e-6},
		{net.TensorDelta, 2, "lenet_dZ2", 1e-6},
		{net.TensorDelta, 0, "lenet_dZ0", 1e-6},
		{net.TensorInputGradient, 7, "lenet_dA6", 1e-6},
		{net.TensorInputGradient, 6, "lenet_dA5", 1e-6},
		{net.TensorInputGradient, 3, "lenet_dA2", 1e-6},
		{net.TensorInputGradient, 1, "lenet_dA0", 1e-6},
		{net.TensorWeightGradient, 0, "lenet_dW0", 1e-5},
		{net.TensorWeightGradient, 5, "lenet_dW5", 1e-5},
		{net.TensorBiasGradient, 2, "lenet_dB2_f64", 1e-5},
	} {
		golden.Close(t, fmt.Sprintf("%v of layer %d", c.kind, c.layer), a.find(t, c.kind, c.layer).Data, golden.Float64(t, c.name), c.tol)
		if shape := golden.Shape(t, c.name); !slices.Equal(a.find(t, c.kind, c.layer).Shape, shape) {
			t.Errorf("%v: shape of %s is %v", a.find(t, c.kind, c.layer), c.name, shape)
		}
	}
	if got := a.find(t, net.TensorLabels, 8).Labels; !slices.Equal(got, labels) {
		t.Errorf("labels %v, want %v", got, labels)
	}
	sum := 0.0
	for _, l := range a.find(t, net.TensorLosses, 8).Data {
		sum += float64(l)
	}
	golden.Close(t, "loss", []float64{sum / 4}, golden.Float64(t, "lenet_loss_f64")[:1], 1e-5)
}

// traced is a network with images and vectors, layers with parameters and
// without, and layers that need the whole batch; and a batch for it, whose last
// block is partial.
func traced(t *testing.T) (n *net.Network, x []float32, labels []int) {
	t.Helper()
	n, err := net.New(layer.Image(2, 6, 6), 5,
		pool.Max{Size: 1},
		conv.Layer{Filters: 4, Size: 3, Activation: layer.Tanh},
		centre{},
		dense.Flatten{},
		dense.Layer{Units: 9, Activation: layer.ReLU},
		dense.Layer{Units: 3, Activation: layer.Tanh},
	)
	if err != nil {
		t.Fatal(err)
	}
	x, labels = make([]float32, 19*72), make([]int, 19)
	layer.Normal(x, 1, layer.Stream(1, "traced", 0))
	for i := range labels {
		labels[i] = i % 3
	}
	return n, x, labels
}

// TestTraceChangesNothing compares what is shown for different numbers of
// workers, and the weights with those of a training that is not shown.
func TestTraceChangesNothing(t *testing.T) {
	const steps = 3
	for name, build := range map[string]func() (*net.Network, []float32, []int){
		"cut":   func() (*net.Network, []float32, []int) { return traced(t) },
		"blobs": blobs,
		"LeNet-5": func() (*net.Network, []float32, []int) {
			data := digits(t, 11)
			return net.LeNet5(1), data.Floats(), data.Labels()
		},
	} {
		t.Run(name, func(t *testing.T) {
			n, x, labels := build()
			plain := newTrainer(t, n, net.TrainerConfig{Workers: 2})
			for range steps {
				if _, err := plain.Step(x, labels); err != nil {
					t.Fatal(err)
				}
			}
			hash := n.Hash()
			var want []net.Tensor
			for _, workers := range []int{1, 2, 3, 7} {
				n, _, _ := build()
				a := new(album)
				tr := newTrainer(t, n, net.TrainerConfig{Workers: workers, Trace: net.Trace{Show: a.Show}})
				for range steps {
					if _, err := tr.Step(x, labels); err != nil {
						t.Fatal(err)
					}
				}
				if n.Hash() != hash {
					t.Errorf("%d workers: the trace has changed the weights", workers)
				}
				if want == nil {
					want = a.tensors
				}
				compareTensors(t, fmt.Sprintf("%d workers", workers), a.tensors, want)
			}
		})
	}
}

func compareTensors(t *testing.T, what string, got, want []net.Tensor) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%s: %d tensors, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if got[i].String() != w.String() || !slices.Equal(got[i].Labels, w.Labels) {
			t.Fatalf("%s: %v, want %v", what, got[i], w)
		}
		sameBits(t, fmt.Sprintf("%s: %v", what, w), got[i].Data, w.Data)
	}
}

// TestTraceOrder wants the layers in order forward, in reverse backward, each
// tensor as it is to be, and nothing that is not computed.
func TestTraceOrder(t *testing.T) {
	n, x, labels := traced(t)
	a := new(album)
	tr := newTrainer(t, n, net.TrainerConfig{Trace: net.Trace{Show: a.Show}})
	if _, err := tr.Step(x, labels); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Step(x[:72], labels[:1]); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, x := range a.tensors[len(a.tensors)/2:] { // of the second step
		product := 1
		for _, d := range x.Shape {
			product *= d
		}
		if len(x.Data)+len(x.Labels) != product {
			t.Errorf("%v has %d elements", x, len(x.Data)+len(x.Labels))
		}
		lines = append(lines, x.String())
	}
	want := `step 2, layer 0 (max-pool 1x1, identity), input: 1x2x6x6
step 2, layer 0 (max-pool 1x1, identity), output: 1x2x6x6
step 2, layer 1 (conv 4 filters 3x3, tanh), input: 1x2x6x6
step 2, layer 1 (conv 4 filters 3x3, tanh), weights: 4x2x3x3
step 2, layer 1 (conv 4 filters 3x3, tanh), biases: 4
step 2, layer 1 (conv 4 filters 3x3, tanh), output: 1x4x4x4
step 2, layer 2 (centre), input: 1x4x4x4
step 2, layer 2 (centre), output: 1x4x4x4
step 2, layer 3 (flatten), input: 1x4x4x4
step 2, layer 3 (flatten), output: 1x64
step 2, layer 4 (dense 9 units, relu), input: 1x64
step 2, layer 4 (dense 9 units, relu), weights: 9x64
step 2, layer 4 (dense 9 units, relu), biases: 9
step 2, layer 4 (dense 9 units, relu), output: 1x9
step 2, layer 5 (dense 3 units, tanh), input: 1x9
step 2, layer 5 (dense 3 units, tanh), weights: 3x9
step 2, layer 5 (dense 3 units, tanh), biases: 3
step 2, layer 5 (dense 3 units, tanh), output: 1x3
step 2, labels: 1
step 2, losses: 1
step 2, loss gradient: 1x3
step 2, layer 5 (dense 3 units, tanh), delta: 1x3
step 2, layer 5 (dense 3 units, tanh), weight gradient: 3x9
step 2, layer 5 (dense 3 units, tanh), bias gradient: 3
step 2, layer 5 (dense 3 units, tanh), input gradient: 1x9
step 2, layer 4 (dense 9 units, relu), delta: 1x9
step 2, layer 4 (dense 9 units, relu), weight gradient: 9x64
step 2, layer 4 (dense 9 units, relu), bias gradient: 9
step 2, layer 4 (dense 9 units, relu), input gradient: 1x64
step 2, layer 3 (flatten), delta: 1x64
step 2, layer 3 (flatten), input gradient: 1x4x4x4
step 2, layer 2 (centre), delta: 1x4x4x4
step 2, layer 2 (centre), input gradient: 1x4x4x4
step 2, layer 1 (conv 4 filters 3x3, tanh), delta: 1x4x4x4
step 2, layer 1 (conv 4 filters 3x3, tanh), weight gradient: 4x2x3x3
step 2, layer 1 (conv 4 filters 3x3, tanh), bias gradient: 4`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("have\n%s\nwant\n%s", got, want)
	}
}

// TestTraceAgrees compares what is shown with what other methods return of the
// same step.
func TestTraceAgrees(t *testing.T) {
	n, x, labels := traced(t)
	w, b, err := n.Params(4)
	if err != nil {
		t.Fatal(err)
	}
	a := new(album)
	tr := newTrainer(t, n, net.TrainerConfig{Trace: net.Trace{Show: a.Show}})
	loss, err := tr.Step(x, labels)
	if err != nil {
		t.Fatal(err)
	}
	dw, db, err := tr.Gradients(4)
	if err != nil {
		t.Fatal(err)
	}
	sameBits(t, "weights before the update", a.find(t, net.TensorWeights, 4).Data, w)
	sameBits(t, "biases before the update", a.find(t, net.TensorBiases, 4).Data, b)
	sameBits(t, "weight gradient", a.find(t, net.TensorWeightGradient, 4).Data, dw)
	sameBits(t, "bias gradient", a.find(t, net.TensorBiasGradient, 4).Data, db)
	sameBits(t, "images", a.find(t, net.TensorInput, 0).Data, x)
	sum := 0.0
	for _, l := range a.find(t, net.TensorLosses, 6).Data {
		sum += float64(l)
	}
	if sum/19 != loss {
		t.Errorf("the losses' mean is %v, want %v", sum/19, loss)
	}
	// The derivative of tanh lies between the loss's gradient and the delta.
	y, dy, delta := a.find(t, net.TensorOutput, 5).Data, a.find(t, net.TensorLossGradient, 6).Data, a.find(t, net.TensorDelta, 5).Data
	for i := range y {
		y[i] = dy[i] * (1 - y[i]*y[i])
	}
	golden.Close(t, "delta of the last layer", delta, y, 1e-6)
}

// TestTraceSelects shows some layers, kinds and steps alone.
func TestTraceSelects(t *testing.T) {
	for _, c := range []struct {
		name  string
		trace net.Trace
		want  []string
	}{
		{"layer and kinds", net.Trace{Layers: []int{4}, Kinds: []net.TensorKind{net.TensorOutput, net.TensorDelta}},
			[]string{"step 1, layer 4 (dense 9 units, relu), output: 19x9", "step 1, layer 4 (dense 9 units, relu), delta: 19x9",
				"step 2, layer 4 (dense 9 units, relu), output: 19x9", "step 2, layer 4 (dense 9 units, relu), delta: 19x9"}},
		{"no layer", net.Trace{Layers: []int{}, Steps: func(step int) bool { return step == 2 }},
			[]string{"step 2, labels: 19", "step 2, losses: 19", "step 2, loss gradient: 19x3"}},
		{"no kind", net.Trace{Kinds: []net.TensorKind{}}, nil},
	} {
		n, x, labels := traced(t)
		var got []string
		c.trace.Show = func(x net.Tensor) error {
			got = append(got, x.String())
			return nil
		}
		tr := newTrainer(t, n, net.TrainerConfig{Trace: c.trace})
		for range 2 {
			if _, err := tr.Step(x, labels); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: have %q, want %q", c.name, got, c.want)
		}
	}
}

// TestTraceError has Show fail at each tensor, by an error and by a panic: the
// step fails, has changed nothing, and all goes on.
func TestTraceError(t *testing.T) {
	n, x, labels := traced(t)
	plain := newTrainer(t, n, net.TrainerConfig{})
	for range 2 {
		if _, err := plain.Step(x, labels); err != nil {
			t.Fatal(err)
		}
	}
	want := n.Hash()
	for _, workers := range []int{1, 3} {
		n, _, _ := traced(t)
		before := n.Hash()
		at, shown, panics := 0, 0, false
		tr := newTrainer(t, n, net.TrainerConfig{Workers: workers, Trace: net.Trace{Show: func(net.Tensor) error {
			shown++
			switch {
			case shown != at:
				return nil
			case panics:
				panic(errPanic)
			default:
				return errBroken
			}
		}}})
		for at = 1; at <= 36; at++ {
			shown, panics = 0, false
			_, err := tr.Step(x, labels)
			wantError(t, fmt.Sprint("tensor ", at), err, errBroken, "net: step: step 1, ")
			shown, panics = 0, true
			if got := panicOf(func() { _, _ = tr.Step(x, labels) }); got != errPanic {
				t.Errorf("tensor %d: panic %v, want %v", at, got, errPanic)
			}
			if shown != at {
				t.Errorf("tensor %d: %d were shown", at, shown)
			}
		}
		at = 0 // of none any more
		if n.Hash() != before {
			t.Errorf("%d workers: a step whose trace failed has changed the weights", workers)
		}
		for range 2 {
			if _, err := tr.Step(x, labels); err != nil {
				t.Fatal(err)
			}
		}
		if n.Hash() != want {
			t.Errorf("%d workers: after failed traces the training gives other weights", workers)
		}
	}
}

// TestTraceOfFit shows a training whose data is read by the workers.
func TestTraceOfFit(t *testing.T) {
	n, x, labels := traced(t)
	a := new(album)
	tr := newTrainer(t, n, net.TrainerConfig{Workers: 2, Trace: net.Trace{Show: a.Show, Steps: func(step int) bool { return step == 2 }}})
	if _, err := tr.Fit(t.Context(), net.Examples{Images: x, Labels: labels}, net.FitConfig{BatchSize: 10, NoShuffle: true}); err != nil {
		t.Fatal(err)
	}
	sameBits(t, "images of the second batch", a.find(t, net.TensorInput, 0).Data, x[10*72:])
	if got := a.find(t, net.TensorLabels, 6).Labels; !slices.Equal(got, labels[10:]) {
		t.Errorf("labels %v, want %v", got, labels[10:])
	}
}

// TestTracePrediction compares the trace of a prediction with the way forward of
// a step, and its last output with the probabilities.
func TestTracePrediction(t *testing.T) {
	data := digits(t, 19)
	x, labels := data.Floats(), data.Labels()
	n := net.LeNet5(1)
	forward, step := new(album), new(album)
	if err := n.Trace(x, net.Trace{Show: forward.Show}); err != nil {
		t.Fatal(err)
	}
	proba, err := n.PredictProba(nil, x)
	if err != nil {
		t.Fatal(err)
	}
	logits := forward.find(t, net.TensorOutput, 7).Data
	block := make([]float32, 10*kernels.Lanes)
	for lo := 0; lo < 19; lo += kernels.Lanes {
		images := min(kernels.Lanes, 19-lo)
		kernels.Interleave(block, logits[lo*10:(lo+images)*10], 10, 10, images)
		kernels.Softmax(block, block, 10)
		kernels.Deinterleave(logits[lo*10:(lo+images)*10], block, 10, 10, images)
	}
	sameBits(t, "softmax of the last output", logits, proba)

	tr := newTrainer(t, n, net.TrainerConfig{Trace: net.Trace{Show: step.Show}})
	if _, err := tr.Step(x, labels); err != nil {
		t.Fatal(err)
	}
	copy(forward.find(t, net.TensorOutput, 7).Data, step.find(t, net.TensorOutput, 7).Data)
	for i := range forward.tensors {
		forward.tensors[i].Step = 1
	}
	compareTensors(t, "forward", forward.tensors, step.tensors[:len(forward.tensors)])
}

func TestTraceRefuses(t *testing.T) {
	n, x, _ := blobs()
	show := new(album).Show
	for _, c := range []struct {
		name  string
		trace net.Trace
		text  string
	}{
		{"layer too large", net.Trace{Show: show, Layers: []int{0, 2}}, "layer 2"},
		{"negative layer", net.Trace{Show: show, Layers: []int{-1}}, "layer -1"},
		{"unknown kind", net.Trace{Show: show, Kinds: []net.TensorKind{net.TensorInputGradient + 1}}, "tensor 11"},
	} {
		_, err := net.NewTrainer(n, net.TrainerConfig{Trace: c.trace})
		wantError(t, c.name, err, layer.ErrOption, "net: trace: ", c.text)
		wantError(t, c.name, n.Trace(x, c.trace), layer.ErrOption, "net: trace: ", c.text)
	}
	wantError(t, "nothing to show to", n.Trace(x, net.Trace{}), layer.ErrOption, "Show")
	wantError(t, "half an image", n.Trace(x[:3], net.Trace{Show: show}), layer.ErrShape, "net: trace: ")
	broken := func(net.Tensor) error { return errBroken }
	wantError(t, "broken", n.Trace(x, net.Trace{Show: broken}), errBroken, "net: trace: layer 0 (dense 8 units, tanh), input: 32x2")
	if err := n.Trace(nil, net.Trace{Show: broken}); errors.Is(err, errBroken) || err != nil {
		t.Errorf("no images: error %v, want none", err)
	}
}

func TestTensorKindNames(t *testing.T) {
	if got := fmt.Sprint(net.TensorInput, net.TensorLabels, net.TensorDelta, net.TensorKind(-1)); got != "input labels delta TensorKind(-1)" {
		t.Errorf("kinds are called %q", got)
	}
}
