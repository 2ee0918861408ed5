package mnist

import "errors"

// Errors returned by this package wrap one of these values, to be tested for
// with [errors.Is], unless they only pass on what a reader, a file system or
// the go command reported.
var (
	// ErrFormat says that data is not one whole IDX stream of unsigned bytes:
	// another magic number, a zero size, data missing, data left over, or a
	// corrupt gzip stream around it; or, to [Load], that a label is no digit.
	ErrFormat = errors.New("invalid IDX data")

	// ErrTooLarge says that a size is beyond [MaxSide] or [MaxBytes].
	ErrTooLarge = errors.New("too large")

	// ErrShape says that sizes do not fit together, such as the numbers of
	// images and labels, or are not positive.
	ErrShape = errors.New("wrong shape")

	// ErrIndex says that an image index or range lies outside the set.
	ErrIndex = errors.New("index out of range")

	// ErrScale says that a [Scale] is none of the constants.
	ErrScale = errors.New("unknown scale")

	// ErrChecksum says that a file is not the published one.
	ErrChecksum = errors.New("checksum mismatch")
)
