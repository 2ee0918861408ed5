package kernels_test

import (
	"fmt"
	"math"
	"time"

	"github.com/simdlanes/lanes/kernels"
)

// Three images of two pixels become a block: pixel by pixel, and the five
// images that are absent are zero.
func ExampleInterleave() {
	images := []float32{
		1, 2,
		3, 4,
		5, 6,
	}
	block := make([]float32, 2*kernels.Lanes)
	kernels.Interleave(block, images, 2, 2, 3)
	fmt.Println(block[:8])
	fmt.Println(block[8:])
	// Output:
	// [1 3 5 0 0 0 0 0]
	// [2 4 6 0 0 0 0 0]
}

func ExampleDeinterleave() {
	block := []float32{
		1, 3, 5, 0, 0, 0, 0, 0,
		2, 4, 6, 0, 0, 0, 0, 0,
	}
	images := make([]float32, 3*2)
	kernels.Deinterleave(images, block, 2, 2, 3)
	fmt.Println(images)
	// Output: [1 2 3 4 5 6]
}

// A filter that subtracts left from right finds an edge.
func ExampleConv() {
	conv := kernels.NewConv(kernels.ConvShape{C: 1, H: 1, W: 5, Filters: 1, FH: 1, FW: 2})
	filters := conv.NewFilters([]float32{-1, 1}, []float32{0.5})

	image := []float32{0, 0, 1, 1, 0}
	x := make([]float32, conv.InLen())
	kernels.Interleave(x, image, 5, 5, 1)

	y := make([]float32, conv.OutLen())
	conv.Forward(y, x, filters, 8, true)

	result := make([]float32, 4)
	kernels.Deinterleave(result, y, 4, 4, 1)
	fmt.Println(result)
	// Output: [0.5 1.5 0.5 0]
}

// The gradients of a convolution's input, weights and bias follow from that of
// its output.
func ExampleConv_WeightGrad() {
	conv := kernels.NewConv(kernels.ConvShape{C: 1, H: 1, W: 3, Filters: 1, FH: 1, FW: 2})
	filters := conv.NewFilters([]float32{10, 1}, []float32{0})
	x, dy := make([]float32, conv.InLen()), make([]float32, conv.OutLen())
	kernels.Interleave(x, []float32{1, 2, 3}, 3, 3, 1)
	kernels.Interleave(dy, []float32{1, 2}, 2, 2, 1)

	dw, db := make([]float32, conv.WeightLen()), make([]float32, conv.Filters)
	conv.WeightGrad(dw, db, x, dy, 1)
	fmt.Println(dw, db)

	dx, image := make([]float32, conv.InLen()), make([]float32, 3)
	conv.DataGrad(dx, dy, filters, 8)
	kernels.Deinterleave(image, dx, 3, 3, 1)
	fmt.Println(image)
	// Output:
	// [5 8] [3]
	// [10 21 2]
}

// Two workers share a layer: each computes half of the output channels, and on
// the way back half of the input channels and half of the filters.
func ExampleConv_ForwardPart() {
	conv := kernels.NewConv(kernels.ConvShape{C: 2, H: 1, W: 1, Filters: 2, FH: 1, FW: 1})
	filters := conv.NewFilters([]float32{1, 2, 3, 4}, []float32{0, 0})
	x, y := make([]float32, conv.InLen()), make([]float32, conv.OutLen())
	dx, dw, db := make([]float32, conv.InLen()), make([]float32, conv.WeightLen()), make([]float32, conv.Filters)
	kernels.Interleave(x, []float32{1, 10}, 2, 2, 1)

	for worker := range 2 { // one after the other, or at the same time
		conv.ForwardPart(y, x, filters, 1, false, worker, worker+1)
	}
	dy := y // the gradient, for the sake of the example
	for worker := range 2 {
		conv.DataGradPart(dx, dy, filters, 1, worker, worker+1)
		conv.WeightGradPart(dw, db, x, dy, 1, worker, worker+1)
	}
	fmt.Println(y[0], y[kernels.Lanes])
	fmt.Println(dx[0], dx[kernels.Lanes])
	fmt.Println(dw, db)
	// Output:
	// 21 43
	// 150 214
	// [21 210 43 430] [21 43]
}

