package data

import "errors"

// Errors that the functions of this package wrap, beside those of packages net
// and layer and what a reader or a file system reported.
var (
	ErrImage = errors.New("image is not usable") // no pixels, or too many
)
