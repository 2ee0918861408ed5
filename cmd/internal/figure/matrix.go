package figure

import (
	"image"
	"image/color"
	"math"
)

// A Matrix is an image of numbers, row by row, each of which is divided by Limit
// and gets its colour from Map.
type Matrix struct {
	Values []float32
	Cols   int
	Map    Map
	Limit  float64
}

// ColorModel implements [image.Image].
func (m Matrix) ColorModel() color.Model { return color.RGBAModel }

// Bounds implements [image.Image].
func (m Matrix) Bounds() image.Rectangle {
	return image.Rect(0, 0, m.Cols, (len(m.Values)+m.Cols-1)/m.Cols)
}

// At implements [image.Image]. What the last row lacks is paper.
func (m Matrix) At(x, y int) color.Color {
	i := y*m.Cols + x
	if i >= len(m.Values) {
		return paper
	}
	if m.Limit == 0 {
		return m.Map.Color(0)
	}
	return m.Map.Color(float64(m.Values[i]) / m.Limit)
}

// Limit is the largest absolute value of finite numbers.
func Limit(values []float32) float64 {
	limit := 0.0
	for _, v := range values {
		if a := math.Abs(float64(v)); a <= math.MaxFloat32 {
			limit = max(limit, a)
		}
	}
	return limit
}

// Photo is an image as a network sees it, drawn as ink on paper: its smallest
// number white and its largest black, or, of three channels, in its colours. Of
// any other number of channels it shows the first.
func Photo(values []float32, channels, rows, cols int) image.Image {
	size := rows * cols
	if channels != 3 {
		values = values[:size]
	}
	shifted, limit := shift(values)
	if channels != 3 {
		return Matrix{Values: shifted, Cols: cols, Map: Ink, Limit: limit}
	}
	img := image.NewRGBA(image.Rect(0, 0, cols, rows))
	level := func(v float32) uint8 {
		if limit == 0 {
			return 0
		}
		return uint8(math.Round(float64(v) / limit * 255))
	}
	for i := range size {
		img.SetRGBA(i%cols, i/cols, color.RGBA{level(shifted[i]), level(shifted[size+i]), level(shifted[2*size+i]), 255})
	}
	return img
}

// shift returns values less the smallest of them, and the largest that results.
func shift(values []float32) (shifted []float32, limit float64) {
	low := values[0]
	for _, v := range values {
		low = min(low, v)
	}
	for _, v := range values {
		shifted = append(shifted, v-low)
	}
	return shifted, Limit(shifted)
}

// Overlay lays numbers over a photo: their colours where they are large, a pale
// photo where they are small.
func Overlay(photo image.Image, m Matrix) image.Image {
	bounds := m.Bounds()
	img := image.NewRGBA(bounds)
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			below := mix(paper, color.RGBAModel.Convert(photo.At(x, y)).(color.RGBA), 0.3)
			share := 0.0
			if m.Limit > 0 {
				share = min(1, 2*math.Abs(float64(m.Values[y*m.Cols+x]))/m.Limit)
			}
			img.SetRGBA(x, y, mix(below, color.RGBAModel.Convert(m.At(x, y)).(color.RGBA), share))
		}
	}
	return img
}
