package benchmarks

import "slices"

// Pass is one pass of a layer over a network's current batch.
type Pass struct {
	Name  string // layer and pass: "conv1 forward", "dense2 data gradient"
	FLOPs int    // multiplies and adds for one image, zeros included; 0 outside the linear layers
	Run   func()
}

// Passes returns what a training step runs, in order. They act on the batch
// that the last Step or Load gave the network. Once all have run, a pass can
// be run again alone and finds the same work to do. (Adam goes on training;
// after 800 runs or so it meets subnormal numbers and may slow down.)
func (n *Network) Passes() []Pass {
	return slices.Concat(n.forward, n.backward)
}

// newNetwork lays out the layers one after the other: each adds its passes and
// its output, and takes the output of the layer before.
func newNetwork(linear linear, w Weights, adam Adam, batch int) *Network {
	if batch < 1 {
		panic("benchmarks: batch is not positive")
	}
	n := &Network{
		linear:   linear,
		batch:    batch,
		weights:  w.clone(),
		gradient: newWeights(),
		adam:     adam,
		moments:  newMoments(),
		input:    tensor{size: conv1.InSize()},
	}
	a := n.addConv("conv1", conv1, 0, &n.input)
	n.addReLU("conv1", a)
	a = n.addPool("pool1", pool1, a)
	n.addReLU("pool1", a)
	a = n.addConv("conv2", conv2, 1, a)
	n.addReLU("conv2", a)
	a = n.addPool("pool2", pool2, a)
	n.addReLU("pool2", a)
	a = n.addDense("dense1", dense1, 2, a)
	n.addReLU("dense1", a)
	a = n.addDense("dense2", dense2, 3, a)
	n.addReLU("dense2", a)
	a = n.addDense("dense3", dense3, 4, a)
	n.addLoss(a)

	slices.Reverse(n.backward) // was added from conv1 up
	n.addUpdate()
	return n
}

func (n *Network) addConv(name string, s Conv, layer int, in *tensor) (out *tensor) {
	out = n.addTensor(s.OutSize())
	w, b := n.weights.W[layer], n.weights.B[layer]
	dw, db := n.gradient.W[layer], n.gradient.B[layer]
	n.addForward(name+" forward", s.FLOPs(), func() {
		n.linear.ConvForward(s, out.value, in.value, w, b)
	})
	n.addBackward(name+" weight gradient", s.FLOPs(), func() {
		n.linear.ConvWeightGradient(s, dw, db, in.value, out.gradient)
	})
	if in != &n.input {
		n.addBackward(name+" data gradient", s.FLOPs(), func() {
			n.linear.ConvDataGradient(s, in.gradient, out.gradient, w)
		})
	}
	return out
}

func (n *Network) addDense(name string, s Dense, layer int, in *tensor) (out *tensor) {
	out = n.addTensor(s.Out)
	w, b := n.weights.W[layer], n.weights.B[layer]
	dw, db := n.gradient.W[layer], n.gradient.B[layer]
	n.addForward(name+" forward", s.FLOPs(), func() {
		n.linear.DenseForward(s, out.value, in.value, w, b)
	})
	n.addBackward(name+" weight gradient", s.FLOPs(), func() {
		n.linear.DenseWeightGradient(s, dw, db, in.value, out.gradient)
	})
	n.addBackward(name+" data gradient", s.FLOPs(), func() {
		n.linear.DenseDataGradient(s, in.gradient, out.gradient, w)
	})
	return out
}

func (n *Network) addPool(name string, s Pool, in *tensor) (out *tensor) {
	out = n.addTensor(s.OutSize())
	winner := make([]int32, len(out.value))
	n.addForward(name+" forward", 0, func() {
		MaxPool(s, out.value, winner, in.value)
	})
	n.addBackward(name+" gradient", 0, func() {
		MaxPoolGradient(in.gradient, out.gradient, winner)
	})
	return out
}

// addReLU adds the activation of a layer, which works in place: the layer's
// tensor then holds the activation and, on the way back, its gradient turns
// into that of the ReLU's input.
func (n *Network) addReLU(name string, a *tensor) {
	n.addForward(name+" ReLU", 0, func() { ReLU(a.value) })
	n.addBackward(name+" ReLU gradient", 0, func() { ReLUGradient(a.gradient, a.value) })
}

func (n *Network) addLoss(logits *tensor) {
	n.addBackward("softmax cross-entropy", 0, func() {
		n.loss = SoftmaxCrossEntropy(logits.gradient, logits.value, n.labels)
	})
}

func (n *Network) addUpdate() {
	n.addBackward("Adam", 0, func() {
		n.adam.update(n.weights, n.gradient, &n.moments, len(n.labels))
	})
}

func (n *Network) addTensor(size int) *tensor {
	t := &tensor{
		size:     size,
		value:    make([]float32, n.batch*size),
		gradient: make([]float32, n.batch*size),
	}
	n.layers = append(n.layers, t)
	return t
}

func (n *Network) addForward(name string, flops int, run func()) {
	n.forward = append(n.forward, Pass{name, flops, run})
}

func (n *Network) addBackward(name string, flops int, run func()) {
	n.backward = append(n.backward, Pass{name, flops, run})
}
