package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func lossDims(more ...dim) []dim { return append([]dim{size("outputs", 1, 1), lanesDim}, more...) }

// smoothing draws a label smoothing: none, some, or any.
func smoothing(tr *trial, choice int) float32 {
	s := [...]float32{0, 0.1, float32(tr.values.below(1<<10)) / (1 << 10)}[choice]
	tr.scalar("smoothing")
	tr.find("smoothing").data[0] = s
	return s
}

func buildSoftmax(tr *trial, d []int) func() {
	p, z := tr.vector("p", out, d[0]*Lanes), tr.vector("z", in, d[0]*Lanes)
	return func() { Softmax(p, z, d[0]) }
}

func buildSoftmaxInPlace(tr *trial, d []int) func() {
	p := tr.vector("p", inout, d[0]*Lanes)
	return func() { Softmax(p, p, d[0]) }
}

func buildCrossEntropy(tr *trial, d []int) func() {
	p := tr.mostlyPositive(tr.vector("p", inout, d[0]*Lanes))
	losses := tr.vector("losses", out, d[1])
	labels, eps := tr.integers("labels", d[1], d[0]), tr.mostlyPositive(tr.vector("eps", in, 1))
	return func() { CrossEntropy(p, labels, losses, eps[0], d[0]) }
}

func buildSoftmaxCrossEntropy(tr *trial, d []int) func() {
	grad, z := tr.vector("grad", out, d[0]*Lanes), tr.vector("z", in, d[0]*Lanes)
	losses, labels, s := tr.vector("losses", out, d[1]), tr.integers("labels", d[1], d[0]), smoothing(tr, d[2])
	return func() { SoftmaxCrossEntropy(grad, z, labels, losses, s, d[0]) }
}

func buildSoftmaxCrossEntropyInPlace(tr *trial, d []int) func() {
	z := tr.vector("grad", inout, d[0]*Lanes)
	losses, labels, s := tr.vector("losses", out, d[1]), tr.integers("labels", d[1], d[0]), smoothing(tr, d[2])
	return func() { SoftmaxCrossEntropy(z, z, labels, losses, s, d[0]) }
}

func buildSigmoidCrossEntropy(tr *trial, d []int) func() {
	grad, z := tr.vector("grad", out, d[0]*Lanes), tr.vector("z", in, d[0]*Lanes)
	losses, labels, s := tr.vector("losses", out, d[1]), tr.integers("labels", d[1], max(d[0], 2)), smoothing(tr, d[2])
	return func() { SigmoidCrossEntropy(grad, z, labels, losses, s, d[0]) }
}

func buildSigmoidCrossEntropyInPlace(tr *trial, d []int) func() {
	z := tr.vector("grad", inout, d[0]*Lanes)
	losses, labels, s := tr.vector("losses", out, d[1]), tr.integers("labels", d[1], max(d[0], 2)), smoothing(tr, d[2])
	return func() { SigmoidCrossEntropy(z, z, labels, losses, s, d[0]) }
}

func buildSquaredError(tr *trial, d []int) func() {
	grad, y := tr.vector("grad", out, d[0]*Lanes), tr.vector("y", in, d[0]*Lanes)
	losses, labels := tr.vector("losses", out, d[1]), tr.integers("labels", d[1], max(d[0], 2))
	return func() { SquaredError(grad, y, labels, losses, d[0]) }
}

func buildSquaredErrorInPlace(tr *trial, d []int) func() {
	y := tr.vector("grad", inout, d[0]*Lanes)
	losses, labels := tr.vector("losses", out, d[1]), tr.integers("labels", d[1], max(d[0], 2))
	return func() { SquaredError(y, y, labels, losses, d[0]) }
}

func buildFirstNotFinite(tr *trial, d []int) func() {
	x, first := tr.vector("x", in, d[0]), tr.vector("first", out, 1)
	return func() { first[0] = float32(FirstNotFinite(x)) }
}

// lossReference computes the gradients and losses of a block image by image: of
// tells those of one, from its outputs, of which the first is the given class's,
// and their targets.
func lossReference(in inputs, d []int, outputs string, first int, on, off float64, of func(y, t []float64) (grad []approx, loss approx)) map[string][]approx {
	grad := make([]approx, d[0]*Lanes) // absent images have none
	var losses []approx
	for i, label := range in.of("labels") {
		y, t := make([]float64, d[0]), make([]float64, d[0])
		for c := range d[0] {
			y[c], t[c] = float64(in.of(outputs)[c*Lanes+i]), off
			if first+c == int(label) {
				t[c] = on
			}
		}
		g, loss := of(y, t)
		for c := range d[0] {
			grad[c*Lanes+i] = g[c]
		}
		losses = append(losses, loss)
	}
	return map[string][]approx{"grad": grad, "losses": losses}
}

