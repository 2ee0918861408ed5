package gonumblas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/kernels"
)

// implementations are those that are compared with gonum's. Where the kernels
// are portable, the first two are gonum's but for what wraps them.
func implementations(t testing.TB) map[string]*BLAS {
	shared := New(3)
	exact := New(2)
	exact.Exact = true
	t.Cleanup(shared.Close)
	t.Cleanup(exact.Close)
	return map[string]*BLAS{"zero value": {}, "three workers": shared, "exact": exact}
}

// gemm are the arguments of Sgemm.
type gemm struct {
	tA, tB      blas.Transpose
	m, n, k     int
	alpha, beta float32
	a, b, c     []float32
	lda         int
	ldb, ldc    int
}

func (g gemm) String() string {
	return fmt.Sprintf("%c%c %dx%dx%d alpha %v beta %v, slices %d %d %d, strides %d %d %d",
		g.tA, g.tB, g.m, g.n, g.k, g.alpha, g.beta, len(g.a), len(g.b), len(g.c), g.lda, g.ldb, g.ldc)
}

// on calls an implementation with a copy of C, and returns it and what the call
// panicked with.
func (g gemm) on(b blas.Float32) (c []float32, panicked any) {
	c = slices.Clone(g.c)
	defer func() { panicked = recover() }()
	b.Sgemm(g.tA, g.tB, g.m, g.n, g.k, g.alpha, g.a, g.lda, g.b, g.ldb, g.beta, c, g.ldc)
	return c, nil
}

func normals(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

var (
	transposes = []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans}
	scalars    = []float32{0, 1, 1, 1, -1, 0.3}
	sizes      = []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 23, 24, 25, 33, 64, 70}
)

// stored is the length of a rows x cols matrix with pad elements between rows,
// and the distance of its rows. gonum wants that length even if the matrix has no
// elements.
func stored(trans blas.Transpose, rows, cols, pad int) (length, ld int) {
	if trans != blas.NoTrans {
		rows, cols = cols, rows
	}
	ld = max(1, cols+pad)
	return max(0, (rows-1)*ld+cols), ld
}

func randomGemm(r *rand.Rand) gemm {
	g := gemm{
		tA: pick(r, transposes...), tB: pick(r, transposes...),
		m: pick(r, sizes...), n: pick(r, sizes...), k: pick(r, sizes...),
		alpha: pick(r, scalars...), beta: pick(r, scalars...),
	}
	if r.IntN(400) == 0 { // now and then a product for several workers
		g.m, g.n, g.k = 100+r.IntN(20), 100+r.IntN(20), 220
	}
	var la, lb, lc int
	la, g.lda = stored(g.tA, g.m, g.k, pick(r, 0, 0, 1, 5))
	lb, g.ldb = stored(g.tB, g.k, g.n, pick(r, 0, 0, 1, 5))
	lc, g.ldc = stored(blas.NoTrans, g.m, g.n, pick(r, 0, 0, 1, 5))
	g.a, g.b, g.c = normals(r, la+r.IntN(3)), normals(r, lb+r.IntN(3)), normals(r, lc+r.IntN(3))
	return g
}

// at is element (i, j) of op(X).
func at(trans blas.Transpose, x []float32, ld, i, j int) float64 {
	if trans != blas.NoTrans {
		i, j = j, i
	}
	return float64(x[i*ld+j])
}

// bound is how far two ways to add up the products of element (i, j) may lie
// apart: each is off by at most half a unit in the last place for every
// operation on what is summed, taken as absolute values.
func (g gemm) bound(i, j int) float64 {
	sum := math.Abs(float64(g.beta) * float64(g.c[i*g.ldc+j]))
	for p := range g.k {
		sum += math.Abs(float64(g.alpha) * at(g.tA, g.a, g.lda, i, p) * at(g.tB, g.b, g.ldb, p, j))
	}
	const unit = 1.0 / (1 << 24)
	return 2 * float64(g.k+3) * unit * sum
}

