package data

import (
	"fmt"
	"image"
	"io"
	"io/fs"
	"iter"

	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

// StreamCSV reads a table as [ReadCSV] does, but yields its examples one by one, in
// their order, in the same memory: what is to last longer than yield has to be
// copied. It reads no more than 64 KiB ahead. A table may have any number of
// records. An error, which is that of ReadCSV, comes last. The sequence can be
// ranged over once.
func StreamCSV(r io.Reader, c CSV) iter.Seq2[net.Example, error] {
	return labelled("data: csv", func(yield func(net.Example, error) bool) error {
		t, err := newTable(r, c)
		if err != nil {
			return err
		}
		var e net.Example
		for {
			e.Image, e.Label, err = t.next(e.Image[:0])
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(e, nil) {
				return nil
			}
		}
	})
}

// CSVSeq is [StreamCSV] of a file that is opened anew for each epoch. Its records
// come in the same order each time. The error names the file.
func CSVSeq(fsys fs.FS, name string, c CSV) net.Seq {
	return func(int) iter.Seq2[net.Example, error] {
		return labelled(name, func(yield func(net.Example, error) bool) error {
			f, err := fsys.Open(name)
			if err != nil {
				return err
			}
			defer f.Close()
			return forward(yield, StreamCSV(f, c))
		})
	}
}

// StreamIDX reads images and their labels from IDX streams, the format of MNIST, as
// mnist.NewStream does, and yields them preprocessed, one by one, in their order,
// in the same memory: what is to last longer than yield has to be copied. If labels
// is nil, all are -1. The sequence can be ranged over once.
//
// The error, which comes last, wraps layer.ErrOption if p is not usable, or is that
// of package mnist.
func StreamIDX(images, labels io.Reader, p Preprocess) iter.Seq2[net.Example, error] {
	return labelled("data: idx", func(yield func(net.Example, error) bool) error {
		if err := p.check(); err != nil {
			return fmt.Errorf("preprocess: %w", err)
		}
		s, err := mnist.NewStream(images, labels)
		if err != nil {
			return err
		}
		rows, cols := s.Size()
		img := image.NewGray(image.Rect(0, 0, cols, rows))
		e := net.Example{Image: make([]float32, p.Shape().Len())}
		for {
			e.Label, err = s.Read(img.Pix)
			if err == io.EOF {
				return nil
			}
			if err == nil {
				err = p.apply(e.Image, img)
			}
			if err != nil {
				return err
			}
			if !yield(e, nil) {
				return nil
			}
		}
	})
}

// IDXSeq is [StreamIDX] of two files that are opened anew for each epoch. Their
// images come in the same order each time. The error names the files.
func IDXSeq(fsys fs.FS, images, labels string, p Preprocess) net.Seq {
	return func(int) iter.Seq2[net.Example, error] {
		return labelled(images+", "+labels, func(yield func(net.Example, error) bool) error {
			i, err := fsys.Open(images)
			if err != nil {
				return err
			}
			defer i.Close()
			l, err := fsys.Open(labels)
			if err != nil {
				return err
			}
			defer l.Close()
			return forward(yield, StreamIDX(i, l, p))
		})
	}
}

// labelled makes a sequence of a function that returns an error, which the sequence
// yields last, with what it is about.
func labelled(what string, f func(yield func(net.Example, error) bool) error) iter.Seq2[net.Example, error] {
	return func(yield func(net.Example, error) bool) {
		if err := f(yield); err != nil {
			yield(net.Example{}, fmt.Errorf("%s: %w", what, err))
		}
	}
}

// forward yields the examples of a sequence, and returns its error.
func forward(yield func(net.Example, error) bool, examples iter.Seq2[net.Example, error]) error {
	for e, err := range examples {
		if err != nil {
			return err
		}
		if !yield(e, nil) {
			return nil
		}
	}
	return nil
}

// Collect reads a sequence into memory. It allocates as examples arrive.
//
// The error wraps net.ErrData if there is no example, or one has another number of
// values than the first, or none; [ErrTooLarge] for more than [MaxValues]; or the
// error of the sequence.
func Collect(examples iter.Seq2[net.Example, error]) (net.Examples, error) {
	collected, err := collect(examples)
	if err != nil {
		return net.Examples{}, fmt.Errorf("data: collect: %w", err)
	}
	return collected, nil
}

func collect(examples iter.Seq2[net.Example, error]) (c net.Examples, err error) {
	if examples == nil {
		return c, fmt.Errorf("%w: want a sequence, have nil", net.ErrData)
	}
	size := 0
	for e, err := range examples {
		i := len(c.Labels)
		if err != nil {
			return c, fmt.Errorf("example %d: %w", i, err)
		}
		if i == 0 {
			size = len(e.Image)
		}
		if len(e.Image) != size || size == 0 {
			return c, fmt.Errorf("%w: example %d: want %d values, as the first has, and at least 1, have %d", net.ErrData, i, size, len(e.Image))
		}
		if len(e.Image) > MaxValues-len(c.Images) {
			return c, fmt.Errorf("%w: more than %d values", ErrTooLarge, MaxValues)
		}
		c.Images, c.Labels = append(c.Images, e.Image...), append(c.Labels, e.Label)
	}
	if len(c.Labels) == 0 {
		return c, fmt.Errorf("%w: want at least one example, have none", net.ErrData)
	}
	return c, nil
}