// oneOfTwo is the class of the first output: 1 if it is the only one.
func oneOfTwo(d []int) int {
	if d[0] == 1 {
		return 1
	}
	return 0
}

// minus is p less an exact number that was rounded a few times, rounded.
func minus(p approx, t float64) approx {
	return approx{p.value - t, p.tolerance + unit*(4*math.Abs(t)+math.Abs(p.value-t)) + tiny}
}

// refSoftmaxCrossEntropy takes the probabilities and their errors from
// refSoftmax. What rounding z-m does to a sum of exponentials it does, as an
// absolute error, to its logarithm.
func refSoftmaxCrossEntropy(in inputs, d []int) map[string][]approx {
	s := in.number("smoothing")
	off := s / float64(d[0])
	p := refSoftmax(in, d)["p"]
	lane := 0
	return lossReference(in, d, "z", 0, 1-s+off, off, func(z, t []float64) (grad []approx, loss approx) {
		m, sum, terms := slices.Max(z), 0.0, chain{}
		for c := range z {
			sum += math.Exp(z[c] - m)
			terms.add(-t[c], z[c]-m)
			grad = append(grad, minus(p[c*Lanes+lane], t[c]))
		}
		lane++
		spread := m - slices.Min(z)
		log := math.Log(sum)
		loss = terms.result()
		loss.value += log
		loss.tolerance += unit * (5*terms.size + 5*log + spread + 4 + float64(d[0]))
		return grad, loss
	})
}

func refSigmoidCrossEntropy(in inputs, d []int) map[string][]approx {
	s := in.number("smoothing")
	return lossReference(in, d, "z", oneOfTwo(d), 1-s/2, s/2, func(z, t []float64) (grad []approx, loss approx) {
		terms := chain{}
		for c, x := range z {
			grad = append(grad, minus(inULPs(logistic(x), 4), t[c]))
			terms.add(1, math.Max(x, 0)-t[c]*x)
			terms.add(1, math.Log1p(math.Exp(-math.Abs(x))))
		}
		loss = terms.result()
		loss.tolerance += 10 * unit * terms.size
		return grad, loss
	})
}

func refSquaredError(in inputs, d []int) map[string][]approx {
	return lossReference(in, d, "y", oneOfTwo(d), 1, 0, func(y, t []float64) (grad []approx, loss approx) {
		squares := chain{}
		for c := range y {
			grad = append(grad, relative(y[c]-t[c], 1))
			squares.add((y[c]-t[c])/2, y[c]-t[c])
		}
		loss = squares.result()
		loss.tolerance += 2 * unit * squares.size
		return grad, loss
	})
}

func refFirstNotFinite(in inputs, d []int) map[string][]approx {
	first := slices.IndexFunc(in.of("x"), func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) })
	return map[string][]approx{"first": {exact(float32(first))}}
}

// TestFirstNotFinite puts what is not finite at every place of a vector, of
// several, and of what is left of several calls, and what almost is beside it.
func TestFirstNotFinite(t *testing.T) {
	const n = 2*maxCallElements + 5*Lanes + 3
	finite := []float32{math.MaxFloat32, -math.MaxFloat32, 0x1p-149, -0x1p-149, 0, negativeZero, 1}
	x := make([]float32, n)
	for i := range x {
		x[i] = finite[i%len(finite)]
	}
	places := []int{maxCallElements - 1, maxCallElements, maxCallElements + 1, 2*maxCallElements - 1, n - 1}
	for i := range 6*Lanes + 1 {
		places = append(places, i)
	}
	eachImpl(t, func(t *testing.T) {
		for i := range 6 * Lanes {
			if got := FirstNotFinite(x[:i]); got != -1 {
				t.Errorf("%d finite numbers: %d, want -1", i, got)
			}
		}
		if got := FirstNotFinite(x); got != -1 {
			t.Errorf("%d finite numbers: %d, want -1", n, got)
		}
		for _, v := range []float32{float32(math.Inf(1)), float32(math.Inf(-1)), quietNaN, -quietNaN, math.Float32frombits(0x7f800001)} {
			for _, i := range places {
				was := x[i]
				x[i], x[n-1] = v, quietNaN
				if got := FirstNotFinite(x); got != i {
					t.Errorf("%v at %d: %d", v, i, got)
				}
				x[n-1] = finite[0]
				x[i] = was
			}
		}
	})
}

