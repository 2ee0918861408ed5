package net

import (
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
)

// TestBlockwise predicts up to seven images one by one, but of networks with a
// depthwise convolution only one.
func TestBlockwise(t *testing.T) {
	for groups, want := range map[int]int{1: 7, 2: 7, 8: 1} {
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
