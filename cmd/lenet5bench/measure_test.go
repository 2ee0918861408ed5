package main

import (
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/simdlanes/lanes/benchmarks"
)

// naps returns a function that sleeps for the given times in turn, and the
// number of its calls. In a synctest bubble sleeping takes exactly that time.
func naps(times ...time.Duration) (nap func(), calls *int) {
	calls = new(int)
	return func() {
		time.Sleep(times[*calls%len(times)])
		*calls++
	}, calls
}

func TestBestOf(t *testing.T) {
	const ms = time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		nap, calls := naps(5*ms, 3*ms, 2*ms, 4*ms, 6*ms)
		if best := bestOf(0, nap); best != 2*ms || *calls != 5 {
			t.Errorf("without time: best %v of %d calls, want 2ms of 5", best, *calls)
		}
		nap, calls = naps(10 * ms)
		if best := bestOf(200*ms, nap); best != 10*ms || *calls != 20 {
			t.Errorf("in 200 ms: best %v of %d calls, want 10ms of 20", best, *calls)
		}
	})
}

func TestTimeOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			nap   time.Duration
			calls int // one to learn how long it takes, then five times as many as fill 50 us
		}{
			{10 * time.Microsecond, 1 + 5*6},
			{time.Second, 1 + 5*1},
			{0, 1 + 5*1000},
		} {
			nap, calls := naps(c.nap)
			if d := timeOf(0, nap); d != c.nap || *calls != c.calls {
				t.Errorf("sleep of %v: measured %v in %d calls, want %d", c.nap, d, *calls, c.calls)
			}
		}
	})
}

func TestRates(t *testing.T) {
	for _, c := range []struct {
		name       string
		have, want float64
	}{
		{"gflops", gflops(3e9, 2*time.Second), 1.5},
		{"micros", micros(1500), 1.5},
		{"share", share(1, 4), 0.25},
		{"share of nothing", share(1, 0), 0},
		{"maxDiff", maxDiff([]float64{1, 2, 3}, []float64{1, 4, 2, 99}), 2},
		{"maxDiff of nothing", maxDiff(nil, nil), 0},
	} {
		if c.have != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.have, c.want)
		}
	}
	if d := maxDiff([]float64{math.NaN(), 1}, []float64{0, 1}); !math.IsNaN(d) {
		t.Errorf("maxDiff hides a NaN: %v", d)
	}
}

// TestPeakShare wants workers beyond the machine's cores not to count as cores.
func TestPeakShare(t *testing.T) {
	for workers, cores := range map[int]int{1: 1, runtime.NumCPU(): runtime.NumCPU(), 4 * runtime.NumCPU(): runtime.NumCPU()} {
		c := &contestant{name: "lanes", workers: workers, best: time.Second, losses: make([]float64, notebookSteps)}
		r := c.result(c, 2)
		if want := r.GFLOPS / float64(2*cores); r.PeakShare != want || r.Workers != workers {
			t.Errorf("%d workers on %d cores: share %v of the peak, want %v", workers, runtime.NumCPU(), r.PeakShare, want)
		}
	}
}

// TestStepFLOPs adds up the arithmetic of the passes that make up a step, as
// lanes and as the baselines count it.
func TestStepFLOPs(t *testing.T) {
	lanes, err := benchmarks.LanesPasses(make([]float32, 32*32), []int{0})
	if err != nil {
		t.Fatal(err)
	}
	sums := make(map[string]int)
	for _, p := range lanes {
		sums["lanes"] += p.FLOPs
	}
	for _, p := range benchmarks.NewNaive(benchmarks.NotebookWeights(), benchmarks.StandardAdam, 1).Passes() {
		sums["naive"] += p.FLOPs
	}
	for name, sum := range sums {
		if sum != stepFLOPs() {
			t.Errorf("the passes of %s take %d FLOPs an image, a step %d", name, sum, stepFLOPs())
		}
	}
}

// zeros is a Trainer that takes every image for a zero, and fails for batches
// that are not of its size.
type zeros struct{ size int }

func (z zeros) Step([]float32, []int) (float64, error) { return 0, nil }

func (z zeros) Predict(dst []int, x []float32) error {
	if len(x) != len(dst)*z.size {
		panic("images and answers differ in number")
	}
	clear(dst)
	return nil
}

func TestAccuracy(t *testing.T) {
	const images, size = 2*notebookBatch + 6, 3 // with a partial batch
	labels := make([]int, images)
	for i := range labels {
		labels[i] = i % 10
	}
	if a, err := accuracy(zeros{size}, make([]float32, images*size), labels); err != nil || a != 0.1 {
		t.Errorf("have %v, %v, want 0.1", a, err)
	}
}
