package gonumblas_test

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/simdlanes/lanes/adapters/gonumblas"
)

// From Use on, all of the program's products by blas32 are computed by lanes.
func Example() {
	b := gonumblas.New(0) // as many workers as cores
	defer b.Close()
	defer blas32.Use(blas32.Implementation())
	blas32.Use(b)

	x := blas32.General{Rows: 2, Cols: 3, Stride: 3, Data: []float32{
		1, 2, 3,
		4, 5, 6,
	}}
	y := blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: make([]float32, 4)}
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, x, x, 0, y)
	fmt.Println(y.Data)
	// Output: [14 32 32 77]
}

// A BLAS may also be called by itself, and its zero value without ado.
func ExampleBLAS_Sgemm() {
	b := &gonumblas.BLAS{Exact: true} // the same bits on every machine
	a := []float32{
		1, 2,
		3, 4,
	}
	c := []float32{
		100, 100,
		100, 100,
	}
	b.Sgemm(blas.NoTrans, blas.NoTrans, 2, 2, 2, 1, a, 2, a, 2, 0.5, c, 2)
	fmt.Println(c)
	// Output: [57 60 65 72]
}

func ExampleBLAS_Sgemv() {
	var b gonumblas.BLAS
	a := []float32{
		1, 2, 3,
		4, 5, 6,
	}
	y := make([]float32, 2)
	b.Sgemv(blas.NoTrans, 2, 3, 1, a, 3, []float32{1, 0, -1}, 1, 0, y, 1)
	fmt.Println(y)
	// Output: [-2 -2]
}

func ExampleNew() {
	b := gonumblas.New(2)
	defer b.Close()
	a := make([]float32, 300*300)
	for i := range 300 {
		a[i*300+i] = 3
	}
	c := make([]float32, 300*300)
	b.Sgemm(blas.NoTrans, blas.NoTrans, 300, 300, 300, 1, a, 300, a, 300, 0, c, 300)
	fmt.Println(c[0], c[1], c[300*300-1])
	// Output: 9 0 9
}
