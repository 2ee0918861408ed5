package net_test

import (
	"iter"

	"github.com/simdlanes/lanes/net"
)

// sequence is a Dataset of pairs as a Seq, which lends its memory for one image.
func sequence(data net.Dataset) net.Seq {
	return func(int) iter.Seq2[net.Example, error] {
		return func(yield func(net.Example, error) bool) {
			image, label := make([]float32, 2), make([]int, 1)
			for i := range data.Len() {
				err := data.Read(image, label, []int{i})
				if !yield(net.Example{Image: image, Label: label[0]}, err) || err != nil {
					return
				}
			}
		}
	}
}
