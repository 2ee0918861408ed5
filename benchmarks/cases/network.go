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

// Net is LeNet-5, or what becomes of it with layers that it does not have.
type Net string

const (
	LeNet5          Net = "lenet5"
	LeNet5BatchNorm Net = "lenet5-batchnorm" // after each convolution, before its ReLU
	LeNet5Dropout   Net = "lenet5-dropout"   // of a half, after each hidden dense layer
)

// Step is the key of a training step of LeNet-5.
func Step(batch int) string { return StepOf(LeNet5, batch) }

// StepOf is the key of a training step of a network.
func StepOf(n Net, batch int) string { return fmt.Sprintf("op=step/net=%s/batch=%d", n, batch) }

// Predict is the key of a prediction of a number of images, whose class is
// wanted. Of one image at a time the median is measured, not the best.
func Predict(batch int) string { return fmt.Sprintf("op=predict/net=lenet5/batch=%d", batch) }

// To99 is the key of a training of LeNet-5 from a seed, from data in memory to
// 99 % on MNIST's test set, which is evaluated after every epoch.
func To99(seed int) string { return fmt.Sprintf("op=train-to-99/net=lenet5/seed=%d", seed) }

// Seeds are those of [To99]: 1 to 10.
const Seeds = 10

// Networks returns the keys of what is measured of whole networks on a number of
// cores. Trainings to 99 % are left out on one, where ten take a minute.
func Networks(workers int) []string {
	keys := []string{
		Step(32), Step(256), StepOf(LeNet5BatchNorm, 32), StepOf(LeNet5Dropout, 32),
		Predict(1), Predict(256), Epoch,
	}
	for seed := 1; seed <= Seeds && workers > 1; seed++ {
		keys = append(keys, To99(seed))
	}
	return keys
}

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
