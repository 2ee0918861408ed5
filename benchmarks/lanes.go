package benchmarks

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// LanesPass is one pass of a LeNet-5 layer on this module, and the names of the
// baselines' passes that together do the same.
type LanesPass struct {
	Pass
	Baseline []string
}

// LanesPasses returns the passes of a training step of LeNet-5 on the given
// images, one by one. (A step by [net.Trainer] runs the same kernels, but
// carries eight images through all layers before the next eight, so that the
// caches serve it better.) Each can be run alone, any number of times, and
// finds the same work to do. It has initial weights drawn from seed 1.
func LanesPasses(x []float32, labels []int) ([]LanesPass, error) {
	l := &lanes{n: len(labels), labels: labels}
	if err := l.build(x); err != nil {
		return nil, fmt.Errorf("benchmarks: %w", err)
	}
	passes := append(l.forward, l.lossPass())
	for i := len(l.backward) - 1; i >= 0; i-- {
		passes = append(passes, l.backward[i]...)
	}
	passes = append(passes, l.updatePass())
	for _, p := range passes {
		p.Run() // so that each finds what those before it leave
	}
	return passes, nil
}

// lanes is LeNet-5 taken apart.
type lanes struct {
	n        int // images
	labels   []int
	tensors  []*lanesTensor
	params   []*lanesParams
	forward  []LanesPass
	backward [][]LanesPass // by layer
}

// lanesTensor holds the activations of a batch and their gradients: block after
// block, or row after row.
type lanesTensor struct {
	shape       layer.Shape
	value, grad []float32
}

// lanesParams is the parameters of one layer and their optimiser's state.
type lanesParams struct {
	op               layer.Trained
	all, grads, m, v []float32
}

func (l *lanes) build(x []float32) error {
	in := l.tensor(net.LeNet5Input())
	l.forward = append(l.forward, l.pass("block transposition", 0, nil, func() {
		l.blocks(func(b, n int) {
			kernels.Interleave(in.block(in.value, b, n), x[b*kernels.Lanes*in.shape.Len():], in.shape.Len(), in.shape.Len(), n)
		})
	}))
	names := []string{"conv1", "pool1", "conv2", "pool2", "flatten", "dense1", "dense2", "dense3"}
	for i, description := range net.LeNet5Layers() {
		op, err := description.Bind(l.tensors[i].shape)
		if err != nil {
			return err
		}
		l.tensor(op.Out())
		l.backward = append(l.backward, nil)
		l.layer(i, names[i], op)
	}
	return nil
}

func (l *lanes) tensor(s layer.Shape) *lanesTensor {
	images := (l.n + kernels.Lanes - 1) / kernels.Lanes * kernels.Lanes
	t := &lanesTensor{shape: s, value: make([]float32, images*s.Len()), grad: make([]float32, images*s.Len())}
	l.tensors = append(l.tensors, t)
	return t
}

// block returns block b, of n images, of the tensor's values or gradients.
func (t *lanesTensor) block(of []float32, b, n int) []float32 {
	size := t.shape.Len()
	of = of[b*kernels.Lanes*size:]
	if t.shape.IsVector() {
		return of[:n*size]
	}
	return of[:kernels.Lanes*size]
}

// blocks calls do for each block and its number of images.
func (l *lanes) blocks(do func(b, n int)) {
	for lo := 0; lo < l.n; lo += kernels.Lanes {
		do(lo/kernels.Lanes, min(kernels.Lanes, l.n-lo))
	}
}

func (l *lanes) pass(name string, flops int, baseline []string, run func()) LanesPass {
	return LanesPass{Pass{name, flops, run}, baseline}
}

// layer adds the passes of layer i.
func (l *lanes) layer(i int, name string, op layer.Op) {
	in, out := l.tensors[i], l.tensors[i+1]
	flops := 0
	if t, ok := op.(layer.Trained); ok {
		flops = 2 * t.Params().Weights()
		if !out.shape.IsVector() {
			flops *= out.shape.H * out.shape.W
		}
		l.attach(i, t)
	}
	l.forward = append(l.forward, l.pass(name+" forward", flops, []string{name + " forward", name + " ReLU"}, func() {
		l.blocks(func(b, n int) {
			op.Forward(out.block(out.value, b, n), in.block(in.value, b, n), n)
		})
	}))
	l.backward[i] = append(l.backward[i], l.dataPass(i, name, op, flops))
	if t, ok := op.(layer.Trained); ok {
		l.backward[i] = append(l.backward[i], l.weightPass(i, name, t, flops))
	}
}

