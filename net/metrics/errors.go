package metrics

import "errors"

// Errors that the functions of this package wrap.
var (
	ErrLength = errors.New("lengths do not fit")
	ErrClass  = errors.New("label or class is out of range")
	ErrOption = errors.New("option is not usable")
)
