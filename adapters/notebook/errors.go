package notebook

import "errors"

// Errors that the functions of this package wrap, beside those of package
// layer.
var (
	ErrPickle       = errors.New("not a pickle of the notebook's kind")             // the file
	ErrArchitecture = errors.New("the arrays do not tell what network they are of") // for Load, and for layers that the notebook does not have
)
