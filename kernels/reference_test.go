package kernels

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"testing"
)

// A reference computes an operation's outputs, element by element in order, by
// the textbook in float64.
type reference func(in inputs, d []int) map[string][]approx

// inputs gives references a trial's operands as they were before the call.
type inputs struct{ *trial }

func (in inputs) of(name string) []float32 { return in.find(name).before }

func (in inputs) number(name string) float64 { return float64(in.of(name)[0]) }

// has reports whether the trial has an operand.
func (in inputs) has(name string) bool {
	for _, p := range in.operands {
		if p.name == name {
			return true
		}
	}
	return false
}

// An approx is a number and how far from it a result may lie.
type approx struct{ value, tolerance float64 }

func (a approx) allows(v float32) bool {
	return math.Abs(float64(v)-a.value) <= a.tolerance || v != v && a.value != a.value
}

const (
	unit = 0x1p-24  // the largest relative error of one rounding
	tiny = 0x1p-149 // the largest absolute one below the normal numbers, and more
)

// exact is a number without tolerance.
func exact(v float32) approx { return approx{value: float64(v)} }

// relative allows n roundings of one number.
func relative(v float64, n int) approx {
	return approx{v, float64(n)*(unit*math.Abs(v)*1.001) + tiny}
}

// A chain is a sum of products. The error of k roundings is at most about
// k*unit*sum of |a*b|.
type chain struct {
	sum, size float64
	roundings int
}

func (c *chain) add(a, b float64) {
	c.sum += a * b
	c.size += math.Abs(a * b)
	c.roundings++
}

func (c *chain) result() approx {
	return approx{c.sum, float64(c.roundings) * (unit*c.size*1.001 + tiny)}
}

// references has the reference of every operation that is not another one in
// place.
var references = map[string]reference{
	"Conv.Forward":        refConvForward,
	"Conv.DataGrad":       refConvDataGrad,
	"Conv.WeightGrad":     refConvWeightGrad,
	"Conv.Pack":           refConvPack,
	"MaxPoolForward":      refPools(refMaxPoolForward),
	"MaxPoolForward 2x2":  ref2x2(refMaxPoolForward),
	"MaxPoolBackward":     refPools(refMaxPoolBackward),
	"MaxPoolBackward 2x2": ref2x2(refMaxPoolBackward),

	"MaxPoolForward of windows":  refWindows(refMaxPoolForward),
	"MaxPoolBackward of windows": refWindows(refMaxPoolBackward),
	"AverageForward":             refWindows(refAverageForward),
	"AverageBackward":            refWindows(refAverageBackward),
	"MaxOne of windows":          refWindows(refMaxPoolOne),
	"AverageOne":                 refWindows(refAverageOne),

	"Conv.ForwardOne":   refConvForwardOne,
	"Conv.Pack for one": refConvPackForOne,
	"MaxPoolOne":        refPools(refMaxPoolOne),
	"MaxPoolOne 2x2":    ref2x2(refMaxPoolOne),
	"DenseOne":          refDenseOne,
	"Interleave":        refInterleave,
	"Deinterleave":      refDeinterleave,
	"PackPanels":        refPackPanels,
	"Gemm":              refGemm,
	"GemmPanels":        refGemmPanels,
	"SumRows":           refSumRows,
	"Add":               refAdd,
	"ReLU":              refUnary(func(x float64) approx { return approx{value: max(0, x)} }),
	"Tanh":              refUnary(func(x float64) approx { return inULPs(math.Tanh(x), 4) }),
	"Sigmoid":           refUnary(func(x float64) approx { return inULPs(logistic(x), 4) }),
	"ReLUGrad": refBinary(func(dy, y float64) approx {
		if y > 0 {
			return approx{value: dy}
		}
		return approx{}
	}),
	"LeakyReLU":     refLeakyReLU,
	"LeakyReLUGrad": refLeakyReLUGrad,
	"GELU":          refUnary(func(x float64) approx { return approx{gelu(x), 16*unit*math.Abs(gelu(x)) + 8*tiny} }),
	"GELUGrad": refBinary(func(dy, x float64) approx {
		return approx{dy * (normal(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)), 1e-6*math.Abs(dy) + tiny}
	}),
	"TanhGrad":     refBinary(func(dy, y float64) approx { return relative(dy*(1-y*y), 2) }),
	"SigmoidGrad":  refBinary(func(dy, y float64) approx { return relative(dy*y*(1-y), 3) }),
	"Softmax":      refSoftmax,
	"CrossEntropy": refCrossEntropy,
	"Adam":         refAdam,
	"SGD":          refSGD,

	"Adam with decay": refAdam,
	"DecayedSGD":      refDecayedSGD,
	"Momentum":        refMomentum(false),
	"Nesterov":        refMomentum(true),
	"RMSProp":         refRMSProp,
	"RMSPropMomentum": refRMSProp,
	"Clip":            refClip,
	"SumSquares":      refSumSquares,

	"SoftmaxCrossEntropy": refSoftmaxCrossEntropy,
	"SigmoidCrossEntropy": refSigmoidCrossEntropy,
	"SquaredError":        refSquaredError,
	"FirstNotFinite":      refFirstNotFinite,

	"ColumnSums":             inRows.refSums,
	"ColumnSums of squares":  inRows.refSums,
	"ScaleColumns":           inRows.refScale,
	"ScaleColumnsGrad":       inRows.refScaleGrad,
	"ChannelSums":            inChannels.refSums,
	"ChannelSums of squares": inChannels.refSums,
	"ScaleChannels":          inChannels.refScale,
	"ScaleChannelsGrad":      inChannels.refScaleGrad,
	"Dropout":                refDropout,
}

