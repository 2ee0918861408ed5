package data

import (
	"math"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/layer"
)

// numbered is an image whose pixels are all different.
func numbered(s layer.Shape) []float32 {
	x := make([]float32, s.Len())
	for i := range x {
		x[i] = float32(i+1) / 7
	}
	return x
}

// placed is an image after the given distortion.
func placed(a Augment, s layer.Shape, x []float32, dx, dy, angle, scale, shear float64) []float32 {
	w := newWarper(a, s)
	w.place(dx, dy, angle, scale, shear)
	y := slices.Clone(x)
	w.apply(y)
	return y
}

// from is an image whose pixel at a row and column is that of x at other ones, or
// what lies outside.
func from(a Augment, s layer.Shape, x []float32, source func(row, col int) (int, int)) []float32 {
	y := make([]float32, len(x))
	for c := range s.C {
		for row := range s.H {
			for col := range s.W {
				r, q := source(row, col)
				v := a.Fill
				if a.Edge {
					r, q = min(max(r, 0), s.H-1), min(max(q, 0), s.W-1)
				}
				if r >= 0 && r < s.H && q >= 0 && q < s.W {
					v = x[(c*s.H+r)*s.W+q]
				}
				y[(c*s.H+row)*s.W+col] = v
			}
		}
	}
	return y
}

// TestWholePixels wants shifts by whole pixels, and rotations by quarters, to move
// pixels as they are.
func TestWholePixels(t *testing.T) {
	for _, a := range []Augment{{}, {Fill: 0.25}, {Edge: true}} {
		for _, s := range []layer.Shape{layer.Image(1, 8, 8), layer.Image(3, 7, 7), layer.Image(2, 1, 1)} {
			x, n := numbered(s), s.H-1
			for _, d := range [][2]int{{0, 0}, {1, 0}, {0, -1}, {-3, 2}, {8, 0}, {9, 9}, {-100, 4}, {4, 4000}} {
				want := from(a, s, x, func(row, col int) (int, int) { return row - d[1], col - d[0] })
				if have := placed(a, s, x, float64(d[0]), float64(d[1]), 0, 1, 0); !slices.Equal(have, want) {
					t.Errorf("%+v, %v: shift by %v: have %v, want %v", a, s, d, have, want)
				}
			}
			for angle, source := range map[float64]func(row, col int) (int, int){
				90:   func(row, col int) (int, int) { return n - col, row }, // clockwise
				-90:  func(row, col int) (int, int) { return col, n - row },
				180:  func(row, col int) (int, int) { return n - row, n - col },
				-180: func(row, col int) (int, int) { return n - row, n - col },
			} {
				want := from(a, s, x, source)
				if have := placed(a, s, x, 0, 0, angle, 1, 0); !slices.Equal(have, want) {
					t.Errorf("%+v, %v: %v degrees: have %v, want %v", a, s, angle, have, want)
				}
			}
		}
	}
}

// TestLinearImage wants an image whose values are linear in the row and the column,
// which bilinear interpolation keeps, to become what the inverse of shear,
// rotation, scale and shift says.
func TestLinearImage(t *testing.T) {
	s := layer.Image(1, 41, 33)
	x := make([]float32, s.Len())
	for i := range x {
		x[i] = float32(i%s.W) + 100*float32(i/s.W)
	}
	const dx, dy, angle, scale, shear = 1.25, -2.5, 17, 1.25, 12
	have := placed(Augment{}, s, x, dx, dy, angle, scale, shear)
	sin, cos := math.Sincos(angle * math.Pi / 180)
	k := math.Tan(shear * math.Pi / 180)
	for row := 10; row < 30; row++ { // what is there comes from inside the image
		for col := 10; col < 24; col++ {
			px, py := float64(col)-16-dx, float64(row)-20-dy
			rx, ry := cos*px+sin*py, cos*py-sin*px
			want := (rx-k*ry)/scale + 16 + 100*(ry/scale+20)
			if v := float64(have[row*s.W+col]); math.Abs(v-want) > 1e-3 {
				t.Fatalf("row %d, column %d: have %v, want %v", row, col, v, want)
			}
		}
	}
}

