package net

import (
	"fmt"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
)

// TestLossesOfPyTorch compares losses and gradients of outputs with PyTorch's, in
// whole blocks and in smaller ones.
func TestLossesOfPyTorch(t *testing.T) {
	for _, c := range []struct {
		name string
		loss Loss
	}{
		{"cross_entropy", CrossEntropy{}},
		{"cross_entropy_smooth", CrossEntropy{Smoothing: 0.1}},
		{"binary", BinaryCrossEntropy{}},
		{"binary_smooth", BinaryCrossEntropy{Smoothing: 0.2}},
		{"squared", SquaredError{}},
	} {
		for _, outputs := range []int{1, 2, 3, 10} {
			if c.loss.meaning() == Logits && outputs == 1 {
				continue
			}
			name := fmt.Sprintf("%s_%d", c.name, outputs)
			want, _ := golden.File(t, "testdata/losses/"+name+".npy")
			for _, images := range []int{1, 3, 8} {
				got := lossesOf(t, c.loss, outputs, images)
				for i := 0; i < len(want); i += 1 + outputs {
					golden.Close(t, fmt.Sprintf("%s: loss of image %d", name, i), got[i:i+1], want[i:i+1], 2e-7*(1+want[i]))
					golden.Close(t, fmt.Sprintf("%s: gradient of image %d", name, i), got[i+1:i+1+outputs], want[i+1:i+1+outputs], 1e-6)
				}
			}
		}
	}
}

// lossesOf computes, a number of images at a time, the loss of each image and its
// gradient.
func lossesOf(t *testing.T, loss Loss, outputs, images int) (all []float32) {
	y, _ := golden.File(t, fmt.Sprintf("testdata/losses/logits_%d.npy", outputs))
	labels, _ := golden.File(t, fmt.Sprintf("testdata/losses/labels_%d.npy", outputs))
	for lo := 0; lo < len(labels); lo += images {
		hi := min(lo+images, len(labels))
		n := hi - lo
		in, ids := make([]float32, n*outputs), make([]int, n)
		for i := range in {
			in[i] = float32(y[lo*outputs+i])
		}
		for i := range ids {
			ids[i] = int(labels[lo+i])
		}
		grad, values := make([]float32, n*outputs), make([]float32, n)
		scratch := make([]float32, kernels.Lanes*outputs)
		loss.block(grad, in, ids, values, scratch)
		alone := make([]float32, n)
		loss.block(nil, in, ids, alone, scratch)
		if !slices.Equal(values, alone) {
			t.Errorf("losses %v with gradients, %v without", values, alone)
		}
		for i, v := range values {
			all = append(append(all, v), grad[i*outputs:(i+1)*outputs]...)
		}
	}
	return all
}
