package data

import (
	"image"
	"slices"
	"sync"

	"github.com/simdlanes/lanes/internal/resample"
)

// axis scales a line of in cells to out.
type axis struct{ in, out int }

// unit is the sum of the weights of a tap.
func (a axis) unit() uint64 {
	switch {
	case a.out > a.in:
		return uint64(2 * a.out)
	case a.out < a.in:
		return uint64(a.in)
	default:
		return 1
	}
}

// tap returns how cell o of the scaled line is made.
func (a axis) tap(o int) resample.Tap {
	switch {
	case a.out > a.in:
		return resample.Interpolate(a.in, a.out, o)
	case a.out < a.in:
		return resample.Average(a.in, a.out, o)
	default:
		return resample.Tap{Lo: o, Hi: o, Near: 1}
	}
}

// resampler scales an image, row by row from the top. It reads each row of the
// image once.
type resampler struct {
	source
	down, across axis
	taps         []resample.Tap // across, for each new column
	unit         uint64         // sum of the weights of a new pixel
	bytes        []uint8        // one row of the image, channel after channel
	sums         []uint64       // one new row, channel after channel
	lines        [2][]uint64    // two rows of the image, scaled across: rows are kept by parity
	held         [2]int         // which rows they are
}

// resamplers keeps memory from one image to the next.
var resamplers = sync.Pool{New: func() any { return new(resampler) }}

// getResampler returns a resampler of img to rows by cols. An image is within
// MaxImageSide and the result within MaxSide, so that a sum of weighted bytes
// stays far below 1<<64.
func getResampler(img image.Image, channels, rows, cols int) *resampler {
	r := resamplers.Get().(*resampler)
	b := img.Bounds()
	r.source = source{img: img, bounds: b, channels: channels}
	r.down, r.across = axis{b.Dy(), rows}, axis{b.Dx(), cols}
	r.unit = r.down.unit() * r.across.unit()
	r.taps = resize(r.taps, cols)
	for o := range r.taps {
		r.taps[o] = r.across.tap(o)
	}
	r.bytes = resize(r.bytes, channels*b.Dx())
	r.sums = resize(r.sums, channels*cols)
	for i := range r.lines {
		r.lines[i] = resize(r.lines[i], channels*cols)
		r.held[i] = -1
	}
	return r
}

func resize[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }

// put gives the memory back and lets go of the image.
func (r *resampler) put() {
	r.source = source{}
	resamplers.Put(r)
}

// row writes new row o to dst, the rows of further channels plane elements on.
// The values are whole: bytes.
func (r *resampler) row(o int, dst []float32, plane int) {
	t := r.down.tap(o)
	clear(r.sums)
	r.add(t.Lo, t.Near)
	for y := t.Lo + 1; y < t.Hi; y++ {
		r.add(y, t.Mid)
	}
	if t.Far > 0 {
		r.add(t.Hi, t.Far)
	}
	cols := r.across.out
	for c := range r.channels {
		line := dst[c*plane:][:cols]
		for i, sum := range r.sums[c*cols:][:cols] {
			line[i] = float32(resample.DivideToEven(sum, r.unit))
		}
	}
}

// add adds row y of the image, scaled across, weight times.
func (r *resampler) add(y int, weight uint64) {
	line := r.lines[y%2]
	if r.held[y%2] != y {
		r.read(r.bytes, y)
		r.held[y%2] = y
		cols := r.across.out
		for c := range r.channels {
			scaleLine(line[c*cols:][:cols], r.bytes[c*r.across.in:][:r.across.in], r.taps)
		}
	}
	for i, v := range line {
		r.sums[i] += weight * v
	}
}

// scaleLine writes the weighted sums of a line's bytes.
func scaleLine(dst []uint64, src []uint8, taps []resample.Tap) {
	for o, t := range taps {
		sum := t.Near*uint64(src[t.Lo]) + t.Far*uint64(src[t.Hi])
		if t.Hi > t.Lo+1 {
			sum += t.Mid * total(src[t.Lo+1:t.Hi])
		}
		dst[o] = sum
	}
}

func total(line []uint8) (sum uint64) {
	for _, b := range line {
		sum += uint64(b)
	}
	return sum
}
