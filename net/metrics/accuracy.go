package metrics

import (
	"cmp"
	"fmt"
)

// Accuracy is the share of the examples whose predicted class is their label.
// The error wraps [ErrLength] unless there are as many predictions as labels,
// and at least one.
func Accuracy(labels, predicted []int) (float64, error) {
	if err := checkPairs(labels, predicted); err != nil {
		return 0, fmt.Errorf("metrics: accuracy: %w", err)
	}
	right := 0
	for i, label := range labels {
		if predicted[i] == label {
			right++
		}
	}
	return ratio(right, len(labels)), nil
}

// TopK is the share of the examples whose label is among their k largest scores.
// scores holds a row for each label, with one score, such as a probability, for
// each class. Of equal scores the first comes first, and NaN comes after all
// numbers. TopK with k = 1 of the probabilities that package net gives is the
// accuracy of the classes that it predicts, but for examples whose largest
// probabilities are rounded to the same one: net predicts by what they are computed
// from, which may differ.
//
// The error wraps [ErrLength] unless scores divide among the labels, and there
// is at least one of each; [ErrOption] unless 1 <= k <= classes; or [ErrClass] if
// a label is no class.
func TopK(labels []int, scores []float32, k int) (float64, error) {
	right, err := countTopK(labels, scores, k)
	if err != nil {
		return 0, fmt.Errorf("metrics: top %d: %w", k, err)
	}
	return ratio(right, len(labels)), nil
}

func countTopK(labels []int, scores []float32, k int) (right int, err error) {
	if len(labels) == 0 || len(scores) == 0 || len(scores)%len(labels) != 0 {
		return 0, fmt.Errorf("%w: want a row of scores for each label, have %d scores and %d labels", ErrLength, len(scores), len(labels))
	}
	classes := len(scores) / len(labels)
	if k < 1 || k > classes {
		return 0, fmt.Errorf("%w: want k of 1 to the %d classes, have %d", ErrOption, classes, k)
	}
	for i, label := range labels {
		if err := checkClass("label", i, label, classes); err != nil {
			return 0, err
		}
		if rank(scores[i*classes:][:classes], label) < k {
			right++
		}
	}
	return right, nil
}

// rank is the number of classes that come before one. To cmp, NaN is less than
// any number.
func rank(scores []float32, class int) (before int) {
	for other, score := range scores {
		order := cmp.Compare(score, scores[class])
		if order > 0 || order == 0 && other < class {
			before++
		}
	}
	return before
}

func checkPairs(labels, predicted []int) error {
	if len(labels) != len(predicted) || len(labels) == 0 {
		return fmt.Errorf("%w: want as many predictions as labels and at least one, have %d and %d",
			ErrLength, len(predicted), len(labels))
	}
	return nil
}

func checkClass(what string, i, class, classes int) error {
	if class < 0 || class >= classes {
		return fmt.Errorf("%w: %s %d: want 0 to %d, have %d", ErrClass, what, i, classes-1, class)
	}
	return nil
}

// ratio is a/b, and 0 if b is.
func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
