package layer

import (
	"errors"
	"fmt"

	"github.com/simdlanes/lanes/kernels"
)

// Errors that the constructors of the layers and the network wrap.
var (
	ErrShape  = errors.New("shape does not fit")   // an input of the wrong shape or length
	ErrOption = errors.New("option is not usable") // a layer's or a configuration's field out of range
)

// MaxLen bounds the number of elements of one image's activations and of one
// layer's parameters, so that a wrong size is an error and not an exhausted
// memory.
const MaxLen = kernels.MaxLen

// Shape is the shape of one image's activations: C channels of H rows and W
// columns, or, with H and W zero, a vector of C elements.
type Shape struct{ C, H, W int }

// Image is the shape of c channels of h rows and w columns.
func Image(c, h, w int) Shape { return Shape{C: c, H: h, W: w} }

// Vector is the shape of a vector of n elements.
func Vector(n int) Shape { return Shape{C: n} }

// IsVector reports whether s is the shape of a vector.
func (s Shape) IsVector() bool { return s.H == 0 && s.W == 0 }

// Len is the number of elements.
func (s Shape) Len() int {
	if s.IsVector() {
		return s.C
	}
	return s.C * s.H * s.W
}

// String returns a shape as "6x28x28" or "400".
func (s Shape) String() string {
	if s.IsVector() {
		return fmt.Sprint(s.C)
	}
	return fmt.Sprintf("%dx%dx%d", s.C, s.H, s.W)
}

// Check returns an error that wraps ErrShape unless every size is at least one
// and Len is at most MaxLen.
func (s Shape) Check() error {
	if !s.IsVector() && (s.H < 1 || s.W < 1) || s.C < 1 {
		return fmt.Errorf("%w: every size of %v must be at least 1", ErrShape, s)
	}
	if !kernels.Fits(s.C, max(s.H, 1), max(s.W, 1)) {
		return fmt.Errorf("%w: %v has more than %d elements", ErrShape, s, MaxLen)
	}
	return nil
}
