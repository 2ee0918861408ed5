// Package layer is the vocabulary that the layers (packages conv, pool, dense,
// norm and activation) and the network (package net) share: shapes, activations,
// random streams and the interfaces between them.
//
// A [Layer] is a description, such as conv.Layer{Filters: 6, Size: 5}. Bound to
// the shape of its input it becomes an [Op], which computes on the activations
// of up to eight images at a time.
//
// # Layout of activations
//
// The activations of n images, 1 <= n <= 8, are laid out by their shape. Those of
// an image shape are a block, in which eight images are interleaved:
//
//	image 0: p00 p01 p02 ...   image 1: p00 p01 p02 ...   (channel by channel, row by row)
//	block:   p00 of images 0 to 7 | p01 of images 0 to 7 | p02 of images 0 to 7 | ...
//
// Element e of image i is at [e*8+i], where e = (channel*H + row)*W + column, and
// the eight is [Lanes]. A block always has eight lanes: those of absent
// images hold unspecified finite values in activations and 0 in gradients, and so
// must an Op leave them, which it does by itself if it treats them like the
// others and adds no constant to a gradient.
//
// Those of a vector shape are rows: element e of image i is at [i*len+e], n rows
// long.
//
// # A layer of one's own
//
// A type with the methods of Layer and one with those of Op are enough for a layer
// without parameters; it trains, predicts and appears in summaries and traces.
// One with parameters is a [Trained] Op, and a [BlockGradient] or [BatchGradient].
// The other interfaces are optional: [Single] predicts few images faster,
// [Counted] has its arithmetic counted, [Dimensioned] has its weights shown in
// their shape, [Replicated] is for many parameters, [Batched] for what needs the
// whole batch, [BatchChecked] for what may find that it cannot go on, [Training] for
// what predicts otherwise than it trains, [Stateful] for numbers that no gradient
// moves, [Divided] lets workers share a block, [Blockwise] prefers blocks for
// predictions, and [Affine] can become part of the layer before it.
//
// Package layertest tests whether such a layer keeps these promises, and its
// gradients against differences.
//
// To have the same bits on every machine, an Op must round every product by itself,
// float32(a*b) + c, for some compilers fuse a*b + c, and use no function of package
// math but Sqrt; package kernels has the logarithm, tanh and the sigmoid.
package layer