// Whoever changes weights packs those filters anew.
func ExampleConv_Pack() {
	conv := kernels.NewConv(kernels.ConvShape{C: 1, H: 1, W: 1, Filters: 1, FH: 1, FW: 1})
	weights := []float32{2}
	filters := conv.NewFilters(weights, []float32{0})
	x, y := []float32{1, 2, 3, 4, 5, 6, 7, 8}, make([]float32, kernels.Lanes)

	weights[0] = 10
	conv.Pack(filters, 0, 1)
	conv.Forward(y, x, filters, 8, false)
	fmt.Println(y)
	// Output: [10 20 30 40 50 60 70 80]
}

func ExamplePool_MaxForward() {
	pool := kernels.NewPool(kernels.PoolShape{C: 1, H: 2, W: 4, FH: 2, FW: 2})
	image := []float32{
		1, 2, 5, 6,
		3, 4, 8, 7,
	}
	x, y := make([]float32, pool.InLen()), make([]float32, pool.OutLen())
	kernels.Interleave(x, image, 8, 8, 1)
	pool.MaxForward(y, x)

	result := make([]float32, 2)
	kernels.Deinterleave(result, y, 2, 2, 1)
	fmt.Println(result)
	// Output: [4 8]
}

// The gradient goes to the pixel that was the maximum.
func ExamplePool_MaxBackward() {
	pool := kernels.NewPool(kernels.PoolShape{C: 1, H: 1, W: 4, FH: 1, FW: 2})
	x, dx, dy := make([]float32, pool.InLen()), make([]float32, pool.InLen()), make([]float32, pool.OutLen())
	kernels.Interleave(x, []float32{1, 2, 6, 5}, 4, 4, 1)
	kernels.Interleave(dy, []float32{10, 20}, 2, 2, 1)
	pool.MaxBackward(dx, x, dy)

	gradient := make([]float32, 4)
	kernels.Deinterleave(gradient, dx, 4, 4, 1)
	fmt.Println(gradient)
	// Output: [0 10 20 0]
}

// Windows of three pixels, two apart, of which the first and the last reach into
// the padding.
func ExamplePool_AverageForward() {
	pool := kernels.NewPool(kernels.PoolShape{C: 1, H: 1, W: 5, FH: 1, FW: 3, StrideW: 2, PadLeft: 1, PadRight: 1})
	x, y := make([]float32, pool.InLen()), make([]float32, pool.OutLen())
	kernels.Interleave(x, []float32{1, 2, 3, 4, 5}, 5, 5, 1)
	pool.AverageForward(y, x)

	dx, dy := make([]float32, pool.InLen()), make([]float32, pool.OutLen())
	kernels.Interleave(dy, []float32{2, 3, 4}, 3, 3, 1)
	pool.AverageBackward(dx, dy)

	result, gradient := make([]float32, 3), make([]float32, 5)
	kernels.Deinterleave(result, y, 3, 3, 1)
	kernels.Deinterleave(gradient, dx, 5, 5, 1)
	fmt.Println(result, gradient)
	// Output: [1.5 3 4.5] [1 2 1 3 2]
}

// C = 2*A*B' + C.
func ExampleGemm() {
	a := []float32{
		1, 2,
		3, 4,
	}
	b := []float32{
		1, 0,
		1, 1,
		0, 1,
	}
	c := []float32{
		1, 1, 1,
		1, 1, 1,
	}
	kernels.Gemm(false, true, 2, 3, 2, 2, a, 2, b, 2, 1, c, 3)
	fmt.Println(c[:3])
	fmt.Println(c[3:])
	// Output:
	// [3 7 5]
	// [7 15 9]
}

// A dense layer: weights as (outputs, inputs), packed once, then used for
// matrices of any number of rows.
func ExampleGemmPanels() {
	const inputs, outputs = 2, 3
	weights := []float32{
		1, 0,
		1, 1,
		0, 1,
	}
	bias := []float32{10, 20, 30}
	panels := make([]float32, kernels.PanelsLen(inputs, outputs))
	kernels.PackPanels(panels, weights, outputs, inputs, inputs)

	x := []float32{1, 2}
	y := make([]float32, outputs)
	kernels.GemmPanels(false, 1, outputs, inputs, x, inputs, panels, bias, y, outputs)
	fmt.Println(y)
	// Output: [11 23 32]
}

