package figure

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

// TestMaps wants the middle of the diverging map white, its ends told apart in
// more than hue where it is signed, and the sequential ones to become darker all
// along.
func TestMaps(t *testing.T) {
	if c := Diverging.Color(0); c != paper {
		t.Errorf("0 is %v, want white", c)
	}
	for _, c := range []struct {
		m    Map
		v    float64
		want color.RGBA
	}{
		{Diverging, 2.0 / 3, orange}, {Diverging, -2.0 / 3, blue},
		{Diverging, 7, Diverging.Color(1)}, {Diverging, math.Inf(-1), Diverging.Color(-1)},
		{Sequential, 0, paper}, {Sequential, -3, paper}, {Ink, 1, color.RGBA{0, 0, 0, 255}},
		{Ink, 0.5, color.RGBA{128, 128, 128, 255}}, {Sequential, math.NaN(), rule},
	} {
		if got := c.m.Color(c.v); got != c.want {
			t.Errorf("%v is %v, want %v", c.v, got, c.want)
		}
	}
	luminance := func(c color.RGBA) float64 {
		return 0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B)
	}
	for _, side := range []struct {
		m    Map
		sign float64
	}{{Sequential, 1}, {Ink, 1}, {Diverging, 1}, {Diverging, -1}} {
		before := 256.0
		for i := range 101 {
			l := luminance(side.m.Color(side.sign * float64(i) / 100))
			if l >= before {
				t.Errorf("%v is no darker than what is nearer to 0", side.sign*float64(i)/100)
			}
			before = l
		}
	}
	if math.Abs(luminance(blue)-luminance(orange)) > 40 || blue == orange {
		t.Error("positive and negative numbers of one size differ in brightness")
	}
}

// TestPixels wants each pixel to be a square of one colour, within a border.
func TestPixels(t *testing.T) {
	m := Matrix{Values: []float32{0, 1, -1, 0.5, 2}, Cols: 2, Map: Diverging, Limit: 2}
	p := Pixels{m, 3}
	if p.Size() != image.Pt(2*3+2, 3*3+2) {
		t.Fatalf("size is %v", p.Size())
	}
	page := Page(p)
	if page.Bounds().Size() != image.Pt(8+2*margin, 11+2*margin) {
		t.Fatalf("the page is %v", page.Bounds())
	}
	for y := range 9 {
		for x := range 6 {
			want := paper
			if i := y/3*2 + x/3; i < len(m.Values) {
				want = Diverging.Color(float64(m.Values[i]) / 2)
			}
			if got := page.RGBAAt(margin+1+x, margin+1+y); got != want {
				t.Errorf("(%d, %d) is %v, want %v", x, y, got, want)
			}
		}
	}
	if page.RGBAAt(margin, margin) != rule || page.RGBAAt(margin-1, margin) != paper {
		t.Error("want a border, and white around it")
	}
}

func TestPhoto(t *testing.T) {
	grey := Photo([]float32{-1, 0, 1, 0}, 1, 2, 2)
	if c := grey.At(0, 0); c != paper {
		t.Errorf("the smallest number is %v", c)
	}
	if c := grey.At(0, 1); c != (color.RGBA{0, 0, 0, 255}) {
		t.Errorf("the largest number is %v", c)
	}
	colours := Photo([]float32{1, 0, 0, 1, 0, 0.2}, 3, 1, 2)
	if c := colours.At(0, 0); c != (color.RGBA{255, 0, 0, 255}) {
		t.Errorf("red is %v", c)
	}
	if c := colours.At(1, 0); c != (color.RGBA{0, 255, 51, 255}) {
		t.Errorf("green with a little blue is %v", c)
	}
	for _, flat := range []image.Image{Photo([]float32{3, 3}, 1, 1, 2), Photo(make([]float32, 6), 3, 1, 2)} {
		flat.At(1, 0) // of no range, it must not divide by it
	}
	if c := Photo([]float32{3, 3}, 1, 1, 2).At(0, 0); c != paper {
		t.Errorf("an empty image is %v", c)
	}
}

