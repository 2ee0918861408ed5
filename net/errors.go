package net

import "errors"

// Errors that the functions of this package wrap, beside those of package
// layer.
var (
	ErrLabel  = errors.New("label is not a class")
	ErrData   = errors.New("data is not usable")
	ErrState  = errors.New("state is of another training")
	ErrClosed = errors.New("trainer or predictor is closed")

	// ErrNotFinite: an infinity or NaN where only numbers are of use, as in images
	// and losses.
	ErrNotFinite = errors.New("number is not finite")
)
