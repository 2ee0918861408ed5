package net

import (
	"context"
	"fmt"
	"iter"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net/workers"
)

// Example is one labelled image.
type Example struct {
	Image []float32 // as many elements as the network's input
	Label int
}

// Seq is labelled images that come in an order of their own: it returns those of
// an epoch, counted from 0. An iterator that yields an error ends the training
// with it, and one that is nil with ErrData. It may use an Example's memory anew when yield has returned.
type Seq func(epoch int) iter.Seq2[Example, error]

// FitSeq is like [Trainer.Fit] on data that comes in an order of its own, which
// it keeps: Seed and NoShuffle change nothing. The iterator runs on a goroutine
// beside the training, one epoch at a time and a few batches ahead. That ends
// before FitSeq returns, however it does: an iterator that is not wanted any more
// gets false from yield, and FitSeq waits for it to return, so one that waits
// for something of its own should heed ctx. A panic of the iterator comes again
// on the goroutine of FitSeq, after the steps on all batches before it.
//
// A training that is resumed begins the Seq of its epoch anew and passes over the
// batches that are done: for the same bits it must yield the same images.
func (t *Trainer) FitSeq(ctx context.Context, seq Seq, c FitConfig) (*History, error) {
	return t.fit(ctx, &seqSource{seq: seq}, c)
}

// batchesAhead is the number of batches that are kept: one for the step under
// way, the others to be read ahead.
const batchesAhead = 4

// seqBatch is a batch that has been read from a Seq, or the error that came in
// its place.
type seqBatch struct {
	images []float32
	labels []int
	err    error
}

// seqSource makes batches of a Seq.
type seqSource struct {
	seq       Seq
	size      int // elements of an image
	batchSize int
	dropLast  bool
	perEpoch  int // batches at most; 0: all
	batches   []*seqBatch
	ahead     *workers.Ahead[*seqBatch] // nil between epochs
	current   *seqBatch                 // in use by the consumer, or nil
}

func (s *seqSource) open(n *Network, c *FitConfig) error {
	if s.seq == nil {
		return fmt.Errorf("%w: want a Seq, have nil", ErrData)
	}
	s.size, s.batchSize, s.dropLast, s.perEpoch = n.Input().Len(), c.BatchSize, c.DropLast, c.StepsPerEpoch
	for range batchesAhead {
		s.batches = append(s.batches, new(seqBatch))
	}
	return nil
}

func (s *seqSource) images() int { return 0 }

func (s *seqSource) steps() int { return s.perEpoch }

func (s *seqSource) begin(epoch, done int) error {
	s.ahead = workers.NewAhead(s.batches, func(a *workers.Ahead[*seqBatch]) {
		r := seqReader{seqSource: s, ahead: a, skip: done}
		r.read(epoch)
	})
	return nil
}

func (s *seqSource) end() {
	ahead := s.ahead
	s.ahead, s.current = nil, nil
	ahead.End()
}

func (s *seqSource) next(ctx context.Context) (batch, error) {
	if s.current != nil {
		s.ahead.Return(s.current)
	}
	var ok bool
	if s.current, ok = s.ahead.Next(ctx.Done()); !ok {
		s.current = nil
		return batch{}, ctx.Err()
	}
	if err := s.current.err; err != nil {
		return batch{}, err
	}
	return batch{n: len(s.current.labels), x: s.current.images, labels: s.current.labels}, nil
}

// seqReader reads the batches of one epoch, on a goroutine of its own.
type seqReader struct {
	*seqSource
	ahead   *workers.Ahead[*seqBatch]
	skip    int       // batches to pass over
	batches int       // that are complete
	n       int       // images of the batch that is being read
	into    *seqBatch // where they go; nil while they are passed over
}

// read gives all batches of an epoch, and an error in the place of the batch in
// which it came.
func (r *seqReader) read(epoch int) {
	if err := r.readAll(epoch); err != nil {
		if into, ok := r.take(); ok {
			into.err = err
			r.ahead.Give(into)
		}
	}
}

func (r *seqReader) readAll(epoch int) error {
	examples := r.seq(epoch)
	if examples == nil {
		return fmt.Errorf("%w: want an iterator of the epoch's examples, have nil", ErrData)
	}
	index := 0
	for example, err := range examples {
		if err == nil && len(example.Image) != r.size {
			err = fmt.Errorf("%w: want %d elements, have %d", layer.ErrShape, r.size, len(example.Image))
		}
		if err != nil {
			return fmt.Errorf("example %d: %w", index, err)
		}
		index++
		if more := r.add(example); !more {
			return nil
		}
	}
	return r.rest(index)
}

// add adds an image to the batch that is being read, and reports whether more
// are wanted.
func (r *seqReader) add(e Example) (more bool) {
	if r.ahead.Ended() {
		return false
	}
	if r.batches >= r.skip {
		into, ok := r.take()
		if !ok {
			return false
		}
		into.images = append(into.images, e.Image...)
		into.labels = append(into.labels, e.Label)
	}
	if r.n++; r.n == r.batchSize {
		r.complete()
	}
	return !r.full()
}

// take returns the batch that is being read, empty if it has just begun.
func (r *seqReader) take() (into *seqBatch, ok bool) {
	if r.into == nil {
		if r.into, ok = r.ahead.Take(); !ok {
			return nil, false
		}
		*r.into = seqBatch{images: r.into.images[:0], labels: r.into.labels[:0]}
	}
	return r.into, true
}

// complete hands on the batch that has been read.
func (r *seqReader) complete() {
	if r.into != nil {
		r.ahead.Give(r.into)
	}
	r.into, r.n = nil, 0
	r.batches++
}

// full reports whether the epoch has all the batches it may have.
func (r *seqReader) full() bool { return r.perEpoch > 0 && r.batches == r.perEpoch }

// rest ends an epoch whose iterator has ended after a number of examples.
func (r *seqReader) rest(examples int) error {
	if r.n > 0 && !r.dropLast {
		r.complete()
	}
	if r.batches < r.skip {
		return fmt.Errorf("%w: %d steps of the epoch are done, but its Seq ends after %d examples", ErrState, r.skip, examples)
	}
	return nil
}
