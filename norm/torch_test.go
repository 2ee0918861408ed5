package norm_test

import (
	"fmt"
	"testing"

	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/norm"
)

// batchOp is what the engine needs of a batch normalisation.
type batchOp interface {
	layer.CombinedGradient
	layer.Stateful
	layer.Training
	layer.Single
}

// pass takes a batch through a batch normalisation as a training step does, in
// blocks.
type pass struct {
	op    batchOp
	in    layer.Shape
	n     int
	x, y  [][]float32 // of each block
	dy    [][]float32
	stats []float64
}

func (p *pass) block(images []float32) (blocks [][]float32) {
	size := p.in.Len()
	for lo := 0; lo < p.n; lo += kernels.Lanes {
		n := min(kernels.Lanes, p.n-lo)
		rows := images[lo*size : (lo+n)*size]
		b := append([]float32{}, rows...)
		if !p.in.IsVector() {
			b = make([]float32, size*kernels.Lanes)
			kernels.Interleave(b, rows, size, size, n)
		}
		blocks = append(blocks, b)
	}
	return blocks
}

func (p *pass) images(blocks [][]float32) []float32 {
	size := p.in.Len()
	images := make([]float32, p.n*size)
	for i, b := range blocks {
		rows := images[i*kernels.Lanes*size:]
		if n := min(kernels.Lanes, p.n-i*kernels.Lanes); p.in.IsVector() {
			copy(rows, b)
		} else {
			kernels.Deinterleave(rows, b, size, size, n)
		}
	}
	return images
}

// each calls f for each block, and the number of images in it.
func (p *pass) each(f func(i, n int, stats []float64)) {
	for i := range p.x {
		f(i, min(kernels.Lanes, p.n-i*kernels.Lanes), p.stats[i*p.op.StatsLen():][:p.op.StatsLen()])
	}
}

func (p *pass) forward(x []float32) []float32 {
	p.x = p.block(x)
	p.y = p.block(make([]float32, len(x)))
	p.stats = make([]float64, len(p.x)*p.op.StatsLen())
	p.each(func(i, n int, stats []float64) { p.op.Observe(stats, p.x[i], n) })
	p.op.Combine(p.stats, p.n)
	p.each(func(i, n int, _ []float64) { p.op.ForwardTraining(p.y[i], p.x[i], n, layer.Place{}) })
	return p.images(p.y)
}

func (p *pass) backward(dy []float32) (dx, dw, db []float32) {
	p.dy = p.block(dy)
	grads := p.block(make([]float32, len(dy)))
	p.each(func(i, n int, stats []float64) { p.op.ObserveGrad(stats, p.dy[i], p.x[i], p.y[i], n) })
	p.op.CombineGrad(p.stats, p.n)
	p.each(func(i, n int, _ []float64) {
		p.op.BackwardTraining(grads[i], p.dy[i], p.x[i], p.y[i], n, layer.Place{})
	})
	rows := p.op.Params().Rows
	dw, db = make([]float32, rows), make([]float32, rows)
	p.op.CombinedGradient(dw, db, 0, rows)
	return p.images(grads), dw, db
}

// newPass binds a batch normalisation, with parameters and a state as at first.
func newPass(t *testing.T, l norm.Batch, in layer.Shape, n int) (p *pass, w, b, state []float32) {
	t.Helper()
	bound, err := l.Bind(in)
	if err != nil {
		t.Fatal(err)
	}
	op := bound.(batchOp)
	w, b, state = make([]float32, in.C), make([]float32, in.C), make([]float32, op.StateLen())
	op.Init(w, b, nil)
	op.InitState(state)
	op.AttachState(state)
	op.Attach(w, b)
	return &pass{op: op, in: in, n: n}, w, b, state
}

// TestPyTorch compares three steps, and a prediction after them, with PyTorch's.
func TestPyTorch(t *testing.T) {
	for name, l := range map[string]norm.Batch{"images": {}, "vectors": {Epsilon: 0.01, Momentum: 0.3}} {
		for _, impl := range kernels.Impls() {
			t.Run(fmt.Sprint(name, "/", impl), func(t *testing.T) {
				defer kernels.Use(impl)()
				comparePyTorch(t, l, "testdata/torch/"+name)
			})
		}
	}
}

func comparePyTorch(t *testing.T, l norm.Batch, name string) {
	file := func(what string) []float32 {
		data, _ := golden.File(t, name+"_"+what+".npy")
		return golden.Float32s(data)
	}
	_, shape := golden.File(t, name+"_x.npy")
	in := layer.Vector(shape[2])
	if len(shape) > 3 {
		in = layer.Image(shape[2], shape[3], shape[4])
	}
	steps, n := shape[0], shape[1]
	p, w, b, state := newPass(t, l, in, n)
	for c := range w {
		w[c], b[c] = 0.5+float32(c)/4, -1+float32(c)/2
	}
	p.op.Pack(0, in.C)
	batch := n * in.Len()
	x, dy, want := file("x"), file("dy"), map[string][]float32{}
	for _, what := range []string{"y", "dx", "dw", "db", "running"} {
		want[what] = file(what)
	}
	for s := range steps {
		y := p.forward(x[s*batch:][:batch])
		dx, dw, db := p.backward(dy[s*batch:][:batch])
		p.op.EndStep()
		golden.Close(t, "dx", dx, want["dx"][s*batch:][:batch], 1e-5)
		for what, got := range map[string][]float32{"y": y, "dw": dw, "db": db, "running": state} {
			golden.Close(t, what, got, want[what][s*len(got):][:len(got)], 2e-6)
		}
	}
	last, one := x[(steps-1)*batch:], make([]float32, in.Len())
	p.x, p.y = p.block(last), p.block(make([]float32, batch))
	p.each(func(i, n int, _ []float64) { p.op.Forward(p.y[i], p.x[i], n) })
	predicted := file("p")
	golden.Close(t, "prediction", p.images(p.y), predicted, 2e-6)
	p.op.ForwardOne(one, last[:len(one)], nil)
	golden.Close(t, "prediction of one", one, predicted[:len(one)], 2e-6)
}
