package net

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdlanes/lanes/internal/golden"
)

// TestGoldenMoments compares Adam's moments of the first and the last layer of
// LeNet-5 after three steps on one batch, in proportion to the largest of each.
func TestGoldenMoments(t *testing.T) {
	for tag, opt := range map[string]Optimizer{"nbadam3": NotebookAdam(0.01), "std3": Adam{}} {
		n := LeNet5(0)
		for _, s := range n.spans {
			w, b := golden.Float32(t, fmt.Sprint("lenet_W", s.index)), golden.Float32(t, fmt.Sprint("lenet_B", s.index))
			if err := n.SetParams(s.index, w, b); err != nil {
				t.Fatal(err)
			}
		}
		tr, err := NewTrainer(n, TrainerConfig{Optimizer: opt})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		for range 3 {
			if _, err := tr.Step(golden.Float32(t, "lenet_X"), golden.Ints(t, "lenet_labels")); err != nil {
				t.Fatal(err)
			}
		}
		adam := tr.engine.updater.(*adamState)
		for _, s := range []span{n.spans[0], n.spans[len(n.spans)-1]} {
			for name, moments := range map[string][]float32{"m": adam.m, "v": adam.v} {
				file := fmt.Sprintf("lenet_%s_%sW%d_f64", tag, name, s.index)
				want := golden.Float64(t, file)
				golden.Close(t, file, s.weights(moments), want, 1e-5*largest(want))
			}
		}
	}
}

func largest(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}
