package kernels_test

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
)

// A single image stays as it is: no block is made of it.
func ExampleConv_ForwardOne() {
	conv := kernels.NewConv(kernels.ConvShape{C: 1, H: 1, W: 5, Filters: 1, FH: 1, FW: 2})
	filters := conv.NewFilters([]float32{-1, 1}, []float32{0.5})

	x := []float32{0, 0, 1, 1, 0} // conv.OneLen() elements
	y, scratch := make([]float32, conv.OneOutLen()), make([]float32, conv.OneScratch())
	conv.ForwardOne(y, x, scratch, filters, true)
	fmt.Println(conv.OneLen(), y)
	// Output: 5 [0.5 1.5 0.5 0]
}

func ExamplePool_MaxOne() {
	pool := kernels.NewPool(kernels.PoolShape{C: 1, H: 2, W: 4, FH: 2, FW: 2})
	x := []float32{ // pool.OneLen() elements
		-1, -2, 5, 6,
		-3, -4, 8, 7,
	}
	y, scratch := make([]float32, pool.OneOutLen()), make([]float32, pool.OneScratch())
	pool.MaxOne(y, x, scratch, false)
	fmt.Println(y)
	pool.MaxOne(y, x, scratch, true) // ReLU after it
	fmt.Println(y)
	pool.AverageOne(y, x, scratch)
	fmt.Println(pool.OneLen(), y)
	// Output:
	// [-1 8]
	// [0 8]
	// 8 [-2.5 6.5]
}
