package kernels

import (
	"fmt"
	"testing"
)

// TestDepthwiseIsFast wants the tiles of depthwise convolutions for the geometries
// that networks have: results do not tell, because other tiles give the same bits.
func TestDepthwiseIsFast(t *testing.T) {
	for _, c := range []struct {
		stride, before, after int
		weights               bool // the weight gradient, too
	}{
		{1, 0, 0, true}, {1, 1, 1, true}, {1, 2, 2, false},
		{2, 0, 0, true}, {2, 1, 1, true}, {2, 0, 1, true}, {2, 2, 2, false},
	} {
		for _, size := range []image{{9, 10}, {28, 28}, {14, 14}, {112, 112}} {
			t.Run(fmt.Sprint(c.stride, "/", c.before, c.after, "/", size), func(t *testing.T) {
				conv := NewConv(ConvShape{
					C: 5, H: size.h, W: size.w, Filters: 5, FH: 3, FW: 3, Groups: 5, StrideH: c.stride, StrideW: c.stride,
					PadTop: c.before, PadBottom: c.after, PadLeft: c.before, PadRight: c.after,
				})
				for _, pass := range []struct {
					name          string
					applies, want bool
				}{
					{"forward", conv.forward.depth.applies, true},
					{"data gradient", conv.data.depth.applies, true},
					{"weight gradient", conv.depth.applies, c.weights},
				} {
					if pass.applies != pass.want {
						t.Errorf("%s: fast %t, want %t", pass.name, pass.applies, pass.want)
					}
				}
			})
		}
	}
	// With two filters for each channel a tile of the forward pass has two to compute.
	double := NewConv(ConvShape{C: 4, H: 9, W: 10, Filters: 8, FH: 3, FW: 3, Groups: 4})
	if double.forward.depth.applies || !double.depth.applies {
		t.Errorf("two filters for each channel: fast forward %t, weight gradient %t", double.forward.depth.applies, double.depth.applies)
	}
}
