// Package benchmarks trains LeNet-5 by the means that lanes is compared with,
// and compares them. [NewNaive] is the textbook loops in plain Go; [NewGonum]
// is im2col and gonum's matrix product. Both are written to be as fast as
// readable code of their kind gets: a baseline that is slow on purpose would
// prove nothing.
//
// [NewRunner] runs single kernels of this module on what package cases lists,
// for the Go benchmarks here and for the comparison with other libraries, which
// is a module of its own in the folder peers.
//
// Images are (n, channel, row, column), float32 and row-major throughout.
package benchmarks
