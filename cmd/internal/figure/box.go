package figure

import (
	"image"
	"image/color"
	"image/draw"
)

// A Box is a part of a page.
type Box interface {
	Size() image.Point
	Draw(page *image.RGBA, at image.Point)
}

// margin is the empty border of a page, in pixels.
const margin = 40

// Page draws a box on white paper, with a margin.
func Page(b Box) *image.RGBA {
	size := b.Size()
	page := image.NewRGBA(image.Rect(0, 0, size.X+2*margin, size.Y+2*margin))
	fill(page, page.Bounds(), paper)
	b.Draw(page, image.Pt(margin, margin))
	return page
}

func fill(page *image.RGBA, r image.Rectangle, c color.RGBA) {
	draw.Draw(page, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// Pixels is an image whose pixels are squares of Scale by Scale, with a thin
// border.
type Pixels struct {
	Image image.Image
	Scale int
}

// Size implements [Box].
func (p Pixels) Size() image.Point {
	return p.Image.Bounds().Size().Mul(p.Scale).Add(image.Pt(2, 2))
}

// Draw implements [Box].
func (p Pixels) Draw(page *image.RGBA, at image.Point) {
	fill(page, image.Rectangle{at, at.Add(p.Size())}, rule)
	b := p.Image.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			corner := at.Add(image.Pt(1+x*p.Scale, 1+y*p.Scale))
			square := image.Rectangle{corner, corner.Add(image.Pt(p.Scale, p.Scale))}
			fill(page, square, color.RGBAModel.Convert(p.Image.At(b.Min.X+x, b.Min.Y+y)).(color.RGBA))
		}
	}
}

// Column puts boxes below each other, aligned on the left or, if it is Centred, in
// the middle.
type Column struct {
	Gap     int
	Centred bool
	Boxes   []Box
}

// Size implements [Box].
func (c Column) Size() (s image.Point) {
	for i, b := range c.Boxes {
		size := b.Size()
		s.X = max(s.X, size.X)
		s.Y += size.Y
		if i > 0 {
			s.Y += c.Gap
		}
	}
	return s
}

// Draw implements [Box].
func (c Column) Draw(page *image.RGBA, at image.Point) {
	width := c.Size().X
	for _, b := range c.Boxes {
		size := b.Size()
		left := 0
		if c.Centred {
			left = (width - size.X) / 2
		}
		b.Draw(page, at.Add(image.Pt(left, 0)))
		at.Y += size.Y + c.Gap
	}
}

// Grid puts boxes into rows of Cols cells, each row as high and each column as wide
// as its largest box.
type Grid struct {
	Cols, Gap int
	Centred   bool // boxes are in the middle of their cells, not at the top left
	Boxes     []Box
}

// Row is a grid of one row.
func Row(gap int, boxes ...Box) Grid { return Grid{Cols: len(boxes), Gap: gap, Boxes: boxes} }

// Size implements [Box].
func (g Grid) Size() image.Point {
	widths, heights := g.cells()
	return image.Pt(sum(widths, g.Gap), sum(heights, g.Gap))
}

// Draw implements [Box].
func (g Grid) Draw(page *image.RGBA, at image.Point) {
	widths, heights := g.cells()
	for i, b := range g.Boxes {
		col, row := i%g.Cols, i/g.Cols
		corner := at.Add(image.Pt(sum(widths[:col], g.Gap), sum(heights[:row], g.Gap)))
		if col > 0 {
			corner.X += g.Gap
		}
		if row > 0 {
			corner.Y += g.Gap
		}
		if g.Centred {
			corner = corner.Add(image.Pt(widths[col], heights[row]).Sub(b.Size()).Div(2))
		}
		b.Draw(page, corner)
	}
}

// cells are the widths of the columns and the heights of the rows.
func (g Grid) cells() (widths, heights []int) {
	for i, b := range g.Boxes {
		col, row := i%g.Cols, i/g.Cols
		if row == 0 {
			widths = append(widths, 0)
		}
		if col == 0 {
			heights = append(heights, 0)
		}
		size := b.Size()
		widths[col] = max(widths[col], size.X)
		heights[row] = max(heights[row], size.Y)
	}
	return widths, heights
}

// sum adds sizes with a gap between each two.
func sum(sizes []int, gap int) (total int) {
	for i, s := range sizes {
		if i > 0 {
			total += gap
		}
		total += s
	}
	return total
}
