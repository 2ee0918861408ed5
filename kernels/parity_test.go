package kernels

import (
	"fmt"
	"iter"
	"os"
	"runtime/debug"
	"testing"
)

// TestMain fails the run if the environment asks for an implementation that
// does not get used: otherwise its tests would pass without testing it.
func TestMain(m *testing.M) {
	if wish := os.Getenv(EnvVar); wish != "" && wish != Active().String() {
		fmt.Fprintf(os.Stderr, "%s=%s, but the kernels in use are %v: %s\n", EnvVar, wish, Active(), Reason())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// A setting is the dimensions of one trial, and where its values come from.
type setting struct {
	op   *operation
	dims []int
	mixture
	seed uint64
}

func (s setting) String() string {
	return fmt.Sprintf("%s (%s values, seed %d)", s.op.describe(s.dims), s.name, s.seed)
}

// run calls the operation under the active implementation.
func (s setting) run(m *memory) (*trial, error) {
	tr := start(s.op, s.dims, randomValues{newRandom(s.seed), s.draw}, m)
	return tr, tr.finish()
}

// runUnder calls the operation under impl.
func (s setting) runUnder(impl Impl, m *memory) (*trial, error) {
	defer Use(impl)()
	return s.run(m)
}

// settings yields what an operation is tried with: every size of each dimension
// while the others take sizes at the edges of tiles, then shapes of their own,
// then random ones. Mixtures of values take turns.
func settings(o *operation, e effort) iter.Seq[setting] {
	return func(yield func(setting) bool) {
		seed := uint64(0)
		for dims := range shapes(o, e) {
			s := setting{op: o, dims: dims, mixture: mixtures[seed%uint64(len(mixtures))], seed: seed}
			if !yield(s) {
				return
			}
			seed++
		}
	}
}

func shapes(o *operation, e effort) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		r := newRandom(uint64(len(o.name)))
		for i, d := range o.dims {
			for n := d.min; n <= d.max; n += e.sweepStep * max(1, o.coarse) {
				for range e.settings {
					if !yield(o.edgeShape(r, i, n, e.work)) {
						return
					}
				}
			}
		}
		for _, d := range o.also[:min(e.also, len(o.also))] {
			if !yield(d) {
				return
			}
		}
		for range e.shapes {
			if !yield(o.randomShape(r)) {
				return
			}
		}
	}
}

// edgeShape sets dimension i to n and all others to sizes at the edges of their
// tiles, such that the work stays below a limit; if that does not come about by
// chance, to the smallest.
func (o *operation) edgeShape(r *random, i, n, limit int) []int {
	dims := make([]int, len(o.dims))
	for range 20 {
		for j, d := range o.dims {
			edges := d.edges()
			dims[j] = edges[r.below(len(edges))]
		}
		dims[i] = n
		if o.work(dims) <= limit {
			return dims
		}
	}
	for j, d := range o.dims {
		if j != i {
			dims[j] = d.min
		}
	}
	return dims
}

func (o *operation) randomShape(r *random) []int {
	dims := make([]int, len(o.dims))
	for j, d := range o.dims {
		dims[j] = d.min + r.below(d.small()-d.min+1)
	}
	return dims
}

// eachOperation runs a subtest for every operation that is wanted.
func eachOperation(t *testing.T, wanted func(o *operation) bool, test func(t *testing.T, o *operation)) {
	ran := 0
	for i := range operations {
		if o := &operations[i]; wanted(o) {
			ran++
			t.Run(o.name, func(t *testing.T) { test(t, o) })
		}
	}
	if ran == 0 {
		t.Error("no operation ran")
	}
}

func all(*operation) bool { return true }

// rivals returns the portable implementation and the one to compare it with.
func rivals(t testing.TB) (portable, fast Impl) {
	impls := Impls()
	if len(impls) == 1 {
		t.Skip("this machine and build have one implementation: nothing to compare")
	}
	return impls[0], impls[len(impls)-1]
}

