package mnist

import (
	"bufio"
	"fmt"
	"io"
)

// Stream reads images and their labels one by one from IDX streams, for data
// that should not lie in memory as a whole, of any number of images. Make it with
// [NewStream]; its methods must not be called concurrently.
type Stream struct {
	rows, cols, n int
	images        io.Reader
	labels        *bufio.Reader // nil: none
	next          int           // image to be read
	err           error         // of the first Read that failed, kept
}

// NewStream reads the headers of two IDX streams, such as the published files,
// packed or not: images as [ReadImages] takes them and as many labels as
// [ReadLabels] takes them. labels may be nil if they are unknown.
//
// The error wraps [ErrFormat], [ErrTooLarge] (a side above [MaxSide], or more
// than [MaxBytes] images), [ErrShape] if the numbers of images and labels differ,
// or the error of a reader.
func NewStream(images, labels io.Reader) (*Stream, error) {
	s := new(Stream)
	if err := s.open(images, labels); err != nil {
		return nil, fmt.Errorf("mnist: stream: %w", err)
	}
	return s, nil
}

func (s *Stream) open(images, labels io.Reader) error {
	unpacked, dims, err := openIDX(images, 3)
	if err != nil {
		return fmt.Errorf("images: %w", err)
	}
	s.images, s.n, s.rows, s.cols = unpacked, dims[0], dims[1], dims[2]
	if labels == nil {
		return nil
	}
	unpacked, dims, err = openIDX(labels, 1)
	if err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	if dims[0] != s.n {
		return fmt.Errorf("%w: headers say %d images and %d labels", ErrShape, s.n, dims[0])
	}
	s.labels = bufio.NewReader(unpacked)
	return nil
}

// Len is the number of images that the header claims.
func (s *Stream) Len() int { return s.n }

// Size is the number of rows and columns of each image.
func (s *Stream) Size() (rows, cols int) { return s.rows, s.cols }

// Read reads the next image into pixels, rows*cols bytes, row-major, and returns
// its label, -1 if labels are unknown. After the last image the error is
// [io.EOF] itself, provided that both streams end there, as they should.
//
// Otherwise the error wraps [ErrShape] if pixels has another length, which reads
// nothing; or [ErrFormat] or the error of a reader, in which case pixels may have
// been written to, and further calls return the same error. Read does not
// allocate.
func (s *Stream) Read(pixels []uint8) (label int, err error) {
	if len(pixels) != s.rows*s.cols {
		return 0, fmt.Errorf("mnist: stream: %w: want room for %dx%d pixels, got length %d", ErrShape, s.rows, s.cols, len(pixels))
	}
	if s.err == nil {
		label, s.err = s.read(pixels)
	}
	return label, s.err
}

func (s *Stream) read(pixels []uint8) (label int, err error) {
	if s.next == s.n {
		return 0, s.end()
	}
	if n, err := io.ReadFull(s.images, pixels); err != nil {
		where := fmt.Sprintf("image %d of %d, %d of %d bytes", s.next, s.n, n, len(pixels))
		return 0, fmt.Errorf("mnist: stream: %w", readError(err, where))
	}
	label = -1
	if s.labels != nil {
		b, err := s.labels.ReadByte()
		if err != nil {
			return 0, fmt.Errorf("mnist: stream: %w", readError(err, fmt.Sprintf("label %d of %d", s.next, s.n)))
		}
		label = int(b)
	}
	s.next++
	return label, nil
}

// end returns io.EOF if both streams are at their end.
func (s *Stream) end() error {
	if err := expectEnd(s.images, s.n*s.rows*s.cols); err != nil {
		return fmt.Errorf("mnist: stream: images: %w", err)
	}
	if s.labels == nil {
		return io.EOF
	}
	if err := expectEnd(s.labels, s.n); err != nil {
		return fmt.Errorf("mnist: stream: labels: %w", err)
	}
	return io.EOF
}
