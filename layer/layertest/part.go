package layertest

import (
	"fmt"
	"math"

	"github.com/simdlanes/lanes/layer"
)

// divided runs a layer.Divided in parts, and compares them with the whole.
func (k *check) divided(s *subject) error {
	d, ok := s.op.(layer.Divided)
	if !ok || s.in.IsVector() && s.out.IsVector() {
		return nil
	}
	if d.Channelwise() && !s.in.IsVector() && !s.out.IsVector() && s.in.C != s.out.C {
		return fmt.Errorf("%w: Channelwise, with %v for an input and %v for an output", ErrContract, s.in, s.out)
	}
	for _, n := range []int{3, len(k.images)} {
		for _, workers := range []int{2, 3, max(s.in.C, s.out.C) + 1} {
			whole, err := s.pass(k.images[:n], k.grads[:n], 1)
			if err != nil {
				return err
			}
			p := parts{subject: s, op: d, workers: workers, grads: k.grads[:n], whole: whole}
			for _, step := range []func() error{p.forward, p.observe, p.derivative, p.backward, p.gradient} {
				if err := step(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// parts are the parts of some workers in a pass.
type parts struct {
	*subject
	op      layer.Divided
	workers int
	grads   [][]float32 // of the output
	whole   result
}

// each calls f for each worker's part of the channels of shape a, or of b if a is a
// vector. Parts of no channels are left out.
func (p *parts) each(a, b layer.Shape, f func(part layer.Part) error) error {
	if a.IsVector() {
		a = b
	}
	for w := range p.workers {
		part := layer.PartOf(a.C, w, p.workers)
		if part.Lo == part.Hi {
			continue
		}
		var err error
		what := fmt.Sprintf("channels %d to %d of %s", part.Lo, part.Hi-1, plural(p.whole.n))
		if panicked := catch(what, func() { err = f(part) }); panicked != nil {
			return panicked
		}
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrContract, what, err)
		}
	}
	return nil
}

// seen is what a part may look at: its own channels if the layer is channelwise.
func (p *parts) seen(of block, part layer.Part) []float32 {
	if !p.op.Channelwise() {
		return of.x
	}
	return own(of, part).x
}

// own has the part's channels of a block alone, or all of one of vectors.
func own(of block, part layer.Part) block {
	if of.shape.IsVector() {
		return of.clone()
	}
	seen := of
	seen.x = filled(len(of.x))
	copy(part.Of(seen.x, of.shape), part.Of(of.x, of.shape))
	return seen
}

// made takes over what a part has made, and returns an error if it is not its own.
func (p *parts) made(name string, all, made block, part layer.Part) error {
	if all.shape.IsVector() {
		for i, v := range made.x {
			if v == v {
				all.x[i] = v
			}
		}
		return nil
	}
	copy(part.Of(all.x, all.shape), part.Of(made.x, all.shape))
	copy(part.Of(made.x, all.shape), filled(len(part.Of(made.x, all.shape))))
	for i, v := range made.x {
		if v == v {
			return fmt.Errorf("%s[%d], of another channel, becomes %v", name, i, v)
		}
	}
	return nil
}

// blank is a block of NaN.
func (p *parts) blank(s layer.Shape) block { return newBlock(s, p.whole.n, nan, nan) }

func (p *parts) forward() error {
	y := p.blank(p.out)
	err := p.each(p.out, p.in, func(part layer.Part) error {
		made := p.blank(p.out)
		p.op.ForwardPart(made.x, p.seen(p.whole.x, part), p.whole.n, part)
		return p.made("y", y, made, part)
	})
	return p.sameAs(err, "ForwardPart", y.x, p.whole.y.x)
}

func (p *parts) backward() error {
	dx := p.blank(p.in)
	err := p.each(p.in, p.out, func(part layer.Part) error {
		made := p.blank(p.in)
		p.op.BackwardPart(made.x, p.seen(p.whole.dy, part), p.whole.x.x, p.whole.y.x, p.whole.n, part)
		return p.made("dx", dx, made, part)
	})
	return p.sameAs(err, "BackwardPart", dx.x, p.whole.gradient.x)
}

// derivative wants Backward to do to dy what an Activated Op's activation does, and
// nothing in others; and nothing more than ObserveGrad in a Batched Op.
func (p *parts) derivative() error {
	dy := blockOf(p.out, p.grads, 0)
	if b, ok := p.op.(layer.Batched); ok {
		b.ObserveGrad(make([]float64, b.StatsLen()), dy.x, p.whole.x.x, p.whole.y.x, p.whole.n)
	} else if a, ok := p.op.(layer.Activated); ok {
		a.Activation().Backward(dy.x, p.whole.y.x)
	}
	return p.sameAs(nil, "the derivative of its activation", dy.x, p.whole.dy.x)
}

func (p *parts) gradient() error {
	g, ok := p.op.(layer.DividedGradient)
	if !ok {
		return nil
	}
	params := g.Params()
	dw, db := filled(len(p.w)), filled(len(p.b))
	err := p.each(p.out, p.out, func(part layer.Part) error {
		w, b := filled(len(p.w)), filled(len(p.b))
		g.GradientPart(w, b, p.whole.x.x, p.whole.dy.x, p.whole.n, part)
		for i, v := range w {
			if row := i / params.RowLen; row >= part.Lo && row < part.Hi {
				dw[i] = v
			} else if v == v {
				return fmt.Errorf("dw[%d], of another row, becomes %v", i, v)
			}
		}
		for i, v := range b {
			if i >= part.Lo && i < part.Hi {
				db[i] = v
			} else if v == v {
				return fmt.Errorf("db[%d], of another row, becomes %v", i, v)
			}
		}
		return nil
	})
	if err := p.sameAs(err, "GradientPart", dw, p.whole.weights); err != nil {
		return err
	}
	return p.sameAs(nil, "GradientPart", db, p.whole.biases)
}

func (p *parts) observe() error {
	d, ok := p.op.(layer.DividedBatched)
	if !ok {
		return nil
	}
	want, have := make([]float64, d.StatsLen()), make([]float64, d.StatsLen())
	d.Observe(want, p.whole.x.x, p.whole.n)
	err := p.each(p.in, p.in, func(part layer.Part) error {
		d.ObservePart(have, own(p.whole.x, part).x, p.whole.n, part)
		return nil
	})
	if err := p.sameStats(err, "ObservePart", have, want); err != nil {
		return err
	}
	grads, inParts := blockOf(p.out, p.grads, 0), p.blank(p.out)
	whole := grads.clone()
	d.ObserveGrad(want, whole.x, p.whole.x.x, p.whole.y.x, p.whole.n)
	err = p.each(p.out, p.out, func(part layer.Part) error {
		dy := own(grads, part)
		d.ObserveGradPart(have, dy.x, own(p.whole.x, part).x, own(p.whole.y, part).x, p.whole.n, part)
		return p.made("dy", inParts, dy, part)
	})
	if err := p.sameStats(err, "ObserveGradPart", have, want); err != nil {
		return err
	}
	return p.sameAs(nil, "ObserveGradPart", inParts.x, whole.x)
}

// sameAs returns err, or an error unless the parts make the whole.
func (p *parts) sameAs(err error, what string, have, want []float32) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if at, same := sameBits(have, want); !same {
		return fmt.Errorf("%w: %s of %s in %d parts makes element %d %v, and not %v",
			ErrContract, what, plural(p.whole.n), p.workers, at, have[at], want[at])
	}
	return nil
}

func (p *parts) sameStats(err error, what string, have, want []float64) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	for i := range want {
		if math.Float64bits(have[i]) != math.Float64bits(want[i]) {
			return fmt.Errorf("%w: %s of %s in %d parts makes number %d %v, and not %v",
				ErrContract, what, plural(p.whole.n), p.workers, i, have[i], want[i])
		}
	}
	return nil
}
