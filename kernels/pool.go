package kernels

import "iter"

// PoolShape is the geometry of one max-pooling: C channels of H rows and W
// columns, windows of FH x FW that do not overlap (the stride is the window). A
// remainder at the bottom or right edge is dropped.
type PoolShape struct {
	C, H, W int // channels, rows, columns
	FH, FW  int // rows and columns of a window
}

// OutH is the number of output rows.
func (s PoolShape) OutH() int { return s.H / s.FH }

// OutW is the number of output columns.
func (s PoolShape) OutW() int { return s.W / s.FW }

// InLen is the length of an input block.
func (s PoolShape) InLen() int { return s.C * s.H * s.W * Lanes }

// OutLen is the length of an output block.
func (s PoolShape) OutLen() int { return s.C * s.OutH() * s.OutW() * Lanes }

func (s *PoolShape) valid() bool {
	return s.C > 0 && s.FH > 0 && s.FW > 0 && s.FH <= s.H && s.FW <= s.W && Fits(s.C, s.H, s.W)
}

// windows yields, for every output pixel in row-major order, its index and the
// index of its window's first input pixel.
func (s PoolShape) windows() iter.Seq2[int, int] {
	return func(yield func(out, in int) bool) {
		out := 0
		for c := range s.C {
			for r := range s.OutH() {
				for q := range s.OutW() {
					if !yield(out, (c*s.H+r*s.FH)*s.W+q*s.FW) {
						return
					}
					out++
				}
			}
		}
	}
}

// check spells out InLen and OutLen, and takes a pointer: to copy the shape for
// each method costs as much as to pool 30 windows.
func (s *PoolShape) check(in, out []float32) {
	if !s.valid() {
		panic(badPoolShape)
	}
	if len(in) != s.C*s.H*s.W*Lanes || len(out) != s.C*(s.H/s.FH)*(s.W/s.FW)*Lanes {
		panic(badLength)
	}
	if overlap(in, out) {
		panic(badOverlap)
	}
}

// is2x2 reports whether the assembly for 2x2 windows applies.
func (s *PoolShape) is2x2() bool { return s.FH == 2 && s.FW == 2 }

// MaxPoolForward writes the maximum of each window of block x to block y. Ties,
// +0 against -0 among them, go to the first in row-major order; a NaN in the
// window makes the maximum NaN. x has InLen elements, y has OutLen; they must
// not overlap.
func MaxPoolForward(s PoolShape, y, x []float32) {
	s.check(x, y)
	raceRead(x)
	raceWrite(y)
	if useAVX2 && s.is2x2() {
		maxPoolForward2x2(&s, y, x)
		return
	}
	maxPoolForwardGeneric(s, y, x)
}

// MaxPoolBackward writes the gradient with respect to a max-pooling's input to
// block dx: dy goes to the element of x that was the window's maximum (the
// first of equals, the first NaN), and +0 to all others. x and dx have InLen
// elements, dy has OutLen; dx must not overlap the others.
func MaxPoolBackward(s PoolShape, dx, x, dy []float32) {
	s.check(dx, dy)
	if len(x) != len(dx) {
		panic(badLength)
	}
	if overlap(dx, x) {
		panic(badOverlap)
	}
	raceRead(x)
	raceRead(dy)
	raceWrite(dx)
	if useAVX2 && s.is2x2() {
		maxPoolBackward2x2(&s, dx, x, dy)
		return
	}
	maxPoolBackwardGeneric(s, dx, x, dy)
}
