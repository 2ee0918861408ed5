package metrics

import (
	"fmt"
	"slices"
)

// MaxClasses is the largest number of classes of a [Confusion], which has room
// for its square.
const MaxClasses = 4096

// Confusion is a confusion matrix: how many examples of each label were predicted
// to be of each class. Make it with [NewConfusion]; the zero Confusion has no
// classes.
type Confusion struct {
	// Names of the classes, for [Confusion.String] and [Confusion.Report]. A class
	// without a name goes by its number.
	Names []string

	classes int
	counts  []int // label after label
}

// Scores are the precision, recall and F1 of a class, or averages of them.
type Scores struct {
	Precision float64 // of the examples predicted to be of the class, the share that is
	Recall    float64 // of the examples of the class, the share predicted to be
	F1        float64 // harmonic mean of the two: 2·hits / (predicted + actual)
	Support   int     // number of examples whose label is the class, or of all
}

// NewConfusion counts examples by their label and their predicted class. The
// error wraps [ErrOption] unless classes is 1 to [MaxClasses], [ErrLength] unless
// there are as many predictions as labels and at least one, or [ErrClass] if one
// of them is no class.
func NewConfusion(labels, predicted []int, classes int) (*Confusion, error) {
	c, err := newConfusion(labels, predicted, classes)
	if err != nil {
		return nil, fmt.Errorf("metrics: confusion: %w", err)
	}
	return c, nil
}

func newConfusion(labels, predicted []int, classes int) (*Confusion, error) {
	if classes < 1 || classes > MaxClasses {
		return nil, fmt.Errorf("%w: want 1 to %d classes, have %d", ErrOption, MaxClasses, classes)
	}
	if err := checkPairs(labels, predicted); err != nil {
		return nil, err
	}
	c := &Confusion{classes: classes, counts: make([]int, classes*classes)}
	for i := range labels {
		if err := checkClass("label", i, labels[i], classes); err != nil {
			return nil, err
		}
		if err := checkClass("prediction", i, predicted[i], classes); err != nil {
			return nil, err
		}
		c.counts[labels[i]*classes+predicted[i]]++
	}
	return c, nil
}

// Classes is the number of classes.
func (c *Confusion) Classes() int { return c.classes }

// Count is the number of examples of a label that were predicted to be of a
// class: 0 if one of them is out of range.
func (c *Confusion) Count(label, predicted int) int {
	if label < 0 || label >= c.classes || predicted < 0 || predicted >= c.classes {
		return 0
	}
	return c.counts[label*c.classes+predicted]
}

// Counts returns a copy of the matrix: Counts()[label][predicted].
func (c *Confusion) Counts() [][]int {
	rows := make([][]int, c.classes)
	for label := range rows {
		rows[label] = slices.Clone(c.row(label))
	}
	return rows
}

func (c *Confusion) row(label int) []int { return c.counts[label*c.classes:][:c.classes] }

// Accuracy is the share of the examples that were predicted to be of their class.
func (c *Confusion) Accuracy() float64 {
	hits, total := c.hits()
	return ratio(hits, total)
}

// hits is the number of right predictions, and of all.
func (c *Confusion) hits() (hits, total int) {
	for label := range c.classes {
		hits += c.row(label)[label]
		for _, n := range c.row(label) {
			total += n
		}
	}
	return hits, total
}

// Class is the scores of one class: zero if it is out of range.
func (c *Confusion) Class(class int) Scores {
	if class < 0 || class >= c.classes {
		return Scores{}
	}
	hits, actual, predicted := c.row(class)[class], 0, 0
	for other := range c.classes {
		actual += c.row(class)[other]
		predicted += c.row(other)[class]
	}
	return Scores{
		Precision: ratio(hits, predicted),
		Recall:    ratio(hits, actual),
		F1:        ratio(2*hits, predicted+actual),
		Support:   actual,
	}
}

// Macro is the mean of the classes' scores, each class counting the same.
func (c *Confusion) Macro() Scores {
	return c.average(func(Scores) float64 { return 1 })
}

// Weighted is the mean of the classes' scores, each class counting by its
// support.
func (c *Confusion) Weighted() Scores {
	return c.average(func(s Scores) float64 { return float64(s.Support) })
}

func (c *Confusion) average(weight func(Scores) float64) (mean Scores) {
	var sum float64
	for class := range c.classes {
		s := c.Class(class)
		w := weight(s)
		mean.Precision += float64(w * s.Precision)
		mean.Recall += float64(w * s.Recall)
		mean.F1 += float64(w * s.F1)
		mean.Support += s.Support
		sum += w
	}
	if sum > 0 {
		mean.Precision /= sum
		mean.Recall /= sum
		mean.F1 /= sum
	}
	return mean
}

// Micro is the scores of all predictions together, whatever their class. As each
// example has one label and one prediction, all three are the accuracy.
func (c *Confusion) Micro() Scores {
	hits, total := c.hits()
	accuracy := ratio(hits, total)
	return Scores{Precision: accuracy, Recall: accuracy, F1: accuracy, Support: total}
}
