package kernels

// PoolShape is the geometry of one pooling: C channels of H rows and W columns,
// windows of FH x FW. What a window meets in the padding is left out of its
// maximum or average. Without Ceil, rows and columns that do not fill a window
// at the bottom or right edge are dropped.
type PoolShape struct {
	C, H, W int // channels, rows, columns
	FH, FW  int // rows and columns of a window

	StrideH, StrideW int // distance of neighbouring windows; 0 means FH and FW

	// Rows and columns of padding, less than a window has.
	PadTop, PadBottom, PadLeft, PadRight int

	// Ceil adds a window for what does not fill one, unless it would begin in the
	// padding behind the input.
	Ceil bool

	// CountPad counts the pixels of the padding, as zeros, in averages; never
	// those by which a window of Ceil exceeds the padded input.
	CountPad bool
}

// OutH is the number of output rows.
func (s PoolShape) OutH() int { return s.rows().out }

// OutW is the number of output columns.
func (s PoolShape) OutW() int { return s.cols().out }

// InLen is the length of an input block.
func (s PoolShape) InLen() int { return s.C * s.H * s.W * Lanes }

// OutLen is the length of an output block.
func (s PoolShape) OutLen() int { return s.C * s.OutH() * s.OutW() * Lanes }

// Valid reports whether the sizes fit together: none is below one, no padding
// below zero or as large as a window, no window larger than the padded input,
// and neither an image's input nor its output has more than MaxLen elements.
func (s PoolShape) Valid() bool {
	return s.C > 0 && s.rows().valid() && s.cols().valid() &&
		max(s.PadTop, s.PadBottom) < s.FH && max(s.PadLeft, s.PadRight) < s.FW &&
		Fits(s.C, s.H, s.W) && Fits(s.C, s.OutH(), s.OutW())
}

func (s PoolShape) rows() axis { return poolAxis(s.H, s.FH, s.StrideH, s.PadTop, s.PadBottom, s.Ceil) }
func (s PoolShape) cols() axis { return poolAxis(s.W, s.FW, s.StrideW, s.PadLeft, s.PadRight, s.Ceil) }

// poolAxis is the axis of windows. That of Ceil is padded by as much as its last
// window exceeds the input.
func poolAxis(in, window, stride, before, after int, ceil bool) axis {
	if stride == 0 {
		stride = window
	}
	a := newAxis(in, window, stride, 1, before, after)
	if !ceil || !a.valid() {
		return a
	}
	if rest := (a.padded() - window) % stride; rest > 0 && a.out*stride < in+before {
		a.after += stride - rest
		a.out++
	}
	return a
}

// disjoint reports whether no pixel belongs to two windows.
func (s *PoolShape) disjoint() bool {
	return (s.StrideH == 0 || s.StrideH >= s.FH) && (s.StrideW == 0 || s.StrideW >= s.FW)
}

// tiled reports whether windows side by side cover an axis: every pixel belongs to
// one.
func tiled(a axis, window int) bool {
	return a.stride == window && a.out*a.stride >= a.before+a.in
}

// Pool is a pooling prepared for one geometry. It is immutable and safe for
// concurrent use. Where its methods take blocks, all of a call may be cut to the
// same range of channels.
type Pool struct {
	PoolShape
	plan   poolPlan
	strips poolStrips

	is2x2  bool // windows of 2x2 side by side: they have assembly of their own
	global bool // one window, of all pixels
	tiles  bool // every pixel belongs to one window

	inLen, outLen     int // pixels of a channel
	inBlock, outBlock int // what InLen and OutLen return after some divisions
}

// NewPool prepares the pooling of shape s. It panics if s is not valid.
func NewPool(s PoolShape) *Pool {
	if !s.Valid() {
		panic(badPoolShape)
	}
	rows, cols := s.rows(), s.cols()
	padded := rows.before+rows.after+cols.before+cols.after > 0
	p := &Pool{
		PoolShape: s,
		plan:      newPoolPlan(s),
		is2x2:     s.FH == 2 && s.FW == 2 && rows.stride == 2 && cols.stride == 2 && !padded,
		global:    s.FH == s.H && s.FW == s.W && !padded,
		tiles:     tiled(rows, s.FH) && tiled(cols, s.FW),
		inLen:     s.H * s.W, outLen: rows.out * cols.out,
		inBlock: s.InLen(), outBlock: s.OutLen(),
	}
	if p.plan.listed && !s.disjoint() {
		p.strips = newPoolStrips(s)
	}
	return p
}

