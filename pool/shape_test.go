package pool_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/pool"
)

func TestOut(t *testing.T) {
	for _, c := range []struct {
		l       layer.Layer
		in, out layer.Shape
		text    string
	}{
		{pool.Max{Size: 2}, layer.Image(6, 28, 28), layer.Image(6, 14, 14), "max-pool 2x2, identity"},
		{pool.Max{Size: 2}, layer.Image(1, 5, 4), layer.Image(1, 2, 2), "max-pool 2x2, identity"},
		{pool.Max{Size: 2, SizeCols: 3}, layer.Image(2, 5, 10), layer.Image(2, 2, 3), "max-pool 2x3, identity"},
		{pool.Max{Size: 3, SizeCols: 1, Activation: layer.ReLU}, layer.Image(1, 3, 2), layer.Image(1, 1, 2), "max-pool 3x1, relu"},
		{pool.Max{Size: 4, SizeCols: 4}, layer.Image(1, 4, 4), layer.Image(1, 1, 1), "max-pool 4x4, identity"},
		{pool.Max{Size: 1}, layer.Image(3, 7, 5), layer.Image(3, 7, 5), "max-pool 1x1, identity"},
		{pool.Max{Size: 3, Stride: 2, Padding: 1}, layer.Image(3, 224, 7), layer.Image(3, 112, 4), "max-pool 3x3, stride 2, padding 1, identity"},
		{pool.Max{Size: 2, Ceil: true}, layer.Image(1, 5, 4), layer.Image(1, 3, 2), "max-pool 2x2, ceil, identity"},
		{pool.Max{Size: 2, Stride: 2, Padding: 1, Ceil: true}, layer.Image(1, 3, 4), layer.Image(1, 2, 3), // a third would begin behind the input
			"max-pool 2x2, stride 2, padding 1, ceil, identity"},
		{pool.Max{Size: 2, Stride: 5}, layer.Image(1, 5, 12), layer.Image(1, 1, 3), "max-pool 2x2, stride 5, identity"},
		{pool.Avg{Size: 4, Padding: 2, CountPad: true, Activation: layer.Tanh}, layer.Image(2, 4, 1), layer.Image(2, 2, 1),
			"average-pool 4x4, padding 2, padding counted, tanh"},
		{pool.Max{Size: 1 << 14, SizeCols: 1, Stride: 1}, layer.Image(1, layer.MaxLen, 1), // tables of 10**12 pixels would take an hour
			layer.Image(1, layer.MaxLen-1<<14+1, 1), "max-pool 16384x1, stride 1, identity"},
		{pool.GlobalAvg{}, layer.Image(5, 1, 9), layer.Image(5, 1, 1), "global average-pool 1x9, identity"},
	} {
		op, err := c.l.Bind(c.in)
		if err != nil {
			t.Errorf("%+v on %v: %v", c.l, c.in, err)
			continue
		}
		if op.Out() != c.out {
			t.Errorf("%+v on %v: %v, want %v", c.l, c.in, op.Out(), c.out)
		}
		if op.String() != c.text {
			t.Errorf("%+v: %q, want %q", c.l, op, c.text)
		}
	}
}

