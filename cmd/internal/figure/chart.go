package figure

import (
	"bytes"
	"image/color"
	"io"

	imagefont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Chart is drawn with lines, and so of any size.
type Chart interface {
	size() (width, height vg.Length)
	draw(c draw.Canvas)
}

const (
	chartMargin = 14 * vg.Length(1) // points
	chartDPI    = 160
)

// WritePNG writes a chart as PNG.
func WritePNG(w io.Writer, c Chart) error {
	width, height := c.size()
	canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(chartDPI))}
	drawChart(c, canvas)
	_, err := canvas.WriteTo(w)
	return err
}

// WriteSVG writes a chart as SVG. Its fonts are named, not included, as they would
// make a megabyte of 30 kilobytes: Liberation Sans, or what has the same widths.
func WriteSVG(w io.Writer, c Chart) error {
	width, height := c.size()
	canvas := vgsvg.NewWith(vgsvg.UseWH(width, height))
	drawChart(c, canvas)
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return err
	}
	const name = "font-family:Liberation Sans"
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte(name+";"), []byte(name+",Arial,Helvetica,sans-serif;")))
	return err
}

func drawChart(c Chart, canvas vg.CanvasSizer) {
	d := draw.New(canvas)
	d.SetColor(paper)
	d.Fill(d.Rectangle.Path())
	c.draw(draw.Crop(d, chartMargin, -chartMargin, chartMargin, -chartMargin))
}

// newPlot returns a plot in the style of the pages.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	style(&p.Title.TextStyle, 15, true)
	p.Title.Padding = 8
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		style(&axis.Label.TextStyle, 12, false)
		style(&axis.Tick.Label, 11, false)
		axis.Label.Padding = 4
		axis.LineStyle.Color = faint
		axis.Tick.LineStyle.Color = faint
	}
	style(&p.Legend.TextStyle, 11, false)
	p.Legend.Padding = 3
	return p
}

func style(t *draw.TextStyle, size vg.Length, bold bool) {
	t.Font.Typeface, t.Font.Variant, t.Font.Size = "Liberation", "Sans", font.Length(size)
	if bold {
		t.Font.Weight = imagefont.WeightBold
	}
	t.Color = ink
}

// line is a line style.
func line(c color.Color, width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: width}
}
