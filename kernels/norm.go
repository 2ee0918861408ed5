package kernels

import "math"

// The functions of this file take a matrix as rows of as many elements as there
// are columns, and treat each column by itself. A channel of a block is such a
// matrix, with a row for each position and a column for each image; vectors are
// another, with a row for each image.

// ColumnSums adds up the columns of a matrix x, and its products with another of
// the same size, in float64, from +0, row by row:
//
//	sum[j]      = sum over i of x[i][j]
//	products[j] = sum over i of x[i][j] * z[i][j]
//
// The products are exact. z may be x: then these are the sums that mean and
// variance take.
func ColumnSums(sum, products []float64, x, z []float32) {
	cols := len(sum)
	checkColumns(x, cols)
	if len(products) != cols || len(z) != len(x) {
		panic(badLength)
	}
	raceRead(x)
	raceRead(z)
	clear(sum)
	clear(products)
	for len(x) > 0 {
		n := rowsInCall(x, cols)
		columnSums(sum, products, x[:n], z[:n])
		x, z = x[n:], z[n:]
	}
}

func columnSums(sum, products []float64, x, z []float32) {
	cols := len(sum)
	j, rows := 0, len(x)/cols
	if useAVX2 {
		for ; j+Lanes <= cols; j += Lanes {
			columnSumsAVX2(&sum[j], &products[j], &x[j], &z[j], rows, 4*cols)
		}
	}
	columnSumsGeneric(sum, products, x, z, j)
}

// ScaleColumns is y[i][j] = scale[j]*(x[i][j] - centre[j]) + shift[j], where the
// difference is rounded and the product is not. y may be x.
func ScaleColumns(y, x, scale, centre, shift []float32) {
	cols := len(scale)
	checkColumns(x, cols)
	if len(y) != len(x) || len(centre) != cols || len(shift) != cols {
		panic(badLength)
	}
	checkInPlace(y, x)
	for _, s := range [][]float32{scale, centre, shift} {
		checkApart(y, s)
		raceRead(s)
	}
	raceRead(x)
	raceWrite(y)
	for len(x) > 0 {
		n := rowsInCall(x, cols)
		scaleColumns(y[:n], x[:n], scale, centre, shift)
		y, x = y[n:], x[n:]
	}
}

func scaleColumns(y, x, scale, centre, shift []float32) {
	cols := len(scale)
	j, rows := 0, len(x)/cols
	if useAVX2 {
		for ; j+Lanes <= cols; j += Lanes {
			scaleColumnsAVX2(&y[j], &x[j], &scale[j], &centre[j], &shift[j], rows, 4*cols)
		}
	}
	scaleColumnsGeneric(y, x, scale, centre, shift, j)
}

// ScaleColumnsGrad is
//
//	dx[i][j] = slope[j]*(x[i][j] - centre[j]) + (scale[j]*dy[i][j] + shift[j])
//
// where the difference and what is in the last brackets are rounded: the gradient
// of a normalisation by the mean and variance of the columns. dx may be dy.
func ScaleColumnsGrad(dx, dy, x, scale, slope, centre, shift []float32) {
	cols := len(scale)
	checkColumns(x, cols)
	if len(dx) != len(x) || len(dy) != len(x) || len(slope) != cols || len(centre) != cols || len(shift) != cols {
		panic(badLength)
	}
	checkInPlace(dx, dy)
	for _, s := range [][]float32{x, scale, slope, centre, shift} {
		checkApart(dx, s)
		raceRead(s)
	}
	raceRead(dy)
	raceWrite(dx)
	for len(x) > 0 {
		n := rowsInCall(x, cols)
		scaleColumnsGrad(dx[:n], dy[:n], x[:n], scale, slope, centre, shift)
		dx, dy, x = dx[n:], dy[n:], x[n:]
	}
}

func scaleColumnsGrad(dx, dy, x, scale, slope, centre, shift []float32) {
	cols := len(scale)
	j, rows := 0, len(x)/cols
	if useAVX2 {
		for ; j+Lanes <= cols; j += Lanes {
			scaleColumnsGradAVX2(&dx[j], &dy[j], &x[j], &scale[j], &slope[j], &centre[j], &shift[j], rows, 4*cols)
		}
	}
	scaleColumnsGradGeneric(dx, dy, x, scale, slope, centre, shift, j)
}

// checkColumns panics unless x is a whole number of rows.
func checkColumns(x []float32, cols int) {
	if cols == 0 && len(x) > 0 || cols > 0 && len(x)%cols != 0 {
		panic(badLength)
	}
}

// rowsInCall is the length of the rows at the beginning of x that are treated
// together: no assembly call has more than maxCallElements.
func rowsInCall(x []float32, cols int) int {
	return min(len(x), cols*(maxCallElements/Lanes))
}

// Mask draws which elements a dropout keeps: those of an image by its key, by a
// hash of the key and the element's number. An image's mask depends on nothing
// else. Rate is at least 0 and below 1.
type Mask struct {
	keys  [2][Lanes]uint32 // of each lane
	first [Lanes]uint32    // number of each lane's first element
	step  uint32           // from an element of a lane to the next
	least int32            // of the hash's upper 24 bits, for an element that is kept
	scale float32          // of what is kept
}

// NewBlockMask is the mask of a block of images, one key for each of its lanes.
func NewBlockMask(rate float32, keys [Lanes]uint64) Mask {
	m := newMask(rate)
	for i, k := range keys {
		m.keys[0][i], m.keys[1][i] = uint32(k), uint32(k>>32)
	}
	m.step = 1
	return m
}

// NewRowMask is the mask of one image, a vector.
func NewRowMask(rate float32, key uint64) Mask {
	m := newMask(rate)
	for i := range m.first {
		m.keys[0][i], m.keys[1][i] = uint32(key), uint32(key>>32)
		m.first[i] = uint32(i)
	}
	m.step = Lanes
	return m
}

// Skip returns the mask of what follows n elements of each lane.
func (m Mask) Skip(n int) Mask {
	for i := range m.first {
		m.first[i] += uint32(n) * m.step
	}
	return m
}

func newMask(rate float32) Mask {
	if !(rate >= 0 && rate < 1) {
		panic(badRate)
	}
	return Mask{least: int32(math.Ceil(float64(rate) * (1 << 24))), scale: 1 / (1 - rate)}
}

// Dropout is y[i] = scale*x[i] where the mask keeps element i, else +0, with scale
// 1/(1-rate). y may be x. The gradient with respect to x is the same function of
// that with respect to y.
func Dropout(y, x []float32, m Mask) {
	checkUnary(y, x)
	for n := inCall(y); n > 0; n = inCall(y) {
		dropoutAVX2(y[:n], x, &m.keys[0][0], &m.first[0], m.step, m.least, m.scale)
		m = m.Skip(n / Lanes)
		y, x = y[n:], x[n:]
	}
	dropoutGeneric(y, x, &m)
}

// checkApart panics if an output overlaps an argument.
func checkApart(out, in []float32) {
	if overlap(out, in) {
		panic(badOverlap)
	}
}
