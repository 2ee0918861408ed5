// Package lanes is the root of a module that trains and runs small
// convolutional networks on a CPU, in Go alone, as fast as the CPU's
// multiply-add units allow. It holds documentation and tests only.
//
// Start with package [github.com/simdlanes/lanes/net]: it composes the layers of
// packages conv, pool, dense, norm and activation into networks, trains them and
// predicts with them. Package data makes of images and tables what networks take,
// package mnist reads digits to train on.
//
// Command [github.com/simdlanes/lanes/cmd/lenet5bench] shows what that means on
// your machine:
//
//	go run github.com/simdlanes/lanes/cmd/lenet5bench@latest
package lanes
