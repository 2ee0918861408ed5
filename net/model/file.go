package model

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"slices"
)

// magic begins every file. As in PNG, the first byte is no text, and the line
// ends show a transfer that changes them.
const magic = "\x89LANES\r\n"

// version is that of the format.
const version = 1

// The sections, in the order of the file; the last six in a checkpoint only.
const (
	sectionModel     = "model"    // a description as JSON
	sectionParams    = "params"   // the network's parameters, float32
	sectionTraining  = "training" // a training as JSON
	sectionWeights   = "weights"  // the training's parameters, float32
	sectionMoments   = "moments"  // the optimiser's vectors, float32
	sectionLosses    = "losses"   // of the history's steps, float64
	sectionRates     = "rates"    // of the history's steps, float64
	sectionCallbacks = "callback" // the callbacks' states
)

// Limits of sections that are JSON, which takes up to some 20 times its length in
// memory once it is decoded. An epoch of a history takes some 120 bytes of text.
const (
	maxModelText    = 4 << 20
	maxTrainingText = 16 << 20
)

const (
	nameLen   = 8         // of a section
	chunkSize = 16 << 10  // bytes that are converted at a time
	firstRoom = 256 << 10 // bytes that are allocated on a length's word alone
)

// The numbers of sections.
const (
	sectionsModel      = 2
	sectionsCheckpoint = 8
)

// fileWriter writes a file. It keeps the first error.
type fileWriter struct {
	w   *bufio.Writer
	sum hash.Hash
	buf []byte
	err error
}

func newFileWriter(w io.Writer) *fileWriter {
	return &fileWriter{w: bufio.NewWriter(w), sum: sha256.New(), buf: make([]byte, 0, chunkSize)}
}

func (f *fileWriter) bytes(b []byte) {
	if f.err == nil {
		f.sum.Write(b)
		_, f.err = f.w.Write(b)
	}
}

