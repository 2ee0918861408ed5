package conv_test

import (
	"fmt"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/layer"
)

// Groups as many as the input has channels make a depthwise convolution; a filter
// then has a single channel. Dilation spreads the taps of a filter over more pixels,
// and Stride leaves out positions.
func ExampleLayer_groups() {
	for _, l := range []conv.Layer{
		{Filters: 8, Size: 3},
		{Filters: 8, Size: 3, Groups: 8},
		{Filters: 8, Size: 3, Groups: 2},
		{Filters: 8, Size: 3, Dilation: 2},
		{Filters: 8, Size: 3, Stride: 2, Padding: 1},
		{Filters: 8, Size: 3, Groups: 3},
	} {
		op, err := l.Bind(layer.Image(8, 28, 28))
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(op, "->", op.Out(), "with", op.(layer.Trained).Params().Weights(), "weights")
	}
	// Output:
	// conv 8 filters 3x3, identity -> 8x26x26 with 576 weights
	// conv 8 filters 3x3, groups 8, identity -> 8x26x26 with 72 weights
	// conv 8 filters 3x3, groups 2, identity -> 8x26x26 with 288 weights
	// conv 8 filters 3x3, dilation 2, identity -> 8x24x24 with 576 weights
	// conv 8 filters 3x3, stride 2, padding 1, identity -> 8x14x14 with 576 weights
	// convolution: shape does not fit: 3 groups do not divide the 8 channels of the input and the 8 filters
}
