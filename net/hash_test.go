package net_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

var update = flag.Bool("update", false, "rewrite testdata/weights.sha256: the bits of all trainings change, so say why in the commit")

const hashFile = "testdata/weights.sha256"

// digits returns the first n embedded digits as LeNet-5 takes them.
func digits(t testing.TB, n int) *mnist.Examples {
	t.Helper()
	set, err := mnist.Test10k()
	if err == nil {
		set, err = set.Slice(0, n)
	}
	if err == nil {
		set, err = set.Pad(32, 32)
	}
	if err != nil {
		t.Fatal(err)
	}
	return set.Examples(mnist.Unit)
}

// trainedHash is the hash of LeNet-5's weights after two steps on nine digits
// each: a whole block and one of a single image.
func trainedHash(t *testing.T, workers int) string {
	t.Helper()
	n := net.LeNet5(1)
	tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
	if _, err := tr.Fit(t.Context(), digits(t, 18), net.FitConfig{BatchSize: 9, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", n.Hash())
}

// TestWeightHash proves that a training has the same bits on every machine,
// with assembly and without, for any number of workers.
func TestWeightHash(t *testing.T) {
	if *update {
		if err := os.WriteFile(hashFile, []byte(trainedHash(t, 1)+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(hashFile)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSpace(string(b))
	for _, impl := range kernels.Impls() {
		for _, workers := range []int{1, 2, 3, 7} {
			t.Run(fmt.Sprintf("%v/workers=%d", impl, workers), func(t *testing.T) {
				defer kernels.Use(impl)()
				if got := trainedHash(t, workers); got != want {
					t.Errorf("weights hash to %s, want %s", got, want)
				}
			})
		}
	}
}
