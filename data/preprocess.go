package data

import (
	"fmt"
	"image"
	"math"

	"github.com/simdlanes/lanes/layer"
)

const (
	// MaxSide is the largest number of rows or columns that an image is brought
	// to, its padding included.
	MaxSide = 4096

	// MaxImageSide is the largest number of rows or columns of an image that is
	// read.
	MaxImageSide = 1 << 16

	// MaxPixels is the largest number of pixels of an image that is read.
	MaxPixels = 1 << 28
)

// Preprocess says how an image of any size and colour model becomes the input
// of a network. It is plain data, comparable with ==, and marshals as JSON.
//
// The zero value says nothing: Rows, Cols and Channels have no default, and whatever
// takes a Preprocess refuses it with an error that wraps layer.ErrOption. Only the
// Input of a model.Model may be zero; such a model is kept, but takes no images.
//
// In this order, the image
//
//   - is laid over white where it is transparent, and becomes bytes: grey by the
//     weights of [color.GrayModel], or red, green and blue;
//   - is scaled to Rows by Cols as Fit says: by the exact average over the area of
//     each new pixel along an axis that shrinks, by bilinear interpolation along
//     one that grows, both rounded once, a half to the even byte;
//   - is inverted, byte b to 255-b, if Invert says so;
//   - gets Padding, bytes of 0, on all sides, as where Letterbox leaves room; an
//     odd pixel goes to the bottom or the right;
//   - becomes float32 v by Scale, and then (v-Mean)/Std.
//
// So a grey image of Rows by Cols keeps its bytes, and a digit of MNIST that was
// saved as PNG gives the input that package mnist makes of it:
//
//	data.Preprocess{Rows: 28, Cols: 28, Channels: 1, Padding: 2}
//
// The orientation that a camera stores beside its pixels is not applied. Of more
// than eight bits a channel, the upper eight count.
type Preprocess struct {
	Rows, Cols int    // size that the image is scaled to, 1 to MaxSide
	Channels   int    // 1, grey, or 3: red, green and blue
	Padding    int    `json:",omitzero"` // pixels around that on each side
	Fit        Fit    // default Stretch
	Invert     Invert // default Never
	Scale      Scale  // default Unit

	// Mean and Std, in units of Scale, normalise the channels. Elements beyond
	// Channels must be zero. A zero Std stands for 1 in all channels; otherwise
	// that of each channel must be positive.
	Mean, Std [3]float32 `json:",omitzero"`
}

// Shape is the shape of an image after [Preprocess.Apply]: Channels by Rows and
// Cols with twice the Padding.
func (p Preprocess) Shape() layer.Shape {
	return layer.Image(p.Channels, p.Rows+2*p.Padding, p.Cols+2*p.Padding)
}

// Check returns an error that wraps layer.ErrOption unless p is usable.
func (p Preprocess) Check() error {
	if err := p.check(); err != nil {
		return fmt.Errorf("data: preprocess: %w", err)
	}
	return nil
}

func (p Preprocess) check() error {
	if p.Channels != 1 && p.Channels != 3 {
		return fmt.Errorf("%w: want Channels 1 or 3, have %d", layer.ErrOption, p.Channels)
	}
	if p.Padding < 0 || p.Padding > MaxSide {
		return fmt.Errorf("%w: want Padding 0 to %d, have %d", layer.ErrOption, MaxSide, p.Padding)
	}
	if most := MaxSide - 2*p.Padding; p.Rows < 1 || p.Cols < 1 || p.Rows > most || p.Cols > most {
		return fmt.Errorf("%w: want Rows and Cols of 1 to %d with the Padding, have %dx%d and Padding %d",
			layer.ErrOption, MaxSide, p.Rows, p.Cols, p.Padding)
	}
	if err := checkName("Fit", int(p.Fit), fitNames); err != nil {
		return err
	}
	if err := checkName("Invert", int(p.Invert), invertNames); err != nil {
		return err
	}
	if err := checkName("Scale", int(p.Scale), scaleNames); err != nil {
		return err
	}
	return p.checkNormal()
}

// checkNormal checks Mean and Std: what they make of the smallest and the
// largest byte must be finite.
func (p Preprocess) checkNormal() error {
	for c := range p.Mean {
		if c >= p.Channels && (p.Mean[c] != 0 || p.Std[c] != 0) {
			return fmt.Errorf("%w: want Mean and Std for %d channels, have %v and %v", layer.ErrOption, p.Channels, p.Mean, p.Std)
		}
		if c < p.Channels && p.Std != [3]float32{} && !(p.Std[c] > 0) {
			return fmt.Errorf("%w: want a positive Std for each of %d channels or none, have %v", layer.ErrOption, p.Channels, p.Std)
		}
		if c < p.Channels && (!isFinite(p.value(c, 0)) || !isFinite(p.value(c, 255))) {
			return fmt.Errorf("%w: Mean %v and Std %v of channel %d give values that are not finite", layer.ErrOption, p.Mean[c], p.Std[c], c)
		}
	}
	return nil
}

