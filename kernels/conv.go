package kernels

// ConvShape is the geometry of one convolution layer: C input channels of H
// rows and W columns, convolved with Filters filters of C/Groups x FH x FW. (As
// everywhere in the field this is a cross-correlation: the filters are not
// flipped.)
type ConvShape struct {
	C, H, W int // input channels, rows, columns
	Filters int // output channels
	FH, FW  int // rows and columns of a filter

	StrideH, StrideW     int // distance of neighbouring outputs' windows; 0 means 1
	DilationH, DilationW int // distance of neighbouring taps; 0 means 1

	// Rows and columns of padding. What a filter meets there is skipped.
	PadTop, PadBottom, PadLeft, PadRight int

	// Groups divides C and Filters: the filters of one group see the channels of
	// that group only. 0 means 1.
	Groups int
}

// WithDefaults returns s with what its zeros mean in their place.
func (s ConvShape) WithDefaults() ConvShape {
	s.StrideH, s.StrideW = orOne(s.StrideH), orOne(s.StrideW)
	s.DilationH, s.DilationW = orOne(s.DilationH), orOne(s.DilationW)
	s.Groups = orOne(s.Groups)
	return s
}

// OutH is the number of output rows.
func (s ConvShape) OutH() int { return s.rows().out }

// OutW is the number of output columns.
func (s ConvShape) OutW() int { return s.cols().out }

// Taps is the number of weights of one filter: C/Groups*FH*FW.
func (s ConvShape) Taps() int { return s.groupC() * s.FH * s.FW }

// InLen is the length of an input block.
func (s ConvShape) InLen() int { return s.C * s.H * s.W * Lanes }

// OutLen is the length of an output block.
func (s ConvShape) OutLen() int { return s.Filters * s.OutH() * s.OutW() * Lanes }

// WeightLen is the length of all filters together: Filters*C/Groups*FH*FW.
func (s ConvShape) WeightLen() int { return s.Filters * s.Taps() }

// Valid reports whether the sizes fit together: none is below one, no padding
// below zero, no filter with its dilation is larger than the padded input,
// Groups divides C and Filters, and neither an image's activations nor the
// weights have more than MaxLen elements.
func (s ConvShape) Valid() bool {
	return s.C > 0 && s.Filters > 0 && s.groups() > 0 && s.C%s.groups() == 0 && s.Filters%s.groups() == 0 &&
		s.rows().valid() && s.cols().valid() &&
		Fits(s.C, s.H, s.W) && Fits(s.Filters, s.OutH(), s.OutW()) && Fits(s.Filters, s.groupC(), s.FH, s.FW)
}

func (s ConvShape) rows() axis {
	return newAxis(s.H, s.FH, orOne(s.StrideH), orOne(s.DilationH), s.PadTop, s.PadBottom)
}

func (s ConvShape) cols() axis {
	return newAxis(s.W, s.FW, orOne(s.StrideW), orOne(s.DilationW), s.PadLeft, s.PadRight)
}

func (s ConvShape) groups() int { return orOne(s.Groups) }

// groupC and groupFilters are the channels and filters of one group.
func (s ConvShape) groupC() int       { return s.C / s.groups() }
func (s ConvShape) groupFilters() int { return s.Filters / s.groups() }

func orOne(n int) int {
	if n == 0 {
		return 1
	}
	return n
}

// Conv is a convolution prepared for one geometry: the tables that say which
// taps reach which positions. It is immutable and safe for concurrent use.
type Conv struct {
	ConvShape
	forward gather // reads the input, writes the output
	data    gather // reads the output's gradient, writes the input's
	weights gradPlan
	halves  gradPlan // of blocks of at most four images; none for single filters
	one     convOne
	depth   depthGrad

	// What the shape's methods return, and the pixels of an output channel: it
	// takes divisions to compute them.
	inLen, outLen, weightLen, positions int
}

// NewConv prepares the convolution of shape s. It panics if s is not valid.
func NewConv(s ConvShape) *Conv {
	if !s.Valid() {
		panic(badConvShape)
	}
	rows, cols := s.rows(), s.cols()
	in, out := image{s.H, s.W}, image{s.OutH(), s.OutW()}
	c := &Conv{
		ConvShape: s,
		forward: newGather(s.groups(), s.groupC(), s.groupFilters(), in, out,
			rows.forwardRuns(), cols.forwardRuns(), s.FH, s.FW),
		data: newGather(s.groups(), s.groupFilters(), s.groupC(), out, in,
			rows.dataRuns(), cols.dataRuns(), s.FH, s.FW),
		weights: newGradPlan(s, 1),

		inLen: s.InLen(), outLen: s.OutLen(), weightLen: s.WeightLen(), positions: s.OutH() * s.OutW(),
	}
	if s.groupFilters() > 1 {
		c.halves = newGradPlan(s, 2)
	}
	c.one = newConvOne(s, &c.forward)
	c.depth = newDepthGrad(s)
	return c
}