// TestLossesAreStable gives logits at which a probability vanishes, and wants
// the loss that float64 has.
func TestLossesAreStable(t *testing.T) {
	inf := float32(math.Inf(1))
	eachImpl(t, func(t *testing.T) {
		for _, c := range []struct {
			logits    []float32
			label     int
			smoothing float32
			loss      float64
			grad      []float32
		}{
			{[]float32{1000, 0}, 0, 0, 0, []float32{0, 0}},
			{[]float32{1000, 0}, 1, 0, 1000, []float32{1, -1}},
			{[]float32{-1e30, 1e30, 0}, 0, 0, 2e30, []float32{-1, 1, 0}},
			{[]float32{1000, 0}, 1, 0.5, 750, []float32{0.75, -0.75}},
			{[]float32{0, 0, 0, 0}, 3, 0, math.Log(4), []float32{0.25, 0.25, 0.25, -0.75}},
			{[]float32{-inf, 0}, 1, 0, 0, []float32{0, 0}}, // a target of 0 takes any logit
			{[]float32{-inf, 0}, 1, 0.5, math.Inf(1), []float32{-0.25, 0.25}},
			{[]float32{5}, 0, 0, 0, []float32{0}},
		} {
			z, losses := spread(c.logits...), vec(Lanes)
			SoftmaxCrossEntropy(z, z, slices.Repeat([]int{c.label}, Lanes), losses, c.smoothing, len(c.logits))
			name := fmt.Sprintf("softmax of %v, label %d, smoothing %v", c.logits, c.label, c.smoothing)
			expect(t, name, z, spread(c.grad...))
			expectLoss(t, name, losses, c.loss)
		}
		for _, c := range []struct {
			logits    []float32
			label     int
			smoothing float32
			loss      float64
			grad      []float32
		}{
			{[]float32{1000}, 1, 0, 0, []float32{0}},
			{[]float32{1000}, 0, 0, 1000, []float32{1}},
			{[]float32{-1e30}, 1, 0, 1e30, []float32{-1}},
			{[]float32{-1000}, 1, 0.5, 750, []float32{-0.75}},
			{[]float32{-40}, 0, 0, math.Exp(-40), []float32{0x1.39792499b1a24p-58}}, // 1 + exp(-40) rounds to 1
			{[]float32{0, 1000, -1000}, 1, 0, math.Log(2), []float32{0.5, 0, 0}},
		} {
			z, losses := spread(c.logits...), vec(Lanes)
			SigmoidCrossEntropy(z, z, slices.Repeat([]int{c.label}, Lanes), losses, c.smoothing, len(c.logits))
			name := fmt.Sprintf("sigmoid of %v, label %d, smoothing %v", c.logits, c.label, c.smoothing)
			expect(t, name, z, spread(c.grad...))
			expectLoss(t, name, losses, c.loss)
		}
	})
}

func expectLoss(t *testing.T, name string, losses []float32, want float64) {
	t.Helper()
	for _, got := range losses {
		if !inULPs(want, 3).allows(got) && float64(got) != want {
			t.Errorf("%s: loss %v, want %v", name, got, want)
		}
	}
}

// TestSoftmaxCrossEntropyIsSoftmax compares the gradient with that of Softmax and
// CrossEntropy, bit by bit, in blocks of every number of images.
func TestSoftmaxCrossEntropyIsSoftmax(t *testing.T) {
	eachImpl(t, func(t *testing.T) {
		for n := 1; n <= Lanes; n++ {
			for classes := 1; classes < 30; classes++ {
				r := newRandom(uint64(classes))
				z, labels := vec(classes*Lanes), make([]int, n)
				for i := range z {
					z[i] = ordinary(r)
				}
				for i := range labels {
					labels[i] = r.below(classes)
				}
				grad, p, losses, want := vec(len(z)), vec(len(z)), vec(n), vec(n)
				SoftmaxCrossEntropy(grad, z, labels, losses, 0, classes)
				Softmax(p, z, classes)
				CrossEntropy(p, labels, want, 0, classes)
				expect(t, fmt.Sprintf("gradient of %d images of %d classes", n, classes), grad, p)
			}
		}
	})
}
