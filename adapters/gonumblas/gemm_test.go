package gonumblas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/kernels"
)

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

func (g gemm) on(b blas.Float32) (c []float32, panicked any) {
	c = slices.Clone(g.c)
	defer func() { panicked = recover() }()
	b.Sgemm(g.tA, g.tB, g.m, g.n, g.k, g.alpha, g.a, g.lda, g.b, g.ldb, g.beta, c, g.ldc)
	return c, nil
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

// spoil changes an argument to what it may not be.
func (g *gemm) spoil(r *rand.Rand) {
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
	r := rand.New(rand.NewPCG(1, 2))
	ours := 0
	compareWithGonum(t, calls, func() gemm { return randomGemm(r) }, func(name string, g gemm, want, got []float32) {
		g.check(t, name, want, got)
		if !slices.Equal(got, want) {
			ours++
		}
	})
	if ours < calls/4 {
		t.Errorf("only %d results differ from gonum's in their last places: who has computed the others?", ours)
	}
}

func TestSgemmBadArguments(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	panicLikeGonum(t, 11, func() gemm {
		g := randomGemm(r)
		for range 1 + r.IntN(2) {
			g.spoil(r)
		}
		return g
	})
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
