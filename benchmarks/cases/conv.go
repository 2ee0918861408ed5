package cases

import (
	"fmt"
	"slices"
)

// Conv is one pass of a convolution layer over a batch.
type Conv struct {
	Layer       string
	Pass        string // one of [Passes]
	Batch       int
	C, H, W     int // input channels, rows, columns
	Filters     int // output channels
	Size        int // rows and columns of a filter
	Stride, Pad int // of rows and columns alike
	Groups      int // in each of which its filters meet its channels; 0 means 1
}

// The passes of a layer: forward, the gradient of its input and that of its
// weights and biases.
const (
	Forward = "fwd"
	Data    = "data"
	Weights = "weights"
)

// Passes are the passes of a layer in the order in which a training step runs
// them.
var Passes = []string{Forward, Data, Weights}

// lenet are the convolutions of LeNet-5; larger are those of large networks,
// and an odd one.
var (
	lenet = []Conv{
		{Layer: "lenet1", Batch: 32, C: 1, H: 32, W: 32, Filters: 6, Size: 5, Stride: 1},
		{Layer: "lenet2", Batch: 32, C: 6, H: 14, W: 14, Filters: 16, Size: 5, Stride: 1},
	}
	larger = []Conv{
		{Layer: "64to64-3x3-56", Batch: 8, C: 64, H: 56, W: 56, Filters: 64, Size: 3, Stride: 1, Pad: 1},
		{Layer: "128to128-3x3-28", Batch: 8, C: 128, H: 28, W: 28, Filters: 128, Size: 3, Stride: 1, Pad: 1},
		{Layer: "256to256-3x3-14", Batch: 8, C: 256, H: 14, W: 14, Filters: 256, Size: 3, Stride: 1, Pad: 1},
		{Layer: "256to1024-1x1-14", Batch: 8, C: 256, H: 14, W: 14, Filters: 1024, Size: 1, Stride: 1},
		{Layer: "3to64-7x7s2-224", Batch: 4, C: 3, H: 224, W: 224, Filters: 64, Size: 7, Stride: 2, Pad: 3},
		{Layer: "13to21-3x3-29", Batch: 4, C: 13, H: 29, W: 29, Filters: 21, Size: 3, Stride: 1},
	}
)

// depthwise are convolutions whose filters meet one channel each. Eight images of
// the first are about what an L2 cache of 1 MB holds, of the second half as much.
var depthwise = []Conv{
	{Layer: "depthwise32-3x3-28", C: 32, H: 28, W: 28, Filters: 32, Size: 3, Stride: 1, Pad: 1, Groups: 32},
	{Layer: "depthwise32-3x3s2-28", C: 32, H: 28, W: 28, Filters: 32, Size: 3, Stride: 2, Pad: 1, Groups: 32},
	{Layer: "depthwise64-3x3-14", C: 64, H: 14, W: 14, Filters: 64, Size: 3, Stride: 1, Pad: 1, Groups: 64},
	{Layer: "depthwise64-3x3s2-14", C: 64, H: 14, W: 14, Filters: 64, Size: 3, Stride: 2, Pad: 1, Groups: 64},
}

// Convs returns all convolutions.
func Convs() []Conv { return slices.Concat(LeNetConvs(), LargerConvs(), DepthwiseConvs()) }

// LeNetConvs returns the convolutions of a training step of LeNet-5. The
// gradient of the images is not needed.
func LeNetConvs() (convs []Conv) {
	for _, c := range allPasses(lenet) {
		if c.Layer != "lenet1" || c.Pass != Data {
			convs = append(convs, c)
		}
	}
	return convs
}

// LargerConvs returns all passes of convolutions beyond LeNet-5's.
func LargerConvs() []Conv { return allPasses(larger) }

// DepthwiseConvs returns all passes of depthwise convolutions, of batches of 8 and
// of 32 images.
func DepthwiseConvs() (convs []Conv) {
	for _, c := range depthwise {
		for _, batch := range []int{8, 32} {
			c.Batch = batch
			convs = append(convs, allPasses([]Conv{c})...)
		}
	}
	return convs
}

func allPasses(layers []Conv) (convs []Conv) {
	for _, c := range layers {
		for _, pass := range Passes {
			c.Pass = pass
			convs = append(convs, c)
		}
	}
	return convs
}

// Key implements [Case].
func (c Conv) Key() string {
	return fmt.Sprintf("op=conv2d/pass=%s/shape=%s/batch=%d", c.Pass, c.Layer, c.Batch)
}

// Numbers implements [Case].
func (c Conv) Numbers() []int {
	return []int{c.Batch, c.C, c.H, c.W, c.Filters, c.Size, c.Stride, c.Pad, max(1, c.Groups)}
}

// FLOPs is the useful arithmetic of any of the passes: a multiply and an add
// for every tap that lies inside the image. Padding and biases are not counted.
func (c Conv) FLOPs() float64 {
	return 2 * float64(c.Batch*c.C/max(1, c.Groups)*c.Filters) * float64(c.tapsAlong(c.H)) * float64(c.tapsAlong(c.W))
}

// tapsAlong counts, along an axis of the given length, the taps of all
// positions of a filter that lie inside the image.
func (c Conv) tapsAlong(length int) (taps int) {
	for first := -c.Pad; first+c.Size <= length+c.Pad; first += c.Stride {
		taps += min(first+c.Size, length) - max(first, 0)
	}
	return taps
}
