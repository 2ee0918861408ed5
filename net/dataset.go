package net

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// Dataset is labelled images that can be read in any order.
type Dataset interface {
	// Len is the number of images, at most 67,108,864 (1 << 26): a training and an
	// evaluation keep a few numbers of each in memory.
	Len() int

	// Read writes image indices[j] to x[j*len:(j+1)*len], where len is the
	// number of elements of one image, and its label to labels[j]. x and labels
	// are as long as that: a Dataset whose images have another size must say so
	// by an error. Read is called from several goroutines at once, and must not
	// keep its arguments. If it panics, the call for which it reads panics with
	// the same value.
	Read(x []float32, labels []int, indices []int) error
}

// EpochDataset is a Dataset whose images are others in every epoch, distorted at
// random for example. [Trainer.Fit] asks it for the images of each epoch when that
// begins, also in a training that is resumed amidst it. Everything else, a
// validation included, reads the EpochDataset itself, so a Dataset that wraps one
// without being one hides its epochs.
type EpochDataset interface {
	Dataset

	// Epoch returns the images of an epoch, counted from 0: as many as Len says.
	// For a training to be reproducible, and to be resumed, they have to depend on
	// the epoch alone. It is called once an epoch, on the goroutine of Fit.
	Epoch(epoch int) Dataset
}

// epochOf returns the images of an epoch.
func epochOf(d Dataset, epoch int) (Dataset, error) {
	e, ok := d.(EpochDataset)
	if !ok {
		return d, nil
	}
	images := e.Epoch(epoch)
	if images == nil {
		return nil, fmt.Errorf("%w: want the Dataset of an epoch, have nil", ErrData)
	}
	if want, have := d.Len(), images.Len(); want != have {
		return nil, fmt.Errorf("%w: want %d images in every epoch, have %d", ErrData, want, have)
	}
	return images, nil
}

// Examples is a Dataset in memory.
type Examples struct {
	Images []float32 // image after image, NCHW
	Labels []int     // one for each image
}

// Len is the number of labels.
func (e Examples) Len() int { return len(e.Labels) }

// Read implements [Dataset]. The error wraps ErrData.
func (e Examples) Read(x []float32, labels []int, indices []int) error {
	if len(e.Labels) == 0 || len(e.Images)%len(e.Labels) != 0 {
		return fmt.Errorf("%w: %d image elements do not divide among %d labels", ErrData, len(e.Images), len(e.Labels))
	}
	size := len(e.Images) / len(e.Labels)
	if len(x) != size*len(indices) || len(labels) != len(indices) {
		return fmt.Errorf("%w: examples of %d elements: want room for %d images, have %d elements and %d labels",
			layer.ErrShape, size, len(indices), len(x), len(labels))
	}
	for j, i := range indices {
		if i < 0 || i >= len(e.Labels) {
			return fmt.Errorf("%w: index %d of %d examples", ErrData, i, len(e.Labels))
		}
		copy(x[j*size:(j+1)*size], e.Images[i*size:])
		labels[j] = e.Labels[i]
	}
	return nil
}
