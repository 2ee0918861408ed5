package kernels

import (
	"math"
	"testing"
)

var columnDims = []dim{size("rows", 0, 1), size("cols", 1, Lanes)}

// columnShapes are matrices of more rows than a call of the assembly takes.
var columnShapes = [][]int{{maxCallElements/Lanes + 3, 9}}

// channelDims are blocks. channelShapes have more rows than a call takes, and more
// channels.
var (
	channelDims   = []dim{size("rows", 0, 1), size("channels", 0, 2)}
	channelShapes = [][]int{{maxCallElements/Lanes + 3, 3}, {3, maxCallElements/Lanes/3 + 2}}
)

// A layout is where the elements of columns lie.
type layout struct {
	shape  func(d []int) (rows, cols int) // of all elements, as a matrix
	number func(d []int) int              // of columns
	column func(d []int, i int) int       // of element i
}

// inRows are columns of a matrix, inChannels those of the channels of a block.
var (
	inRows = layout{
		func(d []int) (int, int) { return d[0], d[1] },
		func(d []int) int { return d[1] },
		func(d []int, i int) int { return i % d[1] },
	}
	inChannels = layout{
		func(d []int) (int, int) { return d[0] * d[1], Lanes },
		func(d []int) int { return d[1] * Lanes },
		func(d []int, i int) int { return i/(d[0]*Lanes)*Lanes + i%Lanes },
	}
)

// matrix adds the operand of all elements.
func (l layout) matrix(tr *trial, name string, role role, d []int) []float32 {
	rows, cols := l.shape(d)
	return tr.matrix(name, role, rows, cols, cols)
}

type sumsFunc func(sum, products []float64, x, z []float32)

func (l layout) sums(f sumsFunc) func(tr *trial, d []int) func() {
	return func(tr *trial, d []int) func() {
		x, z := l.matrix(tr, "x", in, d), l.matrix(tr, "z", in, d)
		return sumsOf(tr, f, l.number(d), x, z)
	}
}

func (l layout) moments(f sumsFunc) func(tr *trial, d []int) func() {
	return func(tr *trial, d []int) func() {
		x := l.matrix(tr, "x", in, d)
		return sumsOf(tr, f, l.number(d), x, x)
	}
}

// sumsOf makes the bits of each sum four numbers, so that they are compared one and
// all.
func sumsOf(tr *trial, f sumsFunc, cols int, x, z []float32) func() {
	sum, products := tr.vector("sum", out, 4*cols), tr.vector("products", out, 4*cols)
	s, p := make([]float64, cols), make([]float64, cols)
	return func() {
		f(s, p, x, z)
		for j := range s {
			ws, wp := words(s[j]), words(p[j])
			copy(sum[4*j:], ws[:])
			copy(products[4*j:], wp[:])
		}
	}
}

func (l layout) refSums(in inputs, d []int) map[string][]approx {
	x, z := in.of("x"), in.of("x")
	if in.has("z") {
		z = in.of("z")
	}
	sum, products := make([]float64, l.number(d)), make([]float64, l.number(d))
	for i := range x {
		j, a, b := l.column(d, i), float64(x[i]), float64(z[i])
		sum[j] += a
		products[j] = math.FMA(a, b, products[j])
	}
	outputs := map[string][]approx{}
	for name, values := range map[string][]float64{"sum": sum, "products": products} {
		for _, v := range values {
			for _, w := range words(v) {
				outputs[name] = append(outputs[name], exact(w))
			}
		}
	}
	return outputs
}

type scaleFunc func(y, x, scale, centre, shift []float32)

func (l layout) scale(f scaleFunc) func(tr *trial, d []int) func() {
	return func(tr *trial, d []int) func() {
		y, x, n := l.matrix(tr, "y", out, d), l.matrix(tr, "x", in, d), l.number(d)
		scale, centre, shift := tr.vector("scale", in, n), tr.vector("centre", in, n), tr.vector("shift", in, n)
		return func() { f(y, x, scale, centre, shift) }
	}
}

func (l layout) scaleInPlace(f scaleFunc) func(tr *trial, d []int) func() {
	return func(tr *trial, d []int) func() {
		y, n := l.matrix(tr, "y", inout, d), l.number(d)
		scale, centre, shift := tr.vector("scale", in, n), tr.vector("centre", in, n), tr.vector("shift", in, n)
		return func() { f(y, y, scale, centre, shift) }
	}
}

func (l layout) refScale(in inputs, d []int) map[string][]approx {
	var y []approx
	for i, x := range in.of("x") {
		j := l.column(d, i)
		centred := relative(float64(x)-float64(in.of("centre")[j]), 1)
		y = append(y, exact(in.of("shift")[j]).plus(float64(in.of("scale")[j]), centred))
	}
	return map[string][]approx{"y": y}
}

type scaleGradFunc func(dx, dy, x, scale, slope, centre, shift []float32)

func (l layout) scaleGrad(f scaleGradFunc) func(tr *trial, d []int) func() {
	return func(tr *trial, d []int) func() {
		dx, n := l.matrix(tr, "dx", out, d), l.number(d)
		dy, x := l.matrix(tr, "dy", in, d), l.matrix(tr, "x", in, d)
		scale, slope := tr.vector("scale", in, n), tr.vector("slope", in, n)
		centre, shift := tr.vector("centre", in, n), tr.vector("shift", in, n)
		return func() { f(dx, dy, x, scale, slope, centre, shift) }
	}
}

func (l layout) scaleGradInPlace(f scaleGradFunc) func(tr *trial, d []int) func() {
	return func(tr *trial, d []int) func() {
		dx, x, n := l.matrix(tr, "dx", inout, d), l.matrix(tr, "x", in, d), l.number(d)
		scale, slope := tr.vector("scale", in, n), tr.vector("slope", in, n)
		centre, shift := tr.vector("centre", in, n), tr.vector("shift", in, n)
		return func() { f(dx, dx, x, scale, slope, centre, shift) }
	}
}

func (l layout) refScaleGrad(in inputs, d []int) map[string][]approx {
	var dx []approx
	for i, x := range in.of("x") {
		j := l.column(d, i)
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
