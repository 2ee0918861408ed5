package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curves is the course of a training: a chart of the loss, and one of the accuracy
// if it was tested.
type Curves struct {
	Losses []float64 // of each step

	// Ends are the numbers of steps after which there was a validation; Validation
	// its loss and Accuracy what it found, from 0 to 1. The latter two are empty if
	// there was none. Tested says what it was on: test digits.
	Ends       []int
	Validation []float64
	Accuracy   []float64
	Tested     string
}

const (
	maxPoints = 150 // of the curve of the loss, however many steps there were
	minPoints = 10  // if there are as many steps
	minSteps  = 5   // of a point, if there are enough: a band needs some to lie in
)

// stepsPerPoint is the number of steps whose mean is a point of the curve of the
// loss.
func stepsPerPoint(steps int) int {
	enough := (steps + maxPoints - 1) / maxPoints
	return max(1, enough, min(minSteps, steps/minPoints))
}

func (c Curves) size() (width, height vg.Length) {
	if len(c.Accuracy) == 0 {
		return 480, 340
	}
	return 900, 340
}

func (c Curves) draw(canvas draw.Canvas) {
	plots := []*plot.Plot{c.loss()}
	if len(c.Accuracy) > 0 {
		plots = append(plots, c.accuracy())
	}
	tiles := draw.Tiles{Rows: 1, Cols: len(plots), PadX: 28}
	for i, p := range plots {
		p.Draw(tiles.At(canvas, i, 0))
	}
}

// loss is the chart of the losses.
func (c Curves) loss() *plot.Plot {
	p := newPlot("Loss", "epoch", "cross-entropy, logarithmic")
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{}
	p.Legend.Top, p.Legend.Left = true, true
	if len(c.Losses) > 0 {
		size := stepsPerPoint(len(c.Losses))
		band, mean := c.band(size)
		if size == 1 {
			p.Add(grid(), mean)
			p.Legend.Add("training, each step", mean)
		} else {
			p.Add(grid(), band, mean)
			p.Legend.Add(fmt.Sprintf("training, mean of %d steps", size), mean)
			p.Legend.Add("the middle 80 % of the steps", band)
		}
	}
	if len(c.Validation) > 0 {
		l, s := c.tested(c.Validation, positive)
		p.Add(l, s)
		p.Legend.Add(c.Tested, l, s)
	}
	wholeEpochs(p, c.epochs())
	if len(c.Losses)+len(c.Validation) == 0 {
		p.Y.Min, p.Y.Max = 0.1, 1 // a logarithmic axis has no default
	}
	p.Y.Min, p.Y.Max = p.Y.Min/1.3, p.Y.Max*1.3
	return p
}

// accuracy is the chart of the accuracies.
func (c Curves) accuracy() *plot.Plot {
	title := fmt.Sprintf("Accuracy: %.2f %% in the end", 100*c.Accuracy[len(c.Accuracy)-1])
	p := newPlot(title, "epoch", "% of the "+c.Tested)
	l, s := c.tested(c.Accuracy, func(v float64) float64 { return 100 * v })
	p.Add(grid(), l, s)
	wholeEpochs(p, c.epochs())
	p.Y.Min, p.Y.Max = room(100*slices.Min(c.Accuracy), 100*slices.Max(c.Accuracy))
	p.Y.Tick.Marker = roundTicks{}
	return p
}

// room returns the ends of an axis of percentages from low to high, with some room
// above and below, and of at least one per cent: differences look as large as they are.
func room(low, high float64) (lo, hi float64) {
	margin := max((high-low)/10, (1-(high-low))/2)
	return max(0, low-margin), min(100, high+margin)
}

// positive is what a logarithmic axis can show of a loss.
func positive(v float64) float64 {
	if !(v >= 1e-7) {
		return 1e-7
	}
	return v
}

// epoch says in which epoch, with its fraction, a number of steps ends.
func (c Curves) epoch(steps float64) float64 {
	before := 0.0
	for i, end := range c.Ends {
		if steps <= float64(end) || i == len(c.Ends)-1 {
			return float64(i) + (steps-before)/max(1, float64(end)-before)
		}
		before = float64(end)
	}
	return steps / float64(max(1, len(c.Losses))) // before the end of the first epoch
}

