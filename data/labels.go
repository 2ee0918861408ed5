package data

import (
	"fmt"

	"github.com/simdlanes/lanes/net"
)

// labelsOf returns the labels of all examples of d, which may be d's own memory:
// of net.Examples, or as its method Labels() []int says.
func labelsOf(d net.Dataset) ([]int, error) {
	var labels []int
	switch d := d.(type) {
	case nil:
		return nil, fmt.Errorf("%w: want a Dataset, have nil", net.ErrData)
	case net.Examples:
		labels = d.Labels
	case *net.Examples:
		labels = d.Labels
	case interface{ Labels() []int }:
		labels = d.Labels()
	default:
		return nil, fmt.Errorf("%w: want net.Examples or a Dataset with a method Labels() []int, have %T", net.ErrData, d)
	}
	if len(labels) != d.Len() {
		return nil, fmt.Errorf("%w: want a label for each of %d examples, have %d", net.ErrData, d.Len(), len(labels))
	}
	return labels, nil
}

// checkIndices returns an error unless all indices are those of n examples.
func checkIndices(indices []int, n int) error {
	for _, i := range indices {
		if i < 0 || i >= n {
			return fmt.Errorf("%w: index %d of %d examples", net.ErrData, i, n)
		}
	}
	return nil
}
