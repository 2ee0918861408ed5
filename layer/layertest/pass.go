package layertest

import (
	"fmt"

	"github.com/simdlanes/lanes/layer"
)

// result is what an Op makes of some images and the gradients of their outputs.
type result struct {
	n                  int
	output, dx, delta  [][]float32 // of each image
	weights, biases    []float32   // gradients; none for an Op without parameters
	x, y, dy, gradient block       // as they are after the pass
}

// forwardOp and backwardOp run what an Op has for training, or, if the subject
// predicts, for that. The images are those of a batch from the first on.
func (s *subject) forwardOp(y, x []float32, n, first int) {
	if t, ok := s.op.(layer.Training); ok && !s.predicts {
		t.ForwardTraining(y, x, n, layer.Place{Image: first})
		return
	}
	s.op.Forward(y, x, n)
}

func (s *subject) backwardOp(dx, dy, x, y []float32, n, first int) {
	if t, ok := s.op.(layer.Training); ok && !s.predicts {
		t.BackwardTraining(dx, dy, x, y, n, layer.Place{Image: first})
		return
	}
	s.op.Backward(dx, dy, x, y, n)
}

// observe and observeGrad are what happens to a layer.Batched before a pass.
func (s *subject) observe(x block) {
	if b, ok := s.op.(layer.Batched); ok && !s.predicts {
		stats := make([]float64, b.StatsLen())
		b.Observe(stats, x.x, x.n)
		b.Combine(stats, x.n)
	}
}

func (s *subject) observeGrad(dy, x, y block) {
	if b, ok := s.op.(layer.Batched); ok && !s.predicts {
		stats := make([]float64, b.StatsLen())
		b.ObserveGrad(stats, dy.x, x.x, y.x, x.n)
		b.CombineGrad(stats, x.n)
	}
}

// pass takes images through an Op, forward and backward, as a training step does,
// and checks what it must leave alone and what it must write. Wherever no image
// is, there is absent. A subject that predicts has no gradient of parameters.
func (s *subject) pass(images, grads [][]float32, absent float32) (r result, err error) {
	r = result{n: len(images)}
	if err := s.forward(&r, images, absent); err != nil {
		return r, err
	}
	if err := s.backward(&r, grads, absent); err != nil {
		return r, err
	}
	if _, ok := s.op.(layer.Trained); ok && !s.predicts {
		return r, s.gradients(&r)
	}
	return r, nil
}

// forward runs Forward.
func (s *subject) forward(r *result, images [][]float32, absent float32) error {
	r.x = blockOf(s.in, images, absent)
	r.y = newBlock(s.out, r.n, nan, absent)
	before := r.x.clone()
	w, b := clip(s.w), clip(s.b)
	what := fmt.Sprintf("Forward of %s", plural(r.n))
	if err := catch(what, func() { s.observe(r.x); s.forwardOp(r.y.x, r.x.x, r.n, 0) }); err != nil {
		return err
	}
	if err := unchanged(what, "its input", r.x.x, before.x); err != nil {
		return err
	}
	if err := s.keptParameters(what, w, b); err != nil {
		return err
	}
	r.output = r.y.images()
	return r.y.written(what, "output")
}

