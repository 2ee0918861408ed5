package net_test

import (
	"fmt"
	"runtime/debug"
	"testing"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// TestLossesDoNotAllocate steps with every loss, and predicts by every meaning.
func TestLossesDoNotAllocate(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector makes sync.Pool forget at random")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties sync.Pool
	x, labels := make([]float32, 2*9), []int{0, 1, 1, 0, 1, 0, 0, 0, 1}
	layer.Normal(x, 1, layer.Stream(1, "allocation", 0))
	data := net.Dataset(net.Examples{Images: x, Labels: labels})
	classes, proba := make([]int, 0, 9), make([]float32, 0, 18)
	for _, loss := range losses {
		for _, outputs := range []int{1, 2} {
			if _, softmax := loss.(net.CrossEntropy); softmax && outputs == 1 {
				continue
			}
			n := ending(t, outputs, layer.Tanh)
			tr := newTrainer(t, n, net.TrainerConfig{Loss: loss, Workers: 2})
			for name, call := range map[string]func() error{
				"Step":         func() error { _, err := tr.Step(x, labels); return err },
				"Predict":      func() error { _, err := n.Predict(classes, x); return err },
				"PredictProba": func() error { _, err := n.PredictProba(proba, x); return err },
				"Accuracy":     func() error { _, err := tr.Accuracy(data); return err },
			} {
				t.Run(fmt.Sprintf("%T%+v/%d outputs/%s", loss, loss, outputs, name), func(t *testing.T) {
					var failure error
					allocs := testing.AllocsPerRun(3, func() {
						if err := call(); err != nil {
							failure = err
						}
					})
					if failure != nil || allocs != 0 {
						t.Errorf("%v allocations and error %v, want none", allocs, failure)
					}
				})
			}
		}
	}
}
