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

// reach is at most how many inputs n outputs next to each other read.
func (a axis) reach(n int) int { return min(a.in, (n-1)*a.stride+a.span(), n*a.taps) }

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
	shape := run{n: 1, step: 1, tapStep: 1, fromTap: a.dilation, fromStep: a.stride}
	return appendRuns(nil, a.out, shape, func(o int) (tap, k, from int) {
		offset := o*a.stride - a.before
		tap = max(0, ceilDiv(-offset, a.dilation))
		end := min(a.taps, ceilDiv(a.in-offset, a.dilation))
		return tap, max(0, end-tap), offset + tap*a.dilation
	})
}

// dataRuns returns the runs of the data gradient, in which inputs read outputs.
// With a stride, neighbouring inputs read different taps, and those a stride
// apart the same.
func (a axis) dataRuns() (runs []run) {
	common := gcd(a.stride, a.dilation)
	for first, residue := range a.residues(a.stride / common) {
		shape := run{first: first, n: 1, step: a.stride, tapStep: a.stride / common, fromTap: -a.dilation / common, fromStep: 1}
		runs = appendRuns(runs, a.in, shape, func(i int) (tap, k, from int) {
			offset := i + a.before // of the output that reads i with tap 0, times the stride
			lo := max(0, ceilDiv(offset-(a.out-1)*a.stride, a.dilation))
			end := min(a.taps, offset/a.dilation+1)
			tap = lo + (residue-lo%shape.tapStep+shape.tapStep)%shape.tapStep
			if residue < 0 || tap >= end {
				return 0, 0, 0
			}
			return tap, (end-1-tap)/shape.tapStep + 1, (offset - tap*a.dilation) / a.stride
		})
	}
	return runs
}

// residues returns, for each of the first inputs up to a stride apart, the first
// tap with which an output reads inputs of that remainder by the stride if there
// is no edge, or -1: others are a multiple of tapStep further.
func (a axis) residues(tapStep int) []int {
	taps := make([]int, min(a.stride, a.in))
	for i := range taps {
		taps[i] = -1
	}
	for t := range min(tapStep, a.taps) {
		i := (t*a.dilation - a.before) % a.stride
		if i < 0 {
			i += a.stride
		}
		if i < len(taps) {
			taps[i] = t
		}
	}
	return taps
}

// appendRuns appends the runs of the positions below end that begin at
// shape.first and are shape.step apart; reads returns the first tap with which a
// position reads anything, the number of such taps, and what it reads with the
// first.
func appendRuns(runs []run, end int, shape run, reads func(position int) (tap, k, from int)) []run {
	have := len(runs)
	for p := shape.first; p < end; p += shape.step {
		r := shape
		r.first = p
		if r.tap, r.k, r.from = reads(p); r.k == 0 {
			r.tap, r.from = 0, 0
		}
		if n := len(runs); n > have && runs[n-1].tap == r.tap && runs[n-1].k == r.k {
			runs[n-1].n++
			continue
		}
		runs = append(runs, r)
	}
	return runs
}

// ceilDiv is n/d rounded up, for d > 0.
func ceilDiv(n, d int) int {
	q := n / d
	if n%d > 0 {
		q++
	}
	return q
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
