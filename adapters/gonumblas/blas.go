package gonumblas

import (
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/net/workers"
)

// BLAS is gonum's implementation, with a matrix product and matrix-vector
// products of its own. The zero value is ready to use and computes on the calling
// goroutine; [New] takes several cores. Its methods may be called from many
// goroutines at once; it must not be copied.
type BLAS struct {
	gonum.Implementation

	// Exact lets every product be computed here, so that its bits are the same on
	// every machine and with every release of gonum: also small ones, for which
	// gonum is faster, and those on machines without AVX2, on which gonum is much
	// faster. It is about Sgemm alone, and not about alpha = 0 or an output that
	// overlaps an input. Set it before use.
	Exact bool

	mu   sync.Mutex    // held by the product that has the pool
	pool *workers.Pool // nil: none
	job  product       // that the pool computes
}

var _ blas.Float32 = (*BLAS)(nil)

// New returns a BLAS that divides large products among the given number of
// workers, runtime.GOMAXPROCS(0) if it is 0 or less. They serve one product at
// a time; others that come meanwhile are computed by their callers alone. Call
// Close when done with it.
func New(numWorkers int) *BLAS {
	return &BLAS{pool: workers.New(numWorkers)}
}

// Close ends the workers, once the product that they compute is complete. The
// BLAS goes on without them.
func (b *BLAS) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pool != nil {
		b.pool.Close()
		b.pool = nil
	}
}

// Sgemm computes C = alpha*op(A)*op(B) + beta*C as gonum's does; see
// [gonum.Implementation.Sgemm] for the arguments. It does so by itself from
// some 200 multiplications on, with AVX2; a product of A and the transpose of B
// has to have 32 elements as well, in three columns or more. It allocates
// nothing then, and gonum's only if it is large.
func (b *BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, bm []float32, ldb int, beta float32, c []float32, ldc int) {
	if isTranspose(tA) && isTranspose(tB) && alpha != 0 {
		p := product{m: m, n: n, k: k, alpha: alpha, beta: beta,
			a: operand{a, lda, tA != blas.NoTrans},
			b: operand{bm, ldb, tB != blas.NoTrans},
			c: operand{c, ldc, false}}
		if p.valid() && (b.Exact || kernels.Active() == kernels.AVX2 && p.gains()) {
			b.multiply(p)
			return
		}
	}
	b.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, bm, ldb, beta, c, ldc)
}

// multiply computes a product with the workers, if it is worth their while and
// they are free.
func (b *BLAS) multiply(p product) {
	if p.volume() < sharedMin || !b.mu.TryLock() {
		p.compute()
		return
	}
	defer b.mu.Unlock()
	if b.pool == nil || b.pool.Workers() == 1 {
		p.compute()
		return
	}
	b.job = p
	b.job.workers = b.pool.Workers()
	b.pool.Run(&b.job)
	b.job = product{} // lets go of the caller's memory
}

// Sgemv computes y = alpha*op(A)*x + beta*y as gonum's does; see
// [gonum.Implementation.Sgemv] for the arguments. It does so by itself, on the
// calling goroutine and with AVX2, if alpha is 1, the elements of y lie side by
// side, those of x in order, and A has at least 512 elements: op(A) being the
// transpose of 16 rows or more, or 32 rows or more of 8 to 64 elements.
func (b *BLAS) Sgemv(tA blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	// The vectors are the rows of a product whose first factor has one. Other
	// values of alpha would have to be multiplied into it first.
	if isTranspose(tA) && alpha == 1 && incX >= 1 && incY == 1 && kernels.Active() == kernels.AVX2 && vectorGains(tA, m, n) {
		p := product{m: 1, n: n, k: m, alpha: 1, beta: beta,
			a: operand{x, incX, true},
			b: operand{a, lda, false},
			c: operand{y, max(m, n), false}}
		if tA == blas.NoTrans {
			p.n, p.k, p.b.trans = m, n, true
		}
		if p.valid() {
			p.compute()
			return
		}
	}
	b.Implementation.Sgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
}

func isTranspose(t blas.Transpose) bool {
	return t == blas.NoTrans || t == blas.Trans || t == blas.ConjTrans
}