func ExampleReLU() {
	x := []float32{-1, 0, 2}
	kernels.ReLU(x, x) // in place
	fmt.Println(x)
	// Output: [0 0 2]
}

// Gradients are those of the output.
func ExampleReLUGrad() {
	y, dy := []float32{0, 0, 2}, []float32{5, 6, 7}
	kernels.ReLUGrad(dy, dy, y)
	fmt.Println(dy)
	// Output: [0 0 7]
}

func ExampleTanh() {
	y, dx := make([]float32, 3), []float32{1, 1, 1}
	kernels.Tanh(y, []float32{-1, 0, 1})
	kernels.TanhGrad(dx, dx, y)
	fmt.Printf("%.4f %.4f\n", y, dx)
	// Output: [-0.7616 0.0000 0.7616] [0.4200 1.0000 0.4200]
}

func ExampleSigmoid() {
	y, dx := make([]float32, 3), []float32{1, 1, 1}
	kernels.Sigmoid(y, []float32{-1, 0, 1})
	kernels.SigmoidGrad(dx, dx, y)
	fmt.Printf("%.4f %.4f\n", y, dx)
	// Output: [0.2689 0.5000 0.7311] [0.1966 0.2500 0.1966]
}

func ExampleAdd() {
	sum := []float32{1, 2}
	kernels.Add(sum, []float32{10, 20})
	fmt.Println(sum)
	// Output: [11 22]
}

// These two have the same bits on every machine.
func ExampleLog() {
	fmt.Println(kernels.Log(8)/kernels.Log(2), kernels.Sqrt(2))
	// Output: 3 1.4142135
}

// Two classes and one image, whose class is 1.
func ExampleSoftmax() {
	const classes = 2
	logits := make([]float32, classes*kernels.Lanes)
	kernels.Interleave(logits, []float32{1000, 1000}, classes, classes, 1)

	p := make([]float32, classes*kernels.Lanes)
	kernels.Softmax(p, logits, classes)
	fmt.Println("probabilities", p[0], p[kernels.Lanes])

	losses := make([]float32, 1)
	kernels.CrossEntropy(p, []int{1}, losses, 0, classes)
	fmt.Printf("loss %.4f, gradient %v %v\n", losses[0], p[0], p[kernels.Lanes])
	// Output:
	// probabilities 0.5 0.5
	// loss 0.6931, gradient 0.5 -0.5
}

// Two images of class 1, of which the second is predicted as class 0 so surely
// that the probability of its label vanishes.
func ExampleSoftmaxCrossEntropy() {
	const classes = 2
	logits := make([]float32, classes*kernels.Lanes)
	kernels.Interleave(logits, []float32{0, 0, 1000, 0}, classes, classes, 2)

	losses := make([]float32, 2)
	kernels.SoftmaxCrossEntropy(logits, logits, []int{1, 1}, losses, 0, classes)
	gradient := make([]float32, 2*classes)
	kernels.Deinterleave(gradient, logits, classes, classes, 2)
	fmt.Printf("losses %.4f, gradients %v\n", losses, gradient)
	// Output: losses [0.6931 1000.0000], gradients [0.5 -0.5 1 -1]
}

// One output for two classes, and two images of class 1.
func ExampleSigmoidCrossEntropy() {
	logits := make([]float32, kernels.Lanes)
	copy(logits, []float32{0, -1000})
	losses := make([]float32, 2)
	kernels.SigmoidCrossEntropy(logits, logits, []int{1, 1}, losses, 0, 1)
	fmt.Printf("losses %.4f, gradients %v\n", losses, logits[:2])
	// Output: losses [0.6931 1000.0000], gradients [-0.5 -1]
}

// One image of class 1 of three.
func ExampleSquaredError() {
	const outputs = 3
	y := make([]float32, outputs*kernels.Lanes)
	kernels.Interleave(y, []float32{0.5, 0.5, 0}, outputs, outputs, 1)
	losses := make([]float32, 1)
	kernels.SquaredError(y, y, []int{1}, losses, outputs)
	gradient := make([]float32, outputs)
	kernels.Deinterleave(gradient, y, outputs, outputs, 1)
	fmt.Println(losses, gradient)
	// Output: [0.25] [0.5 -0.5 0]
}

func ExampleFirstNotFinite() {
	fmt.Println(kernels.FirstNotFinite([]float32{1, -2, float32(math.NaN())}))
	fmt.Println(kernels.FirstNotFinite([]float32{1, -2}))
	// Output:
	// 2
	// -1
}

