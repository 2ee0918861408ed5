package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

const (
	// MaxFileBytes is the size of the largest image file that is decoded.
	MaxFileBytes = 1 << 28

	// MaxDecodedBytes is the size of the largest image that a file is decoded to:
	// 134 million grey pixels, 45 million of a photo, 17 million of four times 16
	// bits.
	MaxDecodedBytes = 1 << 27
)

// Decode reads an image in any format that the program has registered, by
// importing image/png, image/jpeg and so on, each perhaps for this alone:
//
//	import _ "image/png"
//
// Unlike [image.Decode], it looks at the size that the file claims before there is
// memory for it. The error wraps [ErrImage] and what the format's decoder says if
// the file is no such image; [ErrTooLarge] if it is larger than [MaxFileBytes],
// [MaxImageSide] or [MaxDecodedBytes]; or the error of r.
func Decode(r io.Reader) (image.Image, error) {
	img, err := decode(r)
	if err != nil {
		return nil, fmt.Errorf("data: decode: %w", err)
	}
	return img, nil
}

func decode(r io.Reader) (image.Image, error) {
	file, err := io.ReadAll(io.LimitReader(r, MaxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(file) > MaxFileBytes {
		return nil, fmt.Errorf("%w: file of more than %d bytes", ErrTooLarge, MaxFileBytes)
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(file))
	if errors.Is(err, image.ErrFormat) {
		return nil, fmt.Errorf("%w: %w; is the package of its format imported?", ErrImage, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrImage, format, err)
	}
	pixel := pixelBytes(c.ColorModel)
	if c.Width > MaxImageSide || c.Height > MaxImageSide || int64(c.Width)*int64(c.Height)*pixel > MaxDecodedBytes {
		return nil, fmt.Errorf("%w: want sides of at most %d pixels and at most %d bytes in all, %s has %dx%d pixels of %d bytes",
			ErrTooLarge, MaxImageSide, MaxDecodedBytes, format, c.Width, c.Height, pixel)
	}
	img, format, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrImage, format, err)
	}
	return img, nil
}

// pixelBytes is the size of a pixel of an image that is decoded, at most, as the
// standard library keeps it.
func pixelBytes(m color.Model) int64 {
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	switch m {
	case color.GrayModel, color.AlphaModel:
		return 1
	case color.Gray16Model, color.Alpha16Model:
		return 2
	case color.YCbCrModel:
		return 3
	case color.RGBAModel, color.NRGBAModel, color.CMYKModel, color.NYCbCrAModel:
		return 4
	}
	return 8
}