func (f *fileWriter) begin(sections int) {
	b := append(f.buf, magic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	f.bytes(binary.LittleEndian.AppendUint32(b, uint32(sections)))
}

func (f *fileWriter) header(name string, size int) {
	b := append(f.buf, name...)
	b = append(b, make([]byte, nameLen-len(name))...)
	f.bytes(binary.LittleEndian.AppendUint64(b, uint64(size)))
}

func (f *fileWriter) text(name string, b []byte) {
	f.header(name, len(b))
	f.bytes(b)
}

func (f *fileWriter) float32s(name string, vectors ...[]float32) {
	n := 0
	for _, x := range vectors {
		n += len(x)
	}
	f.header(name, 4*n)
	for _, x := range vectors {
		for part := range slices.Chunk(x, chunkSize/4) {
			b := f.buf
			for _, v := range part {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
			}
			f.bytes(b)
		}
	}
}

func (f *fileWriter) float64s(name string, x []float64) {
	f.header(name, 8*len(x))
	for part := range slices.Chunk(x, chunkSize/8) {
		b := f.buf
		for _, v := range part {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		f.bytes(b)
	}
}

// end writes the checksum and returns the first error.
func (f *fileWriter) end() error {
	f.bytes(f.sum.Sum(nil))
	if f.err != nil {
		return f.err
	}
	return f.w.Flush()
}

// fileReader reads a file. It allocates for what has arrived, not for what a
// length says.
type fileReader struct {
	r    *bufio.Reader
	sum  hash.Hash
	left int64 // bytes up to the limit of the file
	buf  []byte
}

func newFileReader(r io.Reader, maxSize int64) *fileReader {
	return &fileReader{r: bufio.NewReaderSize(r, chunkSize), sum: sha256.New(), left: maxSize, buf: make([]byte, chunkSize)}
}

// bytes fills b; what says what it is for the error.
func (f *fileReader) bytes(b []byte, what string) error {
	if int64(len(b)) > f.left {
		return fmt.Errorf("%s: %w: more than MaxSize", what, ErrTooLarge)
	}
	f.left -= int64(len(b))
	switch err := f.full(b); {
	case err == io.EOF:
		return fmt.Errorf("%s: %w: cut: %w", what, ErrFormat, io.ErrUnexpectedEOF)
	case err != nil:
		return fmt.Errorf("%s: %w", what, err)
	}
	f.sum.Write(b)
	return nil
}

// full is io.ReadFull, which would wait for ever for a reader that gives nothing.
func (f *fileReader) full(b []byte) error {
	const patience = 100
	for idle := 0; len(b) > 0; {
		n, err := f.r.Read(b)
		b = b[n:]
		switch {
		case n > 0:
			idle = 0
		case err != nil:
			return err
		default:
			if idle++; idle == patience {
				return io.ErrNoProgress
			}
		}
	}
	return nil
}

// begin reads what stands before the sections and returns their number.
func (f *fileReader) begin() (sections uint32, err error) {
	b := f.buf[:len(magic)]
	if err := f.bytes(b, "magic number"); err != nil {
		return 0, err
	}
	if string(b) != magic {
		return 0, fmt.Errorf("%w: it begins with %q, want %q", ErrFormat, b, magic)
	}
	b = f.buf[:8]
	if err := f.bytes(b, "version"); err != nil {
		return 0, err
	}
	switch v := binary.LittleEndian.Uint32(b); {
	case v > version:
		return 0, fmt.Errorf("%w: %d, want at most %d", ErrVersion, v, version)
	case v < 1:
		return 0, fmt.Errorf("%w: version 0", ErrFormat)
	}
	return binary.LittleEndian.Uint32(b[4:]), nil
}

// header reads the beginning of a section of elements of the given size and
// returns their number.
func (f *fileReader) header(name string, elementSize int) (int, error) {
	b := f.buf[:nameLen+8]
	if err := f.bytes(b, fmt.Sprintf("section %q", name)); err != nil {
		return 0, err
	}
	if have := string(b[:nameLen]); have != name+string(make([]byte, nameLen-len(name))) {
		return 0, fmt.Errorf("%w: section %q where %q should be", ErrFormat, have, name)
	}
	size := binary.LittleEndian.Uint64(b[nameLen:])
	if size > uint64(f.left) || size > math.MaxInt {
		return 0, fmt.Errorf("section %q: %w: %d bytes, with MaxSize %d are left", name, ErrTooLarge, size, f.left)
	}
	if size%uint64(elementSize) != 0 {
		return 0, fmt.Errorf("section %q: %w: %d bytes are no multiple of %d", name, ErrFormat, size, elementSize)
	}
	return int(size) / elementSize, nil
}

// text reads a section of bytes, at most limit.
func (f *fileReader) text(name string, limit int) ([]byte, error) {
	n, err := f.header(name, 1)
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, fmt.Errorf("section %q: %w: %d bytes, want at most %d", name, ErrTooLarge, n, limit)
	}
	return read(f, name, n, 1, func(dst []byte, b []byte) { copy(dst, b) })
}

func (f *fileReader) float32s(name string) ([]float32, error) {
	n, err := f.header(name, 4)
	if err != nil {
		return nil, err
	}
	return read(f, name, n, 4, func(dst []float32, b []byte) {
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	})
}

func (f *fileReader) float64s(name string) ([]float64, error) {
	n, err := f.header(name, 8)
	if err != nil {
		return nil, err
	}
	return read(f, name, n, 8, func(dst []float64, b []byte) {
		for i := range dst {
			dst[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		}
	})
}

// read reads n elements of the given size, which convert makes of bytes.
func read[T any](f *fileReader, name string, n, size int, convert func(dst []T, b []byte)) ([]T, error) {
	x := make([]T, 0, min(n, firstRoom/size))
	for len(x) < n {
		part := min(n-len(x), chunkSize/size)
		b := f.buf[:part*size]
		if err := f.bytes(b, fmt.Sprintf("section %q", name)); err != nil {
			return nil, err
		}
		have := len(x)
		if room := cap(x) - have; room < part {
			x = slices.Grow(x, min(n-have, have+part)) // at most twice what has arrived
		}
		x = x[:have+part]
		convert(x[have:], b)
	}
	return x, nil
}

// end compares the checksum and wants nothing after it.
func (f *fileReader) end() error {
	want := f.sum.Sum(nil)
	have := make([]byte, sha256.Size)
	if err := f.bytes(have, "checksum"); err != nil {
		return err
	}
	if string(have) != string(want) {
		return ErrChecksum
	}
	switch _, err := f.r.ReadByte(); {
	case err == nil:
		return fmt.Errorf("%w: it goes on after its end", ErrFormat)
	case !errors.Is(err, io.EOF):
		return err
	}
	return nil
}

// fileSize is the size of a file with so many sections, all of them empty.
func fileSize(sections int) int64 {
	return int64(len(magic)) + 8 + int64(sections)*(nameLen+8) + sha256.Size
}
