package benchmarks

import (
	"math/rand/v2"
	"testing"

	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/mnist"
)

const imageSize = 32 * 32

// baselines are the two networks under test, by name.
var baselines = []struct {
	name   string
	linear func() linear
	new    func(w Weights, adam Adam, batch int) *Network
}{
	{"naive", func() linear { return Naive{} }, NewNaive},
	{"gonum", func() linear { return new(Gonum) }, NewGonum},
}

// notebookDigits returns the notebook's training set: the first 2,000 MNIST
// test images, resized to 32x32, with pixels of 0 to 255.
func notebookDigits(tb testing.TB) (x []float32, labels []int) {
	tb.Helper()
	set, err := fewdigits.Slice(tb, 0, 2000).Resize(32, 32)
	if err != nil {
		tb.Fatal(err)
	}
	digits := set.Examples(mnist.Raw)
	return digits.Floats(), digits.Labels()
}

// batchOf returns batch i, of size images, of a set, counted round and round.
func batchOf(x []float32, labels []int, i, size int) ([]float32, []int) {
	i %= len(labels) / size
	return x[i*size*imageSize:][:size*imageSize], labels[i*size:][:size]
}

func normals(random *rand.Rand, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(random.NormFloat64())
	}
	return values
}
