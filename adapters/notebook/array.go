package notebook

import (
	"fmt"
	"slices"
	"strings"
)

// Array is an array of the file, row-major, with its values as they stand
// there. The zero value stands for none.
type Array struct {
	Shape []int
	Data  []float64
}

// maxDims is the most dimensions that an array may have.
const maxDims = 8

// String returns the shape as numpy writes it: (6, 1, 5, 5).
func (a Array) String() string {
	sizes := make([]string, len(a.Shape))
	for i, n := range a.Shape {
		sizes[i] = fmt.Sprint(n)
	}
	if len(sizes) == 1 {
		return "(" + sizes[0] + ",)"
	}
	return "(" + strings.Join(sizes, ", ") + ")"
}

// is reports whether the array has the given shape.
func (a Array) is(shape ...int) bool { return slices.Equal(a.Shape, shape) }

// isVector reports whether the array has n elements along one dimension, and
// others of size one only.
func (a Array) isVector(n int) bool {
	return len(a.Data) == n && (n == 1 || slices.Contains(a.Shape, n))
}

// values returns the array in row-major order.
func (a *array) values() (Array, error) {
	var data []float64
	switch d := a.npy.Data().(type) {
	case []float64:
		data = d
	case []float32:
		data = make([]float64, len(d))
		for i, x := range d {
			data[i] = float64(x)
		}
	default:
		return Array{}, fmt.Errorf("%w: want an array of float32 or float64", ErrPickle)
	}
	shape := slices.Clone(a.npy.Shape())
	if err := checkShape(shape, len(data)); err != nil {
		return Array{}, err
	}
	if a.npy.Fortran() {
		data = rowMajor(data, shape)
	}
	return Array{shape, data}, nil
}

// checkShape returns an error unless an array of the given shape has n
// elements.
func checkShape(shape []int, n int) error {
	if len(shape) > maxDims {
		return fmt.Errorf("%w: want an array of at most %d dimensions, have %d", ErrPickle, maxDims, len(shape))
	}
	product := 1
	for _, size := range shape {
		if size < 0 || size > MaxSize || product > MaxSize {
			return fmt.Errorf("%w: an array of shape %v", ErrPickle, shape)
		}
		product *= size
	}
	if product != n {
		return fmt.Errorf("%w: an array of shape %v with %d elements", ErrPickle, shape, n)
	}
	return nil
}

// rowMajor returns in row-major order what is in column-major order.
func rowMajor(data []float64, shape []int) []float64 {
	out := make([]float64, len(data))
	index := make([]int, len(shape))
	for i := range out {
		from := 0
		for d := len(shape) - 1; d >= 0; d-- {
			from = from*shape[d] + index[d]
		}
		out[i] = data[from]
		for d := len(shape) - 1; d >= 0; d-- {
			if index[d]++; index[d] < shape[d] {
				break
			}
			index[d] = 0
		}
	}
	return out
}
