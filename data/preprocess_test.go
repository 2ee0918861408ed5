package data_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/color/palette"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
)

var inf, nan = float32(math.Inf(1)), float32(math.NaN())

// plain hides all methods of an image but those of image.Image.
type plain struct{ image.Image }

// noise fills memory.
func noise(b []uint8, seed uint64) {
	r := layer.Stream(seed, "noise", 0)
	for i := range b {
		b[i] = uint8(r.Uint64())
	}
}

// images returns an image of every kind that the standard library has, with
// random colours.
func images(b image.Rectangle) map[string]image.Image {
	gray, gray16 := image.NewGray(b), image.NewGray16(b)
	rgba64, nrgba, nrgba64 := image.NewRGBA64(b), image.NewNRGBA(b), image.NewNRGBA64(b)
	cmyk, paletted, alpha := image.NewCMYK(b), image.NewPaletted(b, append(palette.WebSafe, color.Transparent)), image.NewAlpha(b)
	chroma := b.Sub(b.Min) // those of NewYCbCr lie outside the image left of the origin
	ycbcr, nycbcra := image.NewYCbCr(chroma, image.YCbCrSubsampleRatio420), image.NewNYCbCrA(chroma, image.YCbCrSubsampleRatio422)
	for i, pix := range [][]uint8{gray.Pix, gray16.Pix, nrgba.Pix, nrgba64.Pix, cmyk.Pix, alpha.Pix, ycbcr.Y, ycbcr.Cb, ycbcr.Cr, nycbcra.Y, nycbcra.Cb, nycbcra.Cr, nycbcra.A, paletted.Pix} {
		noise(pix, uint64(i))
	}
	for i := range paletted.Pix {
		paletted.Pix[i] %= uint8(len(paletted.Palette))
	}
	rgba := image.NewRGBA(b)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			rgba.Set(x, y, nrgba.At(x, y)) // premultiplied
			rgba64.Set(x, y, nrgba64.At(x, y))
		}
	}
	return map[string]image.Image{
		"gray": gray, "gray16": gray16, "rgba": rgba, "rgba64": rgba64, "nrgba": nrgba, "nrgba64": nrgba64,
		"cmyk": cmyk, "paletted": paletted, "alpha": alpha, "ycbcr": ycbcr, "nycbcra": nycbcra,
	}
}

func apply(t testing.TB, p data.Preprocess, img image.Image) []float32 {
	t.Helper()
	x := make([]float32, p.Shape().Len())
	for i := range x {
		x[i] = float32(math.NaN())
	}
	if err := p.Apply(x, img); err != nil {
		t.Fatal(err)
	}
	return x
}

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

// TestApplyTypes wants the same bits from an image and from its method At
// alone, and from the same pixels elsewhere in the plane or in a larger image.
func TestApplyTypes(t *testing.T) {
	for _, channels := range []int{1, 3} {
		p := data.Preprocess{Rows: 9, Cols: 12, Channels: channels}
		for name, img := range images(image.Rect(-7, -9, 16, 11)) {
			want := apply(t, p, plain{img})
			if got := apply(t, p, img); !slices.Equal(got, want) {
				t.Errorf("%s, %d channels: other bits than by At", name, channels)
			}
			sub := img.(interface {
				SubImage(image.Rectangle) image.Image
			}).SubImage(image.Rect(5, 6, 16, 17).Add(img.Bounds().Min))
			if got := apply(t, p, sub); !slices.Equal(got, apply(t, p, plain{sub})) {
				t.Errorf("%s, %d channels: part of an image: other bits than by At", name, channels)
			}
			if name != "alpha" && slices.Equal(want, apply(t, p, sub)) { // alpha alone is white on white
				t.Errorf("%s: a part looks like the whole: has the test gone blind?", name)
			}
		}
	}
}

