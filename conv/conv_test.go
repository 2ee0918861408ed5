package conv_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Package layertest compares this layer's gradients with differences, for every
// activation; here are reference numbers, and what the layer alone promises.

func bind(t testing.TB, l conv.Layer, in layer.Shape) layer.BlockGradient {
	t.Helper()
	op, err := l.Bind(in)
	if err != nil {
		t.Fatal(err)
	}
	return op.(layer.BlockGradient)
}

// block returns the activations of n images, NCHW.
func block(images []float32, n int) []float32 {
	size := len(images) / n
	b := make([]float32, size*kernels.Lanes)
	kernels.Interleave(b, images, size, size, n)
	return b
}

// images is the inverse of block.
func images(block []float32, n int) []float32 {
	size := len(block) / kernels.Lanes
	x := make([]float32, size*n)
	kernels.Deinterleave(x, block, size, size, n)
	return x
}

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		layer                      conv.Layer
		x, w, b, z, dz, dx, dw, db string
		tol                        float64 // of z, dw and db; a tenth of it for dx
	}{
		{conv.Layer{Filters: 1, Size: 3},
			"example4x4_X", "example4x4_W", "example4x4_b", "example4x4_Z",
			"example4x4_delta", "example4x4_dX", "example4x4_dW", "example4x4_dB", 0},
		{conv.Layer{Filters: 6, Size: 5},
			"lenet_X", "lenet_W0", "lenet_B0", "lenet_Z0",
			"lenet_dZ0", "lenet_dX", "lenet_dW0_f64", "lenet_dB0_f64", 1e-5},
		{conv.Layer{Filters: 16, Size: 5},
			"lenet_A1", "lenet_W2", "lenet_B2", "lenet_Z2",
			"lenet_dZ2", "lenet_dA1", "lenet_dW2", "lenet_dB2_f64", 1e-5},
	} {
		for _, impl := range kernels.Impls() {
			t.Run(c.z+"/"+impl.String(), func(t *testing.T) {
				defer kernels.Use(impl)()
				n, in := input(t, c.x)
				op := bind(t, c.layer, in)
				op.Attach(golden.Float32(t, c.w), golden.Float32(t, c.b))
				x := block(golden.Float32(t, c.x), n)
				y := make([]float32, op.Out().Len()*kernels.Lanes)
				op.Forward(y, x, n)
				golden.Close(t, c.z, images(y, n), golden.Float64(t, c.z), c.tol)

				dx, dy := make([]float32, len(x)), block(golden.Float32(t, c.dz), n)
				op.Backward(dx, dy, x, y, n)
				golden.Close(t, c.dx, images(dx, n), golden.Float64(t, c.dx), c.tol/10)

				p := op.Params()
				dw, db := make([]float32, p.Weights()), make([]float32, p.Rows)
				op.Gradient(dw, db, x, dy, n)
				golden.Close(t, c.dw, dw, golden.Float64(t, c.dw), c.tol)
				golden.Close(t, c.db, db, golden.Float64(t, c.db), c.tol)
			})
		}
	}
}

// input returns the number of images in a golden array and the shape of each.
func input(t *testing.T, name string) (n int, in layer.Shape) {
	dims := golden.Shape(t, name)
	for len(dims) < 4 {
		dims = append([]int{1}, dims...)
	}
	return dims[0], layer.Image(dims[1], dims[2], dims[3])
}

