// Package model keeps networks in files, and serves them.
//
// A [Model] is a network with what it takes to use it: what its classes are
// called, and how an image becomes its input. [Model.SaveFile] puts it into one
// file, [LoadFile] gets it back with the same bits, and [Model.Classify] tells what
// is on an image, from many goroutines at once.
//
// # Checkpoints
//
// A model with Training set is a checkpoint, from which a training goes on as if it
// had not been interrupted. Its Network need not have the parameters that the
// training was at: it may be the best network so far, to be served, while Training
// has the latest.
//
// # Files
//
// A file is data, never code: the options of the layers as text, parameters as raw
// numbers, a checksum over all of it. docs/format.md describes it. Files of
// version 1 will stay readable.
//
// What is read is not trusted. Load allocates for bytes that have arrived, not for
// what a length says, verifies the checksum before it interprets anything, and
// refuses unknown kinds and options, parameters that do not fit the layers or are not
// finite, and networks whose memory would exceed [MaxSize]. The checksum detects
// accidents. It is no signature: who can write a file can write a valid one.
//
// Parameters that are NaN or infinite are refused when saving as well, so that a
// training that has diverged does not take the place of a good model.
package model