// check compares a C with gonum's: within the bounds inside the matrix, and
// the same outside.
func (g gemm) check(t *testing.T, name string, want, got []float32) {
	t.Helper()
	inside := make([]bool, len(want))
	for i := range g.m {
		for j := range g.n {
			at := i*g.ldc + j
			inside[at] = true
			d := math.Abs(float64(want[at]) - float64(got[at]))
			if d != 0 && !(d <= g.bound(i, j)) {
				t.Fatalf("%s, %v: element (%d, %d): want %v, have %v", name, g, i, j, want[at], got[at])
			}
		}
	}
	for at := range want {
		if !inside[at] && want[at] != got[at] {
			t.Fatalf("%s, %v: wrote %v outside of the matrix at %d", name, g, got[at], at)
		}
	}
}

func TestSgemm(t *testing.T) {
	calls := 2000
	if testkit.Race { // it makes the comparison slow, and has enough to see
		calls = 200
	}
	all := implementations(t)
	r := rand.New(rand.NewPCG(1, 2))
	ours := 0
	for range calls {
		g := randomGemm(r)
		want, panicked := g.on(gonum.Implementation{})
		if panicked != nil {
			t.Fatalf("%v: gonum panics with %v", g, panicked)
		}
		for name, b := range all {
			got, panicked := g.on(b)
			if panicked != nil {
				t.Fatalf("%s, %v: panic: %v", name, g, panicked)
			}
			g.check(t, name, want, got)
			if !slices.Equal(got, want) {
				ours++
			}
		}
	}
	if ours < calls/4 {
		t.Errorf("only %d results differ from gonum's in their last places: who has computed the others?", ours)
	}
}

// TestSgemmBadArguments changes one or two arguments to what they may not be.
// Whatever gonum says is said here.
func TestSgemmBadArguments(t *testing.T) {
	all := implementations(t)
	r := rand.New(rand.NewPCG(3, 4))
	said := make(map[string]int)
	for range 8000 {
		g := randomGemm(r)
		for range 1 + r.IntN(2) {
			switch r.IntN(11) {
			case 0:
				g.tA = pick[blas.Transpose](r, 0, 'X', 'n', 't')
			case 1:
				g.tB = pick[blas.Transpose](r, 0, 'X', 'n', 't')
			case 2:
				g.m = pick(r, -1, -70, g.m+1, g.m+30)
			case 3:
				g.n = pick(r, -1, -70, g.n+1, g.n+30)
			case 4:
				g.k = pick(r, -1, -70, g.k+1, g.k+30)
			case 5:
				g.lda = pick(r, 0, -1, g.lda-1, g.lda+40)
			case 6:
				g.ldb = pick(r, 0, -1, g.ldb-1, g.ldb+40)
			case 7:
				g.ldc = pick(r, 0, -1, g.ldc-1, g.ldc+40)
			case 8:
				g.a = g.a[:r.IntN(len(g.a)+1)]
			case 9:
				g.b = g.b[:r.IntN(len(g.b)+1)]
			case 10:
				g.c = g.c[:r.IntN(len(g.c)+1)]
			}
		}
		_, want := g.on(gonum.Implementation{})
		said[fmt.Sprint(want)]++
		for name, b := range all {
			if _, got := g.on(b); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%s, %v: want panic %v, have %v", name, g, want, got)
			}
		}
	}
	if len(said) < 11 { // one for each kind of mistake, and none
		t.Errorf("too few kinds of mistakes: %v", said)
	}
}

