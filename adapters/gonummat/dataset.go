package gonummat

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// Examples is a [net.Dataset] of the rows of a matrix. Rows are rounded to
// float32 when they are read, by several goroutines at once: while a training
// runs, the matrix must not change.
type Examples struct {
	X      mat.Matrix
	Labels []int // one for each row
}

var _ net.Dataset = Examples{}

// Len is the number of labels.
func (e Examples) Len() int { return len(e.Labels) }

// Read implements [net.Dataset]. The error wraps [net.ErrData] if rows and labels
// are not equally many, an index is out of range or a number is not finite as
// float32; [layer.ErrShape] if a row is not what was asked for.
func (e Examples) Read(x []float32, labels []int, indices []int) error {
	rows, cols, err := dims(e.X)
	if err != nil {
		return fmt.Errorf("gonummat: %w", err)
	}
	if rows != len(e.Labels) {
		return fmt.Errorf("gonummat: %w: %d rows and %d labels", net.ErrData, rows, len(e.Labels))
	}
	if len(x) != cols*len(indices) || len(labels) != len(indices) {
		return fmt.Errorf("gonummat: %w: rows of %d columns: want room for %d rows, have %d elements and %d labels",
			layer.ErrShape, cols, len(indices), len(x), len(labels))
	}
	for j, i := range indices {
		if i < 0 || i >= rows {
			return fmt.Errorf("gonummat: %w: row %d of %d", net.ErrData, i, rows)
		}
		if err := readRow(x[j*cols:][:cols], e.X, i); err != nil {
			return fmt.Errorf("gonummat: %w", err)
		}
		labels[j] = e.Labels[i]
	}
	return nil
}
