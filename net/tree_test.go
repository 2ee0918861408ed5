package net

import (
	"fmt"
	"testing"

	"github.com/simdlanes/lanes/layer"
)

// TestSumTree adds vectors whose sum depends on the order, and compares with
// the order written out.
func TestSumTree(t *testing.T) {
	v := make([]float32, 8)
	layer.Normal(v, 1, layer.Stream(1, "tree", 0))
	for n, want := range map[int]float32{
		1: v[0],
		2: v[0] + v[1],
		3: (v[0] + v[1]) + v[2],
		5: ((v[0] + v[1]) + (v[2] + v[3])) + v[4],
		7: ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + v[6]),
		8: ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7])),
	} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			parts := append([]float32(nil), v...)
			sumTree(n, func(i int) []float32 { return parts[i : i+1] })
			if parts[0] != want {
				t.Errorf("the sum of %d is %v, want %v", n, parts[0], want)
			}
		})
	}
}
