package kernels

import (
	"math"
	"testing"
)

var columnDims = []dim{size("rows", 0, 1), size("cols", 1, Lanes)}

// columnShapes are matrices of more rows than a call of the assembly takes.
var columnShapes = [][]int{{maxCallElements/Lanes + 3, 9}}

func buildColumnSums(tr *trial, d []int) func() {
	rows, cols := d[0], d[1]
	x, z := tr.matrix("x", in, rows, cols, cols), tr.matrix("z", in, rows, cols, cols)
	return columnSumsOf(tr, cols, x, z)
}

func buildMoments(tr *trial, d []int) func() {
	x := tr.matrix("x", in, d[0], d[1], d[1])
	return columnSumsOf(tr, d[1], x, x)
}

// columnSumsOf makes the bits of each sum four numbers, so that they are compared
// one and all.
func columnSumsOf(tr *trial, cols int, x, z []float32) func() {
	sum, products := tr.vector("sum", out, 4*cols), tr.vector("products", out, 4*cols)
	s, p := make([]float64, cols), make([]float64, cols)
	return func() {
		ColumnSums(s, p, x, z)
		for j := range s {
			ws, wp := words(s[j]), words(p[j])
			copy(sum[4*j:], ws[:])
			copy(products[4*j:], wp[:])
		}
	}
}

func refColumnSums(in inputs, d []int) map[string][]approx {
	x, z := in.of("x"), in.of("x")
	if in.has("z") {
		z = in.of("z")
	}
	outputs := map[string][]approx{}
	for j := range d[1] {
		var sum, products float64
		for i := range d[0] {
			a, b := float64(x[i*d[1]+j]), float64(z[i*d[1]+j])
			sum += a
			products = math.FMA(a, b, products)
		}
		for name, v := range map[string]float64{"sum": sum, "products": products} {
			for _, w := range words(v) {
				outputs[name] = append(outputs[name], exact(w))
			}
		}
	}
	return outputs
}

func buildScaleColumns(tr *trial, d []int) func() {
	rows, cols := d[0], d[1]
	y, x := tr.matrix("y", out, rows, cols, cols), tr.matrix("x", in, rows, cols, cols)
	scale, centre, shift := tr.vector("scale", in, cols), tr.vector("centre", in, cols), tr.vector("shift", in, cols)
	return func() { ScaleColumns(y, x, scale, centre, shift) }
}

func buildScaleColumnsInPlace(tr *trial, d []int) func() {
	y := tr.matrix("y", inout, d[0], d[1], d[1])
	scale, centre, shift := tr.vector("scale", in, d[1]), tr.vector("centre", in, d[1]), tr.vector("shift", in, d[1])
	return func() { ScaleColumns(y, y, scale, centre, shift) }
}

func refScaleColumns(in inputs, d []int) map[string][]approx {
	var y []approx
	for i, x := range in.of("x") {
		j := i % d[1]
		centred := relative(float64(x)-float64(in.of("centre")[j]), 1)
		y = append(y, exact(in.of("shift")[j]).plus(float64(in.of("scale")[j]), centred))
	}
	return map[string][]approx{"y": y}
}

func buildScaleColumnsGrad(tr *trial, d []int) func() {
	rows, cols := d[0], d[1]
	dx := tr.matrix("dx", out, rows, cols, cols)
	dy, x := tr.matrix("dy", in, rows, cols, cols), tr.matrix("x", in, rows, cols, cols)
	scale, slope := tr.vector("scale", in, cols), tr.vector("slope", in, cols)
	centre, shift := tr.vector("centre", in, cols), tr.vector("shift", in, cols)
	return func() { ScaleColumnsGrad(dx, dy, x, scale, slope, centre, shift) }
}

func buildScaleColumnsGradInPlace(tr *trial, d []int) func() {
	rows, cols := d[0], d[1]
	dx, x := tr.matrix("dx", inout, rows, cols, cols), tr.matrix("x", in, rows, cols, cols)
	scale, slope := tr.vector("scale", in, cols), tr.vector("slope", in, cols)
	centre, shift := tr.vector("centre", in, cols), tr.vector("shift", in, cols)
	return func() { ScaleColumnsGrad(dx, dx, x, scale, slope, centre, shift) }
}

