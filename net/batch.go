package net

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// A batch is where the images of one step or prediction come from: from x, or,
// if data is not nil, from the given indices of data.
type batch struct {
	n       int
	x       []float32
	labels  []int // n, or none for a prediction without labels
	data    Dataset
	indices []int
}

// blocks is the number of blocks of eight images, the last one perhaps partial.
func (b *batch) blocks() int { return (b.n + kernels.Lanes - 1) / kernels.Lanes }

// bounds returns the images [lo, hi) of a block.
func (b *batch) bounds(block int) (lo, hi int) {
	lo = block * kernels.Lanes
	return lo, min(lo+kernels.Lanes, b.n)
}

// rows returns the images [lo, hi) of the batch as rows of n's input. Those of a
// Dataset are read into staging, and their labels into the batch's.
func (b *batch) rows(staging []float32, lo, hi int, n *Network) ([]float32, error) {
	size := n.Input().Len()
	if b.data == nil {
		return b.x[lo*size : hi*size], nil
	}
	rows := staging[:(hi-lo)*size]
	if err := b.data.Read(rows, b.labels[lo:hi], b.indices[lo:hi]); err != nil {
		return nil, fmt.Errorf("images %d to %d, %v each: %w", lo, hi-1, n.Input(), err)
	}
	return rows, checkLabels(b.labels[lo:hi], lo, n.Output().Len())
}

func checkLabels(labels []int, first, classes int) error {
	for i, l := range labels {
		if l < 0 || l >= classes {
			return fmt.Errorf("image %d: %w: want 0 to %d, have %d", first+i, ErrLabel, classes-1, l)
		}
	}
	return nil
}

// checkImages returns the number of images in x.
func checkImages(x []float32, in layer.Shape) (int, error) {
	if len(x)%in.Len() != 0 {
		return 0, fmt.Errorf("images: %w: want a multiple of %d elements (%v), have %d", layer.ErrShape, in.Len(), in, len(x))
	}
	return len(x) / in.Len(), nil
}

// checkData returns the number of images in data.
func checkData(data Dataset) (int, error) {
	if data == nil {
		return 0, fmt.Errorf("%w: want a Dataset, have nil", ErrData)
	}
	n := data.Len()
	if n < 1 {
		return 0, fmt.Errorf("%w: want at least one image, have %d", ErrData, n)
	}
	return n, nil
}