// normal is the standard normal distribution, gelu what it gates.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
func gelu(x float64) float64   { return max(x, -100) * normal(x) }

func refLeakyReLU(in inputs, d []int) map[string][]approx {
	var y []approx
	for _, x := range in.of("x") {
		slope := 1.
		if 0 > x {
			slope = in.number("slope")
		}
		y = append(y, relative(slope*float64(x), 1))
	}
	return map[string][]approx{"y": y}
}

func refLeakyReLUGrad(in inputs, d []int) map[string][]approx {
	var dx []approx
	for i, y := range in.of("y") {
		slope := 1.
		if !(y > 0) {
			slope = in.number("slope")
		}
		dx = append(dx, relative(slope*float64(in.of("dy")[i]), 1))
	}
	return map[string][]approx{"dx": dx}
}

// inULPs allows an error of n units in the last place.
func inULPs(v float64, n int) approx { return relative(v, 2*n) }

// at is pixel (c, y, x) of a block's lane, for channels of h x w.
func at(block []float32, h, w, c, y, x, lane int) float64 {
	return float64(block[((c*h+y)*w+x)*Lanes+lane])
}

// A product is a term of a convolution: output o reads pixel x with weight w,
// all indices of float32, o and x in blocks.
type product struct{ o, x, w int }

// products yields all terms of a convolution, those of an output in the order
// of its chain.
func products(s ConvShape) iter.Seq[product] {
	return func(yield func(product) bool) {
		for o := range s.OutLen() {
			lane, q, r, f := o%Lanes, o/Lanes%s.OutW(), o/Lanes/s.OutW()%s.OutH(), o/Lanes/s.OutW()/s.OutH()
			perGroup := s.C / s.Groups
			first := f / (s.Filters / s.Groups) * perGroup
			for t := range perGroup * s.FH * s.FW {
				c, i, j := first+t/s.FW/s.FH, t/s.FW%s.FH, t%s.FW
				row, col := r*s.StrideH+i*s.DilationH-s.PadTop, q*s.StrideW+j*s.DilationW-s.PadLeft
				if row < 0 || row >= s.H || col < 0 || col >= s.W {
					continue
				}
				x := ((c*s.H+row)*s.W+col)*Lanes + lane
				if !yield(product{o, x, f*perGroup*s.FH*s.FW + t}) {
					return
				}
			}
		}
	}
}

