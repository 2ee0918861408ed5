package main

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/simdlanes/lanes/cmd/internal/figure"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

const (
	maxFilters  = 24   // of a layer that are drawn
	maxChannels = 16   // of a filter that are drawn
	maxMaps     = 48   // of a layer's output that are drawn
	pageWidth   = 1200 // about, in pixels
	gap         = 10   // between images
)

// filters is a page of the filters of a convolution, a column for each, with a row
// for each channel that they read; of one channel, as many in a row as fit.
func filters(t net.Tensor) figure.Box {
	count, channels, rows, cols := min(t.Shape[0], maxFilters), min(t.Shape[1], maxChannels), t.Shape[2], t.Shape[3]
	limit := figure.Limit(t.Data)
	scale := max(1, min(150/max(rows, cols), (pageWidth/count-gap)/cols))
	table := figure.Grid{Cols: count, Gap: gap, Centred: true}
	if channels > 1 {
		table.Cols++
		table.Boxes = append(table.Boxes, figure.Label(""))
	}
	for f := range count {
		table.Boxes = append(table.Boxes, figure.Label(fmt.Sprint(f)))
	}
	for c := range channels {
		if channels > 1 {
			table.Boxes = append(table.Boxes, figure.Label(fmt.Sprintf("channel %d", c)))
		}
		for f := range count {
			values := t.Data[(f*t.Shape[1]+c)*rows*cols:][:rows*cols]
			table.Boxes = append(table.Boxes, figure.Pixels{Image: figure.Matrix{Values: values, Cols: cols, Map: figure.Diverging, Limit: limit}, Scale: scale})
		}
	}
	text := fmt.Sprintf("Each column is a filter of %d x %d weights. All have the same scale of colours.", rows, cols)
	if channels > 1 {
		text = fmt.Sprintf("Each column is a filter, each row the %d x %d weights for one channel that it reads. All have the same scale of colours.", rows, cols)
	}
	if count < t.Shape[0] || channels < t.Shape[1] {
		text += fmt.Sprintf("\nThe first %d of %d filters, and %d of %d channels.", count, t.Shape[0], channels, t.Shape[1])
	}
	return figure.Column{Gap: 24, Boxes: []figure.Box{
		figure.Title(fmt.Sprintf("Filters of layer %d: %s", t.Layer, t.Name)),
		table,
		figure.Legend{Map: figure.Diverging, Limit: limit},
		figure.Caption(text),
	}}
}

// activations is a page of what each layer makes of an image.
func (i *inspection) activations(s *subject) figure.Box {
	in := photo(i.Network.Input(), s.input)
	in.Scale = max(in.Scale, 100/max(in.Image.Bounds().Dx(), in.Image.Bounds().Dy()))
	rows := []figure.Box{figure.Label("input\n" + i.Network.Input().String()), in}
	var before []float32
	err := i.Network.Trace(s.input, net.Trace{Kinds: []net.TensorKind{net.TensorOutput}, Show: func(t net.Tensor) error {
		if i.shown(t.Layer) && !slices.Equal(before, t.Data) {
			heading := fmt.Sprintf("layer %d: %s\n%s, up to %.2g", t.Layer, t.Name, shapeName(t.Shape[1:]), figure.Limit(t.Data))
			rows = append(rows, figure.Label(heading), output(t.Clone()))
		}
		before = append(before[:0], t.Data...)
		return nil
	}})
	if err != nil {
		panic(fmt.Sprintf("lenet5: an image that was predicted cannot be traced: %v", err))
	}
	rows = append(rows, figure.Label("probabilities"), i.bars(s))
	return figure.Column{Gap: 24, Boxes: []figure.Box{
		figure.Title(fmt.Sprintf("What the layers make of %s", s.title)),
		figure.Grid{Cols: 2, Gap: 24, Boxes: rows},
		figure.Caption("White is 0, the darkest blue the largest number of the layer. Where numbers are negative, orange is above 0 and blue below.\nA layer that only changes the order of numbers is left out."),
	}}
}

// output draws the output of a layer for one image: its channels, or the elements
// of a vector as cells.
func output(t net.Tensor) figure.Box {
	m := figure.Sequential
	if slices.Min(t.Data) < 0 {
		m = figure.Diverging
	}
	limit := figure.Limit(t.Data)
	if len(t.Shape) == 2 {
		const perRow, cell = 50, 17
		values := t.Data[:min(len(t.Data), 20*perRow)]
		return figure.Pixels{Image: figure.Matrix{Values: values, Cols: min(perRow, len(values)), Map: m, Limit: limit}, Scale: cell}
	}
	channels, rows, cols := min(t.Shape[1], maxMaps), t.Shape[2], t.Shape[3]
	scale := max(1, 100/max(rows, cols))
	grid := figure.Grid{Cols: min(channels, max(1, 900/(cols*scale+gap))), Gap: gap}
	for c := range channels {
		values := t.Data[c*rows*cols:][:rows*cols]
		grid.Boxes = append(grid.Boxes, figure.Pixels{Image: figure.Matrix{Values: values, Cols: cols, Map: m, Limit: limit}, Scale: scale})
	}
	return grid
}