// TestApplyDigit wants of digits saved as PNG the very input that package mnist
// makes of them.
func TestApplyDigit(t *testing.T) {
	set := fewdigits.Slice(t, 0, 10_000)
	padded, err := set.Pad(32, 32)
	if err != nil {
		t.Fatal(err)
	}
	p := data.Preprocess{Rows: 28, Cols: 28, Channels: 1, Padding: 2}
	want := make([]float32, 32*32)
	for i := range 50 {
		if err := padded.Examples(mnist.Unit).Read(want, nil, []int{i}); err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := png.Encode(&file, &image.Gray{Pix: set.Image(i), Stride: 28, Rect: image.Rect(0, 0, 28, 28)}); err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		if got := apply(t, p, img); !slices.Equal(got, want) {
			t.Fatalf("digit %d differs", i)
		}
		p.Invert = data.Auto // white on black stays
		if got := apply(t, p, img); !slices.Equal(got, want) {
			t.Fatalf("digit %d, Auto: differs", i)
		}
		for j := range set.Image(i) {
			img.(*image.Gray).Pix[j] ^= 255 // ink on paper
		}
		if got := apply(t, p, img); !slices.Equal(got, want) {
			t.Fatalf("digit %d as ink on paper, Auto: differs", i)
		}
		p.Invert = data.Always
		if got := apply(t, p, img); !slices.Equal(got, want) {
			t.Fatalf("digit %d as ink on paper, Always: differs", i)
		}
		p.Invert = data.Never
	}
}

// TestApplyRoundsHalfToEven averages two bytes whose mean is a half.
func TestApplyRoundsHalfToEven(t *testing.T) {
	p := data.Preprocess{Rows: 1, Cols: 1, Channels: 1, Scale: data.Raw}
	for pair, want := range map[[2]uint8]float32{{0, 1}: 0, {1, 2}: 2, {2, 3}: 2, {254, 255}: 254} {
		img := &image.Gray{Pix: pair[:], Stride: 2, Rect: image.Rect(0, 0, 2, 1)}
		if got := apply(t, p, img)[0]; got != want {
			t.Errorf("mean of %v: have %v, want %v", pair, got, want)
		}
	}
}

// uniform returns an image of one grey.
func uniform(width, height int, y uint8) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = y
	}
	return img
}

// picture prints values as one digit each.
func picture(x []float32, cols int) (s string) {
	for row := range slices.Chunk(x, cols) {
		for _, v := range row {
			s += fmt.Sprint(v)
		}
		s += " "
	}
	return s
}

// TestApplyLetterbox looks at where the image lies.
func TestApplyLetterbox(t *testing.T) {
	for _, c := range []struct {
		width, height int
		want          string
	}{
		{4, 4, "000000 011110 011110 011110 011110 000000 "},
		{8, 4, "000000 000000 011110 011110 000000 000000 "},
		{4, 8, "000000 001100 001100 001100 001100 000000 "},
		{4, 3, "000000 011110 011110 011110 000000 000000 "}, // the odd row at the bottom
		{3, 4, "000000 011100 011100 011100 011100 000000 "},
		{900, 1, "000000 000000 011110 000000 000000 000000 "}, // at least one row
		{1, 900, "000000 001000 001000 001000 001000 000000 "},
		{1, 1, "000000 011110 011110 011110 011110 000000 "},
	} {
		p := data.Preprocess{Rows: 4, Cols: 4, Channels: 1, Padding: 1, Fit: data.Letterbox, Scale: data.Raw}
		if got := picture(apply(t, p, uniform(c.width, c.height, 1)), 6); got != c.want {
			t.Errorf("%dx%d: have %s, want %s", c.width, c.height, got, c.want)
		}
		p.Invert = data.Always // does not touch what lies around
		if got := picture(apply(t, p, uniform(c.width, c.height, 254)), 6); got != c.want {
			t.Errorf("%dx%d inverted: have %s, want %s", c.width, c.height, got, c.want)
		}
	}
}

