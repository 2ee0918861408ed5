package gonumblas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/simdlanes/lanes/kernels"
)

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

// spoil changes an argument to what it may not be.
func (g *gemv) spoil(r *rand.Rand) {
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

func (g gemv) lenX() int { return g.m + g.n - g.lenY() }

func (g gemv) lenY() int {
	if g.tA == blas.NoTrans {
		return g.m
	}
	return g.n
}

func TestSgemv(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	random := func() gemv {
		g := randomGemv(r)
		if r.IntN(10) == 0 { // beta = 0 overwrites, or does not, as gonum does
			g.beta = 0
			g.y = slices.Repeat([]float32{float32(math.NaN())}, len(g.y))
		}
		return g
	}
	ours := 0
	compareWithGonum(t, 5000, random, func(name string, g gemv, want, got []float32) {
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
	})
	if kernels.Active() == kernels.AVX2 && ours < 1000 {
		t.Errorf("only %d elements differ from gonum's in their last places: who has computed the others?", ours)
	}
}

func TestSgemvBadArguments(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	panicLikeGonum(t, 10, func() gemv {
		g := randomGemv(r)
		for range 1 + r.IntN(2) {
			g.spoil(r)
		}
		return g
	})
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