// bars shows the probabilities of the classes, in their order, the largest ten at
// most.
func (i *inspection) bars(s *subject) figure.Box {
	var b figure.Bars
	classes := slices.Sorted(slices.Values(s.best[:min(10, len(s.best))]))
	for _, class := range classes {
		b.Names, b.Shares = append(b.Names, i.Name(class)), append(b.Shares, s.proba[class])
	}
	return b
}

// shapeName is a shape such as 6x28x28.
func shapeName(shape []int) (s string) {
	for i, n := range shape {
		if i > 0 {
			s += "x"
		}
		s += fmt.Sprint(n)
	}
	return s
}

// saliency is a page that shows on which pixels a prediction hangs.
func (i *inspection) saliency(s *subject) figure.Box {
	gradient, err := i.gradient(s)
	if err != nil {
		return figure.Column{Gap: 24, Boxes: []figure.Box{figure.Title("No saliency of " + s.title), figure.Caption(err.Error())}}
	}
	in := photo(i.Network.Input(), s.input)
	cols := in.Image.Bounds().Dx()
	scale := max(1, 360/cols)
	m := figure.Matrix{Values: gradient, Cols: cols, Map: figure.Diverging, Limit: figure.Limit(gradient)}
	panel := func(name string, img image.Image) figure.Box {
		return figure.Column{Gap: 10, Centred: true, Boxes: []figure.Box{figure.Pixels{Image: img, Scale: scale}, figure.Label(name)}}
	}
	class := s.best[0]
	return figure.Column{Gap: 24, Boxes: []figure.Box{
		figure.Title(fmt.Sprintf("Why %s is taken for %s (%.1f %%)", s.title, i.Name(class), 100*s.proba[class])),
		figure.Row(24, panel("image", in.Image), panel("gradient", m), panel("gradient over the image", figure.Overlay(in.Image, m))),
		figure.Legend{Map: figure.Diverging, Limit: m.Limit},
		figure.Caption(fmt.Sprintf("The gradient of the output for %s with respect to each pixel.\nMore ink where it is orange speaks for %s, more ink where it is blue against it.", i.Name(class), i.Name(class))),
	}}
}

// gradient is that of the output of the predicted class, for each pixel of the
// channel where it is largest.
func (i *inspection) gradient(s *subject) ([]float32, error) {
	in, class := i.Network.Input(), s.best[0]
	outputs := i.Network.Output().Len()
	gradient, err := i.Network.InputGradient(nil, s.input, min(class, outputs-1))
	if err != nil {
		return nil, err
	}
	if i.Network.Classes() > outputs && class == 0 {
		for k := range gradient {
			gradient[k] = -gradient[k] // the output is that of class 1
		}
	}
	if in.IsVector() {
		return gradient, nil
	}
	size := in.H * in.W
	strongest := gradient[:size:size]
	for k, g := range gradient[size:] {
		if math.Abs(float64(g)) > math.Abs(float64(strongest[k%size])) {
			strongest[k%size] = g
		}
	}
	return strongest, nil
}

// mistakesPage is a contact sheet of the mistakes about which the model is most
// sure.
func (i *inspection) mistakesPage(test *mnist.Examples, e *net.Evaluation, wrong int) (figure.Box, error) {
	classes := i.Network.Classes()
	sure := func(k int) float32 { return e.Proba[k*classes+e.Classes[k]] }
	var mistakes []int
	for k, label := range e.Labels {
		if e.Classes[k] != label {
			mistakes = append(mistakes, k)
		}
	}
	slices.SortStableFunc(mistakes, func(a, b int) int { return cmp.Compare(sure(b), sure(a)) })
	mistakes = mistakes[:min(len(mistakes), i.mistakes)]
	input := make([]float32, i.Network.Input().Len())
	sheet := figure.Grid{Cols: min(8, len(mistakes)), Gap: 24, Centred: true}
	for _, k := range mistakes {
		if err := test.Read(input, nil, []int{k}); err != nil {
			return nil, err
		}
		p := photo(i.Network.Input(), input)
		p.Scale = max(1, 128/p.Image.Bounds().Dx())
		taken := fmt.Sprintf("%s taken for %s", i.Name(e.Labels[k]), i.Name(e.Classes[k]))
		where := fmt.Sprintf("%.1f %%, no. %d", 100*sure(k), k)
		sheet.Boxes = append(sheet.Boxes, figure.Column{Gap: 6, Centred: true, Boxes: []figure.Box{p, figure.Label(taken), figure.Caption(where)}})
	}
	return figure.Column{Gap: 24, Boxes: []figure.Box{
		figure.Title(fmt.Sprintf("The %d most confident of %d mistakes in %d test digits", len(mistakes), wrong, test.Len())),
		sheet,
		figure.Caption("What each digit is and what the model takes it for, how sure the model is of that, and the number of the digit."),
	}}, nil
}