func refConvForward(in inputs, d []int) map[string][]approx {
	y := convolve(convShape(d), in.of("x"), in.of("w"), in.of("bias"))
	if d[lastDim] == 1 {
		for i := range y {
			y[i].value = max(0, y[i].value)
		}
	}
	return map[string][]approx{"y": halved(y, d[lastDim+1])}
}

// halved makes the last four lanes +0 if there are at most four images.
func halved(block []approx, n int) []approx {
	for i := range block {
		if n <= 4 && i%Lanes >= 4 {
			block[i] = approx{}
		}
	}
	return block
}

func convolve(s ConvShape, x, w, bias []float32) (y []approx) {
	sums := make([]chain, s.OutLen())
	for o := range sums {
		b := float64(bias[o/(s.OutH()*s.OutW()*Lanes)])
		sums[o] = chain{sum: b, size: math.Abs(b)}
	}
	for p := range products(s) {
		sums[p.o].add(float64(x[p.x]), float64(w[p.w]))
	}
	return results(sums)
}

func refConvDataGrad(in inputs, d []int) map[string][]approx {
	return map[string][]approx{"dx": halved(scatter(convShape(d), in.of("dy"), in.of("w")), d[lastDim])}
}

// scatter gives every input pixel what each output pixel that it reaches has
// for it.
func scatter(s ConvShape, dy, w []float32) []approx {
	sums := make([]chain, s.InLen())
	for p := range products(s) {
		sums[p.x].add(float64(dy[p.o]), float64(w[p.w]))
	}
	return results(sums)
}

func results(sums []chain) (r []approx) {
	for i := range sums {
		r = append(r, sums[i].result())
	}
	return r
}

func refConvWeightGrad(in inputs, d []int) map[string][]approx {
	s, x, dy := convShape(d), in.of("x"), in.of("dy")
	dw, db := make([]chain, s.WeightLen()), make([]chain, s.Filters)
	for o, v := range dy {
		if o%Lanes < d[lastDim] {
			db[o/(s.OutH()*s.OutW()*Lanes)].add(float64(v), 1)
		}
	}
	for p := range products(s) {
		if p.o%Lanes < d[lastDim] {
			dw[p.w].add(float64(dy[p.o]), float64(x[p.x]))
		}
	}
	return map[string][]approx{"dw": results(dw), "db": results(db)}
}

func refConvPack(in inputs, d []int) map[string][]approx {
	s, w := convShape(d), in.of("w")
	return map[string][]approx{
		"y":  convolve(s, in.of("x"), w, in.of("bias")),
		"dx": scatter(s, in.of("dy"), w),
	}
}

type poolReference func(in inputs, s PoolShape, d []int) map[string][]approx

func refPools(ref poolReference) reference {
	return func(in inputs, d []int) map[string][]approx { return ref(in, pool(d), d[len(poolDims):]) }
}

func ref2x2(ref poolReference) reference {
	return func(in inputs, d []int) map[string][]approx {
		return refPools(ref)(in, slices.Insert(slices.Clone(d), 3, 2, 2))
	}
}

func refWindows(ref poolReference) reference {
	return func(in inputs, d []int) map[string][]approx { return ref(in, windowed(d), d[len(windowDims):]) }
}

func refMaxPoolForward(in inputs, s PoolShape, _ []int) map[string][]approx {
	x := in.of("x")
	var y []approx
	for o := range s.OutLen() {
		y = append(y, exact(x[s.winner(x, o)]))
	}
	return map[string][]approx{"y": y}
}

func refMaxPoolBackward(in inputs, s PoolShape, _ []int) map[string][]approx {
	x, dx := in.of("x"), make([]chain, s.InLen())
	for o, d := range in.of("dy") {
		dx[s.winner(x, o)].add(float64(d), 1)
	}
	return map[string][]approx{"dx": results(dx)}
}

// winner is the index of the first of the largest elements of the window of
// output o.
func (s PoolShape) winner(x []float32, o int) int {
	pixels, _ := s.window(o)
	best := pixels[0]
	for _, at := range pixels {
		if x[at] > x[best] {
			best = at
		}
	}
	return best
}

