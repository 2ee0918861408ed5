package net

import (
	"fmt"
	"slices"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Trace shows what is computed in a training step ([TrainerConfig.Trace]) or a
// prediction ([Network.Trace]), tensor by tensor, in the order of [TensorKind].
// Package net/trace has functions that write them as text or as npy files.
//
// A trace changes no bit of what it shows, and what it shows does not depend on
// the number of workers. There is no gradient of the images, nor of anything
// before the first layer with parameters, as nothing needs it. A step that fails
// because of its images or their losses is not shown: Network.Trace of the same
// images shows where a number ceased to be one.
//
// With a trace a trainer keeps the activations and gradients of the whole batch
// in memory, where it otherwise keeps those of eight images for each worker.
type Trace struct {
	// Show is called with each tensor, on the goroutine that called Step, Fit or
	// Network.Trace. It must not keep or change the tensor's slices, which the next
	// tensor is written over (Tensor.Clone makes a copy to keep), and must not call
	// methods of the trainer; those of the network find the parameters as they were
	// before the step. Its error, or its panic, ends the step, which then has changed
	// nothing. A nil Show is no trace.
	Show func(Tensor) error

	// Steps, if not nil, says which steps are shown, counted from 1 for each
	// trainer. A step that is not shown costs little more than one without a
	// trace.
	Steps func(step int) bool

	Layers []int        // the layers that are shown, counted from 0; nil means all
	Kinds  []TensorKind // the kinds of tensors that are shown, also those of the loss; nil means all
}

// check returns an error unless the trace suits a network.
func (t *Trace) check(n *Network) error {
	for _, i := range t.Layers {
		if i < 0 || i >= len(n.ops) {
			return fmt.Errorf("%w: layer %d of a network with %d layers", layer.ErrOption, i, len(n.ops))
		}
	}
	for _, k := range t.Kinds {
		if err := k.check(); err != nil {
			return err
		}
	}
	return nil
}

// Trace predicts images, one after another, and shows the inputs, parameters and
// outputs of the layers, the image shapes included, to t. Its Show must not be
// nil. It may be called from many goroutines at once.
func (n *Network) Trace(images []float32, t Trace) error {
	count, err := checkImages(images, n.Input())
	if err == nil && t.Show == nil {
		err = fmt.Errorf("%w: want a function Show, have nil", layer.ErrOption)
	}
	if err == nil {
		err = t.check(n)
	}
	if err == nil && count > 0 {
		err = n.trace(&tracer{Trace: t, net: n, n: count}, batch{n: count, x: images})
	}
	if err != nil {
		return fmt.Errorf("net: trace: %w", err)
	}
	return nil
}

// trace predicts a batch whose images are in memory and shows it.
func (n *Network) trace(t *tracer, b batch) error {
	size := n.Input().Len()
	for block := range b.blocks() {
		lo, hi := b.bounds(block)
		f := newFrame(n.shapes)
		f.load(b.x[lo*size:hi*size], n.Input(), hi-lo)
		n.forward(n.ops, f, 0, len(n.ops), hi-lo)
		t.frames = append(t.frames, f)
	}
	return t.forward()
}

// tracer shows the tensors of one batch.
type tracer struct {
	Trace
	net    *Network
	step   int      // under way, counted from 1; 0 in a prediction
	frames []*frame // of each block
	n      int      // images
	buffer []float32
}

// forward shows the layers on the way forward.
func (t *tracer) forward() error {
	for i := range t.net.ops {
		if err := t.activations(TensorInput, i, i, activations); err != nil {
			return err
		}
		if err := t.parameters(TensorWeights, TensorBiases, i, t.net.params); err != nil {
			return err
		}
		if err := t.activations(TensorOutput, i, i+1, activations); err != nil {
			return err
		}
	}
	return nil
}

// loss shows the loss, as the layer after the last.
func (t *tracer) loss(labels []int, losses []float32) error {
	last := len(t.net.ops)
	if err := t.show(Tensor{Kind: TensorLabels, Layer: last, Shape: []int{t.n}, Labels: slices.Clone(labels)}); err != nil {
		return err
	}
	t.buffer = append(t.buffer[:0], losses...)
	if err := t.show(Tensor{Kind: TensorLosses, Layer: last, Shape: []int{t.n}, Data: t.buffer}); err != nil {
		return err
	}
	return t.activations(TensorLossGradient, last, last, arrived)
}

// backward shows the layers on the way back, to the first that has parameters.
func (t *tracer) backward(first int, grads []float32) error {
	for i := len(t.net.ops) - 1; i >= first; i-- {
		if err := t.activations(TensorDelta, i, i+1, gradients); err != nil {
			return err
		}
		if err := t.parameters(TensorWeightGradient, TensorBiasGradient, i, grads); err != nil {
			return err
		}
		if i == first {
			break
		}
		if err := t.activations(TensorInputGradient, i, i, arrived); err != nil {
			return err
		}
	}
	return nil
}

// The tensors of a frame that are shown.
func activations(f *frame) [][]float32 { return f.act }
func gradients(f *frame) [][]float32   { return f.grad }
func arrived(f *frame) [][]float32     { return f.arrived }

// activations shows the i-th tensor of the frames, as a tensor of the given
// layer.
func (t *tracer) activations(k TensorKind, at, i int, of func(*frame) [][]float32) error {
	if !t.wants(k, at) {
		return nil
	}
	s := t.net.shapes[i]
	size := s.Len()
	t.buffer = slices.Grow(t.buffer[:0], t.n*size)[:t.n*size]
	for block := 0; block*kernels.Lanes < t.n; block++ {
		lo := block * kernels.Lanes
		hi := min(lo+kernels.Lanes, t.n)
		f := t.frames[block]
		x := f.tensor(of(f), i, s, hi-lo)
		if rows := t.buffer[lo*size : hi*size]; s.IsVector() {
			copy(rows, x)
		} else {
			kernels.Deinterleave(rows, x, size, size, hi-lo)
		}
	}
	return t.show(Tensor{Kind: k, Layer: at, Shape: batchShape(t.n, s), Data: t.buffer})
}

// batchShape is the shape of n images of shape s.
func batchShape(n int, s layer.Shape) []int {
	if s.IsVector() {
		return []int{n, s.C}
	}
	return []int{n, s.C, s.H, s.W}
}

// parameters shows what belongs to the weights and the biases of layer i in a
// flat vector.
func (t *tracer) parameters(weights, biases TensorKind, i int, flat []float32) error {
	s, err := t.net.span(i)
	if err != nil || s == nil {
		return err
	}
	t.buffer = append(t.buffer[:0], s.weights(flat)...)
	if err := t.show(Tensor{Kind: weights, Layer: i, Shape: s.weightDims(), Data: t.buffer}); err != nil || !s.params.Biases {
		return err
	}
	t.buffer = append(t.buffer[:0], s.biases(flat)...)
	return t.show(Tensor{Kind: biases, Layer: i, Shape: []int{s.params.Rows}, Data: t.buffer})
}

// wants reports whether tensors of a kind and a layer are shown.
func (t *tracer) wants(k TensorKind, i int) bool {
	return (t.Kinds == nil || slices.Contains(t.Kinds, k)) &&
		(t.Layers == nil || !k.ofLayer() || slices.Contains(t.Layers, i))
}

// show shows a tensor that lacks only what is the same for all, if it is wanted.
func (t *tracer) show(x Tensor) error {
	if !t.wants(x.Kind, x.Layer) {
		return nil
	}
	x.Step = t.step
	x.Name = "loss"
	if x.Kind.ofLayer() {
		x.Name = t.net.ops[x.Layer].String()
	}
	if err := t.Show(x); err != nil {
		return fmt.Errorf("%v: %w", x, err)
	}
	return nil
}