// backward runs Backward, without a place for the input's gradient and with one.
func (s *subject) backward(r *result, grads [][]float32, absent float32) error {
	dy := blockOf(s.out, grads, 0)
	r.dy = dy.clone()
	r.gradient = newBlock(s.in, r.n, nan, absent)
	x, y := r.x.clone(), r.y.clone()
	w, b := clip(s.w), clip(s.b)
	what := fmt.Sprintf("Backward of %s", plural(r.n))
	alone := dy.clone()
	err := catch(what+" without dx", func() { s.observeGrad(alone, r.x, r.y); s.backwardOp(nil, alone.x, r.x.x, r.y.x, r.n, 0) })
	if err == nil {
		err = catch(what, func() { s.observeGrad(r.dy, r.x, r.y); s.backwardOp(r.gradient.x, r.dy.x, r.x.x, r.y.x, r.n, 0) })
	}
	if err != nil {
		return err
	}
	if err := unchanged(what, "its input", r.x.x, x.x); err != nil {
		return err
	}
	if err := unchanged(what, "its output", r.y.x, y.x); err != nil {
		return err
	}
	if err := s.keptParameters(what, w, b); err != nil {
		return err
	}
	if at, same := sameBits(alone.x, r.dy.x); !same {
		return fmt.Errorf("%w: %s leaves %v in dy[%d], and %v if there is no dx", ErrContract, what, r.dy.x[at], at, alone.x[at])
	}
	r.dx, r.delta = r.gradient.images(), r.dy.images()
	if err := r.gradient.written(what, "dx"); err != nil {
		return err
	}
	if err := r.dy.written(what, "dy"); err != nil {
		return err
	}
	if err := r.gradient.zeroWhereAbsent(what, "dx"); err != nil {
		return err
	}
	return r.dy.zeroWhereAbsent(what, "dy")
}

// gradients runs Gradient.
func (s *subject) gradients(r *result) error {
	x, dy := r.x.clone(), r.dy.clone()
	w, b := clip(s.w), clip(s.b)
	r.weights, r.biases = filled(len(s.w)), filled(len(s.b))
	what := fmt.Sprintf("Gradient of %s", plural(r.n))
	err := catch(what, func() {
		switch g := s.op.(type) {
		case layer.CombinedGradient:
			g.CombinedGradient(r.weights, r.biases, 0, g.Params().Rows)
		case layer.BlockGradient:
			g.Gradient(r.weights, r.biases, r.x.x, r.dy.x, r.n)
		case layer.BatchGradient:
			g.Gradient(r.weights, r.biases, r.x.x, r.dy.x, r.n, 0, g.Params().Rows)
		}
	})
	if err != nil {
		return err
	}
	if err := unchanged(what, "its input", r.x.x, x.x); err != nil {
		return err
	}
	if err := unchanged(what, "dy", r.dy.x, dy.x); err != nil {
		return err
	}
	if err := s.keptParameters(what, w, b); err != nil {
		return err
	}
	for name, v := range map[string][]float32{"dw": r.weights, "db": r.biases} {
		for i := range v {
			if !finite(v[i]) {
				return fmt.Errorf("%w: %s leaves %s[%d] unwritten, or not finite", ErrContract, what, name, i)
			}
		}
	}
	return nil
}

// keptParameters returns an error if a pass has changed the parameters.
func (s *subject) keptParameters(what string, w, b []float32) error {
	if err := unchanged(what, "the weights", s.w, w); err != nil {
		return err
	}
	return unchanged(what, "the biases", s.b, b)
}

func filled(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = nan
	}
	return x
}

func unchanged(what, of string, have, want []float32) error {
	if at, same := sameBits(have, want); !same {
		return fmt.Errorf("%w: %s changes element %d of %s from %v to %v", ErrContract, what, at, of, want[at], have[at])
	}
	return nil
}

// written returns an error unless every place of the block has a finite number.
func (b block) written(what, name string) error {
	for i := range b.n {
		for e := range b.shape.Len() {
			if !finite(b.x[b.at(i, e)]) {
				return fmt.Errorf("%w: %s leaves element %d of image %d of %s unwritten, or not finite", ErrContract, what, e, i, name)
			}
		}
	}
	for i, v := range b.x {
		if !finite(v) {
			return fmt.Errorf("%w: %s writes %v to %s[%d], where no image is", ErrContract, what, v, name, i)
		}
	}
	return nil
}

// zeroWhereAbsent returns an error unless a gradient is 0 where no image is.
func (b block) zeroWhereAbsent(what, name string) error {
	for i, v := range b.x {
		if !b.present(i) && v != 0 {
			return fmt.Errorf("%w: %s leaves %v in %s[%d], where no image is: want 0", ErrContract, what, v, name, i)
		}
	}
	return nil
}

func plural(n int) string {
	if n == 1 {
		return "1 image"
	}
	return fmt.Sprintf("%d images", n)
}
