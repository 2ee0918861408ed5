package gonummat

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// Images appends the rows of x to dst as float32, one after another, and
// returns it: what [net.Network.Predict] and a [net.Predictor] take. The error
// wraps [net.ErrData] if a number is not finite as float32; dst is then returned
// as it was.
func Images(dst []float32, x mat.Matrix) ([]float32, error) {
	dst, err := appendAll(dst, x)
	if err != nil {
		return dst, fmt.Errorf("gonummat: %w", err)
	}
	return dst, nil
}

func appendAll(dst []float32, x mat.Matrix) ([]float32, error) {
	rows, cols, err := dims(x)
	if err != nil {
		return dst, err
	}
	return appendRows(dst, x, 0, rows, cols)
}

// dims returns the size of a matrix, if there is one.
func dims(x mat.Matrix) (rows, cols int, err error) {
	if isNil(x) {
		return 0, 0, fmt.Errorf("%w: no matrix", net.ErrData)
	}
	rows, cols = x.Dims()
	return rows, cols, nil
}

// isNil reports whether there is no matrix: neither one nor a pointer to one.
func isNil(x mat.Matrix) bool {
	v := reflect.ValueOf(x)
	return x == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

// appendRows appends rows lo to hi of x, which has cols columns. If it fails,
// dst is as it was.
func appendRows(dst []float32, x mat.Matrix, lo, hi, cols int) ([]float32, error) {
	have := len(dst)
	out := slices.Grow(dst, (hi-lo)*cols)[:have+(hi-lo)*cols]
	for i := lo; i < hi; i++ {
		if err := readRow(out[have+(i-lo)*cols:][:cols], x, i); err != nil {
			return dst, err
		}
	}
	return out, nil
}

// readRow writes row i of x, which has as many columns as dst elements, to dst.
func readRow(dst []float32, x mat.Matrix, i int) error {
	if raw, ok := x.(mat.RawRowViewer); ok {
		for j, v := range raw.RawRowView(i) {
			dst[j] = float32(v)
		}
	} else {
		for j := range dst {
			dst[j] = float32(x.At(i, j))
		}
	}
	for j, v := range dst {
		if d := float64(v); math.IsInf(d, 0) || math.IsNaN(d) {
			return fmt.Errorf("%w: row %d, column %d: %v is not finite as float32", net.ErrData, i, j, x.At(i, j))
		}
	}
	return nil
}

// checkColumns returns an error unless a matrix has a column for each element of
// a network's input.
func checkColumns(cols int, in layer.Shape) error {
	if cols != in.Len() {
		return fmt.Errorf("%w: want a matrix of %d columns (%v), have %d", layer.ErrShape, in.Len(), in, cols)
	}
	return nil
}

// widen returns x as float64.
func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
