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
	maxMaps     = 16   // of a layer's output that are drawn
	pageWidth   = 1200 // about, in pixels
	gap         = 10   // between images
)

// filters is a page of the filters of a convolution, a column for each, with a row
// for each channel that they read; of one channel, as many in a row as fit.
func filters(t net.Tensor) figure.Box {
	drawn, channels, rows, cols := min(t.Shape[0], maxFilters), min(t.Shape[1], maxChannels), t.Shape[2], t.Shape[3]
	limit := figure.Limit(t.Data)
	scale := max(1, min(150/max(rows, cols), (pageWidth/drawn-gap)/cols))
	table := figure.Grid{Cols: drawn, Gap: gap, Centred: true}
	if channels > 1 {
		table.Cols++
		table.Boxes = append(table.Boxes, figure.Label(""))
	}
	for f := range drawn {
		table.Boxes = append(table.Boxes, figure.Label(fmt.Sprint(f)))
	}
	for c := range channels {
		if channels > 1 {
			table.Boxes = append(table.Boxes, figure.Label(fmt.Sprintf("channel %d", c)))
		}
		for f := range drawn {
			values := t.Data[(f*t.Shape[1]+c)*rows*cols:][:rows*cols]
			table.Boxes = append(table.Boxes, figure.Pixels{Image: figure.Matrix{Values: values, Cols: cols, Map: figure.Diverging, Limit: limit}, Scale: scale})
		}
	}
	text := fmt.Sprintf("Each column is a filter of %d x %d weights. All have the same scale of colours.", rows, cols)
	if channels > 1 {
		text = fmt.Sprintf("Each column is a filter, each row the %d x %d weights for one channel that it reads. All have the same scale of colours.", rows, cols)
	}
	if drawn < t.Shape[0] {
		text += fmt.Sprintf("\nThe first %d of %d filters.", drawn, t.Shape[0])
	}
	if channels < t.Shape[1] {
		text += fmt.Sprintf("\nThe first %d of %d channels.", channels, t.Shape[1])
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
	outputs, same := i.outputs(s)
	side := mapSide(len(outputs))
	in := photo(i.Network.Input(), s.input)
	in.Scale = max(in.Scale, 100/max(in.Image.Bounds().Dx(), in.Image.Bounds().Dy()))
	rows := []figure.Box{figure.Label("input\n" + i.Network.Input().String()), in}
	for _, t := range outputs {
		heading := fmt.Sprintf("layer %d: %s\n%s, up to %.2g", t.Layer, t.Name, shapeName(t.Shape[1:]), figure.Limit(t.Data))
		maps, drawn := output(t, side)
		if drawn < t.Shape[1] {
			heading += fmt.Sprintf("\nthe first %d of %d", drawn, t.Shape[1])
		}
		rows = append(rows, figure.Label(heading), maps)
	}
	rows = append(rows, figure.Label("probabilities"), i.bars(s))
	text := "White is 0, the darkest blue the largest number of the layer. Where numbers are negative, orange is above 0 and blue below."
	if same {
		text += "\nA layer whose output is its input, or is that in another order, is left out."
	}
	return figure.Column{Gap: 24, Boxes: []figure.Box{
		figure.Title(fmt.Sprintf("What the layers make of %s", s.title)),
		figure.Grid{Cols: 2, Gap: 24, Boxes: rows},
		figure.Caption(text),
	}}
}

// outputs are those of the layers to be drawn, but for layers that change nothing,
// of which same tells whether there was one.
func (i *inspection) outputs(s *subject) (all []net.Tensor, same bool) {
	before := slices.Clone(s.input)
	err := i.Network.Trace(s.input, net.Trace{Kinds: []net.TensorKind{net.TensorOutput}, Show: func(t net.Tensor) error {
		switch {
		case !i.shown(t.Layer):
		case slices.Equal(before, t.Data):
			same = true
		default:
			all = append(all, t.Clone())
		}
		before = append(before[:0], t.Data...)
		return nil
	}})
	if err != nil {
		panic(fmt.Sprintf("lenet5: an image that was predicted cannot be traced: %v", err))
	}
	return all, same
}

// mapSide is the side of a channel's map: of many layers, the maps that are drawn
// have one line each, so that the page fits on a screen.
func mapSide(layers int) int {
	if layers > 8 {
		return 60
	}
	return 100
}

// output draws the output of a layer for one image: its channels as maps with a
// side, or elements as cells. It returns how many it draws.
func output(t net.Tensor, side int) (box figure.Box, drawn int) {
	m := figure.Sequential
	if slices.Min(t.Data) < 0 {
		m = figure.Diverging
	}
	limit := figure.Limit(t.Data)
	if len(t.Data) == t.Shape[1] {
		const perRow, cell = 50, 17
		drawn = min(len(t.Data), 20*perRow)
		return figure.Pixels{Image: figure.Matrix{Values: t.Data[:drawn], Cols: min(perRow, drawn), Map: m, Limit: limit}, Scale: cell}, drawn
	}
	drawn = min(t.Shape[1], maxMaps)
	rows, cols := t.Shape[2], t.Shape[3]
	scale := max(1, (side+max(rows, cols)/2)/max(rows, cols))
	grid := figure.Grid{Cols: min(drawn, max(1, pageWidth/(cols*scale+gap))), Gap: gap}
	for c := range drawn {
		values := t.Data[c*rows*cols:][:rows*cols]
		grid.Boxes = append(grid.Boxes, figure.Pixels{Image: figure.Matrix{Values: values, Cols: cols, Map: m, Limit: limit}, Scale: scale})
	}
	return grid, drawn
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

// mistakes returns the numbers of the examples that are taken for another class,
// the ones of which the model is most sure first.
func mistakes(e *net.Evaluation) (wrong []int) {
	classes := len(e.Proba) / len(e.Labels)
	sure := func(k int) float32 { return e.Proba[k*classes+e.Classes[k]] }
	for k, label := range e.Labels {
		if e.Classes[k] != label {
			wrong = append(wrong, k)
		}
	}
	slices.SortStableFunc(wrong, func(a, b int) int { return cmp.Compare(sure(b), sure(a)) })
	return wrong
}

// mistakesPage is a contact sheet of mistakes, of the first ones if they are many.
func (i *inspection) mistakesPage(test *mnist.Examples, e *net.Evaluation, wrong []int) (figure.Box, error) {
	shown := wrong[:min(len(wrong), i.mistakes)]
	title := fmt.Sprintf("All %s in %d test digits", count(len(wrong), "mistake"), test.Len())
	if len(shown) < len(wrong) {
		title = fmt.Sprintf("The %d most confident of %d mistakes in %d test digits", len(shown), len(wrong), test.Len())
	}
	classes := i.Network.Classes()
	input := make([]float32, i.Network.Input().Len())
	sheet := figure.Grid{Cols: min(8, len(shown)), Gap: 24, Centred: true}
	for _, k := range shown {
		if err := test.Read(input, nil, []int{k}); err != nil {
			return nil, err
		}
		p := photo(i.Network.Input(), input)
		p.Scale = max(1, 128/p.Image.Bounds().Dx())
		taken := fmt.Sprintf("%s taken for %s", i.Name(e.Labels[k]), i.Name(e.Classes[k]))
		where := fmt.Sprintf("%.1f %%, no. %d", 100*e.Proba[k*classes+e.Classes[k]], k)
		sheet.Boxes = append(sheet.Boxes, figure.Column{Gap: 6, Centred: true, Boxes: []figure.Box{p, figure.Label(taken), figure.Caption(where)}})
	}
	return figure.Column{Gap: 24, Boxes: []figure.Box{
		figure.Title(title),
		sheet,
		figure.Caption("What each digit is and what the model takes it for, how sure the model is of that, and the number of the digit."),
	}}, nil
}

// count is a number of things.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprint(n, " ", thing)
}
