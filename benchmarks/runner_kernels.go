package benchmarks

import (
	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net/workers"
)

// convShape is the geometry of a case.
func convShape(c cases.Conv) kernels.ConvShape {
	return kernels.ConvShape{
		C: c.C, H: c.H, W: c.W,
		Filters: c.Filters, FH: c.Size, FW: c.Size,
		StrideH: c.Stride, StrideW: c.Stride,
		PadTop: c.Pad, PadBottom: c.Pad, PadLeft: c.Pad, PadRight: c.Pad,
		Groups: c.Groups,
	}
}

// conv runs a pass block after block, as a training step does: each worker has
// blocks of its own, and where they are too few, all share the last. The forward
// pass takes images that do not fill a block one after another, as a network's
// prediction does, but not of depthwise convolutions.
func (r *Runner) conv(c cases.Conv) {
	k := kernels.NewConv(convShape(c))
	if c.Pass == cases.Forward && c.Batch < kernels.Lanes && c.Groups <= 1 {
		r.convImages(c, k)
		return
	}
	filters := k.NewFilters(gaussian(k.WeightLen()), gaussian(k.Filters))
	blocks := (c.Batch + kernels.Lanes - 1) / kernels.Lanes
	x, y := gaussian(blocks*k.InLen()), gaussian(blocks*k.OutLen())
	in := func(b int) []float32 { return x[b*k.InLen():][:k.InLen()] }
	out := func(b int) []float32 { return y[b*k.OutLen():][:k.OutLen()] }
	images := func(b int) int { return min(kernels.Lanes, c.Batch-b*kernels.Lanes) }
	var block func(b int, part layer.Part)
	var end func()
	written := k.Filters // channels of what the pass writes
	switch c.Pass {
	case cases.Forward:
		r.result = y
		block = func(b int, p layer.Part) { k.ForwardPart(out(b), in(b), filters, images(b), false, p.Lo, p.Hi) }
	case cases.Data:
		r.result, written = x, k.C
		block = func(b int, p layer.Part) { k.DataGradPart(in(b), out(b), filters, images(b), p.Lo, p.Hi) }
	case cases.Weights:
		params := k.WeightLen() + k.Filters
		grads := make([]float32, blocks*params)
		grad := func(b int) []float32 { return grads[b*params:][:params] }
		r.result = grad(0)
		block = func(b int, p layer.Part) {
			g := grad(b)
			k.WeightGradPart(g[:k.WeightLen()], g[k.WeightLen():], in(b), out(b), images(b), p.Lo, p.Hi)
		}
		end = func() { sumTree(blocks, grad) }
	}
	all := r.pool.Workers()
	own := blocks - workers.Rest(blocks, all)
	r.work = func(worker int) {
		lo, hi := r.span(worker, own, 1)
		for b := lo; b < hi; b++ {
			block(b, layer.PartOf(written, 0, 1))
		}
		for b := own; b < blocks; b++ {
			block(b, layer.PartOf(written, worker, all))
		}
		if end == nil {
			return
		}
		r.pool.Barrier()
		if worker == 0 {
			end()
		}
	}
}

// convImages runs the forward pass image after image; the workers share the
// images.
func (r *Runner) convImages(c cases.Conv, k *kernels.Conv) {
	filters := k.NewFilters(gaussian(k.WeightLen()), gaussian(k.Filters))
	in, out := k.InLen()/kernels.Lanes, k.OutLen()/kernels.Lanes
	x, y := gaussian(c.Batch*in), gaussian(c.Batch*out)
	r.result = y
	scratch := make([][]float32, r.pool.Workers())
	for w := range scratch {
		scratch[w] = make([]float32, k.OneScratch())
	}
	r.work = func(worker int) {
		lo, hi := r.span(worker, c.Batch, 1)
		for i := lo; i < hi; i++ {
			k.ForwardOne(y[i*out:][:out], x[i*in:][:in], scratch[worker], filters, false)
		}
	}
}

// sumTree adds n gradients into the first, neighbours first, as a training step
// does.
func sumTree(n int, grad func(i int) []float32) {
	for step := 1; step < n; step *= 2 {
		for i := 0; i+step < n; i += 2 * step {
			kernels.Add(grad(i), grad(i+step))
		}
	}
}

// product runs a product, whose rows or columns the workers share, whichever are
// more, in whole register tiles: what all of them read is then the smaller
// matrix.
func (r *Runner) product(p cases.Product) {
	const tileRows, tileCols = 4, 48
	a, b, c := gaussian(p.M*p.K), gaussian(p.K*p.N), gaussian(p.M*p.N)
	r.result = c
	lda, row := p.K, p.K // row is the distance in a between rows of op(A)
	ldb, col := p.N, 1   // col is that in b between columns of op(B)
	if p.TransA {
		lda, row = p.M, 1
	}
	if p.TransB {
		ldb, col = p.K, p.K
	}
	r.work = func(worker int) {
		if p.M >= p.N {
			if lo, hi := r.span(worker, p.M, tileRows); lo < hi {
				kernels.Gemm(p.TransA, p.TransB, hi-lo, p.N, p.K, 1, a[lo*row:], lda, b, ldb, 0, c[lo*p.N:], p.N)
			}
			return
		}
		if lo, hi := r.span(worker, p.N, tileCols); lo < hi {
			kernels.Gemm(p.TransA, p.TransB, p.M, hi-lo, p.K, 1, a, lda, b[lo*col:], ldb, 0, c[lo:], p.N)
		}
	}
}
