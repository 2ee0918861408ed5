package figure

import (
	"fmt"
	"image/color"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Confusion is a chart of how often images of one class were taken for another.
type Confusion struct {
	Title  string
	Counts [][]int // [label][predicted]
	Names  []string
}

func (c Confusion) size() (width, height vg.Length) {
	side := max(420, 36*vg.Length(len(c.Counts))+90)
	return side + 60, side
}

func (c Confusion) draw(canvas draw.Canvas) {
	p := newPlot(c.Title, "predicted", "label")
	p.Add(c)
	p.NominalX(append(append([]string(nil), c.Names...), "right")...)
	var ticks []plot.Tick
	for i, name := range c.Names {
		ticks = append(ticks, plot.Tick{Value: c.row(i), Label: name})
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.X.Min, p.X.Max = -0.5, float64(len(c.Counts))+0.5
	p.Y.Min, p.Y.Max = -0.5, float64(len(c.Counts))-0.5
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Padding = 0
		axis.LineStyle.Width, axis.Tick.LineStyle.Width = 0, 0
	}
	p.Draw(canvas)
}

// row is the height at which a label's row is: the first is on top.
func (c Confusion) row(label int) float64 { return float64(len(c.Counts) - 1 - label) }

// Plot implements [plot.Plotter]. The colours are those of the mistakes, whose
// numbers are small beside those of what is right.
func (c Confusion) Plot(canvas draw.Canvas, p *plot.Plot) {
	worst := 0
	for label, counts := range c.Counts {
		for predicted, n := range counts {
			if label != predicted {
				worst = max(worst, n)
			}
		}
	}
	for label, counts := range c.Counts {
		total := 0
		for predicted, n := range counts {
			total += n
			c.cell(canvas, p, label, predicted, n, worst)
		}
		if total > 0 {
			share := fmt.Sprintf("%.1f %%", 100*float64(counts[label])/float64(total))
			c.text(canvas, p, label, len(c.Counts), share, faint)
		}
	}
}

// cell draws one number.
func (c Confusion) cell(canvas draw.Canvas, p *plot.Plot, label, predicted, n, worst int) {
	back, front := color.RGBA{236, 238, 241, 255}, ink
	if label != predicted {
		share := float64(n) / float64(max(1, worst))
		back = mix(paper, orange, share)
		if n == 0 {
			front = rule
		} else if share > 0.7 {
			front = paper
		}
	}
	toX, toY := p.Transforms(&canvas)
	x, y := float64(predicted), c.row(label)
	r := vg.Rectangle{Min: vg.Point{X: toX(x - 0.48), Y: toY(y - 0.48)}, Max: vg.Point{X: toX(x + 0.48), Y: toY(y + 0.48)}}
	canvas.SetColor(back)
	canvas.Fill(r.Path())
	text := strconv.Itoa(n)
	if n == 0 {
		text = "·"
	}
	c.text(canvas, p, label, predicted, text, front)
}

// text writes into the middle of a cell.
func (c Confusion) text(canvas draw.Canvas, p *plot.Plot, label, predicted int, s string, front color.Color) {
	toX, toY := p.Transforms(&canvas)
	t := p.X.Tick.Label
	style(&t, 11, false)
	t.Color = front
	t.XAlign, t.YAlign = draw.XCenter, draw.YCenter
	descent := t.FontExtents().Descent // by which the names on the axis are higher, too
	canvas.FillText(t, vg.Point{X: toX(float64(predicted)), Y: toY(c.row(label)) + descent}, s)
}
