package benchmarks

import (
	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/kernels"
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

// conv runs a pass block after block; the workers share the blocks. The forward
// pass takes images one after another where a network's prediction does and is
// the faster for it, which of depthwise convolutions it is not.
func (r *Runner) conv(c cases.Conv) {
	k := kernels.NewConv(convShape(c))
	few := c.Batch < kernels.Lanes || max(k.InLen(), k.OutLen()) > kernels.SmallBlock
	if c.Pass == cases.Forward && few && c.Groups <= 1 {
		r.convImages(c, k)
		return
	}
	filters := k.NewFilters(gaussian(k.WeightLen()), gaussian(k.Filters))
	blocks := (c.Batch + kernels.Lanes - 1) / kernels.Lanes
	x, y := gaussian(blocks*k.InLen()), gaussian(blocks*k.OutLen())
	in := func(b int) []float32 { return x[b*k.InLen():][:k.InLen()] }
	out := func(b int) []float32 { return y[b*k.OutLen():][:k.OutLen()] }
	images := func(b int) int { return min(kernels.Lanes, c.Batch-b*kernels.Lanes) }
	var block func(b int)
	var end func()
	switch c.Pass {
	case cases.Forward:
		r.result = y
		block = func(b int) { k.Forward(out(b), in(b), filters, images(b), false) }
	case cases.Data:
		r.result = x
		block = func(b int) { k.DataGrad(in(b), out(b), filters, images(b)) }
	case cases.Weights:
		params := k.WeightLen() + k.Filters
		grads := make([]float32, blocks*params)
		grad := func(b int) []float32 { return grads[b*params:][:params] }
		r.result = grad(0)
		block = func(b int) {
			g := grad(b)
			k.WeightGrad(g[:k.WeightLen()], g[k.WeightLen():], in(b), out(b), images(b))
		}
		end = func() { sumTree(blocks, grad) }
	}
	r.work = func(worker int) {
		lo, hi := r.span(worker, blocks, 1)
		for b := lo; b < hi; b++ {
			block(b)
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

// product runs a product, whose rows the workers share in whole register
// tiles, or its columns if there is one row.
func (r *Runner) product(p cases.Product) {
	const tileRows, tileCols = 6, 16
	a, b, c := gaussian(p.M*p.K), gaussian(p.K*p.N), gaussian(p.M*p.N)
	r.result = c
	lda, ldb := p.K, p.N
	row, col := p.K, 1 // distances in a between rows of op(A), in b between columns of op(B)
	if p.TransA {
		lda, row = p.M, 1
	}
	if p.TransB {
		ldb, col = p.K, p.K
	}
	r.work = func(worker int) {
		if p.M == 1 {
			if lo, hi := r.span(worker, p.N, tileCols); lo < hi {
				kernels.Gemm(p.TransA, p.TransB, 1, hi-lo, p.K, 1, a, lda, b[lo*col:], ldb, 0, c[lo:hi], hi-lo)
			}
			return
		}
		if lo, hi := r.span(worker, p.M, tileRows); lo < hi {
			kernels.Gemm(p.TransA, p.TransB, hi-lo, p.N, p.K, 1, a[lo*row:], lda, b, ldb, 0, c[lo*p.N:hi*p.N], p.N)
		}
	}
}
