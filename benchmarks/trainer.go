package benchmarks

// Trainer is a LeNet-5 that can be trained and asked, whoever implements it.
// Images are 32x32 pixels, one channel; digits are 0 to 9.
type Trainer interface {
	// Step trains on one batch: len(labels) images in x. It returns the loss
	// before the update, the mean over the batch of -ln(p+1e-7), where p is
	// the probability that the network gave to the label.
	Step(x []float32, labels []int) (loss float64, err error)

	// Predict sets dst to the likeliest digits of len(dst) images in x, of any
	// number.
	Predict(dst []int, x []float32) error
}

// NewNaive returns a network on [Naive], for batches of up to batch images. It
// copies the weights; it panics if they do not have LeNet-5's sizes or if batch
// is not positive.
func NewNaive(w Weights, adam Adam, batch int) *Network {
	return newNetwork(Naive{}, w, adam, batch)
}

// NewGonum returns a network on [Gonum]. It is like [NewNaive] otherwise.
func NewGonum(w Weights, adam Adam, batch int) *Network {
	return newNetwork(new(Gonum), w, adam, batch)
}
