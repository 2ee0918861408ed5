package benchmarks

import (
	"math/rand/v2"

	"github.com/simdlanes/lanes/benchmarks/cases"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/net/workers"
)

// Runner runs one case on the kernels of this module, shared by workers. The
// operands are its own, filled with random numbers.
type Runner struct {
	pool *workers.Pool
	work func(worker int)

	result []float32 // of a convolution or product
}

// NewRunner returns the runner of a case. Call Close when done with it.
func NewRunner(c cases.Case, numWorkers int) *Runner {
	r := &Runner{pool: workers.New(numWorkers)}
	switch c := c.(type) {
	case cases.Conv:
		r.conv(c)
	case cases.Product:
		r.product(c)
	case cases.Elementwise:
		r.elementwise(c)
	default:
		panic("benchmarks: unknown case " + c.Key())
	}
	return r
}

// NewPeakRunner returns a runner whose workers each issue multiply-adds that
// depend on nothing, as fast as they can: [cases.PeakRounds] of kernels.Peak.
func NewPeakRunner(numWorkers int) *Runner {
	return &Runner{pool: workers.New(numWorkers), work: func(int) { kernels.Peak(cases.PeakRounds) }}
}

// NewCopyRunner returns a runner that copies one half of a piece of memory to
// the other: the case's yardstick, which finds its data in the same cache.
func NewCopyRunner(e cases.Elementwise) *Runner {
	half := e.Touched() / 8 // in numbers of four bytes
	dst, src := gaussian(half), gaussian(half)
	return &Runner{pool: workers.New(1), work: func(int) { copy(dst, src) }}
}

// Run runs the case once.
func (r *Runner) Run() {
	if r.pool.Workers() == 1 {
		r.work(0)
		return
	}
	r.pool.Run(r)
}

// Work implements workers.Job.
func (r *Runner) Work(worker int) { r.work(worker) }

// Close ends the runner's goroutines.
func (r *Runner) Close() { r.pool.Close() }

// span returns the part of a worker in n things that are handed out in groups.
func (r *Runner) span(worker, n, group int) (lo, hi int) {
	groups, all := (n+group-1)/group, r.pool.Workers()
	return min(n, groups*worker/all*group), min(n, groups*(worker+1)/all*group)
}

// gaussian returns n normally distributed numbers.
func gaussian(n int) []float32 {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}
