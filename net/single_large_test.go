package net

import (
	"slices"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
)

// TestLargeImages predicts images of which a block does not fit into the L2
// cache: they go one after another, with the results of a block.
func TestLargeImages(t *testing.T) {
	n, err := New(layer.Image(1, 128, 129), 1, conv.Layer{Filters: 2, Size: 5}, dense.Flatten{}, dense.Layer{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	if n.maxSingles != 8 {
		t.Fatalf("up to %d images are predicted one after another, want 8", n.maxSingles)
	}
	x := make([]float32, 8*n.Input().Len())
	layer.Normal(x, 1, layer.Stream(1, "images", 0))
	one, err := n.PredictProba(nil, x)
	if err != nil {
		t.Fatal(err)
	}
	n.maxSingles = 0
	block, err := n.PredictProba(nil, x)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(one, block) {
		t.Errorf("one by one the probabilities are %v, as a block %v", one, block)
	}
}

// TestBlockwise predicts large images by blocks where a convolution is depthwise, and
// a single one by itself.
func TestBlockwise(t *testing.T) {
	for groups, want := range map[int]int{1: 8, 2: 8, 8: 1} {
		n, err := New(layer.Image(8, 64, 65), 1,
			conv.Layer{Filters: 8, Size: 3, Same: true, Groups: groups}, dense.Flatten{}, dense.Layer{Units: 3})
		if err != nil {
			t.Fatal(err)
		}
		if n.maxSingles != want {
			t.Errorf("in %d groups up to %d images are predicted one after another, want %d", groups, n.maxSingles, want)
		}
	}
}
