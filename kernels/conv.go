package kernels

// ConvShape is the geometry of one convolution layer: C input channels of H
// rows and W columns, convolved with Filters filters of C x FH x FW, stride 1,
// no padding. (As everywhere in the field this is a cross-correlation: the
// filters are not flipped.)
type ConvShape struct {
	C, H, W int // input channels, rows, columns
	Filters int // output channels
	FH, FW  int // rows and columns of a filter
}

// OutH is the number of output rows.
func (s ConvShape) OutH() int { return s.H - s.FH + 1 }

// OutW is the number of output columns.
func (s ConvShape) OutW() int { return s.W - s.FW + 1 }

// Taps is the number of weights of one filter: C*FH*FW.
func (s ConvShape) Taps() int { return s.C * s.FH * s.FW }

// InLen is the length of an input block.
func (s ConvShape) InLen() int { return s.C * s.H * s.W * Lanes }

// OutLen is the length of an output block.
func (s ConvShape) OutLen() int { return s.Filters * s.OutH() * s.OutW() * Lanes }

// WeightLen is the length of all filters together: Filters*C*FH*FW.
func (s ConvShape) WeightLen() int { return s.Filters * s.Taps() }

func (s ConvShape) valid() bool {
	return s.C > 0 && s.H > 0 && s.W > 0 && s.Filters > 0 && s.FH > 0 && s.FW > 0 &&
		s.FH <= s.H && s.FW <= s.W
}

// Conv is a convolution prepared for one geometry: the tables that say which
// taps reach which positions. It is immutable and safe for concurrent use.
type Conv struct {
	ConvShape
	forward gather // reads the input, writes the output
	data    gather // reads the output's gradient, writes the input's
	one     convOne

	// For the weight gradient, in bytes: where the pixel that each weight of a
	// filter multiplies lies from an output position's first pixel, and where
	// the first pixels of the positions of one or more output rows lie from that
	// of the first. Later rows are reached by moving x.
	taps      []int32
	positions []int32
}

// NewConv prepares the convolution of shape s. It panics if a size is below
// one or a filter is larger than the input.
func NewConv(s ConvShape) *Conv {
	if !s.valid() {
		panic(badConvShape)
	}
	c := &Conv{ConvShape: s}
	c.forward = newGather(s.C, s.Filters, s.FH*s.FW, s.H, s.W, s.OutH(), s.OutW(),
		forwardRuns(s.OutH(), s.FH), forwardRuns(s.OutW(), s.FW), s.FW)
	c.data = newGather(s.Filters, s.C, s.FH*s.FW, s.OutH(), s.OutW(), s.H, s.W,
		dataRuns(s.H, s.OutH(), s.FH), dataRuns(s.W, s.OutW(), s.FW), s.FW)
	c.one = newConvOne(s, &c.forward)
	c.taps = c.tapOffsets()
	c.positions = c.positionOffsets()
	return c
}

// tapOffsets returns, for every weight of a filter, the distance in bytes from
// an output position's first input pixel to the pixel that the weight
// multiplies.
func (c *Conv) tapOffsets() []int32 {
	offs := make([]int32, 0, c.Taps())
	for ch := range c.C {
		for r := range c.FH {
			for col := range c.FW {
				offs = append(offs, int32(((ch*c.H+r)*c.W+col)*laneBytes))
			}
		}
	}
	return offs
}

// gradPositions is the number of output positions that the weight gradient
// takes at a time, at least a row: few enough for their table to stay in the L1
// cache.
const gradPositions = 1024

func (c *Conv) positionOffsets() []int32 {
	rows := min(c.OutH(), max(1, gradPositions/c.OutW()))
	offs := make([]int32, 0, rows*c.OutW())
	for r := range rows {
		for q := range c.OutW() {
			offs = append(offs, int32((r*c.W+q)*laneBytes))
		}
	}
	return offs
}

// Filters holds the weights and biases of one convolution in the forms that
// the passes read. The forms beside W are copies: call Pack after W changes.
type Filters struct {
	W    []float32 // (Filters, C, FH, FW)
	Bias []float32 // (Filters)

	forward []float32 // packed for the forward pass
	data    []float32 // transposed and packed for the data gradient
	panels  []float32 // transposed and packed for single images
}