// TestSgemmSpecial multiplies by what does not count.
func TestSgemmSpecial(t *testing.T) {
	nan := float32(math.NaN())
	a, b := slices.Repeat([]float32{2}, 256), slices.Repeat([]float32{3}, 256)
	for name, bl := range implementations(t) {
		c := slices.Repeat([]float32{nan}, 256)
		bl.Sgemm(blas.NoTrans, blas.NoTrans, 16, 16, 16, 1, a, 16, b, 16, 0, c, 16)
		if c[0] != 96 || c[255] != 96 {
			t.Errorf("%s: beta 0: want 96 in place of NaN, have %v", name, c[0])
		}
		bl.Sgemm(blas.NoTrans, blas.NoTrans, 16, 16, 16, 0, a, 16, b, 16, 2, c, 16)
		if c[0] != 192 || c[255] != 192 {
			t.Errorf("%s: alpha 0 and beta 2: want 192, have %v", name, c[0])
		}
		d := slices.Repeat([]float32{1}, 256)
		bl.Sgemm(blas.NoTrans, blas.NoTrans, 16, 16, 16, 0, slices.Repeat([]float32{nan}, 256), 16, b, 16, 1, d, 16)
		if d[0] != 1 || d[255] != 1 {
			t.Errorf("%s: alpha 0 and beta 1: want C as it was, have %v", name, d[0])
		}
		bl.Sgemm(blas.NoTrans, blas.NoTrans, 16, 16, 16, 0, slices.Repeat([]float32{nan}, 256), 16, b, 16, 2, d, 16)
		if d[0] == d[0] {
			t.Errorf("%s: alpha 0 times NaN: want NaN, as gonum has it, have %v", name, d[0])
		}
		bl.Sgemm(blas.NoTrans, blas.Trans, 16, 16, 0, 1, a, 16, b, 16, 0.5, c, 16)
		if c[0] != 96 || c[255] != 96 {
			t.Errorf("%s: k 0 and beta 0.5: want 96, have %v", name, c[0])
		}
	}
}

// TestSgemmOverlap multiplies parts of one array. Side by side they are fine;
// where they overlap the result is gonum's, whatever that is.
func TestSgemmOverlap(t *testing.T) {
	const n, ld = 16, 64
	array := normals(rand.New(rand.NewPCG(5, 6)), 40*ld)
	call := func(b blas.Float32, from [3]int) []float32 {
		x := slices.Clone(array)
		b.Sgemm(blas.NoTrans, blas.Trans, n, n, n, 1, x[from[0]:], ld, x[from[1]:], ld, 0.5, x[from[2]:], ld)
		return x
	}
	for name, b := range implementations(t) {
		for _, from := range [][3]int{ // where A, B and C begin
			{0, 16, 32}, {0, 48, 16}, {0, 20 * ld, 20*ld + 16}, {0, 16, 20 * ld}, {0, 0, 16},
		} {
			want, got := call(gonum.Implementation{}, from), call(b, from)
			for i := range want {
				if d := math.Abs(float64(want[i] - got[i])); !(d <= 1e-4) {
					t.Fatalf("%s, A, B and C from %v: element %d: want %v, have %v", name, from, i, want[i], got[i])
				}
			}
			if b.Exact && slices.Equal(want, got) {
				t.Errorf("%s, A, B and C from %v: want lanes to compute it", name, from)
			}
		}
		for _, from := range [][3]int{{0, 16, 24}, {0, 8, 8}, {0, 16, 0}, {0, 32, 3 * ld}, {48, 16, 56}, {0, 32, 1}} {
			want, got := call(gonum.Implementation{}, from), call(b, from)
			if !slices.EqualFunc(want, got, func(x, y float32) bool { return x == y || x != x && y != y }) {
				t.Errorf("%s, A, B and C from %v: want gonum's result", name, from)
			}
		}
	}
}

// TestOverlaps compares the decision with one by elements. It may see an overlap
// where there is none, but not between columns of one matrix.
func TestOverlaps(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	array := make([]float32, 400)
	overlapping := 0
	for range 20000 {
		var places [2]matrix
		used := make([]int, len(array))
		common := r.IntN(20) + 1
		for i := range places {
			ld := pick(r, common, common, r.IntN(20)+1)
			rows, cols, from := r.IntN(8)+1, r.IntN(ld)+1, r.IntN(200)
			places[i], _ = operand{array[from:], ld, false}.matrix(rows, cols)
			for y := range rows {
				for x := range cols {
					used[from+y*ld+x] |= i + 1
				}
			}
		}
		if slices.Contains(used, 3) {
			overlapping++
			if !places[0].overlaps(places[1]) || !places[1].overlaps(places[0]) {
				t.Fatalf("%v and %v overlap", places[0], places[1])
			}
		}
	}
	if overlapping < 1000 {
		t.Errorf("only %d pairs overlap", overlapping)
	}
	left, _ := operand{array, 20, false}.matrix(8, 11)
	right, _ := operand{array[11:], 20, false}.matrix(8, 9)
	if left.overlaps(right) || right.overlaps(left) {
		t.Error("the left and right columns of a matrix do not overlap")
	}
}

