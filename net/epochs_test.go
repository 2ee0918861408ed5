package net_test

import (
	"context"
	"iter"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// drifting is images that are larger in every epoch.
type drifting struct {
	net.Examples
	begun *[]int                          // epochs, in the order in which they were asked for
	wrong func(d net.Dataset) net.Dataset // what comes in the place of an epoch, if not nil
}

func (d drifting) Epoch(epoch int) net.Dataset {
	*d.begun = append(*d.begun, epoch)
	images := slices.Clone(d.Images)
	for i := range images {
		images[i] *= float32(epoch + 1)
	}
	e := net.Examples{Images: images, Labels: d.Labels}
	if d.wrong != nil {
		return d.wrong(e)
	}
	return e
}

func newDrifting() drifting {
	return drifting{
		Examples: net.Examples{Images: []float32{1, 2, 3, 4, 5, 6}, Labels: []int{0, 1, 0, 1, 0, 1}},
		begun:    new([]int),
	}
}

func driftingTrainer(t *testing.T) *net.Trainer {
	t.Helper()
	n, err := net.New(layer.Vector(1), 1, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := net.NewTrainer(n, net.TrainerConfig{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(trainer.Close)
	return trainer
}

// TestFitEpochs wants Fit to train on the images of each epoch, as FitSeq does on
// the same images.
func TestFitEpochs(t *testing.T) {
	d := newDrifting()
	c := net.FitConfig{Epochs: 3, BatchSize: 2, NoShuffle: true}
	have, err := driftingTrainer(t).Fit(context.Background(), d, c)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 1, 2}; !slices.Equal(*d.begun, want) {
		t.Errorf("epochs %v, want %v", *d.begun, want)
	}
	seq := func(epoch int) iter.Seq2[net.Example, error] {
		return func(yield func(net.Example, error) bool) {
			for i, v := range d.Images {
				if !yield(net.Example{Image: []float32{v * float32(epoch+1)}, Label: d.Labels[i]}, nil) {
					return
				}
			}
		}
	}
	want, err := driftingTrainer(t).FitSeq(context.Background(), seq, c)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(have.Losses, want.Losses) {
		t.Errorf("losses %v, want %v", have.Losses, want.Losses)
	}
}

// TestFitEpochsResumed breaks a training amidst its second epoch.
func TestFitEpochsResumed(t *testing.T) {
	c := net.FitConfig{Epochs: 3, BatchSize: 2, Seed: 1}
	want, err := driftingTrainer(t).Fit(context.Background(), newDrifting(), c)
	if err != nil {
		t.Fatal(err)
	}

	trainer, broken := driftingTrainer(t), c
	broken.Callbacks = []net.Callback{net.OnStep(func(p net.Progress) error {
		if p.Step == 4 {
			return net.ErrStop
		}
		return nil
	})}
	if _, err := trainer.Fit(context.Background(), newDrifting(), broken); err != nil {
		t.Fatal(err)
	}
	if c.Resume, err = trainer.State(); err != nil {
		t.Fatal(err)
	}
	c.Callbacks = []net.Callback{net.OnStep(func(net.Progress) error { return nil })}
	d := newDrifting()
	have, err := driftingTrainer(t).Fit(context.Background(), d, c)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(have.Losses, want.Losses) || !slices.Equal(*d.begun, []int{1, 2}) {
		t.Errorf("losses %v, want %v; epochs %v, want 1 and 2", have.Losses, want.Losses, *d.begun)
	}
}

// TestWrongEpochs wants an error for epochs that are no Dataset of as many images.
func TestWrongEpochs(t *testing.T) {
	for name, wrong := range map[string]func(net.Dataset) net.Dataset{
		"nil":     func(net.Dataset) net.Dataset { return nil },
		"shorter": func(net.Dataset) net.Dataset { return net.Examples{Images: []float32{1}, Labels: []int{0}} },
	} {
		d := newDrifting()
		d.wrong = wrong
		_, err := driftingTrainer(t).Fit(context.Background(), d, net.FitConfig{})
		wantError(t, name, err, net.ErrData, "epoch 1")
	}
}
