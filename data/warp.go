package data

import (
	"math"

	"github.com/simdlanes/lanes/layer"
)

// Positions in an image are 64-bit integers, in units of 2**-32 pixels: their
// sums have no rounding, and whole pixels are where they are.
const (
	one      = 1 << 32
	fraction = one - 1
)

// fixed is x pixels, rounded. |x| is below 2**30.
func fixed(x float64) int64 { return int64(math.Floor(float64(x*one) + 0.5)) }

// warper distorts images of one shape. For each pixel of the result it looks up
// where in the image that comes from, which is linear in the row and the column
// but for the elastic field.
type warper struct {
	Augment
	shape layer.Shape

	// Where the pixel of row 0 and column 0 comes from, and by how much further
	// that of the next column and of the next row does.
	x, y       int64
	xCol, yCol int64
	xRow, yRow int64
	field      field // zero without Elastic

	plane  []float32 // the image, each channel with a margin of one pixel before and two after
	stride int       // of its rows

	// Of a row of the result: the places in plane of the upper left of the four
	// pixels that each pixel lies between, and how far it is from there.
	at     []int32
	fx, fy []float32
}

func newWarper(a Augment, s layer.Shape) *warper {
	w := &warper{Augment: a, shape: s, stride: s.W + 3}
	w.plane = make([]float32, s.C*w.padded())
	w.at, w.fx, w.fy = make([]int32, s.W), make([]float32, s.W), make([]float32, s.W)
	w.field.cell = s.W
	if a.Elastic > 0 {
		w.field = newField(a.Smooth, a.Elastic, s.H, s.W)
	}
	return w
}

// padded is the size of a channel with its margin.
func (w *warper) padded() int { return (w.shape.H + 3) * w.stride }

// draw chooses a distortion. It takes as many numbers whatever the limits are.
func (w *warper) draw(r *draws) {
	dx, dy := r.within(w.Shift), r.within(w.Shift)
	angle, scale, shear := r.within(w.Rotate), 1+r.within(w.Scale), r.within(w.Shear)
	w.place(dx, dy, angle, scale, shear)
	if w.Elastic > 0 {
		w.field.draw(r)
	}
}

// place sets the linear part: the inverse of what the fields of Augment say.
func (w *warper) place(dx, dy, angle, scale, shear float64) {
	sin, cos := turn(angle)
	shearSin, shearCos := turn(shear)
	k := shearSin / shearCos
	xCol, xRow := float64((cos+float64(k*sin))/scale), float64((sin-float64(k*cos))/scale)
	yCol, yRow := -sin/scale, cos/scale
	// The centre, shifted, comes from the centre.
	cx, cy := float64(w.shape.W-1)/2, float64(w.shape.H-1)/2
	fromX, fromY := cx+dx, cy+dy
	w.xCol, w.xRow, w.yCol, w.yRow = fixed(xCol), fixed(xRow), fixed(yCol), fixed(yRow)
	w.x = fixed(cx - float64(xCol*fromX) - float64(xRow*fromY))
	w.y = fixed(cy - float64(yCol*fromX) - float64(yRow*fromY))
}

// apply distorts an image in its place.
func (w *warper) apply(image []float32) {
	width, area, padded := w.shape.W, w.shape.H*w.shape.W, w.padded()
	for c := range w.shape.C {
		w.load(w.plane[c*padded:][:padded], image[c*area:][:area])
	}
	for row := range w.shape.H {
		w.locate(row)
		for c := range w.shape.C {
			w.sample(image[c*area+row*width:][:width], w.plane[c*padded:][:padded])
		}
	}
}

// load copies a channel into its plane. The margin repeats what is at the edge, or
// is filled.
func (w *warper) load(plane, channel []float32) {
	width, last := w.shape.W, w.shape.H-1
	for row := -1; row <= w.shape.H+1; row++ {
		line := plane[(row+1)*w.stride:][:w.stride]
		from := channel[min(max(row, 0), last)*width:][:width]
		left, right := w.Fill, w.Fill
		if w.Edge {
			left, right = from[0], from[width-1]
		} else if row < 0 || row > last {
			fill(line, w.Fill)
			continue
		}
		line[0] = left
		copy(line[1:], from)
		line[width+1], line[width+2] = right, right
	}
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// locate looks up where the pixels of a row come from.
func (w *warper) locate(row int) {
	w.field.row(row)
	x, y := w.x+int64(row)*w.xRow, w.y+int64(row)*w.yRow
	for col := 0; col < w.shape.W; col += w.field.cell {
		t := track{x: x + int64(col)*w.xCol, y: y + int64(col)*w.yCol, dx: w.xCol, dy: w.yCol}
		if w.Elastic > 0 {
			w.field.add(&t, col)
		}
		w.follow(t, col, min(col+w.field.cell, w.shape.W))
	}
}

// track is positions on a straight line: the first, and what lies between two.
type track struct{ x, y, dx, dy int64 }

// follow looks up the pixels of columns lo to hi, which come from along a track. A
// position more than a pixel outside the image is moved to there, where everything
// is margin.
func (w *warper) follow(t track, lo, hi int) {
	const unit = 1.0 / (1 << 24) // of the upper 24 bits of a fraction: exact in float32
	at, fx, fy := w.at[lo:hi], w.fx[lo:hi], w.fy[lo:hi]
	right, bottom, stride := int64(w.shape.W)*one, int64(w.shape.H)*one, int64(w.stride)
	for i := range at {
		x, y := min(max(t.x, -one), right), min(max(t.y, -one), bottom)
		at[i] = int32((y>>32+1)*stride + x>>32 + 1)
		fx[i] = float32(int32(x&fraction>>8)) * unit
		fy[i] = float32(int32(y&fraction>>8)) * unit
		t.x += t.dx
		t.y += t.dy
	}
}

// sample interpolates a row of the result, of one channel.
func (w *warper) sample(line, plane []float32) {
	stride := w.stride
	at, fx, fy := w.at[:len(line)], w.fx[:len(line)], w.fy[:len(line)]
	for i := range line {
		p := int(at[i])
		upper, lower := plane[p:p+2], plane[p+stride:p+stride+2]
		a, b := upper[0], lower[0]
		a += float32(fx[i] * (upper[1] - a))
		b += float32(fx[i] * (lower[1] - b))
		line[i] = a + float32(fy[i]*(b-a))
	}
}