// gemv are the arguments of Sgemv.
type gemv struct {
	tA          blas.Transpose
	m, n        int
	alpha, beta float32
	a, x, y     []float32
	lda         int
	incX, incY  int
}

func (g gemv) String() string {
	return fmt.Sprintf("%c %dx%d alpha %v beta %v, slices %d %d %d, strides %d %d %d",
		g.tA, g.m, g.n, g.alpha, g.beta, len(g.a), len(g.x), len(g.y), g.lda, g.incX, g.incY)
}

func (g gemv) on(b blas.Float32) (y []float32, panicked any) {
	y = slices.Clone(g.y)
	defer func() { panicked = recover() }()
	b.Sgemv(g.tA, g.m, g.n, g.alpha, g.a, g.lda, g.x, g.incX, g.beta, y, g.incY)
	return y, nil
}

// spread is the length of a vector of n elements that lie inc apart.
func spread(n, inc int) int {
	if n == 0 {
		return 0
	}
	return (n-1)*max(inc, -inc) + 1
}

func randomGemv(r *rand.Rand) gemv {
	g := gemv{
		tA: pick(r, transposes...), m: pick(r, sizes...), n: pick(r, sizes...),
		alpha: pick(r, scalars...), beta: pick(r, scalars...),
		incX: pick(r, 1, 1, 1, 2, -1, -3), incY: pick(r, 1, 1, 1, 2, -1, -3),
	}
	la, lda := stored(blas.NoTrans, g.m, g.n, pick(r, 0, 0, 1, 5))
	g.a, g.lda = normals(r, la+r.IntN(3)), lda
	g.x, g.y = normals(r, spread(g.lenX(), g.incX)+r.IntN(3)), normals(r, spread(g.lenY(), g.incY)+r.IntN(3))
	return g
}

func (g gemv) lenX() int { return g.m + g.n - g.lenY() }

func (g gemv) lenY() int {
	if g.tA == blas.NoTrans {
		return g.m
	}
	return g.n
}

func TestSgemv(t *testing.T) {
	all := implementations(t)
	r := rand.New(rand.NewPCG(9, 10))
	ours := 0
	for range 5000 {
		g := randomGemv(r)
		if r.IntN(10) == 0 { // beta = 0 overwrites, or does not, as gonum does
			g.beta = 0
			g.y = slices.Repeat([]float32{float32(math.NaN())}, len(g.y))
		}
		want, panicked := g.on(gonum.Implementation{})
		if panicked != nil {
			t.Fatalf("%v: gonum panics with %v", g, panicked)
		}
		for name, b := range all {
			got, panicked := g.on(b)
			if panicked != nil {
				t.Fatalf("%s, %v: panic: %v", name, g, panicked)
			}
			// gonum may clear what lies behind y, if beta is 0: that is not compared.
			for i := range spread(g.lenY(), g.incY) {
				// At most 70 products of normals, so the bound is generous and far
				// below what a wrong operand would cause.
				d := math.Abs(float64(want[i]) - float64(got[i]))
				if !(d <= 2e-4) && !(want[i] != want[i] && got[i] != got[i]) {
					t.Fatalf("%s, %v: element %d: want %v, have %v", name, g, i, want[i], got[i])
				}
				if want[i] != got[i] && want[i] == want[i] {
					ours++
				}
			}
		}
	}
	if kernels.Active() == kernels.AVX2 && ours < 1000 {
		t.Errorf("only %d elements differ from gonum's in their last places: who has computed the others?", ours)
	}
}

