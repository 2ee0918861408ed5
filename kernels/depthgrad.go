package kernels

// A depthGrad is the weight gradient of 3x3 filters of one channel each, whose
// nine taps are a tile: it walks over the output row by row, and leaves out the
// taps in the padding, one column on either side and one row above and below.
type depthGrad struct {
	calls       [][]depthGradRow
	applies     bool
	left, right int // 1 if a row's first position has no first column, its last no last
}

// A depthGradRow is a row of output positions as the assembly reads it. Distances
// are in bytes.
type depthGradRow struct {
	x, dy int32 // what the first position reads with its first row and column, in the padding or not, and its gradient
	rows  int32 // bit i for row i of the filter
	n     int32 // positions that have all columns
}

// newDepthGrad returns the rows of a convolution; none if it is of another kind.
func newDepthGrad(s ConvShape) (g depthGrad) {
	rows, cols := s.rows(), s.cols()
	if s.groupC() != 1 || s.FH != 3 || s.FW != 3 || rows.dilation != 1 || cols.dilation != 1 {
		return depthGrad{}
	}
	inner := 0
	for _, c := range cols.forwardRuns() {
		switch {
		case c.tap == 0 && c.k == 3:
			inner = c.n
		case c.tap == 1 && c.k == 2 && c.n == 1:
			g.left = 1
		case c.tap == 0 && c.k == 2 && c.n == 1:
			g.right = 1
		default:
			return depthGrad{}
		}
	}
	var table []depthGradRow
	for _, r := range rows.forwardRuns() {
		if r.k == 0 || r.k == 1 && r.tap != 1 {
			return depthGrad{}
		}
		for i := range r.n {
			table = append(table, depthGradRow{
				x:    int32(((r.from+i*r.fromStep)*s.W - cols.before) * laneBytes),
				dy:   int32((r.first + i) * cols.out * laneBytes),
				rows: int32(1<<(r.tap+r.k) - 1<<r.tap),
				n:    int32(inner),
			})
		}
	}
	if each := maxCallTaps / (9 * cols.out); each > 0 {
		g.applies = true
		for lo := 0; lo < len(table); lo += each {
			g.calls = append(g.calls, table[lo:min(lo+each, len(table))])
		}
	}
	return g
}

// depthGradChannels is the number of filters whose accumulators wait for their
// lanes to be added.
const depthGradChannels = 8

// run computes what convWeightGradGeneric does.
func (g *depthGrad) run(c *Conv, dw, db, x, dy []float32, n int, part bounds) {
	const each = 10 // nine taps and the bias
	var acc [depthGradChannels * each * Lanes]float32
	var sums [depthGradChannels * each]float32
	xRow, xStep := c.W*laneBytes, orOne(c.StrideW)*laneBytes
	for lo := part.lo; lo < part.hi; lo += depthGradChannels {
		filters := min(depthGradChannels, part.hi-lo)
		clear(acc[:filters*each*Lanes])
		for i := range filters {
			f := lo + i
			in, out := x[f/c.groupFilters()*c.H*c.W*Lanes:], dy[f*c.positions*Lanes:]
			for _, rows := range g.calls {
				depthGrad3x3AVX2(&acc[i*each*Lanes], &rows[0].x, len(rows), &in[0], &out[0], xRow, xStep, g.left, g.right)
			}
		}
		sumLanesAVX2(&sums[0], &acc[0], filters*each, laneMask(n))
		for i := range filters {
			copy(dw[(lo+i)*9:][:9], sums[i*each:])
			db[lo+i] = sums[i*each+9]
		}
	}
}
