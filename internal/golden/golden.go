// Package golden holds the reference numbers that the tests of every package
// compare with: forward passes, gradients, optimiser steps and loss curves of
// small networks, computed in float64 and re-derived with PyTorch. Its
// testdata/README.md describes each array and the conventions behind it.
//
// It is imported by tests only: the arrays are embedded, and so would be in
// any binary that imports it.
package golden

import (
	"embed"
	"testing"
)

//go:embed testdata/*.npy
var files embed.FS

// Float64 returns the named array, such as "lenet_dW0_f64", flattened in C
// order. Every stored type converts to float64 exactly.
func Float64(tb testing.TB, name string) []float64 {
	tb.Helper()
	return load(tb, name).data
}

// Float32 is [Float64] rounded to float32, which is exact for the arrays that
// are stored so.
func Float32(tb testing.TB, name string) []float32 {
	tb.Helper()
	return convert[float32](load(tb, name).data)
}

// Ints returns the named array of whole numbers: labels, pixels, digits.
func Ints(tb testing.TB, name string) []int {
	tb.Helper()
	return convert[int](load(tb, name).data)
}

// Shape returns the named array's dimensions, outermost first.
func Shape(tb testing.TB, name string) []int {
	tb.Helper()
	return load(tb, name).shape
}

// Decode returns the dimensions and the values of an npy file that a test has
// written.
func Decode(tb testing.TB, file []byte) (shape []int, data []float64) {
	tb.Helper()
	a, err := decodeNPY(file)
	if err != nil {
		tb.Fatalf("golden: %v", err)
	}
	return a.shape, a.data
}

// Float32s returns numbers such as those of [File] rounded to float32.
func Float32s(data []float64) []float32 { return convert[float32](data) }

func load(tb testing.TB, name string) array {
	tb.Helper()
	file, err := files.ReadFile("testdata/" + name + ".npy")
	if err != nil {
		tb.Fatalf("golden: %v", err)
	}
	a, err := decodeNPY(file)
	if err != nil {
		tb.Fatalf("golden: %s: %v", name, err)
	}
	return a
}

func convert[T float32 | int](data []float64) []T {
	converted := make([]T, len(data))
	for i, v := range data {
		converted[i] = T(v)
	}
	return converted
}