// TestSgemvBadArguments is like TestSgemmBadArguments.
func TestSgemvBadArguments(t *testing.T) {
	all := implementations(t)
	r := rand.New(rand.NewPCG(13, 14))
	said := make(map[string]int)
	for range 8000 {
		g := randomGemv(r)
		for range 1 + r.IntN(2) {
			switch r.IntN(9) {
			case 0:
				g.tA = pick[blas.Transpose](r, 0, 'X', 'n', 't')
			case 1:
				g.m = pick(r, -1, -70, g.m+1, g.m+30)
			case 2:
				g.n = pick(r, -1, -70, g.n+1, g.n+30)
			case 3:
				g.lda = pick(r, 0, -1, g.lda-1, g.lda+40)
			case 4:
				g.incX = pick(r, 0, 5, -5)
			case 5:
				g.incY = pick(r, 0, 5, -5)
			case 6:
				g.a = g.a[:r.IntN(len(g.a)+1)]
			case 7:
				g.x = g.x[:r.IntN(len(g.x)+1)]
			case 8:
				g.y = g.y[:r.IntN(len(g.y)+1)]
			}
		}
		_, want := g.on(gonum.Implementation{})
		said[fmt.Sprint(want)]++
		for name, b := range all {
			if _, got := g.on(b); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%s, %v: want panic %v, have %v", name, g, want, got)
			}
		}
	}
	if len(said) < 10 { // one for each kind of mistake, and none
		t.Errorf("too few kinds of mistakes: %v", said)
	}
}

// TestSgemvOverlap lets y overlap x and A.
func TestSgemvOverlap(t *testing.T) {
	array := normals(rand.New(rand.NewPCG(15, 16)), 64*64+64)
	for _, from := range []int{0, 10, 64 * 64, 64*64 - 20} {
		call := func(b blas.Float32) []float32 {
			x := slices.Clone(array)
			b.Sgemv(blas.Trans, 64, 64, 1, x, 64, x[64*64:], 1, 0, x[from:], 1)
			return x
		}
		if want, got := call(gonum.Implementation{}), call(&BLAS{}); !slices.Equal(want, got) {
			t.Errorf("y from %d: want gonum's result", from)
		}
	}
}

// TestBits compares products by any number of workers, by elements of a product
// that is exact whatever its size, and between the kernels.
func TestBits(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	sizes := [][3]int{{2, 3, 4}, {1, 1, 200}, {130, 140, 128}, {1, 3000, 800}, {3000, 2, 400}}
	if testkit.Race {
		sizes = sizes[:3]
	}
	for _, size := range sizes {
		for _, tA := range transposes[:2] {
			for _, tB := range transposes[:2] {
				g := gemm{tA: tA, tB: tB, m: size[0], n: size[1], k: size[2], alpha: 0.7, beta: 0.3}
				var la, lb, lc int
				la, g.lda = stored(tA, g.m, g.k, 1)
				lb, g.ldb = stored(tB, g.k, g.n, 2)
				lc, g.ldc = stored(blas.NoTrans, g.m, g.n, 3)
				g.a, g.b, g.c = normals(r, la), normals(r, lb), normals(r, lc)
				want := slices.Clone(g.c)
				kernels.Gemm(tA != blas.NoTrans, tB != blas.NoTrans, g.m, g.n, g.k, g.alpha, g.a, g.lda, g.b, g.ldb, g.beta, want, g.ldc)
				for _, workers := range []int{1, 2, 5} {
					b := New(workers)
					b.Exact = true
					got, _ := g.on(b)
					b.Close()
					if !slices.Equal(want, got) {
						t.Errorf("%v, %d workers: other bits than those of kernels.Gemm", g, workers)
					}
				}
			}
		}
	}
}

