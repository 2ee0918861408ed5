package data

import (
	"fmt"
	"iter"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// Augment distorts the images of a training at random, each anew in every epoch,
// so that a network learns what does not matter. An image is sheared, rotated and
// scaled about its centre and shifted, the four amounts being uniform between the
// limits of the fields, and its pixels are displaced by a smooth random field
// (Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks
// Applied to Visual Document Analysis", 2003, section 2). All of this is one
// resampling, by bilinear interpolation. The zero value changes nothing.
//
// The distortion of an image depends on Seed, the epoch and the image's index
// alone: not on the order or the batch in which it comes, nor on workers; and it
// has the same bits on every machine. What one field draws does not depend on the
// others.
//
// It is plain data, comparable with ==, and marshals as JSON.
type Augment struct {
	Shift  float64 `json:",omitzero"` // along rows and along columns, at most, in pixels; 0 to MaxSide
	Rotate float64 `json:",omitzero"` // either way, at most, in degrees; 0 to 180
	Scale  float64 `json:",omitzero"` // 0.1 means a size from 0.9 to 1.1; 0 to 0.9
	Shear  float64 `json:",omitzero"` // of columns against rows, either way, at most, in degrees; 0 to 80

	// Elastic is the standard deviation of the field's displacements along rows,
	// and along columns, in pixels; 0 to 100. The field is uniform random numbers
	// at points Smooth pixels apart, smoothed twice by [1 2 1]/4 along rows and
	// columns, with straight lines in between: about a Gaussian filter whose
	// standard deviation is Smooth pixels.
	Elastic float64 `json:",omitzero"`
	Smooth  int     `json:",omitzero"` // 1 to MaxSide; default 4

	// What lies outside the image has the value Fill, or with Edge that of the
	// nearest pixel of the image.
	Fill float32 `json:",omitzero"`
	Edge bool    `json:",omitzero"`

	Seed uint64 `json:",omitzero"`
}

// defaultSmooth is that of Simard et al.
const defaultSmooth = 4

// Check returns an error that wraps layer.ErrOption unless a is usable.
func (a Augment) Check() error {
	if err := a.check(); err != nil {
		return fmt.Errorf("data: augment: %w", err)
	}
	return nil
}

func (a Augment) check() error {
	for _, field := range []struct {
		name     string
		have, hi float64
	}{
		{"Shift", a.Shift, MaxSide},
		{"Rotate", a.Rotate, 180},
		{"Scale", a.Scale, 0.9},
		{"Shear", a.Shear, 80},
		{"Elastic", a.Elastic, 100},
	} {
		if !(field.have >= 0 && field.have <= field.hi) {
			return fmt.Errorf("%w: want %s of 0 to %v, have %v", layer.ErrOption, field.name, field.hi, field.have)
		}
	}
	if a.Smooth < 0 || a.Smooth > MaxSide {
		return fmt.Errorf("%w: want Smooth of 1 to %d, or 0 for %d, have %d", layer.ErrOption, MaxSide, defaultSmooth, a.Smooth)
	}
	if !isFinite(a.Fill) {
		return fmt.Errorf("%w: want a finite Fill, have %v", layer.ErrOption, a.Fill)
	}
	return nil
}

// changes reports whether there is anything to do.
func (a Augment) changes() bool {
	return a.Shift > 0 || a.Rotate > 0 || a.Scale > 0 || a.Shear > 0 || a.Elastic > 0
}

// Dataset returns the images of d, which have the given shape, distorted. [Split],
// [Subset], [Classes] and [ApplyClasses] of it keep its epochs. A Dataset of the
// caller's own that wraps it has to be a net.EpochDataset, too: one that is not hides
// the epochs. Read by itself it gives the images of epoch 0; so split first, and
// distort the part to train on, lest what is held out be distorted.
//
// Images are distorted while they are read, by the goroutines that read them:
// in a training its workers, beside each other, with no allocation. That takes a
// sixth of the time of LeNet-5's training step, and with Elastic less than a third,
// as lenet5bench shows. An infinity or NaN of an image may come to be anywhere in the
// distorted one.
//
// The error wraps layer.ErrOption if a is not usable or the shape has a side above
// [MaxSide], that of the shape if it is none, or net.ErrData if d is nil.
func (a Augment) Dataset(d net.Dataset, shape layer.Shape) (net.EpochDataset, error) {
	if d == nil {
		return nil, fmt.Errorf("data: augment: %w: want a Dataset, have nil", net.ErrData)
	}
	if err := a.checkFor(shape); err != nil {
		return nil, fmt.Errorf("data: augment: %w", err)
	}
	return &augmented{augmenter: newAugmenter(a, shape), images: d}, nil
}

// Seq returns the images of s, which have the given shape, distorted: those that
// [Augment.Dataset] gives of the same images, the index of an image being its place
// in the epoch. A training on it has the same bits for any workers, and after a
// resume.
//
// Images are distorted on the goroutine that ranges over them, one after another: in
// [net.Trainer.FitSeq] that beside the training, which waits for it only if its
// workers are many and the network is small. They come in the same memory: what is to
// last longer than yield has to be copied. The images of s stay as they are.
//
// The error is that of Dataset, or wraps net.ErrData if s is nil. An image of
// another size is an error, which wraps layer.ErrShape, when it is met.
func (a Augment) Seq(s net.Seq, shape layer.Shape) (net.Seq, error) {
	if s == nil {
		return nil, fmt.Errorf("data: augment: %w: want a Seq, have nil", net.ErrData)
	}
	if err := a.checkFor(shape); err != nil {
		return nil, fmt.Errorf("data: augment: %w", err)
	}
	g := newAugmenter(a, shape)
	return func(epoch int) iter.Seq2[net.Example, error] {
		examples := s(epoch)
		if examples == nil {
			return nil
		}
		return g.seq(examples, epoch)
	}, nil
}

// checkFor returns an error unless a can distort images of a shape.
func (a Augment) checkFor(shape layer.Shape) error {
	if err := a.check(); err != nil {
		return err
	}
	if err := shape.Check(); err != nil {
		return err
	}
	if shape.H > MaxSide || shape.W > MaxSide {
		return fmt.Errorf("%w: want images of at most %d rows and columns, have %v", layer.ErrOption, MaxSide, shape)
	}
	return nil
}
