package data

// field is a smooth random field of displacements.
type field struct {
	cell       int     // pixels between two of its points, along rows and columns
	rows, cols int     // of points; the image's first pixel is at the first
	inverse    int64   // of cell, in units of 2**-16
	strength   float64 // pixels that 1 in raw and smoothed numbers stands for

	x, y       []int64 // displacements at the points, in units of 2**-16 pixels
	raw        []int64 // random numbers at the points and those around them
	rowX, rowY []int64 // displacements in a row of pixels, in its points' columns
}

// margin is the number of points around an image's that smoothing takes in, on
// each side.
const margin = 2

// rawUnit is the largest random number.
const rawUnit = 1 << 15

// newField is for images of height by width, points cell pixels apart and a
// standard deviation in pixels.
func newField(cell int, deviation float64, height, width int) field {
	f := field{cell: cell, rows: (height-1)/cell + 2, cols: (width-1)/cell + 2}
	f.inverse = (1<<16 + int64(cell)/2) / int64(cell)
	// Uniform numbers of -1 to 1 have a variance of 1/3. Smoothing twice by [1 2 1]/4
	// is once by [1 4 6 4 1]/16, of which the squares' sum is 70/256, along both
	// axes.
	const squares = 70.0 / 256
	const root = 0.57735026918962576451 // of 1/3
	f.strength = deviation / (squares * root)
	n := f.rows * f.cols
	f.x, f.y = make([]int64, n), make([]int64, n)
	f.rowX, f.rowY = make([]int64, f.cols), make([]int64, f.cols)
	f.raw = make([]int64, (f.rows+2*margin)*(f.cols+2*margin))
	return f
}

// draw chooses the displacements.
func (f *field) draw(r *draws) {
	f.drawAxis(f.x, r)
	f.drawAxis(f.y, r)
}

// drawAxis chooses the displacements along one axis.
func (f *field) drawAxis(displacement []int64, r *draws) {
	for i := 0; i < len(f.raw); i += 4 {
		four := r.Next()
		for j := i; j < min(i+4, len(f.raw)); j++ {
			f.raw[j] = int64(int16(four))
			four >>= 16
		}
	}
	// Sums, in place: an element is read last by that which it becomes.
	width := f.cols + 2*margin
	for i := range len(f.raw) - 4*width {
		f.raw[i] = weigh(f.raw[i:], width)
	}
	// In units of 2**-16 pixels; smoothing has multiplied by 16 twice.
	factor := fixed(f.strength / (rawUnit * 256))
	for row := range f.rows {
		line := f.raw[row*width:]
		for col := range f.cols {
			displacement[row*f.cols+col] = weigh(line[col:], 1) * factor >> 16
		}
	}
}

// weigh is the sum of five numbers, the given stride apart, with the weights of
// two passes of [1 2 1].
func weigh(x []int64, stride int) int64 {
	return x[0] + x[4*stride] + 4*(x[stride]+x[3*stride]) + 6*x[2*stride]
}

// row looks up the displacements in a row of pixels.
func (f *field) row(row int) {
	first := row / f.cell * f.cols
	part := int64(row%f.cell) * f.inverse // of the way to the next row of points
	for i := range f.rowX {
		x, y := f.x[first+i], f.y[first+i]
		f.rowX[i] = x + (f.x[first+f.cols+i]-x)*part>>16
		f.rowY[i] = y + (f.y[first+f.cols+i]-y)*part>>16
	}
}

// add adds the displacements to a track that begins at a column of points.
func (f *field) add(t *track, col int) {
	i := col / f.cell
	t.x += f.rowX[i] << 16
	t.y += f.rowY[i] << 16
	t.dx += (f.rowX[i+1] - f.rowX[i]) * f.inverse
	t.dy += (f.rowY[i+1] - f.rowY[i]) * f.inverse
}
