package net_test

import (
	"fmt"
	"log"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
	"github.com/simdlanes/lanes/pool"
)

func TestWeightDims(t *testing.T) {
	n, err := net.New(layer.Image(4, 9, 8), 1,
		conv.Layer{Filters: 6, Size: 3, SizeCols: 2, Groups: 2},
		pool.Max{Size: 2},
		norm.Batch{},
		dense.Flatten{},
		dense.Layer{Units: 5},
	)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]int{{6, 2, 3, 2}, nil, {6, 1}, nil, {5, 54}} {
		dims, err := n.WeightDims(i)
		if err != nil || !slices.Equal(dims, want) || (dims == nil) != (want == nil) {
			t.Errorf("layer %d: have %v, error %v, want %v", i, dims, err, want)
		}
		w, _, err := n.Params(i)
		if err != nil {
			t.Fatal(err)
		}
		product := min(1, len(dims))
		for _, d := range dims {
			product *= d
		}
		if product != len(w) {
			t.Errorf("layer %d: dimensions %v of %d weights", i, dims, len(w))
		}
		if dims != nil {
			dims[0] = -1
			if again, _ := n.WeightDims(i); again[0] != want[0] {
				t.Errorf("layer %d: the caller's change of dimensions stays", i)
			}
		}
	}
	for _, i := range []int{-1, 5} {
		_, err := n.WeightDims(i)
		wantError(t, fmt.Sprint("layer ", i), err, layer.ErrOption, "5 layers")
	}
}

// The weight of filter 2 for row 4 and column 0 of channel 3.
func ExampleNetwork_WeightDims() {
	network := net.LeNet5(1)
	dims, err := network.WeightDims(2)
	if err != nil {
		log.Fatal(err)
	}
	w, _, err := network.Params(2)
	if err != nil {
		log.Fatal(err)
	}
	at := ((2*dims[1]+3)*dims[2]+4)*dims[3] + 0
	fmt.Println(dims, len(w), at, w[at] != 0)
	// Output: [16 6 5 5] 2400 395 true
}
