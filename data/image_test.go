package data_test

import (
	"image"
	"image/color"
	"image/color/palette"

	"github.com/simdlanes/lanes/layer"
)

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

// uniform returns an image of one grey.
func uniform(width, height int, y uint8) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = y
	}
	return img
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
