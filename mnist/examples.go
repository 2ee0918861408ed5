package mnist

import (
	"encoding/binary"
	"fmt"
	"runtime"
)

// Scale says how a pixel, a byte, becomes a float32.
type Scale uint8

const (
	// Unit divides by 255: 0 to 1, correctly rounded.
	Unit Scale = iota

	// Raw keeps the value: 0 to 255.
	Raw
)

// table returns the float32 of each byte.
func (c Scale) table() (table [256]float32, err error) {
	divisor := float32(1)
	switch c {
	case Unit:
		divisor = 255
	case Raw:
	default:
		return table, fmt.Errorf("%w: want Unit or Raw, got Scale(%d)", ErrScale, c)
	}
	for p := range table {
		table[p] = float32(p) / divisor
	}
	return table, nil
}

// Examples is a set of images as input for training: random access to images
// as float32 and labels as int. Make it with [Set.Examples]; the zero Examples
// is empty. It never changes, and its methods may be called from several
// goroutines at once.
type Examples struct {
	set   Set
	table [256]float32
	err   error // why the set cannot be read
}

// Examples returns the images of s, one channel each, with pixels converted by
// scale. It refers to the pixels and labels of s and does not copy them.
//
// If s is not valid, [Examples.Read] returns the error of [Set.Validate], and
// if scale is unknown, one that wraps [ErrScale].
func (s *Set) Examples(scale Scale) *Examples {
	e := &Examples{set: *s}
	if e.err = s.check(); e.err == nil {
		e.table, e.err = scale.table()
	}
	return e
}

// Len returns the number of images.
func (e *Examples) Len() int { return e.set.Len() }

// Read converts the images and labels at indices, in that order: pixel k of
// image indices[j], row-major, goes to x[j*Rows*Cols+k], and its label to
// labels[j], or -1 if the set has no labels. x and labels may be longer than
// that, and what is beyond stays as it is. If labels is nil, labels are left
// out. Indices may repeat. Read does not allocate.
//
// The error wraps [ErrIndex] if an index is not in [0, Len()), [ErrShape] if x
// or labels is too short, or is as [Set.Examples] says. Nothing is written
// then.
func (e *Examples) Read(x []float32, labels []int, indices []int) error {
	if err := e.checkRead(x, labels, indices); err != nil {
		return fmt.Errorf("mnist: read: %w", err)
	}
	area := e.set.area()
	for j, i := range indices {
		if j%together == 0 {
			e.fetch(indices[j:min(j+together, len(indices))])
		}
		e.convert(x[j*area:(j+1)*area], e.set.Image(i))
		if labels != nil {
			labels[j] = e.label(i)
		}
	}
	return nil
}

// together is the number of images that Read fetches from memory at once.
const together = 8

// fetch reads one byte of every cache line of some images. In a shuffled set
// they lie anywhere in memory; nothing here waits for one line before it asks
// for the next, as a conversion soon does.
func (e *Examples) fetch(indices []int) {
	const line = 64
	var all uint8
	for _, i := range indices {
		image := e.set.Image(i)
		for k := 0; k < len(image); k += line {
			all |= image[k]
		}
	}
	runtime.KeepAlive(all)
}

func (e *Examples) checkRead(x []float32, labels []int, indices []int) error {
	if e.err != nil {
		return e.err
	}
	n := e.Len()
	for j, i := range indices {
		if i < 0 || i >= n {
			return fmt.Errorf("%w: want 0 <= index < %d, got indices[%d] = %d", ErrIndex, n, j, i)
		}
	}
	if len(indices) == 0 {
		return nil
	}
	if len(indices) > len(x)/e.set.area() {
		return fmt.Errorf("%w: want x for %d images of %dx%d pixels, got length %d", ErrShape, len(indices), e.set.Rows, e.set.Cols, len(x))
	}
	if labels != nil && len(labels) < len(indices) {
		return fmt.Errorf("%w: want %d labels, got length %d", ErrShape, len(indices), len(labels))
	}
	return nil
}

// Floats returns all images, converted: Len()*Rows*Cols values in the layout
// of [Set].Pixels. It returns nil if [Examples.Read] returns an error for any
// image.
func (e *Examples) Floats() []float32 {
	if e.err != nil {
		return nil
	}
	x := make([]float32, len(e.set.Pixels))
	e.convert(x, e.set.Pixels)
	return x
}

// Labels returns the labels of all images, in order: Len() values, or nil if
// the set has no labels or is not valid.
func (e *Examples) Labels() []int {
	if e.err != nil || len(e.set.Labels) == 0 {
		return nil
	}
	labels := make([]int, e.Len())
	for i := range labels {
		labels[i] = e.label(i)
	}
	return labels
}

func (e *Examples) label(i int) int {
	if len(e.set.Labels) == 0 {
		return -1
	}
	return int(e.set.Labels[i])
}

// convert writes the float32 of each pixel to x, which is as long. It takes
// eight pixels at a time, by one load.
func (e *Examples) convert(x []float32, pixels []uint8) {
	t := &e.table
	for len(pixels) >= 8 {
		p, y := binary.LittleEndian.Uint64(pixels), (*[8]float32)(x)
		y[0], y[1], y[2], y[3] = t[uint8(p)], t[uint8(p>>8)], t[uint8(p>>16)], t[uint8(p>>24)]
		y[4], y[5], y[6], y[7] = t[uint8(p>>32)], t[uint8(p>>40)], t[uint8(p>>48)], t[uint8(p>>56)]
		x, pixels = x[8:], pixels[8:]
	}
	for k, p := range pixels {
		x[k] = t[p]
	}
}
