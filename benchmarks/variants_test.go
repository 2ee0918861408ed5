package benchmarks

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/net"
)

// layerNames are the layers of a network, each as it prints itself.
func layerNames(t *testing.T, of cases.Net) (names []string) {
	t.Helper()
	n, err := NewNet(of)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range n.Summary().Layers {
		names = append(names, l.Name)
	}
	return names
}

// TestNewNet wants LeNet-5, its activation after the batch normalisation, and no
// dropout of what it puts out.
func TestNewNet(t *testing.T) {
	for of, want := range map[cases.Net][]string{
		cases.LeNet5: {"conv 6 filters 5x5, relu", "max-pool 2x2, relu", "conv 16 filters 5x5, relu", "max-pool 2x2, relu", "flatten",
			"dense 120 units, relu", "dense 84 units, relu", "dense 10 units, identity"},
		cases.LeNet5BatchNorm: {"conv 6 filters 5x5, identity", "batch norm, relu", "max-pool 2x2, relu", "conv 16 filters 5x5, identity", "batch norm, relu",
			"max-pool 2x2, relu", "flatten", "dense 120 units, relu", "dense 84 units, relu", "dense 10 units, identity"},
		cases.LeNet5Dropout: {"conv 6 filters 5x5, relu", "max-pool 2x2, relu", "conv 16 filters 5x5, relu", "max-pool 2x2, relu", "flatten",
			"dense 120 units, relu", "dropout 0.5", "dense 84 units, relu", "dropout 0.5", "dense 10 units, identity"},
	} {
		if got := layerNames(t, of); !slices.Equal(got, want) {
			t.Errorf("%s: have %q, want %q", of, got, want)
		}
	}
}

// BenchmarkVariants times a training step of LeNet-5 with layers that it does not
// have and, by turns, one without them: "to-lenet5" is the ratio of the best of
// each.
func BenchmarkVariants(b *testing.B) {
	const batch = 32
	x, labels := notebookDigits(b)
	for _, of := range []cases.Net{cases.LeNet5BatchNorm, cases.LeNet5Dropout} {
		for _, workers := range coreCounts {
			b.Run(cases.Name(cases.StepOf(of, batch), kernels.Active().String(), workers), func(b *testing.B) {
				onCores(workers, func() {
					variant, plain := netTrainer(b, of, workers), netTrainer(b, cases.LeNet5, workers)
					best, bestPlain := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
					for i := 0; b.Loop(); i++ {
						images, classes := batchOf(x, labels, i, batch)
						best = min(best, timeStep(b, variant, images, classes))
						bestPlain = min(bestPlain, timeStep(b, plain, images, classes))
					}
					b.ReportMetric(float64(best.Nanoseconds()), "ns/op")
					b.ReportMetric(best.Seconds()*1e6/batch, "µs/image")
					b.ReportMetric(best.Seconds()/bestPlain.Seconds(), "to-lenet5")
				})
			})
		}
	}
}

func netTrainer(b *testing.B, of cases.Net, workers int) *net.Trainer {
	n, err := NewNet(of)
	if err != nil {
		b.Fatal(err)
	}
	t, err := net.NewTrainer(n, net.TrainerConfig{Workers: workers})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(t.Close)
	return t
}

func timeStep(b *testing.B, t *net.Trainer, images []float32, labels []int) time.Duration {
	start := time.Now()
	if _, err := t.Step(images, labels); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
