package kernels

import (
	"slices"
	"sync"
	"testing"
)

// TestColumnBlocks multiplies into blocks of columns of one matrix, at the same
// time, and from one block of it into another: they share no element.
func TestColumnBlocks(t *testing.T) {
	const m, n, k, ldc = 5, 9, 7, 40
	r := newRandom(1)
	a, b := make([]float32, m*k), make([]float32, k*2*n)
	for _, s := range [][]float32{a, b} {
		for i := range s {
			s[i] = ordinary(r)
		}
	}
	want := make([]float32, m*ldc)
	Gemm(false, false, m, 2*n, k, 1, a, k, b, 2*n, 0, want, ldc)

	have := make([]float32, m*ldc)
	var blocks sync.WaitGroup
	for _, col := range []int{0, n} {
		blocks.Go(func() { Gemm(false, false, m, n, k, 1, a, k, b[col:], 2*n, 0, have[col:], ldc) })
	}
	blocks.Wait()
	if !slices.Equal(have, want) {
		t.Error("two blocks of columns are not what all columns are")
	}

	for i := range m {
		copy(have[i*ldc+ldc-k:][:k], a[i*k:])
	}
	clear(have[:n])
	Gemm(false, false, m, n, k, 1, have[ldc-k:], ldc, b, 2*n, 0, have, ldc)
	if !slices.Equal(have[:n], want[:n]) {
		t.Error("a product of one block of columns, written to another, is wrong")
	}
}
