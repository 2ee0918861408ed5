package benchmarks

import "fmt"

// Network is LeNet-5 as a list of passes, each over the whole batch:
//
//	conv1, ReLU, pool1, ReLU, conv2, ReLU, pool2, ReLU,
//	dense1, ReLU, dense2, ReLU, dense3, softmax cross-entropy
//
// It allocates its buffers once (but gonum's Gemm allocates on its own). It is
// not safe for concurrent use.
type Network struct {
	linear   linear
	batch    int // images that the buffers have room for
	weights  Weights
	gradient Weights // summed over the batch
	adam     Adam
	moments  moments

	input  tensor // its value is the caller's array, and it has no gradient
	labels []int
	layers []*tensor // the layers' outputs, conv1 to dense3
	loss   float64

	forward  []Pass // conv1 to dense3
	backward []Pass // from the loss down to conv1, then the update
}

// linear is the layers that multiply, in which the baselines differ.
type linear interface {
	ConvForward(s Conv, z, x, w, b []float32)
	ConvWeightGradient(s Conv, dw, db, x, dz []float32)
	ConvDataGradient(s Conv, dx, dz, w []float32)
	DenseForward(s Dense, z, x, w, b []float32)
	DenseWeightGradient(s Dense, dw, db, x, dz []float32)
	DenseDataGradient(s Dense, dx, dz, w []float32)
}

// tensor is the output of a layer for the current batch, and the gradient of
// the loss, summed over the batch, with respect to it.
type tensor struct {
	size            int // values of one image
	value, gradient []float32
}

// Load makes the images x, with their labels, the current batch. The network
// reads x and labels until the next Load, Step or Predict.
func (n *Network) Load(x []float32, labels []int) error {
	for i, label := range labels {
		if label < 0 || label >= classes {
			return fmt.Errorf("benchmarks: label %d is %d, want 0 to %d", i, label, classes-1)
		}
	}
	if err := n.loadImages(x, len(labels)); err != nil {
		return err
	}
	n.labels = labels
	return nil
}

func (n *Network) loadImages(x []float32, count int) error {
	if count < 1 || count > n.batch {
		return fmt.Errorf("benchmarks: a batch of %d images, want 1 to %d", count, n.batch)
	}
	if len(x) != count*n.input.size {
		return fmt.Errorf("benchmarks: %d values for %d images, want %d", len(x), count, count*n.input.size)
	}
	n.input.value = x
	for _, layer := range n.layers {
		layer.value = layer.value[:count*layer.size]
		layer.gradient = layer.gradient[:count*layer.size]
	}
	return nil
}

// Step implements [Trainer].
func (n *Network) Step(x []float32, labels []int) (loss float64, err error) {
	if err := n.Load(x, labels); err != nil {
		return 0, err
	}
	run(n.forward)
	run(n.backward)
	return n.loss, nil
}

// Predict implements [Trainer].
func (n *Network) Predict(dst []int, x []float32) error {
	if len(x) != len(dst)*n.input.size {
		return fmt.Errorf("benchmarks: %d values for %d images, want %d", len(x), len(dst), len(dst)*n.input.size)
	}
	for len(dst) > 0 {
		count := min(len(dst), n.batch)
		if err := n.loadImages(x[:count*n.input.size], count); err != nil {
			return err
		}
		run(n.forward)
		logits := n.layers[len(n.layers)-1]
		for i := range count {
			dst[i] = argmax(logits.value[i*logits.size:][:logits.size])
		}
		dst, x = dst[count:], x[count*n.input.size:]
	}
	return nil
}

func run(passes []Pass) {
	for _, pass := range passes {
		pass.Run()
	}
}

// argmax returns the index of the greatest value, the first of a tie.
func argmax(values []float32) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}
