package gonummat

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/simdlanes/lanes/net"
)

// atOnce is the number of rows that are rounded and predicted at once, so that
// a large matrix need not fit into memory a second time.
const atOnce = 256

// Predict returns the most probable class of each row of x, as
// [net.Network.Predict] does, on the calling goroutine. For many cores see
// [Images] and [net.Network.NewPredictor].
//
// The error wraps [layer.ErrShape] if the columns of x are not the elements of
// the network's input, [net.ErrData] if a number is not finite as float32.
func Predict(n *net.Network, x mat.Matrix) ([]int, error) {
	var classes []int
	err := parts(n, x, func(images []float32) (err error) {
		classes, err = n.Predict(classes, images)
		return err
	})
	if err != nil {
		return nil, err
	}
	return classes, nil
}

// PredictProba returns the probabilities of the classes, a row for each row of
// x, as [net.Network.PredictProba] does. It is otherwise like [Predict]. Where
// the network's [net.Meaning] is Scores, they are its outputs, as they are.
//
// A matrix without rows is an error that wraps [net.ErrData]: gonum has none
// without rows that has columns.
func PredictProba(n *net.Network, x mat.Matrix) (*mat.Dense, error) {
	var proba []float32
	rows := 0
	err := parts(n, x, func(images []float32) (err error) {
		proba, err = n.PredictProba(proba, images)
		rows += len(images) / n.Input().Len()
		return err
	})
	if err != nil {
		return nil, err
	}
	if rows == 0 {
		return nil, fmt.Errorf("gonummat: %w: want at least one row", net.ErrData)
	}
	return mat.NewDense(rows, len(proba)/rows, widen(proba)), nil
}

// parts calls predict with the rows of x, some at a time.
func parts(n *net.Network, x mat.Matrix, predict func(images []float32) error) error {
	rows, cols, err := dims(x)
	if err == nil {
		err = checkColumns(cols, n.Input())
	}
	if err != nil {
		return fmt.Errorf("gonummat: %w", err)
	}
	var images []float32
	for lo := 0; lo < rows; lo += atOnce {
		if images, err = appendRows(images[:0], x, lo, min(lo+atOnce, rows), cols); err != nil {
			return fmt.Errorf("gonummat: %w", err)
		}
		if err := predict(images); err != nil {
			return err
		}
	}
	return nil
}
