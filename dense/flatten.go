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
	return flatten{in.Len()}, nil
}

type flatten struct{ len int }

func (f flatten) String() string { return "flatten" }

func (f flatten) Out() layer.Shape { return layer.Vector(f.len) }

func (f flatten) MultiplyAdds() int64 { return 0 }

func (f flatten) Forward(y, x []float32, n int) {
	kernels.Deinterleave(y, x, f.len, f.len, n)
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
