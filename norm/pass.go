package norm

import (
	"math"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
)

// columns are the factors of channel c, one for each of its columns.
func (o *batchOp) columns(f []float32, c int) []float32 { return f[c*o.width:][:o.width] }

// factors are the columns of a part's channels.
func (o *batchOp) factors(f []float32, p layer.Part) []float32 { return f[p.Lo*o.width : p.Hi*o.width] }

// StatsLen is a sum and a sum of products for each channel.
func (o *batchOp) StatsLen() int { return 2 * o.channels }

func (o *batchOp) Observe(stats []float64, x []float32, n int) { o.sums(stats, x, x, n, o.all()) }

// ObserveGrad applies the activation's derivative to dy, which Backward then finds.
func (o *batchOp) ObserveGrad(stats []float64, dy, x, y []float32, n int) {
	o.Batch.Activation.Backward(dy, y)
	o.sums(stats, dy, x, n, o.all())
}

// all is all channels.
func (o *batchOp) all() layer.Part { return layer.Part{Hi: o.channels} }

// sums writes, of each channel of a part, the sum over n images of x and then that
// of x*z. Those of the images of a block are added pairwise.
func (o *batchOp) sums(stats []float64, x, z []float32, n int, p layer.Part) {
	if o.shape.IsVector() {
		kernels.ColumnSums(stats[:o.channels], stats[o.channels:], x, z)
		return
	}
	var sum, products [sumChannels * kernels.Lanes]float64
	for lo := p.Lo; lo < p.Hi; lo += sumChannels {
		some := layer.Part{Lo: lo, Hi: min(lo+sumChannels, p.Hi)}
		lanes := (some.Hi - some.Lo) * kernels.Lanes
		kernels.ChannelSums(sum[:lanes], products[:lanes], some.Of(x, o.shape), some.Of(z, o.shape))
		for c := some.Lo; c < some.Hi; c++ {
			at := (c - some.Lo) * kernels.Lanes
			stats[c] = pairwise((*[kernels.Lanes]float64)(sum[at:]), n)
			stats[o.channels+c] = pairwise((*[kernels.Lanes]float64)(products[at:]), n)
		}
	}
}

// sumChannels is how many channels are added up at a time.
const sumChannels = 16

// pairwise adds the numbers of n lanes, those without an image counting as 0.
func pairwise(v *[kernels.Lanes]float64, n int) float64 {
	for i := n; i < len(v); i++ {
		v[i] = 0
	}
	return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]))
}

// addBlocks adds the blocks' parts into the first, neighbours first.
func (o *batchOp) addBlocks(stats []float64) {
	size := o.StatsLen()
	blocks := len(stats) / size
	for step := 1; step < blocks; step *= 2 {
		for i := 0; i+step < blocks; i += 2 * step {
			to, from := stats[i*size:][:size], stats[(i+step)*size:][:size]
			for j, v := range from {
				to[j] += v
			}
		}
	}
}

func (o *batchOp) Combine(stats []float64, n int) {
	o.addBlocks(stats)
	o.values = float64(n * o.positions)
	o.broken = -1
	for c := range o.channels {
		sum, squares := stats[c], stats[o.channels+c]
		mean := sum / o.values
		variance := (squares - float64(sum*mean)) / o.values
		if 0 > variance || variance > math.MaxFloat32 && variance <= squares*0x1p-52 {
			variance = 0 // of equal values, but for roundings
		}
		o.mean[c], o.variance[c] = mean, variance
		if o.broken < 0 && !(math.Abs(mean) <= math.MaxFloat32 && o.unbiased(c) <= math.MaxFloat32) {
			o.broken = c
		}
		o.root[c] = 1 / math.Sqrt(variance+float64(o.Epsilon))
		scale := float64(o.gamma[c]) * o.root[c]
		centre := float64(float32(mean))
		o.train.set(c*o.width, (c+1)*o.width, scale, 0, centre, float64(o.beta[c])+float64(scale*(centre-mean)))
	}
}

// CombineGrad computes what all of the batch have in common of
//
//	dx = gamma*root * (dy - dbeta/values - (x - mean)*root * dgamma/values)
func (o *batchOp) CombineGrad(stats []float64, n int) {
	o.addBlocks(stats)
	for c := range o.channels {
		sum, products := stats[c], stats[o.channels+c]
		mean, root := o.mean[c], o.root[c]
		o.dbeta[c] = sum
		o.dgamma[c] = (products - float64(mean*sum)) * root
		scale := float64(o.gamma[c]) * root
		if o.values == 1 {
			scale = 0 // the output is beta, whatever the input
		}
		slope := -scale * root * o.dgamma[c] / o.values
		centre := float64(float32(mean))
		shift := float64(slope*(centre-mean)) - float64(scale*sum)/o.values
		o.grad.set(c*o.width, (c+1)*o.width, scale, slope, centre, shift)
	}
}

