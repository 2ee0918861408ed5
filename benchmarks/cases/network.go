package cases

import "fmt"

// LeNetFLOPs is the useful arithmetic of a training step of LeNet-5 for each
// image, 2.264 million: its convolutions and dense layers, forward and both
// gradients, but for the gradient of the images.
func LeNetFLOPs() (flops float64) {
	for _, c := range LeNetConvs() {
		flops += c.FLOPs() / float64(c.Batch)
	}
	for _, p := range LeNetDense(1) {
		flops += p.FLOPs()
	}
	return flops
}

// Step is the key of a training step of LeNet-5.
func Step(batch int) string { return fmt.Sprintf("op=step/net=lenet5/batch=%d", batch) }

// Predict is the key of a prediction of a number of images, whose class is
// wanted. Of one image at a time the median is measured, not the best.
func Predict(batch int) string { return fmt.Sprintf("op=predict/net=lenet5/batch=%d", batch) }

// To99 is the key of a training of LeNet-5 from a seed, from data in memory to
// 99 % on MNIST's test set, which is evaluated after every epoch.
func To99(seed int) string { return fmt.Sprintf("op=train-to-99/net=lenet5/seed=%d", seed) }

// Seeds are those of [To99]: 1 to 10.
const Seeds = 10

// Keys of what there is one of.
const (
	// Epoch is one pass over the 60,000 images of MNIST, from an array in
	// memory, shuffled, in batches of 32.
	Epoch = "op=epoch/net=lenet5/batch=32"

	// Peak is [PeakRounds] of kernels.Peak, on every worker.
	Peak = "op=peak"
)

// PeakRounds is how often [Peak] issues twelve independent multiply-adds of
// eight lanes.
const PeakRounds = 10_000
