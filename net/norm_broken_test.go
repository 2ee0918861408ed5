package net_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/model"
	"github.com/simdlanes/lanes/norm"
)

// TestNormLargeVariance makes steps whose variance float32 does not hold, of images
// that are finite: they fail and change nothing, and the network can be saved.
func TestNormLargeVariance(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		n, clean := steadied(t), steadied(t)
		tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
		steadySteps(t, tr, 2)
		hash := n.Hash()
		x, labels := steadyData()
		for i := range x {
			x[i] *= 1e20
		}
		_, err := tr.Step(x, labels)
		wantError(t, fmt.Sprint(workers, " workers"), err, net.ErrNotFinite, "net: step: layer 1 (batch norm, relu)", "channel 0 of the batch has mean")
		if n.Hash() != hash {
			t.Errorf("%d workers: the failed step has changed weights or running statistics", workers)
		}
		if err := (&model.Model{Network: n}).Save(&bytes.Buffer{}); err != nil {
			t.Error(err)
		}
		steadySteps(t, tr, 2)
		steadySteps(t, newTrainer(t, clean, net.TrainerConfig{}), 4)
		if n.Hash() != clean.Hash() {
			t.Errorf("%d workers: the failed step has changed those after it", workers)
		}
	}
}

// TestNormLargeVarianceHidden drops all that a variance makes infinite or NaN, so
// that the loss does not show it.
func TestNormLargeVarianceHidden(t *testing.T) {
	n, err := net.New(layer.Vector(2), 1, norm.Batch{}, norm.Dropout{Rate: 0.99999994}, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	tr, hash := newTrainer(t, n, net.TrainerConfig{}), n.Hash()
	_, err = tr.Step([]float32{1, 1e20, 2, -1e20, 3, 1e20}, []int{0, 1, 0})
	wantError(t, "Step", err, net.ErrNotFinite, "layer 0 (batch norm, identity)", "channel 1 of the batch")
	if n.Hash() != hash {
		t.Error("the failed step has changed weights or running statistics")
	}
}

// TestNormUnderHugeRate trains in front of a batch normalisation, which does not
// care for the size of weights, until they are too large for it.
func TestNormUnderHugeRate(t *testing.T) {
	n, err := net.New(layer.Image(2, 6, 6), 5, conv.Layer{Filters: 4, Size: 3}, norm.Batch{}, dense.Flatten{}, dense.Layer{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.SGD{Rate: 1e12}})
	x, labels := steadyData()
	hash := n.Hash()
	for range 100 {
		if _, err = tr.Step(x, labels); err != nil {
			break
		}
		hash = n.Hash()
	}
	wantError(t, "SGD", err, net.ErrNotFinite, "layer 1 (batch norm, identity)")
	if n.Hash() != hash {
		t.Error("the failed step has changed weights or running statistics")
	}
	if err := (&model.Model{Network: n}).Save(&bytes.Buffer{}); err != nil {
		t.Error(err)
	}
}
