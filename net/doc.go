// Package net composes layers into networks, trains them and predicts with
// them, on all cores of a CPU.
//
// A [Network] is an architecture and its parameters. A [Trainer] changes the
// parameters: step by step for callers who own the loop, or by [Trainer.Fit] on
// a [Dataset] and [Trainer.FitSeq] on an iterator, which a [Callback] watches.
// [Network.Predict], [Network.PredictProba], [Network.PredictOutputs],
// [Network.Evaluate] and [Network.Accuracy] use them; what they make of the outputs,
// the network's [Meaning], follows from the [Loss] with which it was trained.
//
// Images are float32 in NCHW order, row-major, one image after another.
//
// # Reproducibility
//
// The same seed, data and configuration give the same bits: for any number of
// workers, with assembly or without, on every machine. Releases of the module
// may change them.
//
// So has a training that is broken off anywhere between two steps and goes on
// from its [State], in another process, with another number of workers.
//
// # Errors
//
// All errors wrap one of the sentinels of this package or of package layer, or
// come from the caller's [Dataset], [Seq], [Callback] or context. A call that
// returns an error has changed nothing unless its documentation says otherwise.
//
// An infinity or NaN in an image is an error, and so is a loss that is not finite, in
// training and evaluation: both wrap [ErrNotFinite] and name the image.
//
// If a Dataset, a Seq or a layer of the caller's panics on whichever goroutine, the call
// that it works for panics with the same value, and trainer or predictor remain
// usable. A step that panics before its update has changed nothing.
package net
