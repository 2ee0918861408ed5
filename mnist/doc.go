// Package mnist reads the MNIST handwritten digits, and any other images in
// the same IDX format, and turns them into input for training.
//
// The path from files to a network is short:
//
//	test, err := mnist.Test10k()          // embedded; or Load, LoadDir, ReadSet
//	test, err = test.Resize(32, 32)       // or Pad
//	examples := test.Examples(mnist.Unit) // Len and Read, as training wants them
//
// The 10,000 test images are embedded in the package. The 60,000 training
// images come from a directory or any other [fs.FS] through [Load], or from
// the Go module proxy through [Download]. A [Stream] yields images one by one, for
// files that should not lie in memory as a whole.
//
// Pixels are bytes, 0 (background) to 255 (ink), row-major, one channel.
// Labels are bytes, the digit itself.
//
// # Errors
//
// Bad data and bad arguments give errors, which wrap one of the Err values of
// this package or the cause reported by the reader, the file system or the go
// command. Readers allocate only as data arrives, whatever a header claims.
// Only misuse that Go itself treats as a fault panics: a nil reader, file
// system or receiver.
//
// # Concurrency
//
// No function or method writes to a [Set] or to [Examples] it is given, so
// all of them may be called from several goroutines at once, as long as
// nobody writes to the pixels or labels meanwhile.
package mnist
