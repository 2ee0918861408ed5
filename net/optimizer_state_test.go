package net

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// TestOptimizerStateResumes stops each optimiser after some steps, restores its
// memory in another, and wants both to go on with the same bits.
func TestOptimizerStateResumes(t *testing.T) {
	for name, o := range optimizers {
		const n = 19
		w, first := make([]float32, n), o.start(n)
		for step := range 5 {
			updateOnce(first, w, step)
		}
		second, w2 := o.start(n), slices.Clone(w)
		if err := second.restore(first.state()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for step := range 5 {
			updateOnce(first, w, 5+step)
			updateOnce(second, w2, 5+step)
		}
		if !slices.Equal(w, w2) {
			t.Errorf("%s: weights differ after resuming:\n%v\n%v", name, w, w2)
		}
	}
}

// updateOnce makes one step on a gradient of its own.
func updateOnce(u updater, w []float32, step int) {
	g := make([]float32, len(w))
	for i := range g {
		g[i] = float32(math.Sin(float64(3*i + 7*step)))
	}
	u.begin(0.1, 1, 3)
	u.update(w, g, 0, false)
	u.end()
}

func TestOptimizerStateIsACopy(t *testing.T) {
	for name, o := range optimizers {
		w, u := make([]float32, 4), o.start(4)
		updateOnce(u, w, 0)
		s, want := u.state(), u.state()
		updateOnce(u, w, 1)
		for i := range s.Moments {
			if !slices.Equal(s.Moments[i], want.Moments[i]) {
				t.Errorf("%s: a step changed moment %d of a state taken before", name, i)
			}
		}
	}
}

// TestOptimizerRefusesState spoils states in every way, and wants the updater as
// it was.
func TestOptimizerRefusesState(t *testing.T) {
	spoil := map[string]func(s *OptimizerState){
		"name":           func(s *OptimizerState) { s.Name = "SGD" },
		"no clock":       func(s *OptimizerState) { s.Clock = nil },
		"no moments":     func(s *OptimizerState) { s.Moments = nil },
		"short moment":   func(s *OptimizerState) { s.Moments[1] = s.Moments[1][1:] },
		"NaN clock":      func(s *OptimizerState) { s.Clock[0] = math.NaN() },
		"clock above 1":  func(s *OptimizerState) { s.Clock[1] = 1.5 },
		"NaN moment":     func(s *OptimizerState) { s.Moments[0][1] = float32(math.NaN()) },
		"infinite":       func(s *OptimizerState) { s.Moments[0][2] = float32(math.Inf(1)) },
		"NaN mean":       func(s *OptimizerState) { s.Moments[1][2] = float32(math.NaN()) },
		"infinite mean":  func(s *OptimizerState) { s.Moments[1][2] = float32(math.Inf(-1)) },
		"negative mean":  func(s *OptimizerState) { s.Moments[1][2] = -1 },
		"other constant": func(s *OptimizerState) { s.Name = Adam{Beta1: 0.8}.start(0).state().Name },
	}
	for name, f := range spoil {
		w, u := make([]float32, 4), Adam{}.start(4)
		updateOnce(u, w, 0)
		s, want := u.state(), u.state()
		s.Clock[0], s.Moments[0][0] = 0.5, 0.5
		f(&s)
		if err := u.restore(s); !errors.Is(err, ErrState) {
			t.Errorf("%s: error %v, want ErrState", name, err)
		}
		if have := u.state(); have.Clock[0] != want.Clock[0] || have.Moments[0][0] != want.Moments[0][0] {
			t.Errorf("%s: a refused state changed the updater", name)
		}
	}
}
