package net_test

import (
	"slices"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// TestGroups trains a convolution whose groups are not multiples of eight
// filters, on several workers, of which two can renew parts of one panel. What
// single images are predicted with must be what blocks are.
func TestGroups(t *testing.T) {
	n, err := net.New(layer.Image(6, 3, 3), 1, conv.Layer{Filters: 60, Size: 1, Groups: 3}, dense.Flatten{}, dense.Layer{Units: 4})
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := net.NewTrainer(n, net.TrainerConfig{Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	const images = 8
	x := make([]float32, images*n.Input().Len())
	layer.Normal(x, 1, layer.Stream(1, "images", 0))
	for range 20 {
		if _, err := trainer.Step(x, []int{0, 1, 2, 3, 0, 1, 2, 3}); err != nil {
			t.Fatal(err)
		}
	}
	block, err := n.PredictProba(nil, x)
	if err != nil {
		t.Fatal(err)
	}
	one, err := n.PredictProba(nil, x[:len(x)/images])
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(one, block[:len(one)]) {
		t.Errorf("one image has the probabilities %v, in a block %v", one, block[:len(one)])
	}
}