// TestExactOnPortableKernels wants products computed here also without AVX2, if
// they are to be exact, and by gonum otherwise.
func TestExactOnPortableKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	g := gemm{tA: blas.NoTrans, tB: blas.NoTrans, m: 40, n: 30, k: 50, alpha: 1, lda: 50, ldb: 30, ldc: 30,
		a: normals(r, 40*50), b: normals(r, 50*30), c: normals(r, 40*30)}
	fast, _ := g.on(&BLAS{Exact: true})
	theirs, _ := g.on(gonum.Implementation{})
	if slices.Equal(fast, theirs) {
		t.Fatal("gonum has the same bits: the test cannot tell who computes")
	}
	defer kernels.Use(kernels.Generic)()
	if got, _ := g.on(&BLAS{Exact: true}); !slices.Equal(got, fast) {
		t.Error("exact: other bits with portable kernels")
	}
	if got, _ := g.on(&BLAS{}); !slices.Equal(got, theirs) {
		t.Error("not exact: want gonum's bits where kernels are portable")
	}
}

// TestConcurrently calls one BLAS from many goroutines, and closes it meanwhile.
func TestConcurrently(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	g := gemm{tA: blas.NoTrans, tB: blas.Trans, m: 170, n: 100, k: 128, alpha: 1, lda: 128, ldb: 128, ldc: 100,
		a: normals(r, 170*128), b: normals(r, 100*128), c: normals(r, 170*100)}
	b := New(3)
	want, _ := g.on(b)
	var wg sync.WaitGroup
	for caller := range 6 {
		wg.Go(func() {
			for call := range 30 {
				if got, panicked := g.on(b); panicked != nil || !slices.Equal(got, want) {
					t.Errorf("caller %d, call %d: other bits, or panic: %v", caller, call, panicked)
					return
				}
				if caller == 0 && call == 20 {
					b.Close()
				}
			}
		})
	}
	wg.Wait()
	b.Close()
}

func TestCloseEndsGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	b := New(4)
	x := make([]float32, 128*128)
	b.Sgemm(blas.NoTrans, blas.NoTrans, 128, 128, 128, 1, x, 128, x, 128, 0, make([]float32, 128*128), 128)
	b.Close()
	b.Close()
	testkit.WaitForGoroutines(t, "four workers", before)
}

func TestNoAllocation(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector allocates")
	}
	b := New(2)
	b.Exact = true // gonum allocates to share a product
	defer b.Close()
	x, y := make([]float32, 128*128), make([]float32, 128*128)
	if n := testing.AllocsPerRun(50, func() {
		b.Sgemm(blas.NoTrans, blas.Trans, 128, 128, 128, 1, x, 128, x, 128, 0, y, 128)
		b.Sgemm(blas.NoTrans, blas.NoTrans, 16, 16, 16, 1, x, 16, x, 16, 0, y, 16)
		b.Sgemv(blas.Trans, 64, 64, 1, x, 64, x, 1, 0, y, 1)
	}); n != 0 {
		t.Errorf("want no allocation, have %v", n)
	}
}

// TestUse lets gonum's own functions call this implementation.
func TestUse(t *testing.T) {
	defer blas32.Use(blas32.Implementation())
	blas32.Use(&BLAS{Exact: true})
	r := rand.New(rand.NewPCG(23, 24))
	a := blas32.General{Rows: 9, Cols: 20, Stride: 20, Data: normals(r, 180)}
	b := blas32.General{Rows: 20, Cols: 7, Stride: 7, Data: normals(r, 140)}
	c := blas32.General{Rows: 9, Cols: 7, Stride: 7, Data: make([]float32, 63)}
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, 0, c)
	want := make([]float32, 63)
	kernels.Gemm(false, false, 9, 7, 20, 1, a.Data, 20, b.Data, 7, 0, want, 7)
	if !slices.Equal(c.Data, want) {
		t.Error("blas32.Gemm has other bits")
	}
	if n := blas32.Nrm2(blas32.Vector{N: 2, Inc: 1, Data: []float32{3, 4}}); n != 5 {
		t.Errorf("what is not replaced: want 5, have %v", n)
	}
}
