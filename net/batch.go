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
	classes int   // that labels may be
	data    Dataset
	indices []int
	checked []checked // the layers that a training step may fail in
}

// blocks is the number of blocks of eight images, the last one perhaps partial.
func (b *batch) blocks() int { return (b.n + kernels.Lanes - 1) / kernels.Lanes }

// bounds returns the images [lo, hi) of a block.
func (b *batch) bounds(block int) (lo, hi int) {
	lo = block * kernels.Lanes
	return lo, min(lo+kernels.Lanes, b.n)
}

// image is the number of an image as the caller knows it: its index in the data, or
// its place in x.
func (b *batch) image(i int) int {
	if b.data == nil {
		return i
	}
	return b.indices[i]
}

// rows returns the images [lo, hi) of the batch as rows of shape in. Those of a
// Dataset are read into staging, and their labels into the batch's.
func (b *batch) rows(staging []float32, lo, hi int, in layer.Shape) ([]float32, error) {
	size := in.Len()
	if b.data == nil {
		rows := b.x[lo*size : hi*size]
		return rows, b.checkFinite(rows, lo, in)
	}
	rows := staging[:(hi-lo)*size]
	if err := b.data.Read(rows, b.labels[lo:hi], b.indices[lo:hi]); err != nil {
		return nil, fmt.Errorf("images %d to %d, %v each: %w", lo, hi-1, in, err)
	}
	if err := b.checkLabels(lo, hi); err != nil {
		return nil, err
	}
	return rows, b.checkFinite(rows, lo, in)
}

// checkLabels returns an error that names the first of images [lo, hi) whose label
// is not a class.
func (b *batch) checkLabels(lo, hi int) error {
	for i, l := range b.labels[lo:hi] {
		if l < 0 || l >= b.classes {
			return fmt.Errorf("image %d: %w: want 0 to %d, have %d", b.image(lo+i), ErrLabel, b.classes-1, l)
		}
	}
	return nil
}

// checkFinite returns an error that names the first element of rows, of images
// from lo on, that is not finite. The rows are about to be read anyway, and stay in
// the cache meanwhile.
func (b *batch) checkFinite(rows []float32, lo int, in layer.Shape) error {
	i := kernels.FirstNotFinite(rows)
	if i < 0 {
		return nil
	}
	return fmt.Errorf("image %d: %w: element %d of %v is %v", b.image(lo+i/in.Len()), ErrNotFinite, i%in.Len(), in, rows[i])
}

// checkImages returns the number of images in x.
func checkImages(x []float32, in layer.Shape) (int, error) {
	if len(x)%in.Len() != 0 {
		return 0, fmt.Errorf("images: %w: want a multiple of %d elements (%v), have %d", layer.ErrShape, in.Len(), in, len(x))
	}
	return len(x) / in.Len(), nil
}

// maxImages bounds the memory that a Dataset's Len alone can claim.
const maxImages = 1 << 26

// checkData returns the number of images in data.
func checkData(data Dataset) (int, error) {
	if data == nil {
		return 0, fmt.Errorf("%w: want a Dataset, have nil", ErrData)
	}
	n := data.Len()
	if n < 1 || n > maxImages {
		return 0, fmt.Errorf("%w: want at least one image, at most %d, have %d", ErrData, maxImages, n)
	}
	return n, nil
}