// window returns the indices of the pixels of the window of output o, and how
// many count in its average.
func (s PoolShape) window(o int) (pixels []int, count int) {
	strideH, strideW := s.StrideH, s.StrideW
	if strideH == 0 {
		strideH = s.FH
	}
	if strideW == 0 {
		strideW = s.FW
	}
	lane, q, r, c := o%Lanes, o/Lanes%s.OutW(), o/Lanes/s.OutW()%s.OutH(), o/Lanes/s.OutW()/s.OutH()
	for i := range s.FH {
		for j := range s.FW {
			row, col := r*strideH+i-s.PadTop, q*strideW+j-s.PadLeft
			inside := row >= 0 && row < s.H && col >= 0 && col < s.W
			if inside {
				pixels = append(pixels, ((c*s.H+row)*s.W+col)*Lanes+lane)
			}
			if inside || s.CountPad && row < s.H+s.PadBottom && col < s.W+s.PadRight {
				count++
			}
		}
	}
	return pixels, count
}

func average(s PoolShape, x []float32) (y []approx) {
	for o := range s.OutLen() {
		var sum chain
		pixels, count := s.window(o)
		for _, at := range pixels {
			sum.add(float64(x[at]), 1/float64(count))
		}
		sum.roundings++
		y = append(y, sum.result())
	}
	return y
}

func refAverageForward(in inputs, s PoolShape, _ []int) map[string][]approx {
	return map[string][]approx{"y": average(s, in.of("x"))}
}

func refAverageBackward(in inputs, s PoolShape, _ []int) map[string][]approx {
	dx := make([]chain, s.InLen())
	for o, d := range in.of("dy") {
		pixels, count := s.window(o)
		for _, at := range pixels {
			dx[at].add(float64(d), 1/float64(count))
			dx[at].roundings++
		}
	}
	return map[string][]approx{"dx": results(dx)}
}

func refInterleave(in inputs, d []int) map[string][]approx {
	cols, n, stride := d[0], d[1], d[0]+d[2]
	dst := make([]approx, cols*Lanes)
	for j := range cols {
		for i := range n {
			dst[j*Lanes+i] = exact(in.of("src")[i*stride+j])
		}
	}
	return map[string][]approx{"dst": dst}
}

func refDeinterleave(in inputs, d []int) map[string][]approx {
	var dst []approx
	for i := range d[1] {
		for j := range d[0] {
			dst = append(dst, exact(in.of("src")[j*Lanes+i]))
		}
	}
	return map[string][]approx{"dst": dst}
}

func refPackPanels(in inputs, d []int) map[string][]approx {
	n, k, ldb := d[0], d[1], max(1, d[1])+d[2]
	panels := make([]approx, PanelsLen(k, n))
	for j := range n {
		for p := range k {
			panels[(j/Lanes*k+p)*Lanes+j%Lanes] = exact(in.of("b")[j*ldb+p])
		}
	}
	return map[string][]approx{"panels": panels}
}

// A view is a matrix, or the transpose of what is stored.
type view struct {
	data  []float32
	ld    int
	trans bool
}

// view returns the operand of rows x cols elements once transposed.
func (in inputs) view(name string, trans bool) view {
	return view{in.of(name), in.find(name).ld, trans}
}

func (v view) at(i, j int) float64 {
	if v.trans {
		i, j = j, i
	}
	return float64(v.data[i*v.ld+j])
}

func refGemm(in inputs, d []int) map[string][]approx {
	m, n, k := d[0], d[1], d[2]
	alpha, beta := in.number("alpha"), in.number("beta")
	a, b, c := in.view("a", d[3] == 1), in.view("b", d[4] == 1), in.view("c", false)
	if alpha == 0 {
		k = 0
	}
	var sums []chain
	for i := range m {
		for j := range n {
			sum := chain{roundings: 1} // of alpha*a
			if beta != 0 {
				sum.add(beta, c.at(i, j))
			}
			for p := range k {
				sum.add(alpha*a.at(i, p), b.at(p, j))
			}
			sums = append(sums, sum)
		}
	}
	return map[string][]approx{"c": results(sums)}
}

