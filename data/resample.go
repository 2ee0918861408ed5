package data

import (
	"image"
	"slices"
	"sync"
)

// A tap says which cells of a line make one cell of the scaled line: near times
// cell lo, mid times each between, and far times cell hi, which is 0 if hi is
// lo. The weights of all cells add up to the axis's unit.
type tap struct {
	lo, hi         int
	near, mid, far uint64
}

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
func (a axis) tap(o int) tap {
	switch {
	case a.out > a.in:
		return a.interpolate(o)
	case a.out < a.in:
		return a.average(o)
	default:
		return tap{lo: o, hi: o, near: 1}
	}
}

// average is the tap of a line that shrinks: the cells that [o, o+1)·in/out
// covers, in units of 1/out.
func (a axis) average(o int) tap {
	begin, end := o*a.in, (o+1)*a.in
	t := tap{lo: begin / a.out, hi: (end - 1) / a.out, mid: uint64(a.out)}
	t.near = uint64(min((t.lo+1)*a.out, end) - begin)
	if t.hi > t.lo {
		t.far = uint64(end - t.hi*a.out)
	}
	return t
}

// interpolate is the tap of a line that grows: the centre of cell o lies at
// (o+½)·in/out − ½ of the line, held within it, in units of 1/(2·out).
func (a axis) interpolate(o int) tap {
	unit := 2 * a.out
	position := min(max((2*o+1)*a.in-a.out, 0), (a.in-1)*unit)
	t := tap{lo: position / unit, far: uint64(position % unit)}
	t.near = uint64(unit) - t.far
	t.hi = t.lo
	if t.far > 0 {
		t.hi++
	}
	return t
}

// resampler scales an image, row by row from the top. It reads each row of the
// image once.
type resampler struct {
	source
	down, across axis
	taps         []tap       // across, for each new column
	unit         uint64      // sum of the weights of a new pixel
	bytes        []uint8     // one row of the image, channel after channel
	sums         []uint64    // one new row, channel after channel
	lines        [2][]uint64 // two rows of the image, scaled across: rows are kept by parity
	held         [2]int      // which rows they are
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
	r.add(t.lo, t.near)
	for y := t.lo + 1; y < t.hi; y++ {
		r.add(y, t.mid)
	}
	if t.far > 0 {
		r.add(t.hi, t.far)
	}
	cols := r.across.out
	for c := range r.channels {
		line := dst[c*plane:][:cols]
		for i, sum := range r.sums[c*cols:][:cols] {
			line[i] = float32(divideToEven(sum, r.unit))
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
func scaleLine(dst []uint64, src []uint8, taps []tap) {
	for o, t := range taps {
		sum := t.near*uint64(src[t.lo]) + t.far*uint64(src[t.hi])
		if t.hi > t.lo+1 {
			sum += t.mid * total(src[t.lo+1:t.hi])
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

// divideToEven returns a/b rounded to the nearest integer, a half to the even
// one.
func divideToEven(a, b uint64) uint64 {
	if b == 1 {
		return a
	}
	quotient, remainder := a/b, a%b
	if 2*remainder > b || 2*remainder == b && quotient%2 == 1 {
		quotient++
	}
	return quotient
}