func TestGeometry(t *testing.T) {
	for _, c := range []struct {
		layer  conv.Layer
		in     layer.Shape
		out    layer.Shape
		params int
		text   string
	}{
		{conv.Layer{Filters: 6, Size: 5, Activation: layer.ReLU}, layer.Image(1, 32, 32),
			layer.Image(6, 28, 28), 156, "conv 6 filters 5x5, relu"},
		{conv.Layer{Filters: 2, Size: 3, SizeCols: 1}, layer.Image(4, 3, 7),
			layer.Image(2, 1, 7), 2*4*3 + 2, "conv 2 filters 3x1, identity"},
		{conv.Layer{Filters: 1, Size: 1}, layer.Image(1, 1, 1),
			layer.Image(1, 1, 1), 2, "conv 1 filters 1x1, identity"},
		{conv.Layer{Filters: 64, Size: 7, Stride: 2, Padding: 3}, layer.Image(3, 224, 224),
			layer.Image(64, 112, 112), 64*3*49 + 64, "conv 64 filters 7x7, stride 2, padding 3, identity"},
		{conv.Layer{Filters: 4, Size: 3, Dilation: 2, Groups: 2}, layer.Image(6, 5, 9),
			layer.Image(4, 1, 5), 4*3*9 + 4, "conv 4 filters 3x3, dilation 2, groups 2, identity"},
		{conv.Layer{Filters: 4, Size: 3, SizeCols: 5, Same: true}, layer.Image(1, 9, 8),
			layer.Image(4, 9, 8), 4*15 + 4, "conv 4 filters 3x5, padding same, identity"},
		{conv.Layer{Filters: 1, Size: 4, Stride: 3, Same: true}, layer.Image(1, 9, 8), // one row of padding, two columns
			layer.Image(1, 3, 3), 17, "conv 1 filters 4x4, stride 3, padding same, identity"},
		{conv.Layer{Filters: 1, Size: 2, Stride: 3, Dilation: 2, Same: true}, layer.Image(1, 7, 1),
			layer.Image(1, 3, 1), 5, "conv 1 filters 2x2, stride 3, padding same, dilation 2, identity"},
		{conv.Layer{Filters: 1, Size: 2, Dilation: 4, Same: true}, layer.Image(1, 3, 3), // a filter that reaches beyond its input
			layer.Image(1, 3, 3), 5, "conv 1 filters 2x2, padding same, dilation 4, identity"},
		{conv.Layer{Filters: 1, Size: 1, Stride: 2, Same: true}, layer.Image(1, 8, 5),
			layer.Image(1, 4, 3), 2, "conv 1 filters 1x1, stride 2, padding same, identity"},
		// The largest input: every byte of its block is within reach.
		{conv.Layer{Filters: 1, Size: 5}, layer.Image(1, 8192, 8192),
			layer.Image(1, 8188, 8188), 26, "conv 1 filters 5x5, identity"},
	} {
		op := bind(t, c.layer, c.in)
		if op.Out() != c.out || op.Params().Len() != c.params || op.String() != c.text {
			t.Errorf("%+v on %v: want %q, output %v, %d parameters; have %q, %v, %d", c.layer, c.in,
				c.text, c.out, c.params, op, op.Out(), op.Params().Len())
		}
	}
}

