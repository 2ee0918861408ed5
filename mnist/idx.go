package mnist

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	// MaxSide is the largest number of rows or columns of an image.
	MaxSide = 4096

	// MaxBytes is the largest size in bytes of the pixels, or of the labels,
	// that one call reads or makes: 1 GiB, over a million MNIST images.
	MaxBytes = 1 << 30
)

// chunkBytes is how much memory is committed ahead of the data that fills it.
const chunkBytes = 64 << 10

// ReadImages reads a whole IDX file of images, as published or unpacked (gzip
// is recognised by its first bytes), into a set without labels.
//
// r must hold one three-dimensional array of unsigned bytes (images, rows,
// columns) and nothing after it. Zero images are allowed, zero rows or columns
// are not. ReadImages reads r to its end, through a buffer, and allocates as
// the data arrives: 64 KiB ahead at most, and a second copy once all is there.
//
// The error wraps [ErrFormat], [ErrTooLarge] or the error of r.
func ReadImages(r io.Reader) (*Set, error) {
	set, err := readImages(r)
	if err != nil {
		return nil, fmt.Errorf("mnist: images: %w", err)
	}
	return set, nil
}

// ReadLabels reads a whole IDX file of labels, as published or unpacked: a
// one-dimensional array of unsigned bytes. It reads, allocates and fails as
// [ReadImages] does. Any byte is a label: other data sets have more than ten.
func ReadLabels(r io.Reader) ([]uint8, error) {
	labels, err := readLabels(r)
	if err != nil {
		return nil, fmt.Errorf("mnist: labels: %w", err)
	}
	return labels, nil
}

// ReadSet reads images and their labels with [ReadImages] and [ReadLabels] and
// returns them as one set. The error wraps [ErrShape] if there are not as many
// labels as images.
func ReadSet(images, labels io.Reader) (*Set, error) {
	set, err := ReadImages(images)
	if err != nil {
		return nil, err
	}
	if set.Labels, err = ReadLabels(labels); err != nil {
		return nil, err
	}
	if err := set.matchLabels(); err != nil {
		return nil, fmt.Errorf("mnist: %w", err)
	}
	return set, nil
}

func readImages(r io.Reader) (*Set, error) {
	pixels, dims, err := readIDX(r, 3)
	if err != nil {
		return nil, err
	}
	return &Set{Rows: dims[1], Cols: dims[2], Pixels: pixels}, nil
}

func readLabels(r io.Reader) ([]uint8, error) {
	labels, _, err := readIDX(r, 1)
	return labels, err
}

// readIDX reads r to its end as one array of unsigned bytes with ndim
// dimensions. The first dimension counts items, the others are an item's
// sides.
func readIDX(r io.Reader, ndim int) (data []uint8, dims []int, err error) {
	r, dims, err = openIDX(r, ndim)
	if err != nil {
		return nil, nil, err
	}
	size, err := totalSize(dims)
	if err != nil {
		return nil, nil, err
	}
	data, err = readData(r, size)
	if err != nil {
		return nil, nil, err
	}
	if err := expectEnd(r, size); err != nil {
		return nil, nil, err
	}
	return data, dims, nil
}

// totalSize is the product of the dimensions of a header, at most MaxBytes.
func totalSize(dims []int) (int, error) {
	size := uint64(1)
	for _, d := range dims {
		size *= uint64(d)
	}
	if size > MaxBytes {
		return 0, fmt.Errorf("%w: header says %v = %d bytes, at most %d are read", ErrTooLarge, dims, size, MaxBytes)
	}
	return int(size), nil
}

// readHeader reads the magic number and the dimensions. Each is within its
// limits, but not yet their product.
func readHeader(r io.Reader, ndim int) ([]int, error) {
	const unsignedByte = 0x08
	var word [4]byte
	if err := readFull(r, word[:], "magic number"); err != nil {
		return nil, err
	}
	want := unsignedByte<<8 | uint32(ndim)
	if magic := binary.BigEndian.Uint32(word[:]); magic != want {
		return nil, fmt.Errorf("%w: magic number %#08x, want %#08x", ErrFormat, magic, want)
	}
	dims := make([]int, ndim)
	for i := range dims {
		if err := readFull(r, word[:], "dimensions"); err != nil {
			return nil, err
		}
		d := uint64(binary.BigEndian.Uint32(word[:]))
		if err := checkDimension(i, d); err != nil {
			return nil, err
		}
		dims[i] = int(d)
	}
	return dims, nil
}

// checkDimension checks dimension i of a header on its own, so that the
// product of three stays far below 1<<64.
func checkDimension(i int, d uint64) error {
	switch {
	case i == 0 && d > MaxBytes:
		return fmt.Errorf("%w: header says %d items, at most %d are read", ErrTooLarge, d, MaxBytes)
	case i > 0 && d == 0:
		return fmt.Errorf("%w: header says dimension %d is 0, want at least 1", ErrFormat, i)
	case i > 0 && d > MaxSide:
		return fmt.Errorf("%w: header says dimension %d is %d, at most %d is read", ErrTooLarge, i, d, MaxSide)
	}
	return nil
}

// readData reads size bytes, committing memory one chunk ahead of the data.
func readData(r io.Reader, size int) ([]byte, error) {
	var chunks [][]byte
	for done := 0; done < size; {
		chunk := make([]byte, min(size-done, chunkBytes))
		n, err := io.ReadFull(r, chunk)
		done += n
		if err != nil {
			return nil, readError(err, fmt.Sprintf("data, %d of %d bytes", done, size))
		}
		chunks = append(chunks, chunk)
	}
	return bytes.Join(chunks, nil), nil
}

// openIDX unpacks a stream and reads its header.
func openIDX(r io.Reader, ndim int) (unpacked io.Reader, dims []int, err error) {
	if unpacked, err = unpack(r); err != nil {
		return nil, nil, err
	}
	dims, err = readHeader(unpacked, ndim)
	return unpacked, dims, err
}

// expectEnd checks that nothing follows the data, and thereby the checksum at
// the end of a gzip stream.
func expectEnd(r io.Reader, size int) error {
	var extra [1]byte
	switch _, err := io.ReadFull(r, extra[:]); err {
	case io.EOF:
		return nil
	case nil:
		return fmt.Errorf("%w: more data after the %d bytes of the header", ErrFormat, size)
	default:
		return readError(err, fmt.Sprintf("end of the %d bytes of data", size))
	}
}

func readFull(r io.Reader, buf []byte, what string) error {
	n, err := io.ReadFull(r, buf)
	if err != nil {
		return readError(err, fmt.Sprintf("%s, %d of %d bytes", what, n, len(buf)))
	}
	return nil
}