// NewFilters returns the filters of c that read weights from w and biases from
// bias, which stay the caller's, and packs them.
func (c *Conv) NewFilters(w, bias []float32) *Filters {
	if len(w) != c.WeightLen() || len(bias) != c.Filters {
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
	if lo < 0 || hi < lo || hi > c.Filters {
		panic(badLength)
	}
	taps := c.FH * c.FW
	for filter := lo; filter < hi; filter++ {
		for ch := range c.C {
			w := f.W[(filter*c.C+ch)*taps:][:taps]
			c.forward.pack(f.forward, w, ch, filter)
			c.data.pack(f.data, w, filter, ch)
		}
	}
	c.one.pack(f.panels, f.W, lo, hi)
}

// checkFilters panics if f was made for another geometry.
func (c *Conv) checkFilters(f *Filters) {
	if len(f.W) != c.WeightLen() || len(f.Bias) != c.Filters ||
		len(f.forward) != c.forward.packedLen() || len(f.data) != c.data.packedLen() {
		panic(badLength)
	}
}

// Forward computes, for a block of eight images,
//
//	y[f][r][q] = bias[f] + sum over c, i, j of x[c][r+i][q+j] * W[f][c][i][j]
//
// as one chain of fused multiply-adds that starts at the bias and takes c, i
// and j in ascending order; with relu, y is then 0 where it was below 0. x is a
// block of InLen, y one of OutLen; they must not overlap.
func (c *Conv) Forward(y, x []float32, f *Filters, relu bool) {
	c.checkFilters(f)
	if len(x) != c.InLen() || len(y) != c.OutLen() {
		panic(badLength)
	}
	if overlap(x, y) {
		panic(badOverlap)
	}
	raceRead(x)
	raceWrite(y)
	if useAVX2 {
		convForwardAVX2(c, y, x, f, relu)
		return
	}
	convForwardGeneric(c.ConvShape, y, x, f.W, f.Bias, relu)
}

// DataGrad computes, for a block of eight images, the gradient of the loss
// with respect to the convolution's input:
//
//	dx[c][r][q] = sum over f, i, j of dy[f][r-i][q-j] * W[f][c][i][j]
//
// as one chain that starts at +0 and takes f, i and j in ascending order; terms
// whose position lies outside dy are skipped. dx is a block of InLen, dy one of
// OutLen; they must not overlap.
func (c *Conv) DataGrad(dx, dy []float32, f *Filters) {
	c.checkFilters(f)
	if len(dx) != c.InLen() || len(dy) != c.OutLen() {
		panic(badLength)
	}
	if overlap(dx, dy) {
		panic(badOverlap)
	}
	raceRead(dy)
	raceWrite(dx)
	if useAVX2 {
		convDataGradAVX2(c, dx, dy, f)
		return
	}
	convDataGradGeneric(c.ConvShape, dx, dy, f.W)
}

// WeightGrad computes the gradients of the loss with respect to the weights
// and biases, summed over the first n images of a block:
//
//	dw[f][c][i][j] = sum over images of sum over r, q of dy[f][r][q] * x[c][r+i][q+j]
//	db[f]          = sum over images of sum over r, q of dy[f][r][q]
//
// The sum over positions is one chain for each image, starting at +0, r and q
// ascending; the eight images are then added pairwise,
// ((0+1)+(2+3)) + ((4+5)+(6+7)), an absent image counting as +0. dw has
// WeightLen elements, db has Filters.
func (c *Conv) WeightGrad(dw, db, x, dy []float32, n int) {
	if len(x) != c.InLen() || len(dy) != c.OutLen() || len(dw) != c.WeightLen() || len(db) != c.Filters {
		panic(badLength)
	}
	if n < 1 || n > Lanes {
		panic(badLanes)
	}
	if overlap(dw, x) || overlap(dw, dy) || overlap(db, x) || overlap(db, dy) || overlap(dw, db) {
		panic(badOverlap)
	}
	raceRead(x)
	raceRead(dy)
	raceWrite(dw)
	raceWrite(db)
	if useAVX2 {
		convWeightGradAVX2(c, dw, db, x, dy, n)
		return
	}
	convWeightGradGeneric(c.ConvShape, dw, db, x, dy, n)
}
