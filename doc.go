// Package lanes is the root of a module that trains and runs small
// convolutional networks on a CPU, in Go alone, as fast as the CPU's
// multiply-add units allow. It holds documentation and a test only.
//
// Start with package [github.com/simdlanes/lanes/net]: it composes the layers of
// packages conv, pool and dense into networks, trains them and predicts with
// them. Package mnist reads digits to train on.
//
// Command [github.com/simdlanes/lanes/cmd/lenet5bench] shows what that means on
// your machine:
//
//	go run github.com/simdlanes/lanes/cmd/lenet5bench@latest
package lanes
