package layertest

import (
	"errors"
	"fmt"
	"math"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net/workers"
)

// Check tests whether a layer keeps the contract of package layer when it is
// bound to an input of the given shape:
//
//   - Out is a shape, String says something, and both are the same for each Bind.
//   - Forward, Backward and Gradient write all that they are to write, also over
//     numbers that are not, and change nothing else. Backward does without dx.
//   - The results have the same bits each time, for an image in whatever place of
//     a block of one to eight, and whatever is where no image is. Where none is,
//     gradients are 0 and outputs finite.
//   - Init writes every parameter and depends on its stream alone; what Attach and
//     Pack have shown to the Op is what it computes with. The rows of a
//     BatchGradient have the same bits in parts.
//   - The parts of a layer.Divided are those of the whole, write nothing else, and see
//     their own channels alone if it is Channelwise, or observe.
//   - An Op from vector to vector computes the same of images that come together or
//     not, if they are in the same places of the batch.
//   - ForwardOne gives the bits of Forward. A Replica computes the same, with
//     parameters of its own.
//   - A layer.Training, in training, gives the same bits for the same images in the
//     same places, but may treat each place in its own way, as dropout does. It is
//     its Forward and Backward, which predictions take, that treat an image the same
//     wherever it is.
//   - Several goroutines may compute at once.
//
// What the layer does not promise (layer.Single, layer.Replicated, ...) is not
// tested. A layer.Batched, which sees several images at once, is tested on one
// block, and its images may depend on each other.
//
// The error joins all that was found and wraps ErrContract; it is Bind's own if
// the layer cannot be bound. Panics of the layer are errors.
func (c Checker) Check(l layer.Layer, in layer.Shape) error {
	k := &check{Checker: c, l: l, in: in}
	var s *subject
	var err error
	if panicked := catch("Bind, or what a new Op says of itself,", func() { s, err = c.bind(l, in, 0) }); panicked != nil {
		err = panicked
	}
	if err != nil {
		return fmt.Errorf("layertest: %w", err)
	}
	k.images, k.grads = c.fill(layer.Lanes, in), c.weigh(layer.Lanes, s.out)
	var all []error
	for _, step := range k.steps(s) {
		if panicked := catch("the layer", func() { err = step(s) }); panicked != nil {
			err = panicked
		}
		if err != nil {
			all = append(all, fmt.Errorf("layertest: %v on %v: %w", s.op, in, err))
		}
	}
	return errors.Join(all...)
}

// check is one test of a layer.
type check struct {
	Checker
	l             layer.Layer
	in            layer.Shape
	images, grads [][]float32
}

// steps are the parts of the test. If the layer cannot compute, there is no use
// in going on.
func (k *check) steps(s *subject) []func(*subject) error {
	first := []func(*subject) error{k.description, k.images8}
	if _, err := s.pass(k.images, k.grads, 1); err != nil {
		return first
	}
	return append(first, k.repeated, k.partial, k.elsewhere, k.init, k.attached, k.packed, k.rows, k.divided, k.shared, k.single, k.prediction, k.replica, k.concurrent)
}

// description checks what the Op says of itself.
func (k *check) description(s *subject) error {
	again, err := k.bind(k.l, k.in, 0)
	if err != nil {
		return fmt.Errorf("%w: a second Bind returns %w", ErrContract, err)
	}
	if again.out != s.out || again.op.String() != s.op.String() {
		return fmt.Errorf("%w: a second Bind leads to %v -> %v", ErrContract, again.op, again.out)
	}
	if s.op.String() == "" {
		return fmt.Errorf("%w: String says nothing", ErrContract)
	}
	if counted, ok := s.op.(layer.Counted); ok && counted.MultiplyAdds() < 0 {
		return fmt.Errorf("%w: MultiplyAdds is %d", ErrContract, counted.MultiplyAdds())
	}
	if d, ok := s.op.(layer.Dimensioned); ok {
		product := 1
		for _, n := range d.WeightDims() {
			product *= n
		}
		if product != d.Params().Weights() || d.WeightDims()[0] != d.Params().Rows {
			return fmt.Errorf("%w: WeightDims are %v, but Params %+v", ErrContract, d.WeightDims(), d.Params())
		}
	}
	return nil
}

