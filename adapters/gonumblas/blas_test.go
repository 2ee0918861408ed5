package gonumblas

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/kernels"
)

// TestConcurrently calls one BLAS from many goroutines, and closes it meanwhile.
func TestConcurrently(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	g := gemm{tA: blas.NoTrans, tB: blas.Trans, m: 170, n: 100, k: 128, alpha: 1, lda: 128, ldb: 128, ldc: 100,
		a: normals(r, 170*128), b: normals(r, 100*128), c: normals(r, 170*100)}
	b := New(3)
	want, _ := g.on(b)
	var wg sync.WaitGroup
	for caller := range 6 {
		wg.Go(func() {
			for call := range 30 {
				if got, panicked := g.on(b); panicked != nil || !slices.Equal(got, want) {
					t.Errorf("caller %d, call %d: other bits, or panic: %v", caller, call, panicked)
					return
				}
				if caller == 0 && call == 20 {
					b.Close()
				}
			}
		})
	}
	wg.Wait()
	b.Close()
}

func TestCloseEndsGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	b := New(4)
	x := make([]float32, 128*128)
	b.Sgemm(blas.NoTrans, blas.NoTrans, 128, 128, 128, 1, x, 128, x, 128, 0, make([]float32, 128*128), 128)
	b.Close()
	b.Close()
	testkit.WaitForGoroutines(t, "four workers", before)
}

func TestNoAllocation(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector allocates")
	}
	b := New(2)
	b.Exact = true // gonum allocates to share a product
	defer b.Close()
	x, y := make([]float32, 128*128), make([]float32, 128*128)
	if n := testing.AllocsPerRun(50, func() {
		b.Sgemm(blas.NoTrans, blas.Trans, 128, 128, 128, 1, x, 128, x, 128, 0, y, 128)
		b.Sgemm(blas.NoTrans, blas.NoTrans, 16, 16, 16, 1, x, 16, x, 16, 0, y, 16)
		b.Sgemv(blas.Trans, 64, 64, 1, x, 64, x, 1, 0, y, 1)
	}); n != 0 {
		t.Errorf("want no allocation, have %v", n)
	}
}

// TestUse lets gonum's own functions call this implementation.
func TestUse(t *testing.T) {
	defer blas32.Use(blas32.Implementation())
	blas32.Use(&BLAS{Exact: true})
	r := rand.New(rand.NewPCG(23, 24))
	a := blas32.General{Rows: 9, Cols: 20, Stride: 20, Data: normals(r, 180)}
	b := blas32.General{Rows: 20, Cols: 7, Stride: 7, Data: normals(r, 140)}
	c := blas32.General{Rows: 9, Cols: 7, Stride: 7, Data: make([]float32, 63)}
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, 0, c)
	want := make([]float32, 63)
	kernels.Gemm(false, false, 9, 7, 20, 1, a.Data, 20, b.Data, 7, 0, want, 7)
	if !slices.Equal(c.Data, want) {
		t.Error("blas32.Gemm has other bits")
	}
	if n := blas32.Nrm2(blas32.Vector{N: 2, Inc: 1, Data: []float32{3, 4}}); n != 5 {
		t.Errorf("what is not replaced: want 5, have %v", n)
	}
}