func refScaleColumnsGrad(in inputs, d []int) map[string][]approx {
	var dx []approx
	for i, x := range in.of("x") {
		j := i % d[1]
		centred := relative(float64(x)-float64(in.of("centre")[j]), 1)
		inner := exact(in.of("shift")[j]).plus(float64(in.of("scale")[j]), exact(in.of("dy")[i]))
		dx = append(dx, inner.plus(float64(in.of("slope")[j]), centred))
	}
	return map[string][]approx{"dx": dx}
}

var dropoutDims = []dim{size("n", 0, Lanes), choice("rate", 3), choice("row", 2)}

var dropoutRates = [...]float32{0.9, 0, 0.25}

func dropoutKey(i int) uint64 { return uint64(i+1) * 0x9e3779b97f4a7c15 }

func dropoutMask(d []int) Mask {
	rate := dropoutRates[d[1]]
	if d[2] == 1 {
		return NewRowMask(rate, dropoutKey(0))
	}
	var keys [Lanes]uint64
	for i := range keys {
		keys[i] = dropoutKey(i)
	}
	return NewBlockMask(rate, keys)
}

func buildDropout(tr *trial, d []int) func() {
	y, x := tr.vector("y", out, d[0]), tr.vector("x", in, d[0])
	m := dropoutMask(d)
	return func() { Dropout(y, x, m) }
}

func buildDropoutParts(tr *trial, d []int) func() {
	y, x := tr.vector("y", out, d[0]), tr.vector("x", in, d[0])
	m := dropoutMask(d)
	return func() {
		inParts(divided(d[0], Lanes), d[3], func(lo, hi int) {
			Dropout(y[lo*Lanes:min(hi*Lanes, d[0])], x[lo*Lanes:min(hi*Lanes, d[0])], m.Skip(lo))
		})
	}
}

func buildDropoutInPlace(tr *trial, d []int) func() {
	y := tr.vector("y", inout, d[0])
	m := dropoutMask(d)
	return func() { Dropout(y, y, m) }
}

// refDropout hashes with 64 bits what the operation hashes with 32.
func refDropout(in inputs, d []int) map[string][]approx {
	const mod = 1 << 32
	rate := float64(dropoutRates[d[1]])
	var y []approx
	for i, x := range in.of("x") {
		key, number := dropoutKey(i%Lanes), uint64(i/Lanes)
		if d[2] == 1 {
			key, number = dropoutKey(0), uint64(i)
		}
		h := (number*0x9e3779b9 + key) % mod
		h = (h ^ h>>16) * 0x7feb352d % mod
		h = (h ^ h>>15 ^ key>>32) * 0x846ca68b % mod
		h ^= h >> 16
		if float64(h>>8) < rate*(1<<24) {
			y = append(y, approx{})
		} else {
			y = append(y, relative(float64(x)/(1-rate), 4))
		}
	}
	return map[string][]approx{"y": y}
}

// TestDropoutKeepsItsShare counts what masks keep, and how often neighbours in an
// image, and equal places of neighbouring images, agree.
func TestDropoutKeepsItsShare(t *testing.T) {
	const n, rate = 1 << 16, 0.3
	var keys [Lanes]uint64
	for i := range keys {
		keys[i] = uint64(i) // as bad as keys can be
	}
	x, y := make([]float32, n), make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	Dropout(y, x, NewBlockMask(rate, keys))
	within := func(name string, pairs, count int, p float64) {
		if mean, sd := float64(pairs)*p, math.Sqrt(float64(pairs)*p*(1-p)); math.Abs(float64(count)-mean) > 5*sd {
			t.Errorf("%s: %d of %d, want about %.0f", name, count, pairs, mean)
		}
	}
	kept, next, beside := 0, 0, 0
	for i := range y {
		if y[i] != 0 {
			kept++
		}
		if i >= Lanes && (y[i] != 0) == (y[i-Lanes] != 0) {
			next++
		}
		if i >= 1 && (y[i] != 0) == (y[i-1] != 0) {
			beside++
		}
	}
	within("kept", n, kept, 1-rate)
	within("like the element before", n-Lanes, next, rate*rate+(1-rate)*(1-rate))
	within("like the image beside", n-1, beside, rate*rate+(1-rate)*(1-rate))
}