// images8 runs a whole block.
func (k *check) images8(s *subject) error {
	_, err := s.pass(k.images, k.grads, 1)
	return err
}

// repeated runs the same images twice.
func (k *check) repeated(s *subject) error {
	want, err := s.pass(k.images, k.grads, 1)
	if err != nil {
		return err
	}
	got, err := s.pass(k.images, k.grads, 1)
	if err != nil {
		return err
	}
	return got.sameAs(want, "the first time")
}

// partial runs blocks of fewer images, with different numbers where there is no
// image.
func (k *check) partial(s *subject) error {
	all, err := s.pass(k.images, k.grads, 1)
	if err != nil {
		return err
	}
	for n := 1; n < layer.Lanes; n++ {
		var first result
		for i, absent := range []float32{0, -7e4, 0.3} {
			got, err := s.pass(k.images[:n], k.grads[:n], absent)
			if err != nil {
				return err
			}
			if i == 0 {
				first = got
			} else if err := got.sameAs(first, "with other numbers where no image is"); err != nil {
				return err
			}
		}
		if !s.equivariant() {
			continue
		}
		if err := first.sameImages(all, 0, "in a block of eight"); err != nil {
			return err
		}
	}
	return nil
}

// elsewhere runs a block whose images have changed places.
func (k *check) elsewhere(s *subject) error {
	if !s.equivariant() {
		return nil
	}
	const moved = 3
	all, err := s.pass(k.images, k.grads, 1)
	if err != nil {
		return err
	}
	turn := func(x [][]float32) [][]float32 { return append(append([][]float32{}, x[moved:]...), x[:moved]...) }
	got, err := s.pass(turn(k.images), turn(k.grads), 1)
	if err != nil {
		return err
	}
	return got.sameImages(all, moved, "in another place of the block")
}

// sameAs returns an error unless two results of the same images are the same.
func (r result) sameAs(want result, when string) error {
	if err := r.sameImages(want, 0, when); err != nil {
		return err
	}
	for _, c := range []struct {
		name       string
		have, want []float32
	}{{"dw", r.weights, want.weights}, {"db", r.biases, want.biases}} {
		if at, same := sameBits(c.have, c.want); !same {
			return fmt.Errorf("%w: Gradient of %s gives %s[%d] = %v, and %v %s", ErrContract, plural(r.n), c.name, at, c.have[at], c.want[at], when)
		}
	}
	return nil
}

// sameImages returns an error unless image i has the results of image i+first of
// the other.
func (r result) sameImages(want result, first int, when string) error {
	for _, c := range []struct {
		name       string
		have, want [][]float32
	}{{"output", r.output, want.output}, {"dx", r.dx, want.dx}, {"dy after Backward", r.delta, want.delta}} {
		for i := range r.n {
			have, want := c.have[i], c.want[(i+first)%want.n]
			if at, same := sameBits(have, want); !same {
				return fmt.Errorf("%w: %s, %s: element %d of image %d is %v, and %v %s", ErrContract, plural(r.n), c.name, at, i, have[at], want[at], when)
			}
		}
	}
	return nil
}

// init draws initial parameters.
func (k *check) init(s *subject) error {
	t, ok := s.op.(layer.Trained)
	if !ok {
		return nil
	}
	var drawn [2][2][]float32
	for i := range drawn {
		w, b := filled(len(s.w)), filled(len(s.b))
		if i == 1 {
			clear(w)
			clear(b)
		}
		t.Init(w, b, layer.Stream(k.Seed, "layertest init", 0))
		drawn[i] = [2][]float32{w, b}
	}
	for i, name := range []string{"weight", "bias"} {
		for at, v := range drawn[0][i] {
			if !finite(v) {
				return fmt.Errorf("%w: Init leaves %s %d unwritten, or not finite", ErrContract, name, at)
			}
		}
		if at, same := sameBits(drawn[0][i], drawn[1][i]); !same {
			return fmt.Errorf("%w: Init draws %v and then %v for %s %d from the same stream", ErrContract, drawn[0][i][at], drawn[1][i][at], name, at)
		}
	}
	return nil
}

