package data_test

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
)

var inf, nan = float32(math.Inf(1)), float32(math.NaN())

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
