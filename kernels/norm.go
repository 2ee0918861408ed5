package kernels

import "math"

// The functions of this file treat each column of a matrix by itself. Those named
// after columns take a matrix as rows of as many elements as there are columns:
// vectors are such rows, one for each image. Those named after channels take a
// block, in which a channel is a matrix with a row for each position and a column
// for each image, and of each channel as many numbers as it has columns, Lanes.

// ColumnSums adds up the columns of a matrix x, and its products with another of
// the same size, in float64, from +0, row by row:
//
//	sum[j]      = sum over i of x[i][j]
//	products[j] = sum over i of x[i][j] * z[i][j]
//
// The products are exact. z may be x: then these are the sums that mean and
// variance take.
func ColumnSums(sum, products []float64, x, z []float32) {
	checkColumns(x, len(sum))
	checkSums(sum, products, x, z)
	c := matrixColumns(x, len(sum))
	c.sums(sum, products, x, z)
	columnSumsGeneric(sum, products, x, z, c.groups*Lanes)
}

// ChannelSums is ColumnSums of each channel of blocks x and z.
func ChannelSums(sum, products []float64, x, z []float32) {
	size := channelLen(x, len(sum))
	checkSums(sum, products, x, z)
	if useAVX2 {
		blockColumns(x, len(sum)).sums(sum, products, x, z)
		return
	}
	for j := 0; len(x) > 0; j += Lanes {
		columnSumsGeneric(sum[j:][:Lanes], products[j:][:Lanes], x[:size], z[:size], 0)
		x, z = x[size:], z[size:]
	}
}

func checkSums(sum, products []float64, x, z []float32) {
	if len(products) != len(sum) || len(z) != len(x) {
		panic(badLength)
	}
	raceRead(x)
	raceRead(z)
	clear(sum)
	clear(products)
}

// ScaleColumns is y[i][j] = scale[j]*(x[i][j] - centre[j]) + shift[j], where the
// difference is rounded and the product is not. y may be x.
func ScaleColumns(y, x, scale, centre, shift []float32) {
	checkColumns(x, len(scale))
	checkScale(y, x, scale, centre, shift)
	c := matrixColumns(x, len(scale))
	c.scale(y, x, scale, centre, shift)
	scaleColumnsGeneric(y, x, scale, centre, shift, c.groups*Lanes)
}

// ScaleChannels is ScaleColumns of each channel of a block x.
func ScaleChannels(y, x, scale, centre, shift []float32) {
	size := channelLen(x, len(scale))
	checkScale(y, x, scale, centre, shift)
	if useAVX2 {
		blockColumns(x, len(scale)).scale(y, x, scale, centre, shift)
		return
	}
	for j := 0; len(x) > 0; j += Lanes {
		scaleColumnsGeneric(y[:size], x[:size], scale[j:][:Lanes], centre[j:][:Lanes], shift[j:][:Lanes], 0)
		y, x = y[size:], x[size:]
	}
}

func checkScale(y, x, scale, centre, shift []float32) {
	if len(y) != len(x) || len(centre) != len(scale) || len(shift) != len(scale) {
		panic(badLength)
	}
	checkInPlace(y, x)
	checkFactor(y, scale)
	checkFactor(y, centre)
	checkFactor(y, shift)
	raceRead(x)
	raceWrite(y)
}

// ScaleColumnsGrad is
//
//	dx[i][j] = slope[j]*(x[i][j] - centre[j]) + (scale[j]*dy[i][j] + shift[j])
//
// where the difference and what is in the last brackets are rounded: the gradient
// of a normalisation by the mean and variance of the columns. dx may be dy.
func ScaleColumnsGrad(dx, dy, x, scale, slope, centre, shift []float32) {
	checkColumns(x, len(scale))
	checkScaleGrad(dx, dy, x, scale, slope, centre, shift)
	c := matrixColumns(x, len(scale))
	c.scaleGrad(dx, dy, x, scale, slope, centre, shift)
	scaleColumnsGradGeneric(dx, dy, x, scale, slope, centre, shift, c.groups*Lanes)
}

// ScaleChannelsGrad is ScaleColumnsGrad of each channel of a block x.
func ScaleChannelsGrad(dx, dy, x, scale, slope, centre, shift []float32) {
	size := channelLen(x, len(scale))
	checkScaleGrad(dx, dy, x, scale, slope, centre, shift)
	if useAVX2 {
		blockColumns(x, len(scale)).scaleGrad(dx, dy, x, scale, slope, centre, shift)
		return
	}
	for j := 0; len(x) > 0; j += Lanes {
		scaleColumnsGradGeneric(dx[:size], dy[:size], x[:size], scale[j:][:Lanes], slope[j:][:Lanes], centre[j:][:Lanes], shift[j:][:Lanes], 0)
		dx, dy, x = dx[size:], dy[size:], x[size:]
	}
}

func checkScaleGrad(dx, dy, x, scale, slope, centre, shift []float32) {
	cols := len(scale)
	if len(dx) != len(x) || len(dy) != len(x) || len(slope) != cols || len(centre) != cols || len(shift) != cols {
		panic(badLength)
	}
	checkInPlace(dx, dy)
	checkFactor(dx, x)
	checkFactor(dx, scale)
	checkFactor(dx, slope)
	checkFactor(dx, centre)
	checkFactor(dx, shift)
	raceRead(dy)
	raceWrite(dx)
}

// checkFactor panics if an output overlaps an argument.
func checkFactor(out, in []float32) {
	if overlap(out, in) {
		panic(badOverlap)
	}
	raceRead(in)
}

// checkColumns panics unless x is a whole number of rows.
func checkColumns(x []float32, cols int) {
	if cols == 0 && len(x) > 0 || cols > 0 && len(x)%cols != 0 {
		panic(badLength)
	}
}

// channelLen is the length of a channel of block x, where there are so many numbers
// of all channels.
func channelLen(x []float32, numbers int) int {
	if numbers%Lanes != 0 {
		panic(badLength)
	}
	checkColumns(x, numbers)
	if numbers == 0 {
		return 0
	}
	return len(x) / (numbers / Lanes)
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
