package model

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/layer"
)

// TestUnusableModels writes nothing.
func TestUnusableModels(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name   string
		change func(m *Model)
		want   error
		text   string
	}{
		{"no network", func(m *Model) { m.Network = nil }, ErrModel, "no network"},
		{"labels", func(m *Model) { m.Labels = m.Labels[1:] }, ErrModel, "Labels"},
		{"equal labels", func(m *Model) { m.Labels[2] = 7 }, ErrModel, "classes 0 and 2"},
		{"names", func(m *Model) { m.Names = m.Names[1:] }, ErrModel, "Names"},
		{"name", func(m *Model) { m.Names[1] = "\xff" }, ErrModel, "class 1"},
		{"note", func(m *Model) { m.Notes["x"] = "\xff" }, ErrModel, "note"},
		{"input", func(m *Model) { m.Input.Rows = -1 }, layer.ErrOption, "Rows"},
		{"shape", func(m *Model) { m.Input.Rows++ }, layer.ErrShape, "1x6x5"},
		{"parameter", func(m *Model) { m.Network.SetParams(3, make([]float32, 36), []float32{0, inf, 0}) }, ErrNotFinite, "Inf"},
		{"training's parameters", func(m *Model) { m.Training.Params = m.Training.Params[1:] }, layer.ErrShape, "training"},
		{"training's parameter", func(m *Model) { m.Training.Params[0] = inf }, ErrNotFinite, "training"},
		{"moments", func(m *Model) { m.Training.Optimizer.Moments[1] = nil }, layer.ErrShape, "vector 1"},
		{"many moments", func(m *Model) {
			m.Training.Optimizer.Moments = slices.Repeat(m.Training.Optimizer.Moments, maxMoments)
		}, layer.ErrOption, "vectors"},
		{"many callbacks", func(m *Model) { m.Training.Fit.Callbacks = make([][]byte, maxCallbacks+1) }, layer.ErrOption, "callbacks"},
		{"optimiser's name", func(m *Model) { m.Training.Optimizer.Name = "\xff" }, layer.ErrOption, "Name"},
		{"long notes", func(m *Model) { m.Notes["x"] = strings.Repeat("x", maxModelText) }, ErrTooLarge, "text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := checkpoint(t, 1)
			c.change(m)
			var b bytes.Buffer
			if err := m.Save(&b); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) || b.Len() > 0 {
				t.Errorf("want %q that names %q, have %v after %d bytes", c.want, c.text, err, b.Len())
			}
		})
	}
	if err := checkpoint(t, 1).Check(); err != nil {
		t.Errorf("a usable model: %v", err)
	}
}

// failingWriter fails after n bytes.
type failingWriter struct{ n int }

func (w *failingWriter) Write(b []byte) (int, error) {
	if len(b) > w.n {
		return w.n, errBroken
	}
	w.n -= len(b)
	return len(b), nil
}

var errBroken = errors.New("broken")

func TestFailingWriter(t *testing.T) {
	m := checkpoint(t, 1)
	size := len(save(t, m))
	step := 11
	if *slow {
		step = 1
	}
	for n := 0; n < size; n += step {
		if err := m.Save(&failingWriter{n}); !errors.Is(err, errBroken) {
			t.Fatalf("broken after %d bytes of %d: error %v", n, size, err)
		}
	}
	if err := m.Save(&failingWriter{size}); err != nil {
		t.Error(err)
	}
}
