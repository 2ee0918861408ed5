package dense

import (
	"fmt"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// Flatten turns an image of C x H x W into a vector of C*H*W elements, in that
// order, row-major. It is where the interleaved block of eight images is
// transposed back into rows.
type Flatten struct{}

// Bind implements [layer.Layer].
func (Flatten) Bind(in layer.Shape) (layer.Op, error) {
	if in.IsVector() {
		return nil, fmt.Errorf("flatten: %w: want an image (channels, rows, columns), have a vector of %v", layer.ErrShape, in)
	}
	if err := in.Check(); err != nil {
		return nil, fmt.Errorf("flatten: %w", err)
	}
	return flatten{in.Len(), in.H * in.W}, nil
}

// flatten implements layer.Divided and layer.Single.
type flatten struct{ len, channel int }

func (f flatten) String() string { return "flatten" }

func (f flatten) Out() layer.Shape { return layer.Vector(f.len) }

func (f flatten) MultiplyAdds() int64 { return 0 }

func (f flatten) Forward(y, x []float32, n int) {
	kernels.Deinterleave(y, x, f.len, f.len, n)
}

// Channelwise is true: a channel of the image is a part of the vector.
func (f flatten) Channelwise() bool { return true }

func (f flatten) ForwardPart(y, x []float32, n int, p layer.Part) {
	lo, hi := p.Lo*f.channel, p.Hi*f.channel
	kernels.Deinterleave(y[lo:], x[lo*kernels.Lanes:hi*kernels.Lanes], hi-lo, f.len, n)
}

func (f flatten) BackwardPart(dx, dy, x, y []float32, n int, p layer.Part) {
	lo, hi := p.Lo*f.channel, p.Hi*f.channel
	kernels.Interleave(dx[lo*kernels.Lanes:hi*kernels.Lanes], dy[lo:], hi-lo, f.len, n)
}

func (f flatten) ScratchOne() int { return 0 }

// ForwardOne copies: the rows of a single image already have the order of a
// vector.
func (f flatten) ForwardOne(y, x, _ []float32) { copy(y, x) }

func (f flatten) Backward(dx, dy, x, y []float32, n int) {
	if dx != nil {
		kernels.Interleave(dx, dy, f.len, f.len, n)
	}
}