func refGemmPanels(in inputs, d []int) map[string][]approx {
	a, b := in.view("a", d[3] == 1), in.view("b", true)
	var sums []chain
	for i := range d[0] {
		for j := range d[1] {
			var sum chain
			if in.has("bias") {
				sum.add(float64(in.of("bias")[j]), 1)
			}
			for p := range d[2] {
				sum.add(a.at(i, p), b.at(p, j))
			}
			sums = append(sums, sum)
		}
	}
	return map[string][]approx{"c": results(sums)}
}

func refSumRows(in inputs, d []int) map[string][]approx {
	sums, a := make([]chain, d[1]), in.view("a", false)
	for i := range d[0] {
		for j := range sums {
			sums[j].add(a.at(i, j), 1)
		}
	}
	return map[string][]approx{"dst": results(sums)}
}

func refAdd(in inputs, d []int) map[string][]approx {
	var sums []approx
	for i, v := range in.of("dst") {
		sums = append(sums, relative(float64(v)+float64(in.of("src")[i]), 1))
	}
	return map[string][]approx{"dst": sums}
}

func refUnary(f func(x float64) approx) reference {
	return func(in inputs, d []int) map[string][]approx {
		var y []approx
		for _, x := range in.of("x") {
			y = append(y, f(float64(x)))
		}
		return map[string][]approx{"y": y}
	}
}

func refBinary(f func(dy, y float64) approx) reference {
	return func(in inputs, d []int) map[string][]approx {
		var dx []approx
		for i, dy := range in.of("dy") {
			dx = append(dx, f(float64(dy), float64(in.of("y")[i])))
		}
		return map[string][]approx{"dx": dx}
	}
}

// refSoftmax allows for the rounding of z-m, which exp magnifies by |z-m|, for
// 2 ulp of exp, for the sum and for the division.
func refSoftmax(in inputs, d []int) map[string][]approx {
	classes := d[0]
	p := make([]approx, classes*Lanes)
	for lane := range Lanes {
		m, sum := math.Inf(-1), 0.0
		for c := range classes {
			m = max(m, at(in.of("z"), classes, 1, 0, c, 0, lane))
		}
		spread := 0.0
		for c := range classes {
			z := at(in.of("z"), classes, 1, 0, c, 0, lane) - m
			spread = max(spread, -z)
			sum += math.Exp(z)
		}
		for c := range classes {
			z := at(in.of("z"), classes, 1, 0, c, 0, lane) - m
			p[c*Lanes+lane] = relative(math.Exp(z)/sum, 2*int(spread)+2+8+classes)
		}
	}
	return map[string][]approx{"p": p}
}

func refCrossEntropy(in inputs, d []int) map[string][]approx {
	classes, n := d[0], d[1]
	p := make([]approx, classes*Lanes)
	var losses []approx
	for i := range n {
		for c := range classes {
			p[c*Lanes+i] = exact(in.of("p")[c*Lanes+i])
		}
		label := int(in.of("labels")[i])
		at := &p[label*Lanes+i]
		loss := -math.Log(at.value + in.number("eps"))
		losses = append(losses, approx{loss, 4*unit*math.Abs(loss) + 1.001*unit}) // log, and the sum inside
		*at = relative(at.value-1, 1)
	}
	return map[string][]approx{"p": p, "losses": losses}
}

func refAdam(in inputs, d []int) map[string][]approx {
	s := in.of("step")
	scale, beta1, rest1, beta2, rest2 := float64(s[0]), float64(s[1]), float64(s[2]), float64(s[3]), float64(s[4])
	rate, epsilon, keep := float64(s[5]), float64(s[6]), 1.0
	if len(s) > 7 {
		keep -= float64(s[7])
	}
	var w, m, v []approx
	for i := range d[0] {
		grad := scale * float64(in.of("g")[i])
		first, second := chain{roundings: 1}, chain{roundings: 2} // of scale*g and (1-beta2)*d
		first.add(beta1, float64(in.of("m")[i]))
		first.add(rest1, grad)
		second.add(beta2, float64(in.of("v")[i]))
		second.add(rest2*grad, grad)
		m, v = append(m, first.result()), append(v, second.result())
		direction := quotient(m[i], v[i], epsilon)
		kept := relative(keep*float64(in.of("w")[i]), 2)
		if keep == 1 {
			kept.tolerance = 0
		}
		w = append(w, kept.plus(-rate, direction))
	}
	return map[string][]approx{"w": w, "m": m, "v": v}
}

