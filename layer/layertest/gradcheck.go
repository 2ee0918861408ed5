package layertest

import (
	"errors"
	"fmt"
	"math"

	"github.com/simdlanes/lanes/layer"
)

// Roundings is by how many roundings to float32 a gradient may differ from
// central differences: those that the layer makes on its way to each output, and
// that no longer vanish in the difference of two outputs.
const Roundings = 16

// MaxElements is how many elements of the input, and of the weights, and of the
// biases, are tried: chosen at random where there are more.
const MaxElements = 1000

// gradImages is the number of images of a gradient check: several, for gradients
// are sums over them, and not a whole block.
const gradImages = 3

// GradCheck tests whether the gradients of a layer, bound to an input of the given
// shape, are those of what it computes: with respect to its input, its weights and
// its biases, of a sum of its outputs, each times a random number, over three
// images. Of a layer.Training, what it computes in prediction is tested, too, with
// respect to its input.
//
// Each element is moved up and down by h and by h/2. The central differences D(h)
// and D(h/2) are extrapolated to (4*D(h/2) - D(h))/3, whose error is of fourth
// order in h (Richardson, "The Deferred Approach to the Limit", 1927). The gradient
// may differ from it by [Roundings] roundings of the outputs that move, in the
// Euclidean norm, divided by h. Where the two differences disagree, or the slopes
// on both sides, because a kink (of ReLU, or between two maxima) lies in between,
// it may differ by as much as they do; h is then made smaller.
//
// The error names the worst element of each kind and joins all kinds. It wraps
// ErrGradient, or ErrContract if the layer cannot be run, or is Bind's own.
func (c Checker) GradCheck(l layer.Layer, in layer.Shape) error {
	var s *subject
	var err error
	if panicked := catch("the layer", func() {
		if s, err = c.bind(l, in, 0); err == nil {
			err = c.gradCheck(s)
		}
	}); panicked != nil {
		err = panicked
	}
	switch {
	case err == nil:
		return nil
	case s == nil:
		return fmt.Errorf("layertest: %w", err)
	default:
		return fmt.Errorf("layertest: %v on %v: %w", s.op, in, err)
	}
}

func (c Checker) gradCheck(s *subject) error {
	images, weights := c.fill(gradImages, s.in), c.weigh(gradImages, s.out)
	for _, v := range append(images, s.w, s.b) {
		coarsen(v)
	}
	err := c.compare(s, images, weights)
	if _, ok := s.op.(layer.Training); ok {
		if wrong := c.compare(s.predicting(), images, weights); wrong != nil {
			err = errors.Join(err, fmt.Errorf("in prediction: %w", wrong))
		}
	}
	return err
}

// compare compares the gradients of a sum of outputs, of which each has its
// weight, with differences.
func (c Checker) compare(s *subject, images, weights [][]float32) error {
	s.pack()
	r, err := s.pass(images, weights, 0)
	if err != nil {
		return err
	}
	d := &differences{s: s, x: blockOf(s.in, images, 0), y: newBlock(s.out, gradImages, 0, 0), r: blockOf(s.out, weights, 0)}
	var inputs []variable
	for i := range gradImages {
		for e := range s.in.Len() {
			at := d.x.at(i, e)
			inputs = append(inputs, variable{fmt.Sprintf("element %d of image %d of the input", e, i), &d.x.x[at], r.gradient.x[at]})
		}
	}
	return errors.Join(
		c.checkAll(d, inputs),
		c.checkAll(d, parameters("weight", s.w, r.weights)),
		c.checkAll(d, parameters("bias", s.b, r.biases)),
	)
}

// coarsen rounds numbers, so that to move them by a power of two that is not much
// smaller than they are is exact.
func coarsen(x []float32) {
	unit := float32(scale(x) * 0x1p-12)
	for i, v := range x {
		x[i] = float32(math.Round(float64(v/unit))) * unit
	}
}

// scale is a power of two near the root of the mean square of x, 1 if that is 0.
func scale(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	if !(sum > 0) {
		return 1
	}
	_, exponent := math.Frexp(math.Sqrt(sum / float64(len(x))))
	return math.Ldexp(1, exponent)
}

// variable is what a sum of outputs may depend on, and the gradient with respect
// to it.
type variable struct {
	name     string
	v        *float32
	gradient float32
}

func parameters(name string, v, gradient []float32) (all []variable) {
	for i := range gradient {
		all = append(all, variable{fmt.Sprintf("%s %d", name, i), &v[i], gradient[i]})
	}
	return all
}

