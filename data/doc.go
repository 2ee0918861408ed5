// Package data turns what programs have (images of any size, folders of image
// files, tables, sequences) into what networks take: float32 images of one
// shape, with labels that are classes 0, 1, 2, ...
//
// A [Preprocess] says how an [image.Image] becomes the input of a network, and
// is kept with a model, so that it sees in use what it saw in training. An
// [Augment] distorts the images of a training, each anew in every epoch.
//
// # Reproducibility
//
// Pixels are computed in integers and rounded once, and what is random hangs on
// a seed, so the same input gives the same bits on every machine.
//
// # Concurrency
//
// No function or method writes to what it is given, other than the destination
// of the values, so all may be called from several goroutines at once, as long as
// nobody changes the data meanwhile.
package data