// TestApplyLightBorder wants Auto to look at all four sides of the border and
// at nothing else.
func TestApplyLightBorder(t *testing.T) {
	p := data.Preprocess{Rows: 4, Cols: 5, Channels: 1, Padding: 1, Invert: data.Auto, Scale: data.Raw}
	for _, dark := range []uint8{0, 255} {
		img := uniform(5, 4, dark)
		for _, inner := range []image.Point{{1, 1}, {2, 1}, {3, 1}, {1, 2}, {2, 2}, {3, 2}} {
			img.SetGray(inner.X, inner.Y, color.Gray{Y: 255 - dark})
		}
		if got := apply(t, p, img); got[7+1] != 0 || got[2*7+2] != 255 {
			t.Errorf("border %d: have corner %v and centre %v, want 0 and 255", dark, got[7+1], got[2*7+2])
		}
	}
	// 14 pixels of border: from half of them on white counts.
	border := []image.Point{{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {0, 1}, {4, 1}, {0, 2}, {4, 2}, {0, 3}, {1, 3}, {2, 3}, {3, 3}, {4, 3}}
	for n := range border {
		img := uniform(5, 4, 0)
		for _, at := range border[n:] {
			img.SetGray(at.X, at.Y, color.Gray{Y: 255})
		}
		got, want := apply(t, p, img)[2*7+2], float32(0)
		if len(border)-n > 7 {
			want = 255
		}
		if got != want {
			t.Errorf("%d of %d border pixels are white: centre %v, want %v", len(border)-n, len(border), got, want)
		}
	}
	for _, size := range [][2]int{{1, 1}, {1, 5}, {5, 1}, {2, 2}} {
		p := data.Preprocess{Rows: size[0], Cols: size[1], Channels: 3, Invert: data.Auto}
		if got := apply(t, p, uniform(3, 3, 255)); slices.Max(got) != 0 {
			t.Errorf("white %v: have %v, want all 0", size, got)
		}
	}
}

// TestApplyNormal wants Scale, Mean and Std of each channel, the padding
// included, in that order.
func TestApplyNormal(t *testing.T) {
	p := data.Preprocess{Rows: 1, Cols: 1, Channels: 3, Padding: 1, Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225}}
	img := image.NewRGBA(image.Rect(0, 0, 1, 1))
	img.SetRGBA(0, 0, color.RGBA{R: 10, G: 20, B: 30, A: 255})
	got := apply(t, p, img)
	for c, b := range []float32{10, 20, 30} {
		if want := (b/255 - p.Mean[c]) / p.Std[c]; got[9*c+4] != want {
			t.Errorf("channel %d: have %v, want %v", c, got[9*c+4], want)
		}
		if want := (0 - p.Mean[c]) / p.Std[c]; got[9*c] != want {
			t.Errorf("channel %d, padding: have %v, want %v", c, got[9*c], want)
		}
	}
	p = data.Preprocess{Rows: 1, Cols: 1, Channels: 1, Scale: data.Raw, Mean: [3]float32{4}}
	if got := apply(t, p, uniform(1, 1, 7))[0]; got != 3 {
		t.Errorf("raw 7 less 4: have %v", got)
	}
}

// TestApplyTransparent wants white behind an image, also where a colour claims
// more than its alpha allows.
func TestApplyTransparent(t *testing.T) {
	p := data.Preprocess{Rows: 1, Cols: 1, Channels: 3, Scale: data.Raw}
	for _, c := range []struct {
		pixel color.NRGBA
		want  []float32
	}{
		{color.NRGBA{}, []float32{255, 255, 255}},
		{color.NRGBA{R: 255, A: 0}, []float32{255, 255, 255}},
		{color.NRGBA{R: 255, A: 255}, []float32{255, 0, 0}},
		{color.NRGBA{A: 51}, []float32{204, 204, 204}},
	} {
		img := image.NewNRGBA(image.Rect(0, 0, 1, 1))
		img.SetNRGBA(0, 0, c.pixel)
		if got := apply(t, p, img); !slices.Equal(got, c.want) {
			t.Errorf("%v: have %v, want %v", c.pixel, got, c.want)
		}
	}
	impossible := &image.RGBA{Pix: []uint8{255, 200, 0, 100}, Stride: 4, Rect: image.Rect(0, 0, 1, 1)}
	if got := apply(t, p, impossible); !slices.Equal(got, []float32{255, 255, 155}) {
		t.Errorf("more colour than alpha: have %v", got)
	}
}

