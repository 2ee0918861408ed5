package data

import (
	"fmt"
	"image"
	"slices"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// Images is a net.Dataset of images in memory, which are preprocessed when they
// are read: during training by its workers. Make it with [FromImages].
type Images struct {
	images []image.Image
	labels []int
	p      Preprocess
}

// FromImages returns images, with a label for each, as a Dataset. It refers to the
// images and does not copy them.
//
// The error wraps layer.ErrOption if p is not usable; net.ErrData if there is no
// image, or are not as many labels as images; or [ErrImage] if [Preprocess.Apply]
// would not take an image.
func FromImages(images []image.Image, labels []int, p Preprocess) (*Images, error) {
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("data: images: preprocess: %w", err)
	}
	if len(images) == 0 || len(labels) != len(images) {
		return nil, fmt.Errorf("data: images: %w: want at least one image and a label for each, have %d and %d labels",
			net.ErrData, len(images), len(labels))
	}
	for i, img := range images {
		if err := checkImage(img); err != nil {
			return nil, fmt.Errorf("data: images: image %d: %w", i, err)
		}
	}
	return &Images{images: slices.Clone(images), labels: slices.Clone(labels), p: p}, nil
}

// Len is the number of images.
func (s *Images) Len() int { return len(s.images) }

// Shape is the shape of each image once it is preprocessed.
func (s *Images) Shape() layer.Shape { return s.p.Shape() }

// Labels returns a copy of the labels.
func (s *Images) Labels() []int { return slices.Clone(s.labels) }

// Read implements net.Dataset. It does not allocate for the image types of the
// standard library. The error wraps layer.ErrShape if x or labels have another
// length than the indices ask for, or net.ErrData if an index is out of range.
func (s *Images) Read(x []float32, labels []int, indices []int) error {
	if err := checkRead(x, labels, indices, s.Shape(), s.Len()); err != nil {
		return fmt.Errorf("data: images: %w", err)
	}
	size := s.Shape().Len()
	for j, i := range indices {
		if err := s.p.apply(x[j*size:][:size], s.images[i]); err != nil {
			return fmt.Errorf("data: images: image %d: %w", i, err)
		}
		labels[j] = s.labels[i]
	}
	return nil
}

// checkRead checks the arguments of a Read of images of a shape, out of n.
func checkRead(x []float32, labels []int, indices []int, shape layer.Shape, n int) error {
	if len(x) != shape.Len()*len(indices) || len(labels) != len(indices) {
		return fmt.Errorf("%w: want room for %d images of %v, have %d elements and %d labels",
			layer.ErrShape, len(indices), shape, len(x), len(labels))
	}
	return checkIndices(indices, n)
}