// checkBlocks panics unless in and out are blocks of the pooling's input and
// output, or the same channels of both, that do not overlap. It returns the number
// of channels.
func (p *Pool) checkBlocks(in, out []float32) (channels int) {
	channels = p.C
	if len(in) != p.inBlock {
		channels = len(in) / (p.inLen * Lanes)
	}
	if channels > p.C || len(in) != channels*p.inLen*Lanes || len(out) != channels*p.outLen*Lanes {
		panic(badLength)
	}
	if overlap(in, out) {
		panic(badOverlap)
	}
	return channels
}

// of is the shape of a number of channels.
func (s PoolShape) of(channels int) PoolShape {
	s.C = channels
	return s
}

// MaxForward writes the maximum of each window of block x to block y. Ties, +0
// against -0 among them, go to the first in row-major order; a NaN in the window
// makes the maximum NaN. x has InLen elements, y has OutLen; they must not
// overlap.
func (p *Pool) MaxForward(y, x []float32) {
	channels := p.checkBlocks(x, y)
	raceRead(x)
	raceWrite(y)
	switch {
	case useAVX2 && p.is2x2:
		maxPoolForward2x2(&p.PoolShape, channels, y, x)
	case useAVX2 && p.plan.listed:
		p.maxForwardAVX2(channels, y, x)
	default:
		maxPoolForwardGeneric(p.of(channels), y, x)
	}
}

// MaxBackward writes the gradient with respect to a max-pooling's input to block
// dx: dy goes to the element of x that was the window's maximum (the first of
// equals, the first NaN). An element that is the maximum of several windows gets
// their sum, which starts at +0 and takes the windows in row-major order; where
// windows do not overlap it gets dy itself. All others get +0. x and dx have
// InLen elements, dy has OutLen; dx must not overlap the others.
func (p *Pool) MaxBackward(dx, x, dy []float32) {
	channels := p.checkBlocks(dx, dy)
	if len(x) != len(dx) {
		panic(badLength)
	}
	if overlap(dx, x) {
		panic(badOverlap)
	}
	raceRead(x)
	raceRead(dy)
	raceWrite(dx)
	switch {
	case useAVX2 && p.is2x2:
		maxPoolBackward2x2(&p.PoolShape, channels, dx, x, dy)
	case useAVX2 && len(p.strips.all) > 0 && p.strips.few: // a maximum found again costs more than an average
		p.maxBackwardStrips(channels, dx, x, dy)
	case useAVX2 && p.plan.listed:
		p.maxBackwardAVX2(channels, dx, x, dy)
	default:
		maxPoolBackwardGeneric(p.of(channels), dx, x, dy)
	}
}

// AverageForward writes the average of each window of block x to block y: a sum
// that starts at +0 and takes the window's pixels in row-major order, divided by
// their number (with CountPad, and those of the padding). x has InLen elements,
// y has OutLen; they must not overlap.
func (p *Pool) AverageForward(y, x []float32) {
	channels := p.checkBlocks(x, y)
	raceRead(x)
	raceWrite(y)
	switch {
	case useAVX2 && p.global:
		p.globalForwardAVX2(channels, y, x)
	case useAVX2 && p.plan.listed:
		p.averageForwardAVX2(channels, y, x)
	default:
		averageForwardGeneric(p.of(channels), y, x)
	}
}

// AverageBackward writes the gradient with respect to an average-pooling's input
// to block dx: a sum for each element that starts at +0 and takes the windows
// that it belongs to in row-major order, each dy divided by the number of its
// pixels. dx has InLen elements, dy has OutLen; they must not overlap.
func (p *Pool) AverageBackward(dx, dy []float32) {
	channels := p.checkBlocks(dx, dy)
	raceRead(dy)
	raceWrite(dx)
	switch {
	case useAVX2 && p.global:
		p.globalBackwardAVX2(channels, dx, dy)
	case useAVX2 && len(p.strips.all) > 0:
		p.averageBackwardStrips(channels, dx, dy)
	case useAVX2 && p.plan.listed:
		p.averageBackwardAVX2(channels, dx, dy)
	default:
		averageBackwardGeneric(p.of(channels), dx, dy)
	}
}