// attached gives an Op other parameters, by Attach, and compares it with a new one.
func (k *check) attached(s *subject) error {
	return k.replaced(func(s *subject, w, b []float32) { s.attach(w, b) }, "after Attach")
}

// packed changes the parameters where they lie, and packs them: at once, and in
// parts.
func (k *check) packed(s *subject) error {
	for _, part := range []int{math.MaxInt, layer.PackRows} {
		err := k.replaced(func(s *subject, w, b []float32) {
			copy(s.w, w)
			copy(s.b, b)
			t := s.op.(layer.Trained)
			rows := t.Params().Rows
			for lo := 0; lo < rows; lo += min(part, rows-lo) {
				t.Pack(lo, min(part, rows-lo)+lo)
			}
		}, "after Pack")
		if err != nil {
			return err
		}
	}
	return nil
}

// replaced replaces the parameters of a used Op, and compares it with a new one.
func (k *check) replaced(replace func(s *subject, w, b []float32), when string) error {
	want, err := k.bind(k.l, k.in, 1)
	if err != nil {
		return err
	}
	if _, ok := want.op.(layer.Trained); !ok {
		return nil
	}
	used, err := k.bind(k.l, k.in, 0)
	if err != nil {
		return err
	}
	if _, err := used.pass(k.images, k.grads, 1); err != nil {
		return err
	}
	replace(used, want.w, want.b)
	return k.compare(used, want, when)
}

// compare runs two Ops that should compute the same.
func (k *check) compare(have, want *subject, when string) error {
	w, err := want.pass(k.images, k.grads, 1)
	if err != nil {
		return err
	}
	h, err := have.pass(k.images, k.grads, 1)
	if err != nil {
		return fmt.Errorf("%s: %w", when, err)
	}
	if err := h.sameAs(w, "with a new Op that has the same parameters"); err != nil {
		return fmt.Errorf("%s: %w", when, err)
	}
	return nil
}

// rows computes the gradient of a layer.BatchGradient in parts.
func (k *check) rows(s *subject) error {
	g, ok := s.op.(layer.BatchGradient)
	if !ok {
		return nil
	}
	want, err := s.pass(k.images, k.grads, 1)
	if err != nil {
		return err
	}
	p := g.Params()
	for lo := 0; lo < p.Rows; lo += layer.PackRows {
		hi := min(lo+layer.PackRows, p.Rows)
		dw := filled((hi - lo) * p.RowLen)
		var db, all []float32
		if p.Biases {
			db, all = filled(hi-lo), want.biases[lo:hi]
		}
		g.Gradient(dw, db, want.x.x, want.dy.x, want.n, lo, hi)
		if _, same := sameBits(dw, want.weights[lo*p.RowLen:hi*p.RowLen]); !same {
			return fmt.Errorf("%w: Gradient of rows %d to %d gives another dw than with all rows", ErrContract, lo, hi-1)
		}
		if _, same := sameBits(db, all); !same {
			return fmt.Errorf("%w: Gradient of rows %d to %d gives another db than with all rows", ErrContract, lo, hi-1)
		}
	}
	return nil
}

// single compares ForwardOne with Forward.
func (k *check) single(s *subject) error {
	op, ok := s.op.(layer.Single)
	if !ok {
		return nil
	}
	want, err := s.predicting().pass(k.images, k.grads, 1)
	if err != nil {
		return err
	}
	if op.ScratchOne() < 0 {
		return fmt.Errorf("%w: ScratchOne is %d", ErrContract, op.ScratchOne())
	}
	for i, image := range k.images {
		x, y := clip(image), filled(s.out.Len())
		op.ForwardOne(y, x, filled(op.ScratchOne()))
		if err := unchanged("ForwardOne", "its input", x, image); err != nil {
			return err
		}
		if at, same := sameBits(y, want.output[i]); !same {
			return fmt.Errorf("%w: ForwardOne gives %v for element %d of image %d, Forward %v", ErrContract, y[at], at, i, want.output[i][at])
		}
	}
	return nil
}

