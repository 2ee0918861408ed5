package data

import (
	"fmt"
	"sync"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// augmented is the distorted images of an epoch.
type augmented struct {
	*augmenter
	epoch int
}

// augmenter is what the epochs have in common.
type augmenter struct {
	Augment
	images  net.Dataset
	shape   layer.Shape
	warpers sync.Pool
}

func newAugmenter(a Augment, d net.Dataset, shape layer.Shape) *augmenter {
	if a.Smooth == 0 {
		a.Smooth = defaultSmooth
	}
	g := &augmenter{Augment: a, images: d, shape: shape}
	g.warpers.New = func() any { return newWarper(g.Augment, shape) }
	return g
}

// Len implements [net.Dataset].
func (g *augmenter) Len() int { return g.images.Len() }

// Labels returns the labels, if those of the images are known, and else nil.
func (g *augmenter) Labels() []int {
	labels, err := labelsOf(g.images)
	if err != nil {
		return nil
	}
	return labels
}

// Epoch implements [net.EpochDataset]. If the images are themselves others in each
// epoch, they are those of the same one.
func (g *augmenter) Epoch(epoch int) net.Dataset {
	d := &augmented{augmenter: g, epoch: epoch}
	if e, ok := g.images.(net.EpochDataset); ok {
		images := e.Epoch(epoch)
		if images == nil {
			return nil
		}
		d.augmenter = newAugmenter(g.Augment, images, g.shape)
	}
	return d
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
		r := newDraws(d.Seed, uint64(d.epoch), uint64(i))
		w.draw(&r)
		w.apply(x[j*size : (j+1)*size])
	}
	return nil
}
