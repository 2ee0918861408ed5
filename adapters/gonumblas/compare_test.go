package gonumblas

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
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

// A call is one of a function of BLAS, with its arguments.
type call interface {
	fmt.Stringer

	// on calls an implementation with a copy of what it writes to, and returns
	// that and what the call panicked with.
	on(b blas.Float32) (result []float32, panicked any)
}

// compareWithGonum makes random calls of gonum and of all implementations, and
// checks the results of each against gonum's.
func compareWithGonum[C call](t *testing.T, calls int, random func() C, check func(name string, c C, want, got []float32)) {
	t.Helper()
	all := implementations(t)
	for range calls {
		c := random()
		want, panicked := c.on(gonum.Implementation{})
		if panicked != nil {
			t.Fatalf("%v: gonum panics with %v", c, panicked)
		}
		for name, b := range all {
			got, panicked := c.on(b)
			if panicked != nil {
				t.Fatalf("%s, %v: panic: %v", name, c, panicked)
			}
			check(name, c, want, got)
		}
	}
}

// panicLikeGonum makes random calls with arguments that may not be. Whatever gonum
// says is said here. There must be some of each kind of mistake, and of none.
func panicLikeGonum[C call](t *testing.T, kinds int, random func() C) {
	t.Helper()
	all := implementations(t)
	said := make(map[string]int)
	for range 8000 {
		c := random()
		_, want := c.on(gonum.Implementation{})
		said[fmt.Sprint(want)]++
		for name, b := range all {
			if _, got := c.on(b); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%s, %v: want panic %v, have %v", name, c, want, got)
			}
		}
	}
	if len(said) < kinds {
		t.Errorf("too few kinds of mistakes: %v", said)
	}
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