// epochs is the number of epochs, of which the last may have been broken off.
func (c Curves) epochs() int { return max(1, int(math.Ceil(c.epoch(float64(len(c.Losses)))))) }

// band returns the means of the losses as a curve, each of as many steps as size
// says, and what lies between the tenths at either end as an area.
func (c Curves) band(size int) (*plotter.Polygon, *plotter.Line) {
	var mean, low, high plotter.XYs
	for lo := 0; lo < len(c.Losses); lo += size {
		hi := min(lo+size, len(c.Losses))
		part := slices.Sorted(slices.Values(c.Losses[lo:hi]))
		x := c.epoch(float64(lo+hi) / 2)
		mean = append(mean, plotter.XY{X: x, Y: positive(Condense(part, 1)[0])})
		low = append(low, plotter.XY{X: x, Y: positive(part[len(part)/10])})
		high = append(high, plotter.XY{X: x, Y: positive(part[len(part)-1-len(part)/10])})
	}
	floor := slices.MinFunc(mean, func(a, b plotter.XY) int { return cmp.Compare(a.Y, b.Y) }).Y / 2
	for i := range low { // single steps can be next to 0, and would take the scale for themselves
		low[i].Y, high[i].Y = max(low[i].Y, floor), max(high[i].Y, floor)
	}
	slices.Reverse(high)
	band, err := plotter.NewPolygon(append(low, high...))
	must(err)
	band.Color, band.LineStyle.Width = mix(paper, blue, 0.22), 0
	l, err := plotter.NewLine(mean)
	must(err)
	l.LineStyle = line(blue, 1.6)
	return band, l
}

// tested returns the numbers of the validations as a curve with points.
func (c Curves) tested(values []float64, scale func(float64) float64) (*plotter.Line, *plotter.Scatter) {
	var xys plotter.XYs
	for i, v := range values {
		xys = append(xys, plotter.XY{X: float64(i + 1), Y: scale(v)})
	}
	l, s, err := plotter.NewLinePoints(xys)
	must(err)
	l.LineStyle = line(orange, 2)
	s.GlyphStyle = draw.GlyphStyle{Color: orange, Radius: 3.5, Shape: draw.CircleGlyph{}}
	return l, s
}

func grid() *plotter.Grid {
	g := plotter.NewGrid()
	g.Vertical, g.Horizontal = draw.LineStyle{}, line(mix(paper, rule, 0.6), 0.6)
	return g
}

// wholeEpochs has the axis of the epochs count them, at about ten places.
func wholeEpochs(p *plot.Plot, epochs int) {
	var ticks []plot.Tick
	step := max(1, (epochs+9)/10)
	for e := 0; e <= epochs; e += step {
		ticks = append(ticks, plot.Tick{Value: float64(e), Label: fmt.Sprint(e)})
	}
	p.X.Min, p.X.Max = 0, float64(epochs)
	p.X.Tick.Marker = plot.ConstantTicks(ticks)
}

// logTicks are 1, 2 and 5 times the powers of ten, or the powers alone where they
// are many.
type logTicks struct{}

// Ticks implements [plot.Ticker].
func (logTicks) Ticks(low, high float64) (ticks []plot.Tick) {
	first, last := math.Floor(math.Log10(low)), math.Log10(high)
	digits := []float64{1, 2, 5}
	if last-first > 3 {
		digits = digits[:1]
	}
	for power := first; power <= last; power++ {
		for _, digit := range digits {
			if v := digit * math.Pow(10, power); v >= low && v <= high {
				ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprintf("%.3g", v)})
			}
		}
	}
	return ticks
}

// roundTicks are three to seven multiples of 1, 2 or 5 times a power of ten.
type roundTicks struct{}

// Ticks implements [plot.Ticker].
func (roundTicks) Ticks(low, high float64) (ticks []plot.Tick) {
	step := math.Pow(10, math.Floor(math.Log10(high-low)))
	for _, share := range []float64{0.5, 0.4, 0.5} { // 1, 1/2, 1/5, 1/10
		if (high-low)/step >= 3 {
			break
		}
		step *= share
	}
	for i := math.Ceil(low / step); i <= math.Floor(high/step); i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: fmt.Sprintf("%.4g", i*step)})
	}
	return ticks
}

// must panics if a plotter refuses its numbers, of which there is at least one and
// which are finite.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("figure: %v", err))
	}
}