func TestApplyErrors(t *testing.T) {
	good := data.Preprocess{Rows: 2, Cols: 2, Channels: 1}
	bounds := func(r image.Rectangle) image.Image { return &image.Gray{Rect: r} }
	for name, c := range map[string]struct {
		p    data.Preprocess
		n    int
		img  image.Image
		want error
	}{
		"nil image":      {good, 4, nil, data.ErrImage},
		"no pixels":      {good, 4, bounds(image.Rectangle{}), data.ErrImage},
		"no rows":        {good, 4, bounds(image.Rectangle{Max: image.Point{X: 9}}), data.ErrImage},
		"turned around":  {good, 4, bounds(image.Rectangle{Min: image.Pt(5, 5), Max: image.Pt(1, 1)}), data.ErrImage},
		"endless":        {good, 4, image.NewUniform(color.White), data.ErrImage},
		"all integers":   {good, 4, bounds(image.Rectangle{Min: image.Pt(math.MinInt, math.MinInt), Max: image.Pt(math.MaxInt, math.MaxInt)}), data.ErrImage},
		"product is 0":   {good, 4, bounds(image.Rect(0, 0, math.MaxInt/2+1, math.MaxInt/2+1)), data.ErrImage},
		"wide":           {good, 4, bounds(image.Rect(0, 0, data.MaxImageSide+1, 1)), data.ErrImage},
		"high":           {good, 4, bounds(image.Rect(0, 0, 1, data.MaxImageSide+1)), data.ErrImage},
		"many pixels":    {good, 4, bounds(image.Rect(0, 0, data.MaxImageSide, data.MaxPixels/data.MaxImageSide+1)), data.ErrImage},
		"short dst":      {good, 3, uniform(2, 2, 9), layer.ErrShape},
		"long dst":       {good, 5, uniform(2, 2, 9), layer.ErrShape},
		"no destination": {good, 0, uniform(2, 2, 9), layer.ErrShape},
		"unusable":       {data.Preprocess{}, 4, uniform(2, 2, 9), layer.ErrOption},
	} {
		x := slices.Repeat([]float32{7}, c.n)
		if err := c.p.Apply(x, c.img); !errors.Is(err, c.want) {
			t.Errorf("%s: have error %v, want %v", name, err, c.want)
		}
		if !slices.Equal(x, slices.Repeat([]float32{7}, c.n)) {
			t.Errorf("%s: dst was written to", name)
		}
	}
}

// TestApplyLargest reads images at the limits, whose pixels cost nothing.
func TestApplyLargest(t *testing.T) {
	if testing.Short() {
		t.Skip("long lines")
	}
	p := data.Preprocess{Rows: 3, Cols: 3, Channels: 1, Scale: data.Raw}
	for _, b := range []image.Rectangle{image.Rect(0, 0, data.MaxImageSide, 2), image.Rect(0, 0, 2, data.MaxImageSide)} {
		img := &endless{b}
		if got := apply(t, p, img); slices.Min(got) != 200 || slices.Max(got) != 200 {
			t.Errorf("%v: have %v, want 200", b, got)
		}
	}
	p.Rows, p.Cols = data.MaxSide, 1
	if got := apply(t, p, &endless{image.Rect(0, 0, 1, 1)}); slices.Min(got) != 200 || slices.Max(got) != 200 {
		t.Errorf("one pixel, enlarged: have %v to %v, want 200", slices.Min(got), slices.Max(got))
	}
}

// endless is grey 200 without memory.
type endless struct{ bounds image.Rectangle }

func (e *endless) ColorModel() color.Model { return color.GrayModel }
func (e *endless) Bounds() image.Rectangle { return e.bounds }
func (e *endless) At(x, y int) color.Color { return color.Gray{Y: 200} }
func (e *endless) RGBA64At(x, y int) (c color.RGBA64) {
	return color.RGBA64{51400, 51400, 51400, 65535}
}

