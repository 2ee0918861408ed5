package net_test

import (
	"iter"
	"math"
	"testing"

	"github.com/simdlanes/lanes/net"
)

// countless is a Dataset that claims to have a number of images.
type countless int

func (c countless) Len() int { return int(c) }

func (countless) Read([]float32, []int, []int) error { return errBroken }

// TestAbsurdLen gives everything that takes a Dataset one that claims more images
// than there can be.
func TestAbsurdLen(t *testing.T) {
	n, x, labels := blobs()
	good := net.Examples{Images: x, Labels: labels}
	tr := newTrainer(t, n, net.TrainerConfig{})
	for _, length := range []countless{1<<26 + 1, math.MaxInt32, math.MaxInt/16 + 1, math.MaxInt} {
		for name, f := range map[string]func() error{
			"fit":      func() error { _, err := tr.Fit(t.Context(), length, net.FitConfig{}); return err },
			"validate": func() error { _, err := tr.Fit(t.Context(), good, net.FitConfig{Validation: length}); return err },
			"accuracy": func() error { _, err := tr.Accuracy(length); return err },
			"evaluate": func() error { _, err := n.Evaluate(length, nil); return err },
		} {
			wantError(t, name, f(), net.ErrData, "at most 67108864")
		}
	}
}

// TestNilIterator trains on a Seq that has no iterator for the second epoch.
func TestNilIterator(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	_, err := tr.FitSeq(t.Context(), func(epoch int) iter.Seq2[net.Example, error] {
		if epoch == 1 {
			return nil
		}
		return sequence(net.Examples{Images: x, Labels: labels})(epoch)
	}, net.FitConfig{Epochs: 3})
	wantError(t, "nil", err, net.ErrData, "epoch 2", "iterator")
}
