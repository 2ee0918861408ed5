package data

import (
	"fmt"
	"iter"
	"sync"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// augmenter distorts images of one shape.
type augmenter struct {
	Augment
	shape   layer.Shape
	warpers sync.Pool
}

func newAugmenter(a Augment, shape layer.Shape) *augmenter {
	if a.Smooth == 0 {
		a.Smooth = defaultSmooth
	}
	g := &augmenter{Augment: a, shape: shape}
	g.warpers.New = func() any { return newWarper(g.Augment, shape) }
	return g
}

// distort distorts the image with the given index, in its place.
func (g *augmenter) distort(w *warper, image []float32, epoch, index int) {
	r := newDraws(g.Seed, uint64(epoch), uint64(index))
	w.draw(&r)
	w.apply(image)
}

// augmented is the distorted images of an epoch.
type augmented struct {
	*augmenter
	images net.Dataset
	epoch  int
}

// Len implements [net.Dataset].
func (d *augmented) Len() int { return d.images.Len() }

// Labels returns the labels, if those of the images are known, and else nil.
func (d *augmented) Labels() []int {
	labels, err := labelsOf(d.images)
	if err != nil {
		return nil
	}
	return labels
}

// Epoch implements [net.EpochDataset]. If the images are themselves others in each
// epoch, they are those of the same one.
func (d *augmented) Epoch(epoch int) net.Dataset {
	images := epochOf(d.images, epoch)
	if images == nil {
		return nil
	}
	return &augmented{augmenter: d.augmenter, images: images, epoch: epoch}
}

// Read implements [net.Dataset].
func (d *augmented) Read(x []float32, labels []int, indices []int) error {
	size := d.shape.Len()
	if len(x)%size != 0 || len(x)/size != len(indices) {
		return fmt.Errorf("data: augment: %w: want room for %d images of %v, have %d elements", layer.ErrShape, len(indices), d.shape, len(x))
	}
	if err := d.images.Read(x, labels, indices); err != nil || !d.changes() {
		return err
	}
	w := d.warpers.Get().(*warper)
	defer d.warpers.Put(w)
	for j, i := range indices {
		d.distort(w, x[j*size:(j+1)*size], d.epoch, i)
	}
	return nil
}

// seq yields the examples of an epoch distorted, in memory of their own.
func (g *augmenter) seq(examples iter.Seq2[net.Example, error], epoch int) iter.Seq2[net.Example, error] {
	return func(yield func(net.Example, error) bool) {
		w := g.warpers.Get().(*warper)
		defer g.warpers.Put(w)
		image, i := make([]float32, g.shape.Len()), 0
		for e, err := range examples {
			if err == nil && len(e.Image) != len(image) {
				err = fmt.Errorf("data: augment: %w: want %d elements (%v), have %d", layer.ErrShape, len(image), g.shape, len(e.Image))
			}
			if err != nil {
				yield(net.Example{}, err)
				return
			}
			if g.changes() {
				copy(image, e.Image)
				g.distort(w, image, epoch, i)
				e.Image = image
			}
			if !yield(e, nil) {
				return
			}
			i++
		}
	}
}
