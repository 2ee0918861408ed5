package model

import "errors"

// Errors that the functions of this package wrap, beside those of packages layer
// and data, and beside what a reader, a writer or the file system reports.
var (
	// ErrFormat says that what was read is no model file, or not a whole one: cut,
	// continued after its end, or not as docs/format.md says. If it is cut,
	// io.ErrUnexpectedEOF is wrapped, too.
	ErrFormat = errors.New("model file is not valid")

	// ErrVersion says that a file was written by a later version of this package.
	ErrVersion = errors.New("model file's version is not known")

	// ErrChecksum says that a file is not what was written.
	ErrChecksum = errors.New("model file is damaged: its checksum differs")

	// ErrTooLarge says that a file, or the network in it, is beyond [MaxSize] or
	// another limit.
	ErrTooLarge = errors.New("model is too large")

	// ErrKind says that a layer's kind or type is neither one of this module's nor
	// among [Kinds].
	ErrKind = errors.New("kind of layer is not known")

	// ErrNotFinite says that a parameter is NaN or infinite.
	ErrNotFinite = errors.New("parameter is not finite")

	// ErrModel says that the fields of a Model do not fit each other.
	ErrModel = errors.New("model is not usable")
)
