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

// rows returns the images [lo, hi) of the batch, read into staging if they are
// not in memory as rows already, and sets their labels.
func (b *batch) rows(staging []float32, lo, hi, size int) ([]float32, error) {
	if b.data == nil {
		return b.x[lo*size : hi*size], nil
	}
	rows := staging[:(hi-lo)*size]
	return rows, b.data.Read(rows, b.labels[lo:hi], b.indices[lo:hi])
}

func checkLabels(labels []int, first, classes int) error {
	for i, l := range labels {
		if l < 0 || l >= classes {
			return fmt.Errorf("net: image %d: %w: want 0 to %d, have %d", first+i, ErrLabel, classes-1, l)
		}
	}
	return nil
}

// checkImages returns the number of images in x.
func checkImages(x []float32, in layer.Shape) (int, error) {
	if len(x)%in.Len() != 0 {
		return 0, fmt.Errorf("net: images: %w: want a multiple of %d elements (%v), have %d", layer.ErrShape, in.Len(), in, len(x))
	}
	return len(x) / in.Len(), nil
}