// TestOverlay wants large numbers in their colours, and the photo, pale, where
// there are none.
func TestOverlay(t *testing.T) {
	photo := Photo([]float32{0, 1, 1}, 1, 1, 3)
	m := Matrix{Values: []float32{0, 0, -4}, Cols: 3, Map: Diverging, Limit: 4}
	img := Overlay(photo, m)
	if img.At(0, 0) != paper || img.At(1, 0) != mix(paper, color.RGBA{0, 0, 0, 255}, 0.3) || img.At(2, 0) != Diverging.Color(-1) {
		t.Errorf("have %v, %v, %v", img.At(0, 0), img.At(1, 0), img.At(2, 0))
	}
	m.Limit = 0
	if c := Overlay(photo, m).At(0, 0); c != paper {
		t.Errorf("without a gradient: %v", c)
	}
}

func TestLimit(t *testing.T) {
	if got := Limit([]float32{1, -3, float32(math.Inf(1)), float32(math.NaN())}); got != 3 {
		t.Errorf("have %v, want 3", got)
	}
}

// block is a box that remembers where it was drawn.
type block struct {
	size image.Point
	at   *[]image.Point
}

func (b block) Size() image.Point                     { return b.size }
func (b block) Draw(page *image.RGBA, at image.Point) { *b.at = append(*b.at, at) }

func TestLayout(t *testing.T) {
	var at []image.Point
	a, b, c := block{image.Pt(10, 4), &at}, block{image.Pt(2, 8), &at}, block{image.Pt(4, 6), &at}
	for name, want := range map[string]struct {
		box  Box
		size image.Point
		at   []image.Point
	}{
		"column":         {Column{Gap: 3, Boxes: []Box{a, b}}, image.Pt(10, 15), []image.Point{{0, 0}, {0, 7}}},
		"centred column": {Column{Gap: 3, Centred: true, Boxes: []Box{a, b}}, image.Pt(10, 15), []image.Point{{0, 0}, {4, 7}}},
		"row":            {Row(5, a, b, c), image.Pt(26, 8), []image.Point{{0, 0}, {15, 0}, {22, 0}}},
		"grid":           {Grid{Cols: 2, Gap: 1, Boxes: []Box{a, b, c}}, image.Pt(13, 15), []image.Point{{0, 0}, {11, 0}, {0, 9}}},
		"centred grid":   {Grid{Cols: 2, Gap: 1, Centred: true, Boxes: []Box{a, b, c}}, image.Pt(13, 15), []image.Point{{0, 2}, {11, 0}, {3, 9}}},
	} {
		at = nil
		want.box.Draw(nil, image.Point{})
		if got := want.box.Size(); got != want.size || !slices.Equal(at, want.at) {
			t.Errorf("%s: size %v, boxes at %v, want %v, %v", name, got, at, want.size, want.at)
		}
	}
}

// TestText wants text to keep within its box, to fill it, and to be the same each
// time.
func TestText(t *testing.T) {
	for _, text := range []Text{Title("Agp"), Label("1\n22222"), Caption("−0.5")} {
		page := Page(text)
		if again := Page(text); !bytes.Equal(page.Pix, again.Pix) {
			t.Errorf("%q has other pixels each time", text.s)
		}
		inside := 0
		box := image.Rectangle{Max: text.Size()}.Add(image.Pt(margin, margin))
		for y := range page.Bounds().Dy() {
			for x := range page.Bounds().Dx() {
				switch at := image.Pt(x, y); {
				case page.RGBAAt(x, y) == paper:
				case at.In(box):
					inside++
				default:
					t.Errorf("%q has a pixel at %v, outside %v", text.s, at, box)
				}
			}
		}
		if inside == 0 {
			t.Errorf("%q is not to be seen", text.s)
		}
	}
}

func TestLegendAndBars(t *testing.T) {
	for _, box := range []Box{
		Legend{Diverging, 0.5}, Legend{Sequential, 3},
		Bars{Names: []string{"0", "1"}, Shares: []float32{0.25, 2}},
	} {
		if page := Page(box); page.Bounds().Dx() < barWidth || !bytes.Equal(page.Pix, Page(box).Pix) {
			t.Errorf("%T: page of %v", box, page.Bounds())
		}
	}
	page := image.NewRGBA(image.Rect(0, 0, barWidth, barHeight))
	bar(0.25).Draw(page, image.Point{})
	if page.RGBAAt(barWidth/4-1, 3) != blue || page.RGBAAt(barWidth/4, 3) == blue {
		t.Error("a quarter is not a quarter of the bar")
	}
}