// panicking panics in the middle.
type panicking struct{ image.Image }

func (p panicking) At(x, y int) color.Color {
	if y == 5 {
		panic("no such pixel")
	}
	return p.Image.At(x, y)
}

// TestApplyPanics wants the panic of an image on, and the next image to be none
// the worse.
func TestApplyPanics(t *testing.T) {
	p := data.Preprocess{Rows: 8, Cols: 8, Channels: 1}
	img := images(image.Rect(0, 0, 9, 9))["gray"]
	want := apply(t, p, img)
	func() {
		defer func() {
			if r := recover(); r != "no such pixel" {
				t.Errorf("have panic %v", r)
			}
		}()
		p.Apply(make([]float32, 64), panicking{img})
	}()
	if !slices.Equal(apply(t, p, img), want) {
		t.Error("other bits after a panic")
	}
}

func TestApplyAllocates(t *testing.T) {
	for _, channels := range []int{1, 3} {
		p := data.Preprocess{Rows: 16, Cols: 16, Channels: channels, Padding: 2, Fit: data.Letterbox, Invert: data.Auto}
		x := make([]float32, p.Shape().Len())
		for name, img := range images(image.Rect(0, 0, 40, 30)) {
			if n := testing.AllocsPerRun(10, func() { p.Apply(x, img) }); n != 0 && !testkit.Race {
				t.Errorf("%s, %d channels: %v allocations", name, channels, n)
			}
		}
	}
}