// quotient is x / (sqrt(square) + epsilon). It propagates the errors of both to
// first order, and adds those of the three operations.
func quotient(x, square approx, epsilon float64) approx {
	root := math.Sqrt(square.value)
	denominator := root + epsilon
	q := x.value / denominator
	tolerance := math.Abs(x.tolerance/denominator) + math.Abs(q/denominator)*(square.tolerance/(2*root)) + 3*unit*math.Abs(q)
	return approx{q, 1.01*tolerance + tiny}
}

// plus is a + f*x, rounded once.
func (a approx) plus(f float64, x approx) approx {
	v := a.value + f*x.value
	return approx{v, a.tolerance + math.Abs(f)*x.tolerance + 1.01*unit*math.Abs(v) + tiny}
}

func refSGD(in inputs, d []int) map[string][]approx {
	var w []approx
	for i, v := range in.of("w") {
		w = append(w, relative(float64(v)-in.number("rate")*float64(in.of("g")[i]), 1))
	}
	return map[string][]approx{"w": w}
}

// decayed is the gradient with weight decay of element i.
func (in inputs) decayed(i int) approx {
	scale, decay := float64(in.of("step")[0]), float64(in.of("step")[1])
	return relative(scale*float64(in.of("g")[i]), 1).plus(decay, exact(in.of("w")[i]))
}

func refDecayedSGD(in inputs, d []int) map[string][]approx {
	var w []approx
	for i, v := range in.of("w") {
		w = append(w, exact(v).plus(-in.number("rate"), in.decayed(i)))
	}
	return map[string][]approx{"w": w}
}

func refMomentum(nesterov bool) reference {
	return func(in inputs, d []int) map[string][]approx {
		momentum, rate := float64(in.of("step")[2]), float64(in.of("step")[3])
		var w, m []approx
		for i, v := range in.of("w") {
			m = append(m, in.decayed(i).plus(momentum, exact(in.of("m")[i])))
			direction := m[i]
			if nesterov {
				direction = in.decayed(i).plus(momentum, m[i])
			}
			w = append(w, exact(v).plus(-rate, direction))
		}
		return map[string][]approx{"w": w, "m": m}
	}
}

func refRMSProp(in inputs, d []int) map[string][]approx {
	s := in.of("step")
	alpha, rest, epsilon := float64(s[2]), float64(s[3]), float64(s[4])
	outputs := map[string][]approx{}
	for i, v := range in.of("w") {
		grad := in.decayed(i)
		square := relative(grad.value*grad.value*rest, 1)
		square.tolerance += 2.01 * math.Abs(rest*grad.value) * grad.tolerance
		mean := relative(alpha*float64(in.of("v")[i]), 1).plus(1, square)
		direction := quotient(grad, mean, epsilon)
		outputs["v"] = append(outputs["v"], mean)
		if in.has("rate") {
			outputs["w"] = append(outputs["w"], exact(v).plus(-in.number("rate"), direction))
			continue
		}
		momentum, rate := float64(s[5]), float64(s[6])
		direction = direction.plus(momentum, exact(in.of("m")[i]))
		outputs["m"] = append(outputs["m"], direction)
		outputs["w"] = append(outputs["w"], exact(v).plus(-rate, direction))
	}
	return outputs
}

func refClip(in inputs, d []int) map[string][]approx {
	var y []approx
	for _, x := range in.of("x") {
		c := relative(in.number("scale")*float64(x), 1)
		limit := in.number("limit")
		if -limit > c.value {
			c = approx{value: -limit}
		}
		if limit < c.value {
			c = approx{value: limit}
		}
		y = append(y, c)
	}
	return map[string][]approx{"y": y}
}

