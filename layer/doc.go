// Package layer is the vocabulary that the layers (packages conv, pool and
// dense) and the network (package net) share: shapes, activations, random
// streams and the interfaces between them.
//
// A [Layer] is a description, such as conv.Layer{Filters: 6, Size: 5}. Bound to
// the shape of its input it becomes an [Op], which computes on the activations
// of up to eight images at a time.
//
// # Layout of activations
//
// The activations of n images, 1 <= n <= 8, are laid out by their shape: an
// image shape as a block, element e of image i at [e*8+i] (see package
// kernels), always eight lanes long; a vector shape as rows, element e of image
// i at [i*len+e], n rows long. The lanes of absent images hold unspecified
// finite values in activations and +0 in gradients.
package layer