func TestApplyConcurrent(t *testing.T) {
	all := images(image.Rect(0, 0, 30, 20))
	p := data.Preprocess{Rows: 8, Cols: 40, Channels: 3}
	var wg sync.WaitGroup
	for _, img := range all {
		want := apply(t, p, plain{img})
		for range 2 {
			wg.Go(func() {
				for range 20 {
					x := make([]float32, p.Shape().Len())
					if err := p.Apply(x, img); err != nil || !slices.Equal(x, want) {
						t.Errorf("%T: other bits beside other goroutines, error %v", img, err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
}

// TestApplyBits holds the bits on every machine.
func TestApplyBits(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 61, 47))
	noise(img.Pix, 1)
	h := fnv.New64a()
	for _, p := range []data.Preprocess{
		{Rows: 28, Cols: 28, Channels: 1, Padding: 2, Invert: data.Auto},
		{Rows: 100, Cols: 90, Channels: 3, Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225}},
		{Rows: 30, Cols: 80, Channels: 1, Fit: data.Letterbox, Scale: data.Raw},
		{Rows: 30, Cols: 80, Channels: 3, Mean: [3]float32{0.1, 0.2, 0.3}},
	} {
		for _, v := range apply(t, p, img) {
			bits := math.Float32bits(v)
			h.Write([]byte{byte(bits), byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)})
		}
	}
	if got, want := h.Sum64(), uint64(0xb982ec88879131ab); got != want {
		t.Errorf("hash %#x, want %#x", got, want)
	}
}

func TestPreprocessCheck(t *testing.T) {
	good := data.Preprocess{Rows: 28, Cols: 20, Channels: 3, Padding: 2, Std: [3]float32{1, 2, 3}}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	if got, want := good.Shape(), layer.Image(3, 32, 24); got != want {
		t.Errorf("shape %v, want %v", got, want)
	}
	for name, change := range map[string]func(*data.Preprocess){
		"no rows":            func(p *data.Preprocess) { p.Rows = 0 },
		"negative columns":   func(p *data.Preprocess) { p.Cols = -28 },
		"no channels":        func(p *data.Preprocess) { p.Channels = 0 },
		"two channels":       func(p *data.Preprocess) { p.Channels = 2 },
		"negative padding":   func(p *data.Preprocess) { p.Padding = -1 },
		"many rows":          func(p *data.Preprocess) { p.Rows = data.MaxSide - 3 },
		"many columns":       func(p *data.Preprocess) { p.Cols = data.MaxSide + 1 },
		"much padding":       func(p *data.Preprocess) { p.Padding = math.MaxInt },
		"half padding":       func(p *data.Preprocess) { p.Padding = data.MaxSide / 2 },
		"fit":                func(p *data.Preprocess) { p.Fit = 2 },
		"invert":             func(p *data.Preprocess) { p.Invert = -1 },
		"scale":              func(p *data.Preprocess) { p.Scale = 2 },
		"mean NaN":           func(p *data.Preprocess) { p.Mean[1] = nan },
		"mean infinite":      func(p *data.Preprocess) { p.Mean[0] = inf },
		"std NaN":            func(p *data.Preprocess) { p.Std[2] = nan },
		"std infinite":       func(p *data.Preprocess) { p.Std[2] = inf; p.Mean[2] = inf },
		"std negative":       func(p *data.Preprocess) { p.Std[2] = -1 },
		"std of one channel": func(p *data.Preprocess) { p.Std = [3]float32{1, 0, 1} },
		"std vanishes":       func(p *data.Preprocess) { p.Std[0] = math.SmallestNonzeroFloat32 },
		"mean of no channel": func(p *data.Preprocess) { p.Channels = 1; p.Std = [3]float32{}; p.Mean[1] = 1 },
		"std of no channel":  func(p *data.Preprocess) { p.Channels = 1 },
	} {
		p := good
		change(&p)
		if err := p.Check(); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%s: have %v, want ErrOption", name, err)
		}
	}
}

// TestPreprocessZero wants the zero value to be refused wherever it is taken, with
// nothing written, and to have a shape that is none.
func TestPreprocessZero(t *testing.T) {
	var zero data.Preprocess
	img := uniform(2, 2, 9)
	if err := zero.Shape().Check(); !errors.Is(err, layer.ErrShape) {
		t.Errorf("shape %v: have %v, want ErrShape", zero.Shape(), err)
	}
	wantError(t, "Check", zero.Check(), layer.ErrOption, "Channels 1 or 3, have 0")
	for _, dst := range [][]float32{nil, {7, 7, 7, 7}} {
		wantError(t, "Apply", zero.Apply(dst, img), layer.ErrOption, "Channels")
		if dst != nil && slices.Min(dst) != 7 {
			t.Errorf("Apply has written %v", dst)
		}
	}
	_, err := data.FromImages([]image.Image{img}, []int{0}, zero)
	wantError(t, "FromImages", err, layer.ErrOption, "Channels")
	var last error
	for _, err := range data.StreamIDX(strings.NewReader(""), nil, zero) {
		last = err
	}
	wantError(t, "StreamIDX", last, layer.ErrOption, "Channels")
	zero.Channels = 1
	wantError(t, "no Rows", zero.Check(), layer.ErrOption, "Rows and Cols", "have 0x0")
}

// TestPreprocessJSON wants every value back that is usable, and names for what
// is not a number.
func TestPreprocessJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		p := data.Preprocess{
			Rows: 1 + r.IntN(99), Cols: 1 + r.IntN(99), Channels: 1, Padding: r.IntN(3),
			Fit: data.Fit(r.IntN(2)), Invert: data.Invert(r.IntN(3)), Scale: data.Scale(r.IntN(2)),
			Mean: [3]float32{r.Float32()}, Std: [3]float32{r.Float32() + 1e-9},
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back data.Preprocess
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if back != p || back.Check() != nil {
			t.Fatalf("%+v became %s and %+v", p, text, back)
		}
	}
	for _, text := range []string{`{"Fit":"crop"}`, `{"Invert":"maybe"}`, `{"Scale":"half"}`} {
		if err := json.Unmarshal([]byte(text), new(data.Preprocess)); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%s: have %v, want ErrOption", text, err)
		}
	}
	for _, p := range []data.Preprocess{{Fit: 9}, {Invert: 9}, {Scale: -1}} {
		if text, err := json.Marshal(p); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%+v: have %s, %v, want ErrOption", p, text, err)
		}
	}
	if got := fmt.Sprint(data.Auto, data.Letterbox, data.Raw, data.Scale(7)); got != "auto letterbox raw Scale(7)" {
		t.Error(got)
	}
}