func TestBindRejects(t *testing.T) {
	const huge = math.MaxInt
	in := layer.Image(3, 8, 6)
	for _, c := range []struct {
		name  string
		layer conv.Layer
		in    layer.Shape
		want  error
		text  string // in the message
	}{
		{"no filters", conv.Layer{Size: 3}, in, layer.ErrOption, "0 filters of 3x3"},
		{"negative filters", conv.Layer{Filters: -1, Size: 3}, in, layer.ErrOption, "-1 filters"},
		{"no size", conv.Layer{Filters: 1}, in, layer.ErrOption, "0x0"},
		{"negative columns", conv.Layer{Filters: 1, Size: 1, SizeCols: -2}, in, layer.ErrOption, "1x-2"},
		{"too many taps", conv.Layer{Filters: 1, Size: 1 << 7, SizeCols: 1<<7 + 1}, layer.Image(1, 1000, 1000), layer.ErrOption, "at most 16384 rows times columns, have 128x129"},
		{"huge filter", conv.Layer{Filters: 1, Size: huge, SizeCols: huge}, in, layer.ErrOption, "at most 16384"},
		{"activation", conv.Layer{Filters: 1, Size: 1, Activation: 9}, in, layer.ErrOption, "activation 9"},
		{"vector", conv.Layer{Filters: 1, Size: 1}, layer.Vector(9), layer.ErrShape, "vector of 9"},
		{"no input", conv.Layer{Filters: 1, Size: 1}, layer.Image(0, 8, 6), layer.ErrShape, "0x8x6"},
		{"filter too high", conv.Layer{Filters: 1, Size: 9, SizeCols: 1}, in, layer.ErrShape, "9x1 is larger than the input, 3x8x6"},
		{"filter too wide", conv.Layer{Filters: 1, Size: 7}, in, layer.ErrShape, "7x7 is larger than the input, 3x8x6"},
		{"padded filter too wide", conv.Layer{Filters: 1, Size: 9, Padding: 1}, in, layer.ErrShape, "9x9 is larger than the input, 3x8x6, padding 1"},
		{"dilated filter too high", conv.Layer{Filters: 1, Size: 4, SizeCols: 1, Dilation: 3}, in, layer.ErrShape, "dilation 3"},
		{"negative stride", conv.Layer{Filters: 1, Size: 1, Stride: -1}, in, layer.ErrOption, "have -1, 1, 1 and 0"},
		{"negative padding", conv.Layer{Filters: 1, Size: 1, Padding: -1}, in, layer.ErrOption, "1 and -1"},
		{"huge padding", conv.Layer{Filters: 1, Size: 1, Padding: huge}, in, layer.ErrOption, "Padding of at most"},
		{"huge dilation", conv.Layer{Filters: 1, Size: 1, Dilation: huge}, in, layer.ErrOption, "Dilation"},
		{"padding of too many elements", conv.Layer{Filters: 1, Size: 1, Padding: 1 << 14}, in, layer.ErrShape, "more than"},
		{"ambiguous rows", conv.Layer{Filters: 1, Size: 4, SizeCols: 3, Same: true}, in, layer.ErrOption,
			"have 3: take an odd Size, or give Padding: 1 makes one row or column less than the input has, 2 one more (a filter of 4x3, dilation 1)"},
		{"ambiguous columns", conv.Layer{Filters: 1, Size: 1, SizeCols: 2, Dilation: 3, Same: true}, in, layer.ErrOption, "1x2, dilation 3"},
		{"same and padding", conv.Layer{Filters: 1, Size: 3, Same: true, Padding: 1}, in, layer.ErrOption, "Padding of 0"},
		{"same and huge size", conv.Layer{Filters: 1, Size: huge, Same: true}, in, layer.ErrOption, "at most 16384"},
		{"same and far", conv.Layer{Filters: 1, Size: 1 << 13, SizeCols: 1, Dilation: 1 << 15, Same: true}, in, layer.ErrOption, "Dilation*(Size-1) of at most"},
		{"same and no stride", conv.Layer{Filters: 1, Size: 3, Same: true, Stride: -1}, in, layer.ErrOption, "have -1"},
		{"groups and channels", conv.Layer{Filters: 2, Size: 1, Groups: 2}, in, layer.ErrShape, "2 groups do not divide the 3 channels"},
		{"groups and filters", conv.Layer{Filters: 2, Size: 1, Groups: 3}, in, layer.ErrShape, "the 2 filters"},
		{"huge output", conv.Layer{Filters: huge, Size: 1}, in, layer.ErrShape, "3x8x6"},
		{"huge weights", conv.Layer{Filters: 1 << 26, Size: 8, SizeCols: 6}, in, layer.ErrShape, "filters of 8x6"},
		{"input out of reach", conv.Layer{Filters: 1, Size: 1}, layer.Image(2, 8192, 8192), layer.ErrShape, "2x8192x8192"},
	} {
		op, err := c.layer.Bind(c.in)
		if op != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: want an error that wraps %q and has %q, have %v, %v", c.name, c.want, c.text, op, err)
		}
	}
}

// TestAbsentImages fills the lanes of absent images with NaN: no image that is
// there, and no parameter, must notice.
func TestAbsentImages(t *testing.T) {
	in := layer.Image(2, 4, 5)
	for _, impl := range kernels.Impls() {
		t.Run(impl.String(), func(t *testing.T) {
			defer kernels.Use(impl)()
			op := bind(t, conv.Layer{Filters: 3, Size: 2, Activation: layer.Sigmoid}, in)
			p := op.Params()
			w, b := random(p.Weights(), "w"), random(p.Rows, "b")
			op.Attach(w, b)
			for n := 1; n <= kernels.Lanes; n++ {
				pass := func(absent float32) (dw []float32) {
					x := block(random(n*in.Len(), "x"), n)
					for i := range x {
						if i%kernels.Lanes >= n {
							x[i] = absent
						}
					}
					y := make([]float32, op.Out().Len()*kernels.Lanes)
					op.Forward(y, x, n)
					dy := block(random(n*op.Out().Len(), "dy"), n)
					dw = make([]float32, p.Len())
					op.Gradient(dw[:p.Weights()], dw[p.Weights():], x, dy, n)
					return append(dw, images(y, n)...)
				}
				want, got := pass(0), pass(float32(math.NaN()))
				if !slices.Equal(got, want) {
					t.Errorf("%d images: want %v, have %v", n, want, got)
				}
			}
		})
	}
}