// TestTurn compares turn with package math.
func TestTurn(t *testing.T) {
	for d := -180.0; d <= 180; d += 0.37 {
		sin, cos := turn(d)
		wantSin, wantCos := math.Sincos(d * math.Pi / 180)
		if math.Abs(sin-wantSin) > 1e-15 || math.Abs(cos-wantCos) > 1e-15 {
			t.Errorf("%v degrees: have %v and %v, want %v and %v", d, sin, cos, wantSin, wantCos)
		}
	}
}

// TestDraws wants numbers of the right range, mean and variance that differ from
// one image, epoch and seed to the next.
func TestDraws(t *testing.T) {
	const n = 20000
	sum, squares := 0.0, 0.0
	for i := range uint64(n) {
		r := newDraws(1, i%7, i)
		v := r.within(3)
		if v < -3 || v > 3 {
			t.Fatalf("have %v, want -3 to 3", v)
		}
		sum, squares = sum+v, squares+v*v
	}
	if mean, variance := sum/n, squares/n; math.Abs(mean) > 0.06 || math.Abs(variance-3) > 0.1 {
		t.Errorf("mean %v and variance %v, want 0 and 3", mean, variance)
	}
	seen := make(map[uint64]bool)
	for seed := range uint64(10) {
		for epoch := range uint64(10) {
			for index := range uint64(10) {
				r := newDraws(seed, epoch, index)
				seen[r.Next()] = true
			}
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d first numbers of 1000 are different", len(seen))
	}
}

// displacement is where the elastic field moves a pixel to.
func displacement(f *field, row, col int) (x, y float64) {
	f.row(row)
	var t track
	f.add(&t, col/f.cell*f.cell)
	k := int64(col % f.cell)
	return float64(t.x+k*t.dx) / one, float64(t.y+k*t.dy) / one
}

// TestField wants the field to have the standard deviation that it is asked for at
// its points, mean 0, independent axes, and no jump.
func TestField(t *testing.T) {
	for _, cell := range []int{1, 3, 4, 40} {
		const deviation, size = 1.5, 32
		f := newField(cell, deviation, size, size)
		var sum, squares, product, n, jump float64
		for i := range uint64(2000) {
			r := newDraws(2, 0, i)
			f.draw(&r)
			x, y := displacement(&f, 0, 0)
			sum, squares, product, n = sum+x+y, squares+x*x+y*y, product+x*y, n+1
			for i := range size - 1 {
				x, y := displacement(&f, size-1, i)
				nextX, nextY := displacement(&f, size-1, i+1)
				jump = max(jump, math.Abs(nextX-x), math.Abs(nextY-y))
				x, y = displacement(&f, i, size-1)
				nextX, nextY = displacement(&f, i+1, size-1)
				jump = max(jump, math.Abs(nextX-x), math.Abs(nextY-y))
			}
		}
		if mean, d := sum/n/2, math.Sqrt(squares/n/2); math.Abs(mean) > 0.1 || math.Abs(d-deviation) > 0.08 || math.Abs(product/n) > 0.2 {
			t.Errorf("%d pixels: mean %v, standard deviation %v, product %v, want 0, %v, 0", cell, mean, d, product/n, deviation)
		}
		if limit := 4 * deviation / float64(cell); jump > limit {
			t.Errorf("%d pixels: neighbours differ by %v, want %v at most", cell, jump, limit)
		}
	}
}

// TestElasticDisplaces wants apply to read where the field says.
func TestElasticDisplaces(t *testing.T) {
	a, s := Augment{Elastic: 1, Smooth: 5, Edge: true}, layer.Image(1, 32, 30)
	x := make([]float32, s.Len())
	for i := range x {
		x[i] = float32(i%s.W) + 100*float32(i/s.W)
	}
	w := newWarper(a, s)
	r := newDraws(1, 2, 3)
	w.draw(&r)
	y := slices.Clone(x)
	w.apply(y)
	moved := 0.0
	for row := 8; row < 24; row++ {
		for col := 8; col < 22; col++ {
			dx, dy := displacement(&w.field, row, col)
			want := float64(col) + dx + 100*(float64(row)+dy)
			if have := float64(y[row*s.W+col]); math.Abs(have-want) > 2e-3 {
				t.Fatalf("row %d, column %d: have %v, want %v", row, col, have, want)
			}
			moved = max(moved, math.Abs(dx), math.Abs(dy))
		}
	}
	if moved < 0.5 {
		t.Errorf("nothing moved by more than %v pixels", moved)
	}
}
