package conv_test

import (
	"fmt"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// TestPyTorch compares convolutions of all options, of a block and of single images,
// and their gradients, with PyTorch's.
func TestPyTorch(t *testing.T) {
	for name, l := range map[string]conv.Layer{
		"same_3x5":     {Filters: 3, Size: 3, SizeCols: 5, Same: true},
		"same_2x2d2":   {Filters: 3, Size: 2, Dilation: 2, Same: true},
		"same_3s2":     {Filters: 3, Size: 3, Stride: 2, Same: true},
		"same_4s3":     {Filters: 3, Size: 4, Stride: 3, Same: true},
		"depthwise":    {Filters: 5, Size: 3, Groups: 5, Same: true},
		"depthwise_s2": {Filters: 5, Size: 3, Groups: 5, Same: true, Stride: 2},
		"depthwise_2":  {Filters: 6, Size: 3, Groups: 3, Padding: 1},
		"valid_3s2":    {Filters: 3, Size: 3, Stride: 2},
		"padded_2x5":   {Filters: 3, Size: 2, SizeCols: 5, Stride: 2, Padding: 3},
		"valid_3d2":    {Filters: 3, Size: 3, Dilation: 2},
		"same_3d3":     {Filters: 3, Size: 3, Dilation: 3, Same: true},
		"groups":       {Filters: 4, Size: 3, Stride: 2, Groups: 2, Padding: 1},
	} {
		for _, impl := range kernels.Impls() {
			t.Run(fmt.Sprint(name, "/", impl), func(t *testing.T) {
				defer kernels.Use(impl)()
				array := func(key string) []float32 {
					data, _ := golden.File(t, "testdata/torch/"+name+"_"+key+".npy")
					return golden.Float32s(data)
				}
				_, dims := golden.File(t, "testdata/torch/"+name+"_x.npy")
				n, in := dims[0], layer.Image(dims[1], dims[2], dims[3])
				op := bind(t, l, in)
				op.Attach(array("w"), array("b"))
				x, y := block(array("x"), n), make([]float32, op.Out().Len()*kernels.Lanes)
				op.Forward(y, x, n)
				const tol = 5e-6
				golden.Close(t, "y", images(y, n), array("y"), tol)
				single := op.(layer.Single)
				one, scratch := make([]float32, op.Out().Len()), make([]float32, single.ScratchOne())
				for i := range n {
					single.ForwardOne(one, array("x")[i*in.Len():][:in.Len()], scratch)
					golden.Close(t, fmt.Sprint("y of image ", i), one, array("y")[i*len(one):][:len(one)], tol)
				}
				dx, dy := make([]float32, len(x)), block(array("dy"), n)
				op.Backward(dx, dy, x, y, n)
				golden.Close(t, "dx", images(dx, n), array("dx"), tol)
				dw, db := make([]float32, op.Params().Weights()), make([]float32, l.Filters)
				op.Gradient(dw, db, x, dy, n)
				golden.Close(t, "dw", dw, array("dw"), 4*tol)
				golden.Close(t, "db", db, array("db"), 4*tol)
			})
		}
	}
}
