package figure

import (
	"fmt"
	"image"
)

// A Legend shows a colour map, and what numbers its ends stand for.
type Legend struct {
	Map   Map
	Limit float64
}

const (
	legendWidth  = 320
	legendHeight = 18
)

// Size implements [Box].
func (l Legend) Size() image.Point { return l.box().Size() }

// Draw implements [Box].
func (l Legend) Draw(page *image.RGBA, at image.Point) { l.box().Draw(page, at) }

func (l Legend) box() Box {
	low := "0"
	if l.Map.Signed {
		low = number(-l.Limit)
	}
	values := make([]float32, legendWidth)
	for i := range values {
		v := float32(i) / (legendWidth - 1)
		if l.Map.Signed {
			v = 2*v - 1
		}
		values[i] = v
	}
	bar := make([]float32, 0, legendWidth*legendHeight)
	for range legendHeight {
		bar = append(bar, values...)
	}
	row := Row(10, Label(low), Pixels{Matrix{bar, legendWidth, l.Map, 1}, 1}, Label(number(l.Limit)))
	row.Centred = true
	return row
}

// number is a number of a legend, short and with a minus sign, not a hyphen.
func number(v float64) string {
	if v < 0 {
		return "−" + number(-v)
	}
	return fmt.Sprintf("%.2g", v)
}