func (o *batchOp) CombinedGradient(dw, db []float32, lo, hi int) {
	for c := lo; c < hi; c++ {
		dw[c-lo], db[c-lo] = float32(o.dgamma[c]), float32(o.dbeta[c])
	}
}

func (o *batchOp) Forward(y, x []float32, n int) { o.normalise(y, x, o.predict, o.all()) }

func (o *batchOp) ForwardTraining(y, x []float32, n int, _ layer.Place) {
	o.normalise(y, x, o.train, o.all())
}

// normalise computes a part's channels of a block of images, or vectors.
func (o *batchOp) normalise(y, x []float32, f factors, p layer.Part) {
	if o.shape.IsVector() {
		kernels.ScaleColumns(y, x, f.scale, f.centre, f.shift)
	} else {
		y = p.Of(y, o.shape)
		kernels.ScaleChannels(y, p.Of(x, o.shape), o.factors(f.scale, p), o.factors(f.centre, p), o.factors(f.shift, p))
	}
	o.Batch.Activation.Forward(y)
}

func (o *batchOp) ScratchOne() int { return 0 }

// ForwardOne takes a channel of one image for a matrix of eight columns, and what is
// left for a row.
func (o *batchOp) ForwardOne(y, x, _ []float32) {
	f := o.predict
	if o.shape.IsVector() {
		o.normalise(y, x, f, o.all())
		return
	}
	for c := range o.channels {
		scale, centre, shift := o.columns(f.scale, c), o.columns(f.centre, c), o.columns(f.shift, c)
		lo, hi := c*o.positions, (c+1)*o.positions
		rest := o.positions % kernels.Lanes
		kernels.ScaleColumns(y[lo:hi-rest], x[lo:hi-rest], scale, centre, shift)
		kernels.ScaleColumns(y[hi-rest:hi], x[hi-rest:hi], scale[:rest], centre[:rest], shift[:rest])
	}
	o.Batch.Activation.Forward(y)
}

// Backward is that of a prediction, which multiplies by what does not depend on x.
// The difference of dy and 0, and the sum with 0, are exact.
func (o *batchOp) Backward(dx, dy, x, y []float32, n int) {
	o.Batch.Activation.Backward(dy, y)
	if dx == nil {
		return
	}
	f := o.predict
	if o.shape.IsVector() {
		kernels.ScaleColumns(dx, dy, f.scale, o.zero, o.zero)
		return
	}
	kernels.ScaleChannels(dx, dy, f.scale, o.zero, o.zero)
}

// BackwardTraining finds dy as ObserveGrad has left it. Where there is no image it
// writes 0.
func (o *batchOp) BackwardTraining(dx, dy, x, y []float32, n int, _ layer.Place) {
	if dx == nil {
		return
	}
	f := o.grad
	if o.shape.IsVector() {
		kernels.ScaleColumnsGrad(dx, dy, x, f.scale, f.slope, f.centre, f.shift)
		return
	}
	o.backward(dx, dy, x, n, o.all())
}

// backward computes a part's channels of a block of images.
func (o *batchOp) backward(dx, dy, x []float32, n int, p layer.Part) {
	f := o.grad
	if n == kernels.Lanes {
		kernels.ScaleChannelsGrad(p.Of(dx, o.shape), p.Of(dy, o.shape), p.Of(x, o.shape),
			o.factors(f.scale, p), o.factors(f.slope, p), o.factors(f.centre, p), o.factors(f.shift, p))
		return
	}
	for c := p.Lo; c < p.Hi; c++ {
		var scale, slope, shift [kernels.Lanes]float32
		copy(scale[:n], o.columns(f.scale, c))
		copy(slope[:n], o.columns(f.slope, c))
		copy(shift[:n], o.columns(f.shift, c))
		one := layer.Part{Lo: c, Hi: c + 1}
		kernels.ScaleChannelsGrad(one.Of(dx, o.shape), one.Of(dy, o.shape), one.Of(x, o.shape), scale[:], slope[:], o.columns(f.centre, c), shift[:])
	}
}
