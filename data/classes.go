package data

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/simdlanes/lanes/net"
)

// MaxClasses is the largest number of different labels that [Classes] takes for
// classes: more are a sign that the labels are none.
const MaxClasses = 1 << 16

// Classes returns d with classes 0, 1, 2, ... for its labels, which may be any
// integers, in ascending order; and the labels: class k was labels[k].
//
// d has to be net.Examples or to have a method Labels() []int, as the data sets of
// this package and of package mnist do. Only its labels are read now. The error
// wraps net.ErrData if d is empty, has no such method, or has more than
// [MaxClasses] different labels.
func Classes(d net.Dataset) (classified net.Dataset, labels []int, err error) {
	classified, labels, err = classes(d)
	if err != nil {
		return nil, nil, fmt.Errorf("data: classes: %w", err)
	}
	return classified, labels, nil
}

func classes(d net.Dataset) (net.Dataset, []int, error) {
	all, err := labelsOf(d)
	if err != nil {
		return nil, nil, err
	}
	if len(all) == 0 {
		return nil, nil, fmt.Errorf("%w: want at least one example, have none", net.ErrData)
	}
	seen := make(map[int]struct{})
	for _, label := range all {
		seen[label] = struct{}{}
		if len(seen) > MaxClasses {
			return nil, nil, fmt.Errorf("%w: more than %d different labels", net.ErrData, MaxClasses)
		}
	}
	labels := slices.Sorted(maps.Keys(seen))
	classified, err := applyClasses(d, labels)
	return classified, labels, err
}

// ApplyClasses returns d with classes for its labels as [Classes] found them for
// other data, such as those of the training for a validation: label labels[k]
// becomes class k. The labels need not be in order.
//
// The error is that of [Classes], and wraps net.ErrLabel if a label of d is not
// among labels, or one of labels is there twice.
func ApplyClasses(d net.Dataset, labels []int) (net.Dataset, error) {
	classified, err := applyClasses(d, labels)
	if err != nil {
		return nil, fmt.Errorf("data: apply classes: %w", err)
	}
	return classified, nil
}

func applyClasses(d net.Dataset, labels []int) (net.Dataset, error) {
	all, err := labelsOf(d)
	if err != nil {
		return nil, err
	}
	classes, err := newClassMap(labels)
	if err != nil {
		return nil, err
	}
	c := &classified{Dataset: d, classes: make([]int, len(all))}
	for i, label := range all {
		if c.classes[i], err = classes.of(label); err != nil {
			return nil, fmt.Errorf("example %d: %w", i, err)
		}
	}
	return c, nil
}

// ApplyClassesSeq is [ApplyClasses] for data that comes in an order of its own. A
// label that is not among labels is an error, which wraps net.ErrLabel, when it is
// met.
func ApplyClassesSeq(seq net.Seq, labels []int) (net.Seq, error) {
	classes, err := newClassMap(labels)
	if err == nil && seq == nil {
		err = fmt.Errorf("%w: want a Seq, have nil", net.ErrData)
	}
	if err != nil {
		return nil, fmt.Errorf("data: apply classes: %w", err)
	}
	return func(epoch int) iter.Seq2[net.Example, error] {
		examples := seq(epoch)
		if examples == nil {
			return nil
		}
		return func(yield func(net.Example, error) bool) {
			for e, err := range examples {
				if err == nil {
					e.Label, err = classes.of(e.Label)
				}
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	}, nil
}

// classMap says which class a label is.
type classMap map[int]int

func newClassMap(labels []int) (classMap, error) {
	m := make(classMap, len(labels))
	for class, label := range labels {
		if _, twice := m[label]; twice {
			return nil, fmt.Errorf("%w: label %d stands for two classes", net.ErrLabel, label)
		}
		m[label] = class
	}
	return m, nil
}

// of returns the class of a label.
func (m classMap) of(label int) (int, error) {
	class, known := m[label]
	if !known {
		return 0, fmt.Errorf("%w: label %d is none of the %d classes", net.ErrLabel, label, len(m))
	}
	return class, nil
}

// classified is a Dataset with other labels.
type classified struct {
	net.Dataset
	classes []int // of each example
}

// Read implements [net.Dataset].
func (c *classified) Read(x []float32, labels []int, indices []int) error {
	if err := checkIndices(indices, len(c.classes)); err != nil {
		return err
	}
	if err := c.Dataset.Read(x, labels, indices); err != nil {
		return err
	}
	for j, i := range indices {
		labels[j] = c.classes[i]
	}
	return nil
}

// Labels returns the class of each example.
func (c *classified) Labels() []int { return slices.Clone(c.classes) }
