package mnist

import (
	"fmt"
	"slices"
)

// Set is a sequence of images of one size, with or without their labels.
//
// The zero Set is empty. A Set may be put together by hand; [Set.Validate]
// says whether its parts fit.
type Set struct {
	// Rows and Cols are the size of an image, each 1 to [MaxSide].
	Rows, Cols int

	// Pixels holds the images one after the other, each Rows*Cols bytes,
	// row-major.
	Pixels []uint8

	// Labels holds the class of each image. It is empty if they are unknown.
	Labels []uint8
}

// Len returns the number of images: the whole ones in Pixels, if the set is
// not valid, and 0 if Rows or Cols is out of bounds.
func (s *Set) Len() int {
	if !validSide(s.Rows) || !validSide(s.Cols) {
		return 0
	}
	return len(s.Pixels) / s.area()
}

// Image returns the pixels of image i, Rows*Cols bytes, row-major. It is part
// of s.Pixels, not a copy. Image returns nil if i is not in [0, s.Len()).
func (s *Set) Image(i int) []uint8 {
	if i < 0 || i >= s.Len() {
		return nil
	}
	end := (i + 1) * s.area()
	return s.Pixels[i*s.area() : end : end]
}

// Slice returns images lo to hi-1 with their labels. They are parts of s, not
// copies. The error wraps [ErrIndex] unless 0 <= lo <= hi <= s.Len(), or
// [ErrShape] or [ErrTooLarge] if s is not valid.
func (s *Set) Slice(lo, hi int) (*Set, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("mnist: slice: %w", err)
	}
	if lo < 0 || lo > hi || hi > s.Len() {
		return nil, fmt.Errorf("mnist: slice: %w: want 0 <= lo <= hi <= %d, got lo %d, hi %d", ErrIndex, s.Len(), lo, hi)
	}
	area := s.area()
	part := &Set{Rows: s.Rows, Cols: s.Cols, Pixels: s.Pixels[lo*area : hi*area : hi*area]}
	if len(s.Labels) > 0 {
		part.Labels = s.Labels[lo:hi:hi]
	}
	return part, nil
}

// Pad returns a copy of s with zeros around each image, which make it rows by
// cols. The image is in the middle: 28 becomes 32 with 2 on each side, and
// where the difference is odd, the bottom or the right has one more.
//
// The error wraps [ErrShape] if the image is larger than that or s is not
// valid, or [ErrTooLarge].
func (s *Set) Pad(rows, cols int) (*Set, error) {
	if rows < s.Rows || cols < s.Cols {
		return nil, fmt.Errorf("mnist: pad: %w: want at least the images' %dx%d, got %dx%d", ErrShape, s.Rows, s.Cols, rows, cols)
	}
	padded, err := s.blank(rows, cols)
	if err != nil {
		return nil, fmt.Errorf("mnist: pad: %w", err)
	}
	top, left := (rows-s.Rows)/2, (cols-s.Cols)/2
	for i := range s.Len() {
		from, to := s.Image(i), padded.Image(i)
		for r := range s.Rows {
			copy(to[(top+r)*cols+left:], from[r*s.Cols:(r+1)*s.Cols])
		}
	}
	return padded, nil
}

// Validate reports whether the parts of s fit: Rows and Cols in 1 to
// [MaxSide], a whole number of images in Pixels, and as many labels as images
// or none. The zero Set is valid. The error wraps [ErrShape] or [ErrTooLarge].
//
// Methods that return an error check this themselves.
func (s *Set) Validate() error {
	if err := s.check(); err != nil {
		return fmt.Errorf("mnist: %w", err)
	}
	return nil
}

func (s *Set) check() error {
	if s.Rows == 0 && s.Cols == 0 && len(s.Pixels) == 0 && len(s.Labels) == 0 {
		return nil
	}
	if err := checkSize(s.Rows, s.Cols); err != nil {
		return err
	}
	if len(s.Pixels)%s.area() != 0 {
		return fmt.Errorf("%w: %d pixels are no whole number of %dx%d images", ErrShape, len(s.Pixels), s.Rows, s.Cols)
	}
	if len(s.Labels) > 0 {
		return s.matchLabels()
	}
	return nil
}

func (s *Set) matchLabels() error {
	if len(s.Labels) != s.Len() {
		return fmt.Errorf("%w: want a label for each of %d images, got %d", ErrShape, s.Len(), len(s.Labels))
	}
	return nil
}

// area is the number of pixels of an image.
func (s *Set) area() int { return s.Rows * s.Cols }

// blank returns as many black images as s has, rows by cols, with a copy of
// its labels.
func (s *Set) blank(rows, cols int) (*Set, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := checkSize(rows, cols); err != nil {
		return nil, err
	}
	if s.Len() > MaxBytes/(rows*cols) {
		return nil, fmt.Errorf("%w: %d images of %dx%d, at most %d bytes are made", ErrTooLarge, s.Len(), rows, cols, MaxBytes)
	}
	return &Set{
		Rows:   rows,
		Cols:   cols,
		Pixels: make([]uint8, s.Len()*rows*cols),
		Labels: slices.Clone(s.Labels),
	}, nil
}

func checkSize(rows, cols int) error {
	if rows < 1 || cols < 1 {
		return fmt.Errorf("%w: want at least 1 row and 1 column, got %dx%d", ErrShape, rows, cols)
	}
	if rows > MaxSide || cols > MaxSide {
		return fmt.Errorf("%w: want at most %d rows and columns, got %dx%d", ErrTooLarge, MaxSide, rows, cols)
	}
	return nil
}

func validSide(n int) bool { return n >= 1 && n <= MaxSide }