func TestBindErrors(t *testing.T) {
	image := layer.Image(2, 6, 8)
	for _, c := range []struct {
		name string
		l    pool.Max
		in   layer.Shape
		want error
		text string
	}{
		{"no window", pool.Max{}, image, layer.ErrOption, "0x0"},
		{"negative window", pool.Max{Size: -2}, image, layer.ErrOption, "-2x-2"},
		{"columns without rows", pool.Max{SizeCols: 2}, image, layer.ErrOption, "0x2"},
		{"negative columns", pool.Max{Size: 2, SizeCols: -1}, image, layer.ErrOption, "2x-1"},
		{"too many rows", pool.Max{Size: 7}, image, layer.ErrShape, "7x7"},
		{"too many columns", pool.Max{Size: 6, SizeCols: 9}, image, layer.ErrShape, "6x9"},
		{"too many rows of the padded input", pool.Max{Size: 9, Padding: 1}, image, layer.ErrShape, "9x9 is larger than the input, 2x6x8, padding 1"},
		{"too many columns of it", pool.Max{Size: 2, SizeCols: 11, Padding: 1}, image, layer.ErrShape, "2x11"},
		{"huge window", pool.Max{Size: math.MaxInt}, image, layer.ErrShape, "2x6x8"},
		{"huge window and padding", pool.Max{Size: math.MaxInt, Padding: math.MaxInt / 2}, image, layer.ErrShape, "2x6x8"},
		{"negative stride", pool.Max{Size: 2, Stride: -1}, image, layer.ErrOption, "have -1"},
		{"huge stride", pool.Max{Size: 2, Stride: math.MaxInt}, image, layer.ErrOption, "Stride"},
		{"negative padding", pool.Max{Size: 2, Padding: -1}, image, layer.ErrOption, "have -1"},
		{"padding of more than half a window", pool.Max{Size: 3, Padding: 2}, image, layer.ErrOption, "Padding from 0 to 1, half a window of 3x3, have 2"},
		{"padding of more than half its columns", pool.Max{Size: 4, SizeCols: 3, Padding: 2}, image, layer.ErrOption, "4x3"},
		{"too many outputs", pool.Max{Size: 16, Stride: 1, Padding: 8}, layer.Image(1, 8192, 8192), layer.ErrShape, "16x16 over 1x8192x8192, stride 1, padding 8"},
		{"vector", pool.Max{Size: 1}, layer.Vector(8), layer.ErrShape, "vector"},
		{"empty image", pool.Max{Size: 1}, layer.Image(0, 6, 8), layer.ErrShape, "0x6x8"},
		{"unknown activation", pool.Max{Size: 2, Activation: 9}, image, layer.ErrOption, "activation 9"},
	} {
		_, err := c.l.Bind(c.in)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) || !strings.HasPrefix(err.Error(), "max-pooling: ") {
			t.Errorf("%s: error %v, want %q that names %q", c.name, err, c.want, c.text)
		}
		l := pool.Avg{Size: c.l.Size, SizeCols: c.l.SizeCols, Activation: c.l.Activation, Stride: c.l.Stride, Padding: c.l.Padding}
		if _, err := l.Bind(c.in); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) || !strings.HasPrefix(err.Error(), "average-pooling: ") {
			t.Errorf("average, %s: error %v, want %q that names %q", c.name, err, c.want, c.text)
		}
	}
	for _, in := range []layer.Shape{layer.Vector(8), layer.Image(1, 0, 2), {}} {
		if _, err := (pool.GlobalAvg{}).Bind(in); !errors.Is(err, layer.ErrShape) || !strings.HasPrefix(err.Error(), "global average-pooling: ") {
			t.Errorf("global average of %v: %v", in, err)
		}
	}
}

// TestWindows pools two channels of 2 x 6 with windows of one row and three
// columns, of several images at once, and sends a gradient back.
func TestWindows(t *testing.T) {
	const images = 3
	op, err := pool.Max{Size: 1, SizeCols: 3}.Bind(layer.Image(2, 2, 6))
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float32, 24*kernels.Lanes), make([]float32, 8*kernels.Lanes)
	dx, dy := make([]float32, len(x)), make([]float32, len(y))
	// Where image i has the maximum of each window: at column i.
	for e := range 24 {
		for i := range images {
			if e%3 == i {
				x[e*kernels.Lanes+i] = float32(e + 1)
			}
		}
	}
	for e := range 8 {
		for i := range images {
			dy[e*kernels.Lanes+i] = float32(10*e + i)
		}
	}
	op.Forward(y, x, images)
	op.Backward(dx, dy, x, y, images)
	for e := range 24 {
		window := e / 3
		for i := range images {
			if want := float32(3*window + i + 1); y[window*kernels.Lanes+i] != want {
				t.Fatalf("image %d, window %d: maximum %v, want %v", i, window, y[window*kernels.Lanes+i], want)
			}
			want := float32(0)
			if e%3 == i {
				want = float32(10*window + i)
			}
			if dx[e*kernels.Lanes+i] != want {
				t.Fatalf("image %d, element %d: gradient %v, want %v", i, e, dx[e*kernels.Lanes+i], want)
			}
		}
	}
}

// TestActivation applies ReLU after the maximum, and its derivative before the
// gradient goes back.
func TestActivation(t *testing.T) {
	op, err := pool.Max{Size: 2, Activation: layer.ReLU}.Bind(layer.Image(1, 2, 4))
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float32, 8*kernels.Lanes), make([]float32, 2*kernels.Lanes)
	for e, v := range []float32{-4, -3, 1, 5, -2, -1, 2, 3} { // rows of four
		x[e*kernels.Lanes] = v
	}
	op.Forward(y, x, 1)
	if y[0] != 0 || y[kernels.Lanes] != 5 {
		t.Errorf("outputs %v and %v, want 0 and 5", y[0], y[kernels.Lanes])
	}
	dx, dy := make([]float32, len(x)), make([]float32, len(y))
	dy[0], dy[kernels.Lanes] = 7, 9
	op.Backward(dx, dy, x, y, 1)
	for e := range 8 {
		want := float32(0)
		if e == 3 {
			want = 9
		}
		if dx[e*kernels.Lanes] != want {
			t.Errorf("element %d: gradient %v, want %v", e, dx[e*kernels.Lanes], want)
		}
	}
	op.Backward(nil, dy, x, y, 1) // the first layer's: no gradient of the input
}
