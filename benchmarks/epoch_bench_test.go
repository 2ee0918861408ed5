package benchmarks

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

// BenchmarkLanesEpoch times an epoch on 60,000 shuffled digits, batch 32, all
// included: reading, conversion, training. They are the 10,000 that are
// embedded, six times over.
func BenchmarkLanesEpoch(b *testing.B) {
	digits := sixtyThousand(b)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("op=epoch/batch=32/impl=%v/workers=%d", kernels.Active(), workers), func(b *testing.B) {
			t := lanesTrainer(b, workers)
			seed := uint64(0)
			for b.Loop() {
				seed++
				if _, err := t.Fit(context.Background(), digits, net.FitConfig{Seed: seed}); err != nil {
					b.Fatal(err)
				}
			}
			reportRate(b, b.N*digits.Len())
		})
	}
}

func lanesTrainer(b *testing.B, workers int) *net.Trainer {
	t, err := net.NewTrainer(net.LeNet5(1), net.TrainerConfig{Workers: workers})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(t.Close)
	return t
}

func sixtyThousand(b *testing.B) *mnist.Examples {
	set := fewdigits.Padded(b, 0, 10_000)
	set.Pixels, set.Labels = slices.Repeat(set.Pixels, 6), slices.Repeat(set.Labels, 6)
	return set.Examples(mnist.Unit)
}

// reportRate reports what training on a number of images took, and its rate of
// arithmetic, alone and as a share of one core's peak.
func reportRate(b *testing.B, images int) {
	rate := cases.LeNetFLOPs() * float64(images) / float64(b.Elapsed().Nanoseconds())
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1e3/float64(images), "us/image")
	b.ReportMetric(rate, "GFLOP/s")
	if peak := corePeak(); peak > 0 {
		b.ReportMetric(rate/peak, "of-peak")
	}
}

// corePeak is the best rate of multiply-adds of one core, in GFLOP/s, 0 without
// assembly.
func corePeak() float64 {
	const rounds = 500
	best := math.Inf(1)
	for range 200 {
		start := time.Now()
		if !kernels.Peak(rounds) {
			return 0
		}
		best = min(best, float64(time.Since(start).Nanoseconds()))
	}
	return rounds * kernels.PeakFLOPs / best
}
