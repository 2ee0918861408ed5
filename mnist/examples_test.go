package mnist

import (
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
)

func TestScales(t *testing.T) {
	s := &Set{Rows: 16, Cols: 16, Pixels: ramp(256)}
	unit, raw := s.Examples(Unit).Floats(), s.Examples(Raw).Floats()
	for p := range 256 {
		if want := float32(p) / 255; unit[p] != want {
			t.Errorf("Unit %d: got %v, want %v", p, unit[p], want)
		}
		if want := float32(p); raw[p] != want {
			t.Errorf("Raw %d: got %v, want %v", p, raw[p], want)
		}
	}
	if err := s.Examples(Scale(2)).Read(make([]float32, 256), nil, []int{0}); !errors.Is(err, ErrScale) {
		t.Errorf("Scale(2): got %v, want %v", err, ErrScale)
	}
}

func TestExamplesRead(t *testing.T) {
	e := small().Examples(Raw)
	x := slices.Repeat([]float32{-7}, 18)
	labels := []int{-7, -7, -7}
	if err := e.Read(x, labels, []int{2, 0, 2}); err != nil {
		t.Fatal(err)
	}
	wantX := []float32{12, 13, 14, 15, 16, 17, 0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17}
	if !slices.Equal(x, wantX) {
		t.Errorf("got x %v, want %v", x, wantX)
	}
	if want := []int{7, 5, 7}; !slices.Equal(labels, want) {
		t.Errorf("got labels %v, want %v", labels, want)
	}
	if err := e.Read(x[:6], nil, []int{1}); err != nil || x[0] != 6 {
		t.Errorf("without labels: got x[0] %v, error %v", x[0], err)
	}
	if err := e.Read(nil, nil, nil); err != nil {
		t.Errorf("nothing: %v", err)
	}
}

func TestExamplesReadErrors(t *testing.T) {
	e := small().Examples(Unit)
	for _, c := range []struct {
		name    string
		e       *Examples
		x       int
		labels  []int
		indices []int
		want    error
	}{
		{"negative", e, 12, nil, []int{0, -1}, ErrIndex},
		{"too large", e, 12, nil, []int{0, 3}, ErrIndex},
		{"extreme", e, 12, nil, []int{math.MinInt, math.MaxInt}, ErrIndex},
		{"short x", e, 11, nil, []int{0, 1}, ErrShape},
		{"no x", e, 0, nil, []int{0}, ErrShape},
		{"long x", e, 13, nil, []int{0, 1}, ErrShape},
		{"room for larger images", e, 16, nil, []int{0, 1}, ErrShape},
		{"x without images", e, 1, nil, nil, ErrShape},
		{"long labels", e, 6, []int{-7, -7}, []int{0}, ErrShape},
		{"short labels", e, 12, []int{-7}, []int{0, 1}, ErrShape},
		{"empty labels", e, 12, []int{}, []int{0, 1}, ErrShape},
		{"zero set", new(Set).Examples(Unit), 12, nil, []int{0}, ErrIndex},
		{"zero examples", new(Examples), 12, nil, []int{0}, ErrIndex},
	} {
		x := make([]float32, c.x)
		if err := c.e.Read(x, c.labels, c.indices); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if slices.Max(append(x, 0)) != 0 || len(c.labels) > 0 && c.labels[0] != -7 {
			t.Errorf("%s: wrote x %v, labels %v", c.name, x, c.labels)
		}
	}
}

func TestExamplesUnlabelled(t *testing.T) {
	e := (&Set{Rows: 2, Cols: 3, Pixels: ramp(12)}).Examples(Raw)
	labels := []int{5, 5}
	if err := e.Read(make([]float32, 12), labels, []int{0, 1}); err != nil || labels[0] != -1 || labels[1] != -1 {
		t.Errorf("got labels %v, error %v", labels, err)
	}
	if got := e.Labels(); got != nil {
		t.Errorf("Labels: got %v, want nil", got)
	}
}

// TestExamplesWhole checks that Floats and Labels are what Read reads.
func TestExamplesWhole(t *testing.T) {
	e := test10k(t).Examples(Unit)
	x, labels := e.Floats(), e.Labels()
	if len(x) != 10000*28*28 || len(labels) != 10000 || e.Len() != 10000 {
		t.Fatalf("got %d values, %d labels, Len %d", len(x), len(labels), e.Len())
	}
	one, label := make([]float32, 28*28), make([]int, 1)
	for i := range e.Len() {
		if err := e.Read(one, label, []int{i}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(one, x[i*28*28:(i+1)*28*28]) || label[0] != labels[i] {
			t.Fatalf("image %d differs", i)
		}
	}
}

// TestExamplesConcurrent has the race detector watch readers of one Examples.
func TestExamplesConcurrent(t *testing.T) {
	e := test10k(t).Examples(Unit)
	var wait sync.WaitGroup
	for w := range 4 {
		wait.Go(func() {
			x, labels := make([]float32, 2*28*28), make([]int, 2)
			for i := range 100 {
				if err := e.Read(x, labels, []int{i, i + w}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

func TestExamplesReadAllocations(t *testing.T) {
	e := test10k(t).Examples(Unit)
	x, labels, indices := make([]float32, 4*28*28), make([]int, 4), []int{9, 99, 999, 9999}
	if n := testing.AllocsPerRun(100, func() {
		if err := e.Read(x, labels, indices); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("Read allocates %v times", n)
	}
}

func BenchmarkExamplesRead(b *testing.B) {
	e := test10k(b).Examples(Unit)
	indices := make([]int, 32)
	for j := range indices {
		indices[j] = j * 311
	}
	x, labels := make([]float32, 32*28*28), make([]int, 32)
	b.SetBytes(32 * 28 * 28)
	for b.Loop() {
		if err := e.Read(x, labels, indices); err != nil {
			b.Fatal(err)
		}
	}
}
