package net

import (
	"fmt"
	"math"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// clipping bounds a step's gradients: first each by itself, then all together.
type clipping struct {
	value, norm float64 // the bounds; 0: none

	copies  [][]float32 // for each worker, a task's gradients of which each is bounded
	squares []float64   // for each task, in the order of the parameters, the sum of its gradients' squares
}

func newClipping(value, norm float64, workers int, tasks []task) clipping {
	c := clipping{value: value, norm: norm}
	if value > 0 {
		size := 0
		for _, t := range tasks {
			w, b := t.bounds()
			size = max(size, w.hi-w.lo+b.hi-b.lo)
		}
		for range workers {
			c.copies = append(c.copies, make([]float32, size))
		}
	}
	if norm > 0 {
		c.squares = make([]float64, len(tasks))
	}
	return c
}

// checkClip returns an error unless limit, the value of a field, is 0 or can
// bound gradients.
func checkClip(field string, limit float64) error {
	if limit != 0 && !(limit >= minEpsilon && limit <= maxEpsilon) {
		return fmt.Errorf("%w: want %s 0 or from %v to %v, have %v", layer.ErrOption, field, minEpsilon, maxEpsilon, limit)
	}
	return nil
}

// clipped returns a worker's copies of gradients, multiplied by scale and each
// bounded.
func (c *clipping) clipped(worker int, dw, db []float32, scale float32) (w, b []float32) {
	w, b = c.copies[worker][:len(dw)], c.copies[worker][len(dw):][:len(db)]
	kernels.Clip(w, dw, scale, float32(c.value))
	kernels.Clip(b, db, scale, float32(c.value))
	return w, b
}

// factor returns what brings the gradients' norm down to the bound, once the sums
// of squares of the gradients times n are known, as PyTorch's clip_grad_norm_
// does: bound/(norm + 1e-6), at most 1. The order in which the sums are added
// does not depend on the number of workers.
func (c *clipping) factor(n int) (float64, error) {
	sum := 0.0
	for _, s := range c.squares {
		sum += s
	}
	norm := math.Sqrt(sum) / float64(n)
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return 0, fmt.Errorf("%w: the norm of the gradients is %v", ErrNotFinite, norm)
	}
	return math.Min(1, c.norm/(norm+1e-6)), nil
}