func ExampleAdam() {
	w, g := []float32{1, 1}, []float32{0.5, -2}
	m, v := make([]float32, 2), make([]float32, 2)
	kernels.Adam(w, m, v, g, &kernels.AdamStep{
		Scale: 1,
		Beta1: 0.5, OneMinusBeta1: 0.5,
		Beta2: 0.75, OneMinusBeta2: 0.25,
		Rate: 0.25,
	})
	fmt.Println(w)
	// Output: [0.75 1.25]
}

func ExampleSGD() {
	w := []float32{1, 2}
	kernels.SGD(w, []float32{4, -4}, 0.25)
	fmt.Println(w)
	// Output: [0 3]
}

func ExampleDecayedSGD() {
	w := []float32{1, 2}
	kernels.DecayedSGD(w, []float32{4, -4}, &kernels.SGDStep{Scale: 1, Decay: 0.5, Rate: 0.25})
	fmt.Println(w)
	// Output: [-0.125 2.75]
}

// Two steps in the same direction: the second one is longer.
func ExampleMomentum() {
	w, m := []float32{1}, make([]float32, 1)
	for range 2 {
		kernels.Momentum(w, m, []float32{1}, &kernels.SGDStep{Scale: 1, Momentum: 0.5, Rate: 0.25})
		fmt.Println(w)
	}
	// Output:
	// [0.75]
	// [0.375]
}

func ExampleNesterov() {
	w, m := []float32{1}, make([]float32, 1)
	for range 2 {
		kernels.Nesterov(w, m, []float32{1}, &kernels.SGDStep{Scale: 1, Momentum: 0.5, Rate: 0.25})
		fmt.Println(w)
	}
	// Output:
	// [0.625]
	// [0.1875]
}

// Gradients of any size make steps of one size.
func ExampleRMSProp() {
	w, v := []float32{1, 1}, make([]float32, 2)
	kernels.RMSProp(w, v, []float32{1000, -0.001}, &kernels.RMSPropStep{
		Scale: 1, Alpha: 0.75, OneMinusAlpha: 0.25, Rate: 0.25,
	})
	fmt.Println(w)
	// Output: [0.5 1.5]
}

func ExampleRMSPropMomentum() {
	w, v, m := []float32{1}, make([]float32, 1), make([]float32, 1)
	for range 2 {
		kernels.RMSPropMomentum(w, v, m, []float32{1}, &kernels.RMSPropStep{
			Scale: 1, Alpha: 0, OneMinusAlpha: 1, Momentum: 0.5, Rate: 0.25,
		})
		fmt.Println(w)
	}
	// Output:
	// [0.75]
	// [0.375]
}

func ExampleClip() {
	g := []float32{1, -8, 30}
	kernels.Clip(g, g, 0.25, 2)
	fmt.Println(g)
	// Output: [0.25 -2 2]
}

func ExampleSumSquares() {
	fmt.Println(kernels.SumSquares([]float32{3, -4}))
	// Output: 25
}

// Every implementation gives the same bits; comparing them takes a switch.
func ExampleUse() {
	sum := func() float32 {
		s := make([]float32, 8)
		a := make([]float32, 3*8)
		for i := range a {
			a[i] = 1 / float32(i+1)
		}
		kernels.SumRows(s, a, 3, 8)
		return s[0]
	}
	fast := sum()
	defer kernels.Use(kernels.Generic)()
	fmt.Println(kernels.Active(), sum() == fast)
	// Output: generic true
}

// Which kernels are in use, of all that could be, and why.
func ExampleReason() {
	for _, impl := range kernels.Impls() {
		if impl == kernels.Active() {
			fmt.Println("these are in use:", kernels.Reason() != "")
		}
	}
	// Output: these are in use: true
}

// The rate at which a core does nothing but multiply and add is the measure of
// all other rates.
func ExamplePeak() {
	const rounds = 1 << 10
	start := time.Now()
	measured := kernels.Peak(rounds)
	rate := rounds * kernels.PeakFLOPs / time.Since(start).Seconds()
	if !measured && kernels.Active() != kernels.Generic {
		fmt.Println("there is assembly in use, and no rate of it:", rate)
	}
	// Output:
}
