package kernels

// An axis is a convolution's geometry along rows or along columns: with tap t,
// output o reads input o*stride + t*dilation - before, unless that lies
// outside [0, in).
type axis struct {
	in, taps         int
	stride, dilation int
	before, after    int // padding
	out              int // outputs
}

// newAxis returns the axis with its number of outputs, or with none if it is
// not valid.
func newAxis(in, taps, stride, dilation, before, after int) axis {
	a := axis{in: in, taps: taps, stride: stride, dilation: dilation, before: before, after: after}
	if a.valid() {
		a.out = (a.padded()-a.span())/a.stride + 1
	}
	return a
}

// maxAxis bounds every number of an axis, so that sums and products of two stay
// far from overflow.
const maxAxis = 1 << 30

func (a axis) valid() bool {
	for _, n := range []int{a.in, a.taps, a.stride, a.dilation, a.before + 1, a.after + 1} {
		if n < 1 || n > maxAxis {
			return false
		}
	}
	return a.span() <= a.padded()
}

// span is the number of inputs from a filter's first tap to its last.
func (a axis) span() int { return (a.taps-1)*a.dilation + 1 }

func (a axis) padded() int { return a.before + a.in + a.after }

// source returns the input that output o reads with tap t; ok is false if it
// lies in the padding.
func (a axis) source(o, t int) (i int, ok bool) {
	i = o*a.stride + t*a.dilation - a.before
	return i, i >= 0 && i < a.in
}

// target returns the output that reads input i with tap t; ok is false if there
// is none.
func (a axis) target(i, t int) (o int, ok bool) {
	o = i + a.before - t*a.dilation
	if a.stride > 1 { // spare the usual case a division
		if o%a.stride != 0 {
			return 0, false
		}
		o /= a.stride
	}
	return o, o >= 0 && o < a.out
}

// A run is a set of evenly spaced positions along one axis of a result that
// read the same taps.
type run struct {
	first, n, step  int // positions first, first+step, ..., first+(n-1)*step
	tap, k, tapStep int // taps tap, tap+tapStep, ..., tap+(k-1)*tapStep
	from            int // what the first position reads with its first tap
	fromTap         int // how that moves with the next tap
	fromStep        int // how that moves with the next position
}

// forwardRuns returns the runs of the forward pass, in which outputs read
// inputs: those of all taps where nothing is padded.
func (a axis) forwardRuns() []run {
	return appendRuns(nil, a.out, a.taps, run{n: 1, step: 1, tapStep: 1, fromTap: a.dilation, fromStep: a.stride}, a.source)
}

// dataRuns returns the runs of the data gradient, in which inputs read outputs.
// With a stride, neighbouring inputs read different taps, and those a stride
// apart the same.
func (a axis) dataRuns() (runs []run) {
	common := gcd(a.stride, a.dilation)
	for first := range min(a.stride, a.in) {
		shape := run{first: first, n: 1, step: a.stride, tapStep: a.stride / common, fromTap: -a.dilation / common, fromStep: 1}
		runs = appendRuns(runs, a.in, a.taps, shape, a.target)
	}
	return runs
}

// appendRuns appends the runs of the positions below end that begin at
// shape.first and are shape.step apart; reads says what a position reads with a
// tap.
func appendRuns(runs []run, end, taps int, shape run, reads func(position, tap int) (from int, ok bool)) []run {
	have := len(runs)
	for p := shape.first; p < end; p += shape.step {
		r := shape
		r.first = p
		for t := range taps {
			from, ok := reads(p, t)
			if ok && r.k == 0 {
				r.tap, r.from = t, from
			}
			if ok {
				r.k++
			}
		}
		if n := len(runs); n > have && runs[n-1].tap == r.tap && runs[n-1].k == r.k {
			runs[n-1].n++
			continue
		}
		runs = append(runs, r)
	}
	return runs
}

// within returns the part of the run whose positions lie in [lo, hi); its n may
// be 0.
func (r run) within(lo, hi int) run {
	skip := min(r.n, max(0, (lo-r.first+r.step-1)/r.step))
	end := min(r.n, max(skip, (hi-r.first+r.step-1)/r.step))
	r.first += skip * r.step
	r.from += skip * r.fromStep
	r.n = end - skip
	return r
}

// part returns n positions of the run from position skip on.
func (r run) part(skip, n int) run {
	r.first += skip * r.step
	r.from += skip * r.fromStep
	r.n = n
	return r
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
