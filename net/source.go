package net

import (
	"context"
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// source is where the batches of a training come from.
type source interface {
	// open prepares the source for trainings of n, or says why it cannot.
	open(n *Network, c *FitConfig) error
	// images is the number of images of an epoch, 0 if it is not known, and
	// steps that of its batches.
	images() int
	steps() int
	// begin begins an epoch, counted from 0, after a number of its batches, and
	// end ends one that has begun without an error.
	begin(epoch, done int) error
	end()
	// next returns the next batch of the epoch, one of no images at its end. It
	// is valid until the next call.
	next(ctx context.Context) (batch, error)
}

// datasetSource makes batches of a Dataset.
type datasetSource struct {
	data      Dataset
	current   Dataset // data in the epoch
	seed      uint64
	noShuffle bool
	batchSize int
	perEpoch  int   // batches
	done      int   // batches of the epoch
	order     []int // of the images in the epoch
	labels    []int // of the current batch
}

func (s *datasetSource) open(_ *Network, c *FitConfig) error {
	n, err := checkData(s.data)
	if err != nil {
		return err
	}
	s.perEpoch = n / c.BatchSize
	if !c.DropLast && n%c.BatchSize != 0 {
		s.perEpoch++
	}
	if s.perEpoch == 0 {
		return fmt.Errorf("%w: %d images do not fill a batch of %d, and DropLast is set", ErrData, n, c.BatchSize)
	}
	if c.StepsPerEpoch > 0 {
		s.perEpoch = min(s.perEpoch, c.StepsPerEpoch)
	}
	c.BatchSize = min(c.BatchSize, n)
	s.seed, s.noShuffle, s.batchSize = c.Seed, c.NoShuffle, c.BatchSize
	s.order = make([]int, n)
	s.labels = make([]int, c.BatchSize)
	return nil
}

func (s *datasetSource) images() int { return len(s.order) }

func (s *datasetSource) steps() int { return s.perEpoch }

func (s *datasetSource) begin(epoch, done int) (err error) {
	if s.current, err = epochOf(s.data, epoch); err != nil {
		return err
	}
	s.done = done
	for i := range s.order {
		s.order[i] = i
	}
	if !s.noShuffle {
		layer.Shuffle(s.order, layer.Stream(s.seed, "shuffle", uint64(epoch)))
	}
	return nil
}

func (s *datasetSource) end() {}

func (s *datasetSource) next(context.Context) (batch, error) {
	if s.done == s.perEpoch {
		return batch{}, nil
	}
	lo := s.done * s.batchSize
	s.done++
	indices := s.order[lo:min(lo+s.batchSize, len(s.order))]
	return batch{n: len(indices), data: s.current, indices: indices, labels: s.labels[:len(indices)]}, nil
}

// interruptible is a Dataset that ends with a context.
type interruptible struct {
	Dataset
	ctx context.Context
}

func (d interruptible) Read(x []float32, labels []int, indices []int) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	return d.Dataset.Read(x, labels, indices)
}