func (l *lanes) attach(i int, op layer.Trained) {
	p := op.Params()
	params := &lanesParams{
		op:    op,
		all:   make([]float32, p.Len()),
		grads: make([]float32, p.Len()),
		m:     make([]float32, p.Len()),
		v:     make([]float32, p.Len()),
	}
	w, b := params.all[:p.Weights()], params.all[p.Weights():]
	op.Init(w, b, layer.Stream(1, "init", uint64(i)))
	op.Attach(w, b)
	l.params = append(l.params, params)
}

// dataPass is a layer's Backward: the activation's derivative and, but for the
// first layer, the gradient of its input.
func (l *lanes) dataPass(i int, name string, op layer.Op, flops int) LanesPass {
	in, out := l.tensors[i], l.tensors[i+1]
	title, baseline := name+" gradient", []string{name + " gradient", name + " ReLU gradient"}
	if flops > 0 {
		title, baseline[0] = name+" data gradient", name+" data gradient"
	}
	if i == 0 {
		title, flops, baseline = name+" ReLU gradient", 0, baseline[1:]
	}
	return l.pass(title, flops, baseline, func() {
		l.blocks(func(b, n int) {
			var dx []float32
			if i > 0 {
				dx = in.block(in.grad, b, n)
			}
			op.Backward(dx, out.block(out.grad, b, n), in.block(in.value, b, n), out.block(out.value, b, n), n)
		})
	})
}

// weightPass is a layer's gradient of its parameters.
func (l *lanes) weightPass(i int, name string, op layer.Trained, flops int) LanesPass {
	in, out := l.tensors[i], l.tensors[i+1]
	p := op.Params()
	grads := l.params[len(l.params)-1].grads
	dw, db := grads[:p.Weights()], grads[p.Weights():]
	run := func() {
		l.blocks(func(b, n int) {
			op.(layer.BlockGradient).Gradient(dw, db, in.block(in.value, b, n), out.block(out.grad, b, n), n)
		})
	}
	if g, ok := op.(layer.BatchGradient); ok {
		run = func() {
			g.Gradient(dw, db, in.value[:l.n*in.shape.Len()], out.grad[:l.n*out.shape.Len()], l.n, 0, p.Rows)
		}
	}
	return l.pass(name+" weight gradient", flops, []string{name + " weight gradient"}, run)
}

func (l *lanes) lossPass() LanesPass {
	logits := l.tensors[len(l.tensors)-1]
	classes := logits.shape.Len()
	block, losses := make([]float32, classes*kernels.Lanes), make([]float32, l.n)
	return l.pass("softmax cross-entropy", 0, []string{"softmax cross-entropy"}, func() {
		l.blocks(func(b, n int) {
			lo := b * kernels.Lanes
			kernels.Interleave(block, logits.block(logits.value, b, n), classes, classes, n)
			kernels.SoftmaxCrossEntropy(block, block, l.labels[lo:lo+n], losses[lo:lo+n], 0, classes)
			kernels.Deinterleave(logits.block(logits.grad, b, n), block, classes, classes, n)
		})
	})
}

// updatePass is Adam with a rate of 0, so that the weights stay, and the
// packing of the weights for the next step.
func (l *lanes) updatePass() LanesPass {
	step := kernels.AdamStep{Scale: 1 / float32(l.n), Beta1: 0.9, OneMinusBeta1: 0.1, Beta2: 0.999, OneMinusBeta2: 0.001, Epsilon: 1e-8}
	return l.pass("Adam", 0, []string{"Adam"}, func() {
		for _, p := range l.params {
			kernels.Adam(p.all, p.m, p.v, p.grads, &step)
			p.op.Pack(0, p.op.Params().Rows)
		}
	})
}
