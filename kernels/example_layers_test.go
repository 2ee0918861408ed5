package kernels_test

import (
	"fmt"
	"math"
	"slices"

	"github.com/simdlanes/lanes/kernels"
)

// Means and variances of two columns.
func ExampleColumnSums() {
	x := []float32{
		1, 10,
		3, 10,
	}
	sum, squares := make([]float64, 2), make([]float64, 2)
	kernels.ColumnSums(sum, squares, x, x)
	for j := range sum {
		mean := sum[j] / 2
		fmt.Println(mean, squares[j]/2-mean*mean)
	}
	// Output:
	// 2 1
	// 10 0
}

func ExampleScaleColumns() {
	x := []float32{
		1, 10,
		3, 10,
	}
	scale, centre, shift := []float32{1, 2}, []float32{2, 9}, []float32{0, 0.5}
	kernels.ScaleColumns(x, x, scale, centre, shift) // in place
	fmt.Println(x)
	// Output: [-1 2.5 1 2.5]
}

func ExampleScaleColumnsGrad() {
	x, dy := []float32{1, 3}, []float32{4, 8}
	dx := make([]float32, 2)
	kernels.ScaleColumnsGrad(dx, dy, x, []float32{0.5}, []float32{2}, []float32{2}, []float32{1})
	fmt.Println(dx) // 2*(x-2) + (dy/2 + 1)
	// Output: [1 7]
}

// A channel of a block, two pixels of eight images, is brought to mean 0 and
// variance 1. Each image has sums and scales of its own, one after another.
func ExampleScaleChannels() {
	x := []float32{
		1, 1, 1, 1, 1, 1, 1, 1,
		3, 3, 3, 3, 3, 3, 3, 3,
	}
	sums, squares := make([]float64, kernels.Lanes), make([]float64, kernels.Lanes)
	kernels.ChannelSums(sums, squares, x, x)
	fmt.Println(sums, squares)

	centre, scale, shift := make([]float32, kernels.Lanes), make([]float32, kernels.Lanes), make([]float32, kernels.Lanes)
	for i := range sums {
		mean := sums[i] / 2
		centre[i], scale[i] = float32(mean), float32(1/math.Sqrt(squares[i]/2-mean*mean))
	}
	kernels.ScaleChannels(x, x, scale, centre, shift) // in place
	fmt.Println(x[0], x[kernels.Lanes])

	dx := []float32{4, 4, 4, 4, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8} // of the output
	kernels.ScaleChannelsGrad(dx, dx, x, scale, scale, shift, centre)
	fmt.Println(dx[0], dx[kernels.Lanes]) // 1*(x-0) + (1*dy + 2)
	// Output:
	// [4 4 4 4 4 4 4 4] [10 10 10 10 10 10 10 10]
	// -1 1
	// 5 11
}

// A mask of a vector drops the same elements every time.
func ExampleNewRowMask() {
	x, y, again := make([]float32, 1000), make([]float32, 1000), make([]float32, 1000)
	for i := range x {
		x[i] = 3
	}
	kernels.Dropout(y, x, kernels.NewRowMask(0.25, 7))
	kernels.Dropout(again, x, kernels.NewRowMask(0.25, 7))
	kept := 0
	for i, v := range y {
		if v == 4 && again[i] == 4 { // 3/(1-0.25)
			kept++
		}
	}
	fmt.Println(kept > 700 && kept < 800)
	// Output: true
}

// The images of a block have a mask each.
func ExampleNewBlockMask() {
	x := []float32{1, 1, 1, 1, 1, 1, 1, 1}
	kernels.Dropout(x, x, kernels.NewBlockMask(0, [kernels.Lanes]uint64{1, 2, 3, 4, 5, 6, 7, 8}))
	fmt.Println(x) // a rate of 0 drops nothing
	// Output: [1 1 1 1 1 1 1 1]
}

// A part of an activation takes the mask from where the part begins: five elements
// of eight images were before it.
func ExampleMask_Skip() {
	mask := kernels.NewBlockMask(0.5, [kernels.Lanes]uint64{1, 2, 3, 4, 5, 6, 7, 8})
	whole, parts := make([]float32, 12*kernels.Lanes), make([]float32, 12*kernels.Lanes)
	for i := range whole {
		whole[i], parts[i] = 1, 1
	}
	kernels.Dropout(whole, whole, mask)
	first, others := parts[:5*kernels.Lanes], parts[5*kernels.Lanes:]
	kernels.Dropout(first, first, mask)
	kernels.Dropout(others, others, mask.Skip(5))
	fmt.Println(slices.Equal(whole, parts))
	// Output: true
}

func ExampleGELU() {
	x := []float32{-1, 0, 1}
	y, dx := make([]float32, 3), make([]float32, 3)
	kernels.GELU(y, x)
	kernels.GELUGrad(dx, []float32{1, 1, 1}, x)
	fmt.Printf("%.4f %.4f\n", y, dx)
	// Output: [-0.1587 0.0000 0.8413] [-0.0833 0.5000 1.0833]
}

func ExampleLeakyReLU() {
	x := []float32{-2, 0, 2}
	y := make([]float32, 3)
	kernels.LeakyReLU(y, x, 0.5)
	dx := []float32{1, 1, 1}
	kernels.LeakyReLUGrad(dx, dx, y, 0.5)
	fmt.Println(y, dx)
	// Output: [-1 0 2] [0.5 0.5 1]
}

// A dense layer of a single image.
func ExampleDenseOne() {
	const inputs, outputs = 2, 3
	weights := []float32{
		1, 0,
		1, 1,
		0, -9,
	}
	panels := make([]float32, kernels.PanelsLen(inputs, outputs))
	kernels.PackPanels(panels, weights, outputs, inputs, inputs)
	y := make([]float32, outputs)
	kernels.DenseOne(y, []float32{1, 2}, panels, []float32{0.5, 0, 0}, true)
	fmt.Println(y)
	// Output: [1.5 3 0]
}
