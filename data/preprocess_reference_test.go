package data_test

import (
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/internal/testkit"
)

// referenceBytes is the image over white, one number a pixel and channel.
func referenceBytes(img image.Image, channel, channels int) [][]float64 {
	b := img.Bounds()
	rows := make([][]float64, b.Dy())
	for y := range rows {
		for x := range b.Dx() {
			r, g, b, a := img.At(b.Min.X+x, b.Min.Y+y).RGBA()
			c := color.RGBA64{R: uint16(r + 0xffff - a), G: uint16(g + 0xffff - a), B: uint16(b + 0xffff - a), A: 0xffff}
			v := color.GrayModel.Convert(c).(color.Gray).Y
			if channels == 3 {
				rgb := color.RGBAModel.Convert(c).(color.RGBA)
				v = []uint8{rgb.R, rgb.G, rgb.B}[channel]
			}
			rows[y] = append(rows[y], float64(v))
		}
	}
	return rows
}

func transpose(x [][]float64) [][]float64 {
	out := make([][]float64, len(x[0]))
	for j := range out {
		for i := range x {
			out[j] = append(out[j], x[i][j])
		}
	}
	return out
}

// referenceLine scales a line in float64.
func referenceLine(in []float64, n int) []float64 {
	out := make([]float64, n)
	for o := range out {
		ratio := float64(len(in)) / float64(n)
		if n > len(in) {
			at := (float64(o)+0.5)*ratio - 0.5
			at = math.Min(math.Max(at, 0), float64(len(in)-1))
			lo := int(at)
			hi := min(lo+1, len(in)-1)
			out[o] = in[lo] + (at-float64(lo))*(in[hi]-in[lo])
			continue
		}
		for i, v := range in {
			overlap := math.Min(float64(i+1), float64(o+1)*ratio) - math.Max(float64(i), float64(o)*ratio)
			out[o] += v * math.Max(overlap, 0) / ratio
		}
	}
	return out
}

func referenceScaled(in [][]float64, rows, cols int) [][]float64 {
	var wide [][]float64
	for _, line := range in {
		wide = append(wide, referenceLine(line, cols))
	}
	var tall [][]float64
	for _, line := range transpose(wide) {
		tall = append(tall, referenceLine(line, rows))
	}
	return transpose(tall)
}

// TestApplyReference compares with a transcription of the documentation in
// float64: shrinking, growing, both, and neither along each axis.
func TestApplyReference(t *testing.T) {
	if testkit.Race {
		t.Skip("long, and nothing runs beside it")
	}
	compared := 0
	for _, size := range [][4]int{ // height, width, rows, cols
		{1, 1, 1, 1}, {1, 1, 5, 7}, {9, 7, 1, 1}, {8, 8, 8, 8}, {8, 8, 4, 4}, {28, 28, 20, 20}, {20, 20, 28, 28},
		{13, 29, 7, 31}, {31, 6, 30, 7}, {3, 100, 9, 11}, {100, 3, 99, 4}, {2, 2, 3, 3}, {5, 40, 3, 1},
	} {
		b := image.Rect(-3, 5, size[1]-3, size[0]+5)
		for name, img := range images(b) {
			for _, channels := range []int{1, 3} {
				p := data.Preprocess{Rows: size[2], Cols: size[3], Channels: channels, Scale: data.Raw}
				got := apply(t, p, img)
				for c := range channels {
					want := referenceScaled(referenceBytes(img, c, channels), p.Rows, p.Cols)
					for i, w := range slices.Concat(want...) {
						g := float64(got[c*p.Rows*p.Cols+i])
						if !(math.Abs(g-w) <= 0.5+1e-9) || g != math.Trunc(g) {
							t.Fatalf("%s %v, channel %d of %d, pixel %d: have %v, want %v rounded", name, size, c, channels, i, g, w)
						}
						compared++
					}
				}
			}
		}
	}
	if compared < 10000 {
		t.Fatalf("compared only %d pixels", compared)
	}
}
