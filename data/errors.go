package data

import "errors"

// Errors that the functions of this package wrap, beside those of packages net
// and layer and what a reader or a file system reported.
var (
	ErrImage    = errors.New("image is not usable") // no pixels, too many, or a file that is none
	ErrFormat   = errors.New("table is not usable") // a record of another length, a field that is no number
	ErrTooLarge = errors.New("too large")           // beyond one of the limits
)