// parity compares two implementations, bit by bit.
type parity struct {
	portable, fast Impl
	one, other     *memory
	trials         int
	all, finite    int // outputs compared
}

func newParity(t testing.TB, one, other *memory) *parity {
	portable, fast := rivals(t)
	return &parity{portable: portable, fast: fast, one: one, other: other}
}

func (p *parity) compare(t *testing.T, s setting) {
	want, err := s.runUnder(p.portable, p.one)
	if err != nil {
		t.Fatalf("%v: %v: %v", s, p.portable, err)
	}
	got, err := s.runUnder(p.fast, p.other)
	if err != nil {
		t.Fatalf("%v: %v: %v", s, p.fast, err)
	}
	if err := difference(got, want); err != nil {
		t.Fatalf("%v: %v: %v by %v", s, p.fast, err, p.portable)
	}
	all, finite := want.numbers()
	p.trials, p.all, p.finite = p.trials+1, p.all+all, p.finite+finite
}

// verdict fails the test if the comparisons could not have shown much.
func (p *parity) verdict(t *testing.T) {
	if p.trials == 0 {
		t.Error("nothing was compared")
	}
	if p.finite*3 < p.all {
		t.Errorf("%d of %d outputs compared are numbers, want a third at least", p.finite, p.all)
	}
}

// TestParity compares assembly with portable kernels.
func TestParity(t *testing.T) {
	p := newParity(t, aligned(), aligned())
	eachOperation(t, all, func(t *testing.T, o *operation) {
		for s := range settings(o, level()) {
			p.compare(t, s)
		}
	})
	p.verdict(t)
}

// TestMisaligned compares both at all alignments of the operands, alike and
// different.
func TestMisaligned(t *testing.T) {
	for offset := range Lanes {
		for _, skew := range []int{0, 3} {
			p := newParity(t, aligned(), misaligned(offset, skew))
			eachOperation(t, all, func(t *testing.T, o *operation) {
				for s := range settings(o, effort{sweepStep: sweepEnd, settings: 1, work: 1000, shapes: 3}) {
					p.compare(t, s)
				}
			})
			p.verdict(t)
		}
	}
}

// TestGuardPages runs the fastest implementation with every operand right
// before, or right after, memory that cannot be accessed.
func TestGuardPages(t *testing.T) {
	t.Cleanup(Use(fastest()))
	for name, place := range map[string]func(testing.TB) *memory{"before": beforeGuard, "after": afterGuard} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := place(t)
			eachOperation(t, all, func(t *testing.T, o *operation) {
				defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
				for s := range settings(o, level()) {
					if _, err := s.run(m); err != nil {
						t.Fatalf("%v: %v: %v", s, Active(), err)
					}
				}
			})
		})
	}
}

// fastest returns the last of Impls.
func fastest() Impl {
	impls := Impls()
	return impls[len(impls)-1]
}

// TestInPlace compares calls whose output is an input with calls out of place.
func TestInPlace(t *testing.T) {
	for _, impl := range Impls() {
		t.Run(impl.String(), func(t *testing.T) {
			eachOperation(t, func(o *operation) bool { return o.sameAs != "" }, func(t *testing.T, o *operation) {
				for s := range settings(o, effort{settings: len(mixtures), sweepStep: 1}) {
					inPlace(t, s, impl)
				}
			})
		})
	}
}

func inPlace(t *testing.T, s setting, impl Impl) {
	got, err := s.runUnder(impl, aligned())
	if err != nil {
		t.Fatalf("%v: %v: %v", s, impl, err)
	}
	s.op = lookup(s.op.sameAs)
	want, err := s.runUnder(impl, aligned())
	if err != nil {
		t.Fatalf("%v: %v: %v", s, impl, err)
	}
	if err := difference(got, want); err != nil {
		t.Fatalf("%v: %v: in place, %v", s, impl, err)
	}
}

// lookup returns the operation of the given name.
func lookup(name string) *operation {
	for i := range operations {
		if operations[i].name == name {
			return &operations[i]
		}
	}
	panic("no operation " + name)
}