// Filters holds the weights and biases of one convolution in the forms that
// the passes read. The forms beside W are copies: call Pack after W changes.
type Filters struct {
	W    []float32 // (Filters, C/Groups, FH, FW)
	Bias []float32 // (Filters)

	forward []float32 // packed for the forward pass
	data    []float32 // transposed and packed for the data gradient
	panels  []float32 // transposed and packed for single images
}

// NewFilters returns the filters of c that read weights from w and biases from
// bias, which stay the caller's, and packs them.
func (c *Conv) NewFilters(w, bias []float32) *Filters {
	if len(w) != c.weightLen || len(bias) != c.Filters {
		panic(badLength)
	}
	f := &Filters{
		W:       w,
		Bias:    bias,
		forward: make([]float32, c.forward.packedLen()),
		data:    make([]float32, c.data.packedLen()),
		panels:  make([]float32, c.one.panelsLen()),
	}
	c.Pack(f, 0, c.Filters)
	return f
}

// Pack renews the packed copies of filters lo to hi. It may run concurrently
// for disjoint ranges whose bounds are multiples of [Lanes].
func (c *Conv) Pack(f *Filters, lo, hi int) {
	c.checkFilters(f)
	if !within(lo, hi, c.Filters) {
		panic(badLength)
	}
	taps := c.FH * c.FW
	for filter := lo; filter < hi; filter++ {
		group, out := filter/c.groupFilters(), filter%c.groupFilters()
		for ch := range c.groupC() {
			w := f.W[filter*c.Taps()+ch*taps:][:taps]
			c.forward.pack(f.forward, w, group, ch, out)
			c.data.pack(f.data, w, group, out, ch)
		}
	}
	c.one.pack(f.panels, f.W, lo, hi)
}

// checkFilters panics if f was made for another geometry.
func (c *Conv) checkFilters(f *Filters) {
	if len(f.W) != c.weightLen || len(f.Bias) != c.Filters ||
		len(f.forward) != c.forward.packedLen() || len(f.data) != c.data.packedLen() {
		panic(badLength)
	}
}

// Forward computes, for a block of eight images,
//
//	y[f][r][q] = bias[f] + sum over c, i, j of x[c][r*sh+i*dh-top][q*sw+j*dw-left] * W[f][c][i][j]
//
// with strides sh and sw, dilations dh and dw, and c in the group of filter f,
// as one chain of fused multiply-adds that starts at the bias and takes c, i
// and j in ascending order; taps in the padding are skipped. With relu, y is
// then 0 where it was below 0. x is a block of InLen, y one of OutLen, of which
// the first n images matter: if n is at most four, which is faster, the last
// four lanes of y become +0. They must not overlap.
func (c *Conv) Forward(y, x []float32, f *Filters, n int, relu bool) {
	c.ForwardPart(y, x, f, n, relu, 0, c.Filters)
}

// ForwardPart computes the outputs of filters lo to hi as Forward does, and leaves
// the others in y as they are. It may run concurrently for disjoint ranges.
func (c *Conv) ForwardPart(y, x []float32, f *Filters, n int, relu bool, lo, hi int) {
	c.checkFilters(f)
	if len(x) != c.inLen || len(y) != c.outLen || !within(lo, hi, c.Filters) {
		panic(badLength)
	}
	if n < 1 || n > Lanes {
		panic(badLanes)
	}
	if overlap(x, y) {
		panic(badOverlap)
	}
	if raceEnabled {
		raceRead(c.inputs(x, lo, hi))
	}
	raceWrite(y[lo*c.positions*Lanes : hi*c.positions*Lanes])
	if useAVX2 && c.forward.listed {
		raceRead(f.forward)
		convForwardAVX2(c, y, x, f, n, relu, bounds{lo, hi})
		return
	}
	convForwardGeneric(c.ConvShape, y, x, f.W, f.Bias, n, relu, bounds{lo, hi})
}

