package figure

import (
	"fmt"
	"image"
)

// Bars shows shares from 0 to 1, such as probabilities, each with its name and its
// number.
type Bars struct {
	Names  []string
	Shares []float32
}

const (
	barHeight = 20
	barWidth  = 300
)

// Size implements [Box].
func (b Bars) Size() image.Point { return b.grid().Size() }

// Draw implements [Box].
func (b Bars) Draw(page *image.RGBA, at image.Point) { b.grid().Draw(page, at) }

func (b Bars) grid() Grid {
	g := Grid{Cols: 3, Gap: 8}
	for i, name := range b.Names {
		g.Boxes = append(g.Boxes, Label(name), bar(b.Shares[i]), Label(fmt.Sprintf("%.1f %%", 100*b.Shares[i])))
	}
	return g
}

// bar is one bar.
type bar float32

// Size implements [Box].
func (b bar) Size() image.Point { return image.Pt(barWidth, barHeight) }

// Draw implements [Box].
func (b bar) Draw(page *image.RGBA, at image.Point) {
	share := min(max(float64(b), 0), 1)
	fill(page, image.Rectangle{at, at.Add(image.Pt(barWidth, barHeight))}, mix(paper, rule, 0.3))
	fill(page, image.Rectangle{at, at.Add(image.Pt(int(share*barWidth+0.5), barHeight))}, blue)
}
