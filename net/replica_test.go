package net_test

import (
	"testing"

	"github.com/simdlanes/lanes/net"
)

// TestReplicasFollow changes parameters behind a trainer's back, by SetParams
// and by another trainer: with any number of workers the next step begins from
// them, also if a step failed in between.
func TestReplicasFollow(t *testing.T) {
	data := digits(t, 19)
	x, labels := data.Floats(), data.Labels()
	bad := append([]int{99}, labels[1:]...)
	var want [32]byte
	for _, workers := range []int{1, 2, 3} {
		n := net.LeNet5(1)
		tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
		other := newTrainer(t, n, net.TrainerConfig{Workers: 2, Optimizer: net.SGD{Rate: 0.1}})
		step := func(tr *net.Trainer) {
			if _, err := tr.Step(x, labels); err != nil {
				t.Fatal(err)
			}
		}
		step(tr)
		w, b, err := n.Params(5)
		if err != nil {
			t.Fatal(err)
		}
		for i := range w {
			w[i] /= 2
		}
		if err := n.SetParams(5, w, b); err != nil {
			t.Fatal(err)
		}
		if _, err := tr.Step(x, bad); err == nil {
			t.Fatal("a step with a bad label succeeded")
		}
		step(tr)
		step(other)
		step(tr)
		if workers == 1 {
			want = n.Hash()
		} else if n.Hash() != want {
			t.Errorf("%d workers: other weights than with one", workers)
		}
	}
}
