package kernels

import (
	"math/bits"
	"unsafe"
)

// Lanes is the number of images in a block.
const Lanes = 8

// laneBytes is the size of one pixel of a block.
const laneBytes = Lanes * 4

// MaxLen bounds the number of elements of one image's activations and of one
// layer's parameters: an element of a block of eight images is then within
// 2**31 bytes, which is how far the assembly's offsets reach.
const MaxLen = 1 << 26

// Fits reports whether the product of positive sizes is at most MaxLen.
func Fits(sizes ...int) bool {
	product := int64(1)
	for _, n := range sizes {
		if n > MaxLen {
			return false
		}
		if product *= int64(n); product > MaxLen {
			return false
		}
	}
	return true
}

// What the entry points panic with.
const (
	badConvShape = "kernels: convolution with a size below one, a filter larger than its input, groups that do not divide the channels, or too many elements"
	badPoolShape = "kernels: pooling with a size below one, a window larger than its input, or too many elements"
	badLength    = "kernels: slice length does not match the geometry"
	badOverlap   = "kernels: output overlaps another argument"
	badLanes     = "kernels: number of images is not between 1 and 8"
	badLabel     = "kernels: label is not a class"
	badSmoothing = "kernels: label smoothing is not in [0, 1)"
	badRate      = "kernels: dropout rate is not in [0, 1)"
	badMatrix    = "kernels: negative matrix size"
	badLdA       = "kernels: bad leading dimension of A"
	badLdB       = "kernels: bad leading dimension of B"
	badLdC       = "kernels: bad leading dimension of C"
	shortA       = "kernels: A is too short"
	shortB       = "kernels: B is too short"
	shortC       = "kernels: C is too short"
)

// within reports whether [lo, hi) is a range of n things, perhaps of none.
func within(lo, hi, n int) bool { return 0 <= lo && lo <= hi && hi <= n }

// holds reports whether s has room for rows >= 1 rows of cols elements that
// begin ld >= cols apart: len(s) >= (rows-1)*ld + cols, without overflow.
func holds(s []float32, rows, cols, ld int) bool {
	high, low := bits.Mul(uint(rows-1), uint(ld)) // cheaper than a division
	return len(s) >= cols && high == 0 && low <= uint(len(s)-cols)
}

// overlap reports whether a and b share memory.
func overlap(a, b []float32) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	a0, b0 := uintptr(unsafe.Pointer(&a[0])), uintptr(unsafe.Pointer(&b[0]))
	return a0 < b0+uintptr(len(b))*4 && b0 < a0+uintptr(len(a))*4
}
