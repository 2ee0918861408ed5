package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
)

const (
	// MaxFileBytes is the size of the largest image file that is decoded.
	MaxFileBytes = 1 << 28

	// MaxFilePixels is the largest number of pixels of an image that is decoded.
	MaxFilePixels = 1 << 26
)

// Decode reads an image in any format that the program has registered, by
// importing image/png, image/jpeg and so on, each perhaps for this alone:
//
//	import _ "image/png"
//
// Unlike [image.Decode], it looks at the size that the file claims before there is
// memory for it. The error wraps [ErrImage] and what the format's decoder says if
// the file is no such image; [ErrTooLarge] if it is larger than [MaxFileBytes],
// [MaxImageSide] or [MaxFilePixels]; or the error of r.
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
	if c.Width > MaxImageSide || c.Height > MaxImageSide || int64(c.Width)*int64(c.Height) > MaxFilePixels {
		return nil, fmt.Errorf("%w: want sides of at most %d pixels and at most %d in all, %s has %dx%d",
			ErrTooLarge, MaxImageSide, MaxFilePixels, format, c.Width, c.Height)
	}
	img, format, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrImage, format, err)
	}
	return img, nil
}