// DataGrad computes, for a block of eight images, the gradient of the loss
// with respect to the convolution's input:
//
//	dx[c][r][q] = sum over f, i, j of dy[f][p][o] * W[f][c][i][j]
//
// where p and o are the output's row and column that read row r and column q
// with tap i, j, as one chain that starts at +0 and takes f, i and j in
// ascending order; taps for which there is no such output are skipped. dx is a
// block of InLen, dy one of OutLen, of n images as in Forward; they must not
// overlap.
func (c *Conv) DataGrad(dx, dy []float32, f *Filters, n int) {
	c.DataGradPart(dx, dy, f, n, 0, c.C)
}

// DataGradPart computes channels lo to hi of dx as DataGrad does, and leaves the
// others as they are. It may run concurrently for disjoint ranges.
func (c *Conv) DataGradPart(dx, dy []float32, f *Filters, n, lo, hi int) {
	c.checkFilters(f)
	if len(dx) != c.inLen || len(dy) != c.outLen || !within(lo, hi, c.C) {
		panic(badLength)
	}
	if n < 1 || n > Lanes {
		panic(badLanes)
	}
	if overlap(dx, dy) {
		panic(badOverlap)
	}
	if raceEnabled {
		raceRead(c.outputs(dy, lo, hi))
	}
	raceWrite(dx[lo*c.H*c.W*Lanes : hi*c.H*c.W*Lanes])
	if useAVX2 && c.data.listed {
		raceRead(f.data)
		convDataGradAVX2(c, dx, dy, f, n, bounds{lo, hi})
		return
	}
	convDataGradGeneric(c.ConvShape, dx, dy, f.W, n, bounds{lo, hi})
}

// WeightGrad computes the gradients of the loss with respect to the weights
// and biases, summed over the first n images of a block:
//
//	dw[f][c][i][j] = sum over images of sum over r, q of dy[f][r][q] * x[c][r*sh+i*dh-top][q*sw+j*dw-left]
//	db[f]          = sum over images of sum over r, q of dy[f][r][q]
//
// The sum over positions is one chain for each image, starting at +0, r and q
// ascending, that skips what lies in the padding; the eight images are then
// added pairwise, ((0+1)+(2+3)) + ((4+5)+(6+7)), an absent image counting as
// +0. dw has WeightLen elements, db has Filters.
func (c *Conv) WeightGrad(dw, db, x, dy []float32, n int) {
	c.WeightGradPart(dw, db, x, dy, n, 0, c.Filters)
}

// WeightGradPart computes the gradients of filters lo to hi as WeightGrad does, and
// leaves the others in dw and db as they are. It may run concurrently for disjoint
// ranges.
func (c *Conv) WeightGradPart(dw, db, x, dy []float32, n, lo, hi int) {
	if len(x) != c.inLen || len(dy) != c.outLen || len(dw) != c.weightLen || len(db) != c.Filters || !within(lo, hi, c.Filters) {
		panic(badLength)
	}
	if n < 1 || n > Lanes {
		panic(badLanes)
	}
	if overlap(dw, x) || overlap(dw, dy) || overlap(db, x) || overlap(db, dy) || overlap(dw, db) {
		panic(badOverlap)
	}
	if raceEnabled {
		raceRead(c.inputs(x, lo, hi))
	}
	raceRead(dy[lo*c.positions*Lanes : hi*c.positions*Lanes])
	raceWrite(dw[lo*c.Taps() : hi*c.Taps()])
	raceWrite(db[lo:hi])
	if useAVX2 && c.weights.planned {
		convWeightGradAVX2(c, dw, db, x, dy, n, bounds{lo, hi})
		return
	}
	convWeightGradGeneric(c.ConvShape, dw, db, x, dy, n, bounds{lo, hi})
}

// inputs are the channels of x that filters lo to hi see, and outputs those of dy
// that see channels lo to hi: whole groups.
func (c *Conv) inputs(x []float32, lo, hi int) []float32 {
	b := throughGroups(lo, hi, c.groupFilters(), c.groupC())
	return x[b.lo*c.H*c.W*Lanes : b.hi*c.H*c.W*Lanes]
}

func (c *Conv) outputs(dy []float32, lo, hi int) []float32 {
	b := throughGroups(lo, hi, c.groupC(), c.groupFilters())
	return dy[b.lo*c.positions*Lanes : b.hi*c.positions*Lanes]
}

// throughGroups returns, for channels of groups of n, those in the same groups on
// the other side, where a group has m.
func throughGroups(lo, hi, n, m int) bounds {
	if lo == hi {
		return bounds{}
	}
	return bounds{lo / n * m, ((hi-1)/n + 1) * m}
}