func isFinite(v float32) bool { return v-v == 0 }

// value returns what a byte of channel c becomes.
func (p *Preprocess) value(c int, b float32) float32 {
	if p.Scale == Unit {
		b /= 255
	}
	b -= p.Mean[c]
	if p.Std[c] != 0 {
		b /= p.Std[c]
	}
	return b
}

// Apply writes the input that img becomes to dst, Shape().Len() values in NCHW
// order. The bits are the same on every machine. Apply does not allocate for the
// image types of the standard library.
//
// The error wraps layer.ErrOption if p is not usable, layer.ErrShape if dst has
// another length, and [ErrImage] if img is nil, has no pixels, a side above
// [MaxImageSide], or more than [MaxPixels]. Nothing is written then. If a method
// of img panics, so does Apply.
func (p Preprocess) Apply(dst []float32, img image.Image) error {
	if err := p.apply(dst, img); err != nil {
		return fmt.Errorf("data: preprocess: %w", err)
	}
	return nil
}

func (p *Preprocess) apply(dst []float32, img image.Image) error {
	if err := p.checkApply(dst, img); err != nil {
		return err
	}
	bounds := img.Bounds()
	shape := p.Shape()
	rows, cols := p.content(bounds.Dy(), bounds.Dx())
	top, left := p.Padding+(p.Rows-rows)/2, p.Padding+(p.Cols-cols)/2
	clear(dst)
	r := getResampler(img, p.Channels, rows, cols)
	defer r.put()
	for row := range rows {
		r.row(row, dst[(top+row)*shape.W+left:], shape.H*shape.W)
	}
	content := window{x: dst, shape: shape, top: top, left: left, rows: rows, cols: cols}
	if p.Invert == Always || p.Invert == Auto && content.lightBorder() {
		content.invert()
	}
	for c := range p.Channels {
		plane := dst[c*shape.H*shape.W:][:shape.H*shape.W]
		for i, b := range plane {
			plane[i] = p.value(c, b)
		}
	}
	return nil
}

func (p *Preprocess) checkApply(dst []float32, img image.Image) error {
	if err := p.check(); err != nil {
		return err
	}
	if n := p.Shape().Len(); len(dst) != n {
		return fmt.Errorf("%w: want room for %d elements (%v), have %d", layer.ErrShape, n, p.Shape(), len(dst))
	}
	return checkImage(img)
}

func checkImage(img image.Image) error {
	if img == nil {
		return fmt.Errorf("%w: want an image, have nil", ErrImage)
	}
	return checkBounds(img.Bounds())
}

func checkBounds(b image.Rectangle) error {
	if b.Empty() {
		return fmt.Errorf("%w: want at least one pixel, have bounds %v", ErrImage, b)
	}
	// The difference of two ints fits an unsigned one where it overflows an int.
	width, height := uint(b.Max.X)-uint(b.Min.X), uint(b.Max.Y)-uint(b.Min.Y)
	if width > MaxImageSide || height > MaxImageSide || uint64(width)*uint64(height) > MaxPixels {
		return fmt.Errorf("%w: want sides of at most %d pixels and at most %d in all, have %dx%d",
			ErrImage, MaxImageSide, MaxPixels, width, height)
	}
	return nil
}

// content returns the size that an image of height by width is scaled to.
func (p *Preprocess) content(height, width int) (rows, cols int) {
	switch {
	case p.Fit == Stretch:
		return p.Rows, p.Cols
	case width*p.Rows >= height*p.Cols:
		return keepAspect(height, p.Cols, width), p.Cols
	default:
		return p.Rows, keepAspect(width, p.Rows, height)
	}
}

// keepAspect returns side*to/from rounded, a half up, and at least 1.
func keepAspect(side, to, from int) int {
	return max(1, (2*side*to+from)/(2*from))
}

// A window is part of an image, the same in each of its channels.
type window struct {
	x                     []float32
	shape                 layer.Shape
	top, left, rows, cols int
}

// line returns one row of one channel.
func (w *window) line(channel, row int) []float32 {
	at := (channel*w.shape.H+w.top+row)*w.shape.W + w.left
	return w.x[at : at+w.cols]
}

// lightBorder reports whether the outermost pixels, bytes, are above 127.5 on
// average.
func (w *window) lightBorder() bool {
	sum, n := 0, 0
	for c := range w.shape.C {
		for row := range w.rows {
			line := w.line(c, row)
			step := max(1, w.cols-1) // from the first to the last column
			if row == 0 || row == w.rows-1 {
				step = 1
			}
			for col := 0; col < w.cols; col += step {
				sum += int(line[col])
				n++
			}
		}
	}
	return 2*sum > math.MaxUint8*n
}

func (w *window) invert() {
	for c := range w.shape.C {
		for row := range w.rows {
			line := w.line(c, row)
			for col, b := range line {
				line[col] = math.MaxUint8 - b
			}
		}
	}
}