// checkAll compares all variables of a kind, or a sample, with differences, and
// returns the worst as an error if it is wrong.
func (c Checker) checkAll(d *differences, all []variable) error {
	if len(all) == 0 {
		return nil
	}
	tried := sample(all, c.Seed)
	var values []float32
	largest := 0.0
	for _, v := range tried {
		values = append(values, *v.v)
		largest = max(largest, math.Abs(float64(v.gradient)))
	}
	unit := scale(values)
	var worst error
	excess, wrong := 0.0, 0
	for _, v := range tried {
		want, tolerance := d.estimate(v.v, unit)
		tolerance += Roundings * rounding * largest
		diff := math.Abs(float64(v.gradient) - want)
		if diff <= tolerance {
			continue
		}
		wrong++
		if ratio := diff / tolerance; !(ratio <= excess) {
			excess = ratio
			worst = fmt.Errorf("gradient with respect to %s is %v, differences give %.6g ± %.1g", v.name, v.gradient, want, tolerance)
		}
	}
	if worst == nil {
		return nil
	}
	return fmt.Errorf("%w: %w (%d of %d that were tried are wrong)", ErrGradient, worst, wrong, len(tried))
}

// sample returns all variables, or MaxElements of them.
func sample(all []variable, seed uint64) []variable {
	if len(all) <= MaxElements {
		return all
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	layer.Shuffle(order, layer.Stream(seed, "layertest sample", uint64(len(all))))
	chosen := make([]variable, MaxElements)
	for i := range chosen {
		chosen[i] = all[order[i]]
	}
	return chosen
}

// rounding is the largest relative error of one rounding to float32.
const rounding = 0x1p-24

// differences computes the sum of the outputs y of x, each times a number of r, at
// different places.
type differences struct {
	s       *subject
	x, y, r block
}

// estimate returns the derivative with respect to *v by differences, and what it
// may be wrong by. unit is a number of the size of *v and its like.
func (d *differences) estimate(v *float32, unit float64) (derivative, tolerance float64) {
	tolerance = math.Inf(1)
	for _, h := range []float64{0x1p-6 * unit, 0x1p-8 * unit, 0x1p-10 * unit} {
		estimate, noise, bend := d.at(v, h)
		if noise+bend < tolerance {
			derivative, tolerance = estimate, noise+bend
		}
		if bend <= noise {
			break
		}
	}
	return derivative, tolerance
}

// at is one estimate, what roundings may have done to it, and what a kink may.
func (d *differences) at(v *float32, h float64) (estimate, noise, bend float64) {
	here := *v
	at := func(h float64) []float32 {
		*v = float32(float64(here) + h)
		defer func() { *v = here }()
		return d.outputs()
	}
	middle := d.outputs()
	up, down := at(h), at(-h)
	upHalf, downHalf := at(h/2), at(-h/2)
	wide := (d.rise(down, middle) + d.rise(middle, up)) / (2 * h)
	narrow := d.rise(downHalf, upHalf) / h
	bendWide := (d.rise(middle, up) - d.rise(down, middle)) / h
	bendNarrow := (d.rise(middle, upHalf) - d.rise(downHalf, middle)) / (h / 2)
	// Where the function is smooth, a bend is half of that over twice the way.
	bend = math.Abs(2*bendNarrow-bendWide) + math.Abs(wide-narrow)
	return (4*narrow - wide) / 3, Roundings * rounding * d.size(down, up) / h, bend
}

// rise is by how much the sum is larger with outputs b than with a.
func (d *differences) rise(a, b []float32) float64 {
	sum := 0.0
	for i, r := range d.r.x {
		if d.r.present(i) {
			sum += float64(r) * (float64(b[i]) - float64(a[i]))
		}
	}
	return sum
}

// size is the Euclidean norm of the terms that differ between two outputs. An
// output counts as at least of the size that outputs have on the whole: it may be
// a small difference of large numbers.
func (d *differences) size(a, b []float32) float64 {
	typical := scale(a)
	sum := 0.0
	for i, r := range d.r.x {
		if d.r.present(i) && a[i] != b[i] {
			term := float64(r) * max(typical, math.Abs(float64(a[i])), math.Abs(float64(b[i])))
			sum += term * term
		}
	}
	return math.Sqrt(sum)
}

// outputs runs the layer.
func (d *differences) outputs() []float32 {
	d.s.pack()
	d.s.observe(d.x)
	d.s.forwardOp(d.y.x, d.x.x, d.x.n, 0)
	return clip(d.y.x)
}

// pack shows the Op its parameters.
func (s *subject) pack() {
	if t, ok := s.op.(layer.Trained); ok {
		t.Pack(0, t.Params().Rows)
	}
}
