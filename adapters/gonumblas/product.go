package gonumblas

import (
	"reflect"

	"gonum.org/v1/gonum/blas"

	"github.com/simdlanes/lanes/kernels"
)

// product is C = alpha*op(A)*op(B) + beta*C.
type product struct {
	m, n, k     int
	alpha, beta float32
	a, b, c     operand
	workers     int // that share it
}

// operand is a row-major matrix, or its transpose, as it is stored.
type operand struct {
	data  []float32
	ld    int // distance between rows
	trans bool
}

// From here on products gain, by measurement on a Zen 5 processor.
const (
	// volumeMin is the least number of multiplications.
	volumeMin = 200

	// dotsMin is the least number of elements of C if B is transposed and A is
	// not, and dotColumnsMin that of its columns: gonum then computes a scalar
	// product for each, with several lanes, where the kernels have to go through
	// k one by one.
	dotsMin       = 32
	dotColumnsMin = 3

	// sharedMin is the least number of multiplications that workers share. Those
	// who look out for work gain from half of that on, those who sleep and have to
	// be woken up lose some 30 microseconds first.
	sharedMin = 1 << 21

	// A vector times a matrix gains from elementsMin elements of the matrix on.
	// Columns of A, summed with weights, need rowsMin rows; rows of A, multiplied
	// by x, need dotRowsMin rows of dotLenMin to dotLenMax elements.
	elementsMin = 512
	rowsMin     = 16
	dotRowsMin  = 32
	dotLenMin   = 8
	dotLenMax   = 64
)

// volume is the number of multiplications.
func (p *product) volume() int64 { return int64(p.m) * int64(p.n) * int64(p.k) }

// gains reports whether the product is faster here than in gonum.
func (p *product) gains() bool {
	if !p.a.trans && p.b.trans && (p.m*p.n < dotsMin || p.n < dotColumnsMin) {
		return false
	}
	return p.volume() >= volumeMin
}

// vectorGains reports whether op(A)*x is faster here than in gonum.
func vectorGains(tA blas.Transpose, m, n int) bool {
	switch {
	case int64(m)*int64(n) < elementsMin:
		return false
	case tA == blas.NoTrans:
		return m >= dotRowsMin && n >= dotLenMin && n <= dotLenMax
	}
	return m >= rowsMin
}

// valid reports whether the kernels can compute the product: no size is zero,
// the slices hold the matrices, and C overlaps neither of the others.
func (p *product) valid() bool {
	if p.m < 1 || p.n < 1 || p.k < 1 {
		return false
	}
	a, okA := p.a.matrix(p.m, p.k)
	b, okB := p.b.matrix(p.k, p.n)
	c, okC := p.c.matrix(p.m, p.n)
	return okA && okB && okC && !c.overlaps(a) && !c.overlaps(b)
}

// compute computes the product on the calling goroutine.
func (p *product) compute() {
	kernels.Gemm(p.a.trans, p.b.trans, p.m, p.n, p.k, p.alpha, p.a.data, p.a.ld, p.b.data, p.b.ld, p.beta, p.c.data, p.c.ld)
}

// Work implements [workers.Job]: it computes the worker's share, rows of C or
// columns of C, whichever are more, in whole register tiles.
func (p *product) Work(worker int) {
	const rows, cols = 4, 24
	share := *p
	if p.m >= p.n {
		lo, hi := span(p.m, rows, worker, p.workers)
		share.m = hi - lo
		share.a.data = p.a.from(lo)
		share.c.data = p.c.data[min(lo*p.c.ld, len(p.c.data)):]
	} else {
		lo, hi := span(p.n, cols, worker, p.workers)
		share.n = hi - lo
		b := p.b
		b.trans = !b.trans
		share.b.data = b.from(lo)
		share.c.data = p.c.data[min(lo, len(p.c.data)):]
	}
	if share.m > 0 && share.n > 0 {
		share.compute()
	}
}

// from is the data from row i of op(X) on.
func (o operand) from(i int) []float32 {
	if !o.trans {
		i *= o.ld
	}
	return o.data[min(i, len(o.data)):]
}

// span returns a worker's share of n, in multiples of unit.
func span(n, unit, worker, workers int) (lo, hi int) {
	units := (n + unit - 1) / unit
	return min(n, units*worker/workers*unit), min(n, units*(worker+1)/workers*unit)
}

// matrix is where a matrix lies in memory.
type matrix struct {
	first, end uintptr // addresses
	cols, ld   int
}

// matrix returns where op(X), rows x cols, lies, if the slice holds it.
func (o operand) matrix(rows, cols int) (matrix, bool) {
	if o.trans {
		rows, cols = cols, rows
	}
	if o.ld < cols || len(o.data) < cols || (len(o.data)-cols)/o.ld < rows-1 {
		return matrix{}, false
	}
	first := reflect.ValueOf(&o.data[0]).Pointer()
	return matrix{first, first + uintptr((rows-1)*o.ld+cols)*4, cols, o.ld}, true
}

// overlaps reports whether two matrices share elements. Blocks of columns of one
// larger matrix do not, although one begins before the other ends.
func (m matrix) overlaps(o matrix) bool {
	if m.end <= o.first || o.end <= m.first {
		return false
	}
	if m.ld != o.ld {
		return true
	}
	apart := int(o.first-m.first) / 4 // of o's first element from m's
	apart = (apart%m.ld + m.ld) % m.ld
	return apart < m.cols || apart+o.cols > m.ld
}