// TestPack changes weights behind the layer's back: it computes with the old
// ones or the new ones, row by row, as Pack says.
func TestPack(t *testing.T) {
	const filters = 2*layer.PackRows + 3
	defer kernels.Use(kernels.Impls()[len(kernels.Impls())-1])()
	op := bind(t, conv.Layer{Filters: filters, Size: 1}, layer.Image(1, 1, 1))
	w, b := make([]float32, filters), make([]float32, filters)
	op.Attach(w, b)
	for i := range w {
		w[i] = float32(i + 1)
	}
	for lo := 0; lo < filters; lo += layer.PackRows {
		hi := min(lo+layer.PackRows, filters)
		op.Pack(lo, hi)
		y := make([]float32, filters*kernels.Lanes)
		op.Forward(y, block([]float32{1}, 1), 1)
		if got := images(y, 1)[:hi]; !slices.Equal(got, w[:hi]) {
			t.Errorf("packed up to %d: want %v, have %v", hi, w[:hi], got)
		}
	}
}

func TestInit(t *testing.T) {
	op := bind(t, conv.Layer{Filters: 4, Size: 3, Activation: layer.ReLU}, layer.Image(2, 5, 5))
	w, b := make([]float32, op.Params().Weights()), random(4, "b")
	op.Init(w, b, layer.Stream(1, "init", 0))
	want := make([]float32, len(w))
	layer.InitWeights(want, 2*3*3, layer.ReLU, layer.Stream(1, "init", 0))
	if !slices.Equal(w, want) || !slices.Equal(b, make([]float32, 4)) {
		t.Errorf("want weights %v and no biases, have %v and %v", want, w, b)
	}
}

// random returns n normally distributed numbers, others for every purpose.
func random(n int, purpose string) []float32 {
	x := make([]float32, n)
	layer.Normal(x, 1, layer.Stream(1, purpose, 0))
	return x
}

// TestMultiplyAdds counts the taps that lie inside the image one by one.
func TestMultiplyAdds(t *testing.T) {
	in := layer.Image(4, 9, 7)
	for _, l := range []conv.Layer{
		{Filters: 6, Size: 3, Stride: 1, Dilation: 1, Groups: 1},
		{Filters: 2, Size: 2, Stride: 2, Dilation: 1, Groups: 1},
		{Filters: 2, Size: 3, Stride: 3, Dilation: 1, Groups: 1, Padding: 2},
		{Filters: 4, Size: 3, Stride: 1, Dilation: 3, Groups: 2, Padding: 1},
		{Filters: 4, Size: 2, Stride: 2, Dilation: 2, Groups: 4, Padding: 5},
		{Filters: 1, Size: 7, Stride: 1, Dilation: 1, Groups: 1, Padding: 8},
	} {
		op, err := l.Bind(in)
		if err != nil {
			t.Fatal(err)
		}
		inside := func(position, tap, size int) bool {
			at := position*l.Stride + tap*l.Dilation - l.Padding
			return at >= 0 && at < size
		}
		var want int64
		for i := range l.Size * l.Size {
			for p := range op.Out().H * op.Out().W {
				if inside(p/op.Out().W, i/l.Size, in.H) && inside(p%op.Out().W, i%l.Size, in.W) {
					want += int64(l.Filters * in.C / l.Groups)
				}
			}
		}
		if got := op.(layer.Counted).MultiplyAdds(); got != want {
			t.Errorf("%v on %v: %d, want %d", op, in, got, want)
		}
	}
}
