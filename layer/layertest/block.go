package layertest

import (
	"math"

	"github.com/simdlanes/lanes/layer"
)

// A block is the activations of some images in the layout that an Op wants.
type block struct {
	shape layer.Shape
	n     int // images
	x     []float32
}

// newBlock returns a block with v everywhere where one of n images is, and
// absent where none is.
func newBlock(s layer.Shape, n int, v, absent float32) block {
	size := layer.Lanes * s.Len()
	if s.IsVector() {
		size = n * s.Len()
	}
	b := block{s, n, make([]float32, size)}
	for i := range b.x {
		b.x[i] = absent
		if b.present(i) {
			b.x[i] = v
		}
	}
	return b
}

// blockOf returns a block of images.
func blockOf(s layer.Shape, images [][]float32, absent float32) block {
	b := newBlock(s, len(images), 0, absent)
	for i, image := range images {
		for e, v := range image {
			b.x[b.at(i, e)] = v
		}
	}
	return b
}

// at is where element e of image i lies.
func (b block) at(i, e int) int {
	if b.shape.IsVector() {
		return i*b.shape.Len() + e
	}
	return e*layer.Lanes + i
}

// present reports whether place i belongs to an image.
func (b block) present(i int) bool { return b.shape.IsVector() || i%layer.Lanes < b.n }

// images returns the images of the block.
func (b block) images() [][]float32 {
	images := make([][]float32, b.n)
	for i := range images {
		images[i] = make([]float32, b.shape.Len())
		for e := range images[i] {
			images[i][e] = b.x[b.at(i, e)]
		}
	}
	return images
}

func (b block) clone() block {
	b.x = clip(b.x)
	return b
}

// sameBits reports whether two vectors have the same bits, any NaN being like any
// other, and where they first differ.
func sameBits(a, b []float32) (at int, same bool) {
	for i, v := range a {
		if w := b[i]; math.Float32bits(v) != math.Float32bits(w) && (v == v || w == w) {
			return i, false
		}
	}
	return 0, true
}

func finite(v float32) bool { return v-v == 0 }

var nan = float32(math.NaN())
