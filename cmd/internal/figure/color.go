package figure

import (
	"image/color"
	"math"
)

// The colours of pages and charts. Blue and orange are told apart by all but a
// very few people, whatever their colour vision, and differ in grey too where they
// have to.
var (
	paper  = color.RGBA{255, 255, 255, 255}
	ink    = color.RGBA{32, 36, 44, 255}
	faint  = color.RGBA{110, 116, 126, 255} // of captions
	rule   = color.RGBA{196, 200, 206, 255} // of borders
	blue   = color.RGBA{20, 92, 168, 255}
	orange = color.RGBA{198, 88, 8, 255}
)

// A Map gives a colour to each number: from 0 to 1, or, if it is Signed, from -1
// to 1. What lies beyond gets the colour of the end, and NaN grey.
type Map struct {
	Signed bool
	stops  []color.RGBA // equally far from each other
}

// The colour maps.
var (
	// Diverging is white at 0, blue below and orange above.
	Diverging = Map{Signed: true, stops: []color.RGBA{
		{8, 48, 107, 255}, blue, {140, 186, 226, 255}, paper, {246, 190, 134, 255}, orange, {110, 42, 0, 255}}}

	// Sequential goes from white to dark blue by way of green, darker all along.
	Sequential = Map{stops: []color.RGBA{paper, {196, 228, 212, 255}, {98, 178, 186, 255}, {34, 112, 160, 255}, {10, 38, 88, 255}}}

	// Ink goes from white to black, as a pen does.
	Ink = Map{stops: []color.RGBA{paper, {0, 0, 0, 255}}}
)

// Color is the colour of v.
func (m Map) Color(v float64) color.RGBA {
	if math.IsNaN(v) {
		return rule
	}
	if m.Signed {
		v = (v + 1) / 2
	}
	last := len(m.stops) - 1
	at := min(max(v, 0), 1) * float64(last)
	i := min(int(at), last-1)
	return mix(m.stops[i], m.stops[i+1], at-float64(i))
}

// mix goes a share of the way from one colour to another.
func mix(from, to color.RGBA, share float64) color.RGBA {
	channel := func(a, b uint8) uint8 {
		return uint8(math.Round(float64(a) + float64(share*(float64(b)-float64(a)))))
	}
	return color.RGBA{channel(from.R, to.R), channel(from.G, to.G), channel(from.B, to.B), 255}
}
