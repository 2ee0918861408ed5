package data

import (
	"image"
	"image/color"
)

// source reads the rows of an image as bytes.
type source struct {
	img      image.Image
	bounds   image.Rectangle
	channels int
}

// read writes row y, counted from the top, to dst: the bytes of each channel in
// turn. Every type of image gives the bytes that its method At stands for.
func (s *source) read(dst []uint8, y int) {
	x, n := s.bounds.Min.X, s.bounds.Dx()
	y += s.bounds.Min.Y
	switch img := s.img.(type) {
	case *image.Gray:
		s.gray(dst, img.Pix[img.PixOffset(x, y):][:n])
	case *image.RGBA:
		s.rgba(dst, img.Pix[img.PixOffset(x, y):][:4*n])
	case *image.NRGBA:
		s.nrgba(dst, img.Pix[img.PixOffset(x, y):][:4*n])
	case *image.YCbCr:
		for i := range n {
			r, g, b, a := img.YCbCrAt(x+i, y).RGBA()
			s.set(dst, i, r, g, b, a)
		}
	case image.RGBA64Image: // among them the other types of the standard library
		for i := range n {
			r, g, b, a := img.RGBA64At(x+i, y).RGBA()
			s.set(dst, i, r, g, b, a)
		}
	default:
		for i := range n {
			r, g, b, a := img.At(x+i, y).RGBA()
			s.set(dst, i, r, g, b, a)
		}
	}
}

func (s *source) gray(dst, pixels []uint8) {
	for c := range s.channels {
		copy(dst[c*len(pixels):], pixels)
	}
}

func (s *source) rgba(dst, pixels []uint8) {
	for i := range len(pixels) / 4 {
		p := pixels[4*i:][:4]
		r, g, b, a := color.RGBA{R: p[0], G: p[1], B: p[2], A: p[3]}.RGBA()
		s.set(dst, i, r, g, b, a)
	}
}

func (s *source) nrgba(dst, pixels []uint8) {
	for i := range len(pixels) / 4 {
		p := pixels[4*i:][:4]
		r, g, b, a := color.NRGBA{R: p[0], G: p[1], B: p[2], A: p[3]}.RGBA()
		s.set(dst, i, r, g, b, a)
	}
}

// set writes the bytes of pixel i of a row: of a colour of 16 bits a channel,
// premultiplied by a, over white.
func (s *source) set(dst []uint8, i int, r, g, b, a uint32) {
	const white = 0xffff
	behind := white - min(a, white)
	r, g, b = min(r+behind, white), min(g+behind, white), min(b+behind, white)
	if s.channels == 1 {
		dst[i] = grey(r, g, b)
		return
	}
	n := len(dst) / 3
	dst[i], dst[n+i], dst[2*n+i] = uint8(r>>8), uint8(g>>8), uint8(b>>8)
}

// grey is [color.GrayModel] of an opaque colour.
func grey(r, g, b uint32) uint8 {
	return uint8((19595*r + 38470*g + 7471*b + 1<<15) >> 24)
}
