package layertest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/layer/layertest"
	"github.com/simdlanes/lanes/norm"
)

// somewhere is a dropout with the fault that it is told to have.
type somewhere struct{ fault string }

func (l somewhere) Bind(in layer.Shape) (layer.Op, error) {
	op, err := norm.Dropout{Rate: 0.5}.Bind(in)
	return somewhereOp{op.(layer.Training), l.fault}, err
}

type somewhereOp struct {
	layer.Training
	fault string
}

func (o somewhereOp) ForwardTraining(y, x []float32, n int, at layer.Place) {
	if o.fault == "forgets the place forward" {
		at.Image = 0
	}
	o.Training.ForwardTraining(y, x, n, at)
}

func (o somewhereOp) BackwardTraining(dx, dy, x, y []float32, n int, at layer.Place) {
	if o.fault == "forgets the place backward" {
		at.Image = 0
	}
	o.Training.BackwardTraining(dx, dy, x, y, n, at)
}

// observer is a batch normalisation and ReLU with the fault that it is told to have.
type observer struct{ fault string }

// batched is what a batch normalisation is.
type batched interface {
	layer.CombinedGradient
	layer.DividedBatched
	layer.Stateful
	layer.Training
}

func (l observer) Bind(in layer.Shape) (layer.Op, error) {
	n := norm.Batch{Activation: layer.ReLU}
	if l.fault == "leaves the derivative to Backward" {
		n.Activation = layer.Identity
	}
	op, err := n.Bind(in)
	return observerOp{op.(batched), l.fault}, err
}

type observerOp struct {
	batched
	fault string
}

func (o observerOp) ObservePart(stats []float64, x []float32, n int, p layer.Part) {
	o.batched.ObservePart(stats, x, n, p)
	if o.fault == "observes another channel" {
		stats[p.Lo] += float64(0 * x[0])
	}
}

func (o observerOp) ObserveGradPart(stats []float64, dy, x, y []float32, n int, p layer.Part) {
	o.batched.ObserveGradPart(stats, dy, x, y, n, p)
	switch o.fault {
	case "takes the derivative of all channels":
		layer.ReLU.Backward(dy, y)
	case "observes another channel's gradient":
		stats[p.Lo] += float64(0 * dy[0])
	}
}

func (o observerOp) BackwardTraining(dx, dy, x, y []float32, n int, at layer.Place) {
	if o.fault == "leaves the derivative to Backward" {
		layer.ReLU.Backward(dy, y)
	}
	o.batched.BackwardTraining(dx, dy, x, y, n, at)
}

// TestSharedFaults has layers that a single worker cannot tell from right ones.
func TestSharedFaults(t *testing.T) {
	vector, image := layer.Vector(7), layer.Image(3, 2, 3)
	for _, c := range []struct {
		l    layer.Layer
		in   layer.Shape
		text string
	}{
		{somewhere{}, vector, ""},
		{somewhere{"forgets the place forward"}, vector, "images 4 to 7 of 8 images by themselves: element 2 of output is"},
		{somewhere{"forgets the place backward"}, vector, "of dx is"},
		{centre{}, vector, ""},
		{centre{"takes the mean of what it sees"}, vector, "of output is"},
		{observer{}, image, ""},
		{observer{}, vector, ""},
		{observer{"observes another channel"}, image, "ObservePart of 3 images in 2 parts makes number 1 NaN"},
		{observer{"observes another channel's gradient"}, image, "ObserveGradPart of 3 images in 2 parts makes number 1 NaN"},
		{observer{"takes the derivative of all channels"}, image, "dy[48], of another channel, becomes"},
		{observer{"leaves the derivative to Backward"}, image, "the derivative of its activation"},
	} {
		err := layertest.Check(c.l, c.in)
		if c.text == "" && err != nil || c.text != "" && (!errors.Is(err, layertest.ErrContract) || !strings.Contains(err.Error(), c.text)) {
			t.Errorf("%+v: error %v, want %q in it", c.l, err, c.text)
		}
	}
}