func refSumSquares(in inputs, d []int) map[string][]approx {
	var chains [8]float64
	for i, v := range in.of("x") {
		chains[i%8] += float64(v) * float64(v)
	}
	for width := 1; width < 8; width *= 2 {
		for i := 0; i < 8; i += 2 * width {
			chains[i] += chains[i+width]
		}
	}
	var sum []approx
	for _, w := range words(chains[0]) {
		sum = append(sum, exact(w))
	}
	return map[string][]approx{"sum": sum}
}

// mismatch reports the first output that its reference does not allow.
func mismatch(tr *trial, want map[string][]approx) error {
	for _, p := range tr.outputs() {
		n := 0
		for i, v := range p.elements() {
			if w := want[p.name][n]; !w.allows(v) {
				return fmt.Errorf("%s[%d] = %v, want %v within %.3g", p.name, i, v, w.value, w.tolerance)
			}
			n++
		}
		if n != len(want[p.name]) {
			return fmt.Errorf("%s has %d elements, its reference %d", p.name, n, len(want[p.name]))
		}
	}
	return nil
}

// hasReference reports whether an operation is not another one in place.
func hasReference(o *operation) bool { return o.sameAs == "" }

// checkReference runs a setting and returns its trial, whose outputs the
// reference must allow.
func checkReference(t *testing.T, s setting, impl Impl) *trial {
	ref := references[s.op.name]
	if ref == nil {
		t.Fatal("no reference")
	}
	tr, err := s.runUnder(impl, aligned())
	if err == nil {
		err = mismatch(tr, ref(inputs{tr}, s.dims))
	}
	if err != nil {
		t.Fatalf("%v: %v: %v", s, impl, err)
	}
	return tr
}

// TestReferences compares all implementations with float64.
func TestReferences(t *testing.T) {
	e := effort{sweepStep: 10, settings: 1, work: 1e3, also: 2, shapes: level().shapes / 5}
	for _, impl := range Impls() {
		t.Run(impl.String(), func(t *testing.T) {
			eachOperation(t, hasReference, func(t *testing.T, o *operation) {
				for s := range settings(o, e) {
					s.mixture = mixtures[0]
					checkReference(t, s, impl)
				}
			})
		})
	}
}

// TestReferencesAreTight proves that the tolerances are not lax: what an
// operation computes is not allowed once any of its inputs has changed a little.
func TestReferencesAreTight(t *testing.T) {
	eachOperation(t, hasReference, func(t *testing.T, o *operation) {
		dims := make([]int, len(o.dims))
		for i, d := range o.dims {
			dims[i] = min(d.max, 5)
		}
		for seed := range uint64(5) {
			s := setting{op: o, dims: dims, mixture: mixtures[0], seed: seed}
			tr := checkReference(t, s, Active())
			for i := range tr.operands {
				if p := &tr.operands[i]; p.role != out && !p.derived && !noticed(tr, p, s) {
					t.Errorf("%v: no change of %s is noticed", s, p.name)
				}
			}
		}
	})
}

// coarse are the inputs of which only the order, the sign, or whether they are
// finite matters.
var coarse = map[string]string{
	"MaxPoolBackward": "x", "MaxPoolBackward 2x2": "x", "MaxPoolBackward of windows": "x", "ReLUGrad": "y", "LeakyReLUGrad": "y", "FirstNotFinite": "x",
}

// noticed changes the elements of an input, one after another, until a result
// is not allowed any more.
func noticed(tr *trial, p *operand, s setting) bool {
	for i := range p.before {
		if !p.isElement(i) {
			continue
		}
		was := p.before[i]
		p.before[i] = was * (1 + 1.0/64)
		if coarse[s.op.name] == p.name {
			p.before[i] = was * float32(math.Inf(-1))
		}
		err := mismatch(tr, references[s.op.name](inputs{tr}, s.dims))
		p.before[i] = was
		if err != nil {
			return true
		}
	}
	return false
}