// prediction runs what a layer.Training has for predictions.
func (k *check) prediction(s *subject) error {
	if _, ok := s.op.(layer.Training); !ok {
		return nil
	}
	p := s.predicting()
	for _, step := range []func(*subject) error{k.repeated, k.partial, k.elsewhere} {
		if err := step(p); err != nil {
			return fmt.Errorf("in prediction: %w", err)
		}
	}
	return nil
}

// replica compares a replica with its original, and gives it parameters of its
// own.
func (k *check) replica(s *subject) error {
	r, ok := s.op.(layer.Replicated)
	if !ok {
		return nil
	}
	want, err := s.pass(k.images, k.grads, 1)
	if err != nil {
		return err
	}
	own := &subject{op: r.Replica(), in: s.in, out: s.out}
	if own.op.Out() != s.out || own.op.(layer.Trained).Params() != r.Params() {
		return fmt.Errorf("%w: Replica is another Op, %v -> %v", ErrContract, own.op, own.op.Out())
	}
	own.attach(s.w, s.b)
	if err := k.compare(own, s, "Replica"); err != nil {
		return err
	}
	w, b := k.parameters(r, 1)
	own.attach(w, b)
	got, err := s.pass(k.images, k.grads, 1)
	if err != nil {
		return err
	}
	return got.sameAs(want, "before its Replica got parameters of its own")
}

// goroutines and rounds are how much is computed at once, to find out whether an
// Op keeps something of a pass.
const (
	goroutines = 4
	rounds     = 20
)

// concurrent computes on several goroutines at once: different images if they do
// not depend on each other.
func (k *check) concurrent(s *subject) error {
	pool := workers.New(goroutines)
	defer pool.Close()
	j := &job{s: s, pool: pool, want: make([]result, goroutines), err: make([]error, goroutines)}
	for i := range j.want {
		images := k.images
		if _, ok := s.op.(layer.Batched); !ok {
			images = append(append([][]float32{}, k.images[i:]...), k.images[:i]...)
		}
		want, err := s.pass(images, k.grads, 1)
		if err != nil {
			return err
		}
		j.want[i] = want
		j.grads = append(j.grads, blockOf(s.out, k.grads, 0))
	}
	pool.Run(j)
	return errors.Join(j.err...)
}

// job is what several goroutines compute.
type job struct {
	s     *subject
	pool  *workers.Pool
	grads []block
	want  []result
	err   []error // of each goroutine
}

// Work implements [workers.Job]. All goroutines begin each round at once.
func (j *job) Work(worker int) {
	for range rounds {
		j.pool.Barrier()
		var err error
		if panicked := catch("a method", func() { err = j.round(worker) }); panicked != nil {
			err = panicked
		}
		if err != nil {
			j.err[worker] = fmt.Errorf("%w: several goroutines at once: %w", ErrContract, err)
		}
	}
}

// round computes what has been computed before, alone.
func (j *job) round(worker int) error {
	want := j.want[worker]
	y, dx, dy := newBlock(j.s.out, want.n, 0, 1), newBlock(j.s.in, want.n, 0, 0), j.grads[worker].clone()
	j.s.forwardOp(y.x, want.x.x, want.n, 0)
	if b, ok := j.s.op.(layer.Batched); ok {
		b.ObserveGrad(make([]float64, b.StatsLen()), dy.x, want.x.x, y.x, want.n)
	}
	j.s.backwardOp(dx.x, dy.x, want.x.x, y.x, want.n, 0)
	for _, c := range []struct {
		name       string
		have, want []float32
	}{{"Forward", y.x, want.y.x}, {"Backward", dx.x, want.gradient.x}, {"Backward", dy.x, want.dy.x}} {
		if at, same := sameBits(c.have, c.want); !same {
			return fmt.Errorf("%s gives %v at %d, and %v alone", c.name, c.have[at], at, c.want[at])
		}
	}
	return nil
}
