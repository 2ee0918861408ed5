package net

import (
	"math"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
)

// TestMeasure measures the first images of data, with a loss and then without, as
// the Evaluation of those images has it, and in memory that is there.
func TestMeasure(t *testing.T) {
	n, err := New(layer.Vector(1), 1, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	data := Examples{Images: []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Labels: []int{0, 1, 0, 1, 0, 1, 0, 1, 0, 1}}
	p := n.NewPredictor(2)
	defer p.Close()
	for _, limit := range []int{math.MaxInt, 10, 3, 1} {
		first := min(limit, 10)
		want, err := n.Evaluate(Examples{Images: data.Images[:first], Labels: data.Labels[:first]}, CrossEntropy{})
		if err != nil {
			t.Fatal(err)
		}
		loss, accuracy, err := p.measure(data, limit, CrossEntropy{})
		if err != nil || loss != want.Loss || accuracy != want.Accuracy || loss == 0 {
			t.Errorf("%d images: loss %v, accuracy %v and error %v, want %+v", first, loss, accuracy, err, want)
		}
		loss, accuracy, err = p.measure(data, limit, nil)
		if err != nil || loss != 0 || accuracy != want.Accuracy {
			t.Errorf("%d images: loss %v, accuracy %v and error %v without a loss", first, loss, accuracy, err)
		}
	}
}
