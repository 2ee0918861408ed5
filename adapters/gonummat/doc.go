// Package gonummat leads from gonum's matrices to networks and back: it predicts
// on a mat.Matrix, trains on one, and copies parameters out and in.
//
// A matrix of images or features has one sample a row, and in its columns the
// elements of the network's input, for images channel by channel, row by row.
// Networks compute in float32: numbers are rounded, and one that is not finite
// as float32 is an error that says where it stands and wraps [net.ErrData].
//
// Functions read matrices while they run and keep none; they may be called
// from many goroutines at once, as far as the matrices may be read and the
// network's own rules allow it.
package gonummat
