package pool_test

import (
	"fmt"
	"testing"

	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/pool"
)

// TestPyTorch compares poolings and their gradients with PyTorch's, of whole blocks
// and of single images: maxima and their gradients are equal, averages within a
// rounding or two.
func TestPyTorch(t *testing.T) {
	x, shape := golden.File(t, "testdata/torch/x.npy")
	n, in := shape[0], layer.Image(shape[1], shape[2], shape[3])
	for name, c := range map[string]struct {
		l   layer.Layer
		tol float64
	}{
		"max_3s2p1":     {pool.Max{Size: 3, Stride: 2, Padding: 1}, 0},
		"max_2s1":       {pool.Max{Size: 2, Stride: 1}, 0},
		"max_3x4s2p1c":  {pool.Max{Size: 3, SizeCols: 4, Stride: 2, Padding: 1, Ceil: true}, 0},
		"max_4s3c":      {pool.Max{Size: 4, Stride: 3, Ceil: true}, 0},
		"avg_2":         {pool.Avg{Size: 2}, 5e-7},
		"avg_3s2p1":     {pool.Avg{Size: 3, Stride: 2, Padding: 1}, 5e-7},
		"avg_3s2p1n":    {pool.Avg{Size: 3, Stride: 2, Padding: 1, CountPad: true}, 5e-7},
		"avg_3x5s3p1cn": {pool.Avg{Size: 3, SizeCols: 5, Stride: 3, Padding: 1, Ceil: true, CountPad: true}, 5e-7},
		"avg_4s3c":      {pool.Avg{Size: 4, Stride: 3, Ceil: true}, 5e-7},
		"avg_global":    {pool.GlobalAvg{}, 5e-7},
	} {
		for _, impl := range kernels.Impls() {
			t.Run(fmt.Sprint(name, "/", impl), func(t *testing.T) {
				defer kernels.Use(impl)()
				op, err := c.l.Bind(in)
				if err != nil {
					t.Fatal(err)
				}
				want, dims := golden.File(t, "testdata/torch/"+name+"_y.npy")
				if out := op.Out(); fmt.Sprint(dims[1:]) != fmt.Sprint([]int{out.C, out.H, out.W}) {
					t.Fatalf("output %v, want %v", out, dims[1:])
				}
				wantDX, _ := golden.File(t, "testdata/torch/"+name+"_dx.npy")
				comparePyTorch(t, op, n, in.Len(), x, want, wantDX, c.tol)
			})
		}
	}
}

func comparePyTorch(t *testing.T, op layer.Op, n, inLen int, x, want, wantDX []float64, tol float64) {
	images, outLen := golden.Float32s(x), op.Out().Len()
	bx, by := make([]float32, inLen*kernels.Lanes), make([]float32, outLen*kernels.Lanes)
	kernels.Interleave(bx, images, inLen, inLen, n)
	op.Forward(by, bx, n)
	y := make([]float32, n*outLen)
	kernels.Deinterleave(y, by, outLen, outLen, n)
	golden.Close(t, "y", y, want, tol)

	one, single := op.(layer.Single), make([]float32, outLen)
	one.ForwardOne(single, images[:inLen], make([]float32, one.ScratchOne()))
	golden.Close(t, "y of one image", single, want[:outLen], tol)

	dy := make([]float32, n*outLen)
	for i := range dy {
		dy[i] = float32(i%7 + 1)
	}
	bdx, bdy, dx := make([]float32, len(bx)), make([]float32, len(by)), make([]float32, len(images))
	kernels.Interleave(bdy, dy, outLen, outLen, n)
	op.Backward(bdx, bdy, bx, by, n)
	kernels.Deinterleave(dx, bdx, inLen, inLen, n)
	golden.Close(t, "dx", dx, wantDX, 4*tol)
}
