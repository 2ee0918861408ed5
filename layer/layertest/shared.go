package layertest

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// shared runs a block of vectors as several workers of a training share it: each some
// of its images, in their places of the batch.
func (k *check) shared(s *subject) error {
	if !s.in.IsVector() || !s.out.IsVector() {
		return nil
	}
	whole, err := s.pass(k.images, k.grads, 1)
	if err != nil {
		return err
	}
	dy := blockOf(s.out, k.grads, 0)
	s.observeGrad(dy, whole.x, whole.y)
	for _, workers := range []int{2, 3} {
		for w := range workers {
			images := layer.PartOf(whole.n, w, workers)
			rows := func(b block) []float32 {
				size := b.shape.Len()
				return clip(b.x[images.Lo*size : images.Hi*size])
			}
			n, x := images.Hi-images.Lo, rows(whole.x)
			y, dx, delta := filled(n*s.out.Len()), filled(n*s.in.Len()), rows(dy)
			s.forwardOp(y, x, n, images.Lo)
			s.backwardOp(dx, delta, x, y, n, images.Lo)
			for _, c := range []struct {
				name       string
				have, want []float32
			}{{"output", y, rows(whole.y)}, {"dx", dx, rows(whole.gradient)}, {"dy after Backward", delta, rows(whole.dy)}} {
				if at, same := sameBits(c.have, c.want); !same {
					return fmt.Errorf("%w: images %d to %d of %s by themselves: element %d of %s is %v, and not %v",
						ErrContract, images.Lo, images.Hi-1, plural(whole.n), at, c.name, c.have[at], c.want[at])
				}
			}
		}
	}
	return nil
}
