package net_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
)

// inOrder reads examples of a size as they lie.
func inOrder(data net.Examples, size int) net.Seq {
	return func(int) iter.Seq2[net.Example, error] {
		return func(yield func(net.Example, error) bool) {
			for i, label := range data.Labels {
				if !yield(net.Example{Image: data.Images[i*size:][:size], Label: label}, nil) {
					return
				}
			}
		}
	}
}

// steadyFit trains a network with batch normalisation and dropout for three epochs
// of 8, 8 and 3 images, by Fit or by FitSeq. It is killed when a number of steps
// are made, if that is not 0, and leaves the state that it had then.
func steadyFit(t *testing.T, n *net.Network, workers int, resume *net.State, kill int, seq bool) (*net.History, *net.State) {
	t.Helper()
	tr := newTrainer(t, n, net.TrainerConfig{Workers: workers, Optimizer: net.AdamW{Rate: 0.01}})
	x, labels := steadyData()
	data := net.Examples{Images: x, Labels: labels}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var state *net.State
	config := net.FitConfig{
		Epochs: 3, BatchSize: 8, Seed: 2, Validation: data, Resume: resume,
		Callbacks: []net.Callback{net.OnStep(func(p net.Progress) (err error) {
			if p.Step == kill {
				state, err = tr.State()
				cancel()
			}
			return err
		})},
	}
	fit := func() (*net.History, error) { return tr.Fit(ctx, data, config) }
	if seq {
		fit = func() (*net.History, error) { return tr.FitSeq(ctx, inOrder(data, n.Input().Len()), config) }
	}
	history, err := fit()
	if kill == 0 && err != nil || kill > 0 && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for i := range history.Epochs {
		history.Epochs[i].Duration = 0
	}
	return history, state
}

// TestNormFitResumes kills a training within the first epoch, at its end, and
// within the last one, and resumes it with another number of workers, in a network
// that began elsewhere.
func TestNormFitResumes(t *testing.T) {
	for _, seq := range []bool{false, true} {
		whole := steadied(t)
		want, _ := steadyFit(t, whole, 1, nil, 0, seq)
		for _, kill := range []int{1, 3, 8} {
			for _, workers := range [][2]int{{1, 3}, {3, 1}, {2, 7}} {
				t.Run(fmt.Sprint(seq, "/", kill, "/", workers), func(t *testing.T) {
					killed := steadied(t)
					_, state := steadyFit(t, killed, workers[0], nil, kill, seq)
					n := steadied(t)
					steadySteps(t, newTrainer(t, n, net.TrainerConfig{}), 2)
					have, _ := steadyFit(t, n, workers[1], state, 0, seq)
					if n.Hash() != whole.Hash() {
						t.Error("other weights, or running statistics, than without a break")
					}
					if !reflect.DeepEqual(have, want) {
						t.Errorf("history %+v, want %+v", have, want)
					}
				})
			}
		}
	}
}

// TestFoldPointers folds layers that are given by address, and leaves those as they
// are.
func TestFoldPointers(t *testing.T) {
	first, second := &conv.Layer{Filters: 4, Size: 3}, &dense.Layer{Units: 12}
	keeps := &dense.Layer{Units: 6, Activation: layer.Tanh}
	flatten, dropout := &dense.Flatten{}, &norm.Dropout{Rate: 0.5}
	n, err := net.New(layer.Image(2, 6, 6), 5,
		first, &norm.Batch{Activation: layer.ReLU}, flatten,
		second, &norm.Batch{Activation: layer.Sigmoid}, dropout,
		keeps, &norm.Batch{},
		dense.Layer{Units: 3},
	)
	if err != nil {
		t.Fatal(err)
	}
	steadySteps(t, newTrainer(t, n, net.TrainerConfig{}), 10)
	folded, err := n.Fold()
	if err != nil {
		t.Fatal(err)
	}
	want := []layer.Layer{
		conv.Layer{Filters: 4, Size: 3, Activation: layer.ReLU}, flatten,
		dense.Layer{Units: 12, Activation: layer.Sigmoid}, dropout,
		keeps, &norm.Batch{}, // after an activation there is nothing to fold into
		dense.Layer{Units: 3},
	}
	if have := folded.Layers(); !reflect.DeepEqual(have, want) {
		t.Errorf("layers are %+v, want %+v", have, want)
	}
	if first.Activation != layer.Identity || second.Activation != layer.Identity {
		t.Error("Fold has changed the layers of the network")
	}
	x, _ := steadyData()
	p := probabilities(t, n, x)
	for i, q := range probabilities(t, folded, x) {
		if d := q - p[i]; d > 1e-5 || d < -1e-5 {
			t.Fatalf("probability %d is %v, want %v", i, q, p[i])
		}
	}
}
