package model

import (
	"context"
	"errors"
	"testing"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// TestResume cancels a training in the middle of an epoch, keeps it, and goes on
// from the file to the parameters of one that was not interrupted.
func TestResume(t *testing.T) {
	const images, epochs = 50, 3
	examples := net.Examples{Images: make([]float32, images*30), Labels: make([]int, images)}
	layer.Normal(examples.Images, 1, layer.Stream(1, "images", 0))
	for i := range examples.Labels {
		examples.Labels[i] = i % 3
	}
	config := net.FitConfig{Epochs: epochs, BatchSize: 8, Seed: 5}
	fit := func(ctx context.Context, n *net.Network, config net.FitConfig) (*net.Trainer, error) {
		trainer, err := net.NewTrainer(n, net.TrainerConfig{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(trainer.Close)
		_, err = trainer.Fit(ctx, examples, config)
		return trainer, err
	}
	whole, broken := small(t, 1), small(t, 1)
	config.Callbacks = []net.Callback{net.OnStep(func(net.Progress) error { return nil })}
	if _, err := fit(t.Context(), whole.Network, config); err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	config.Callbacks = []net.Callback{net.OnStep(func(p net.Progress) error {
		if p.Step == 10 {
			cancel()
		}
		return nil
	})}
	trainer, err := fit(ctx, broken.Network, config)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if broken.Training, err = trainer.State(); err != nil {
		t.Fatal(err)
	}
	loaded := mustLoad(t, save(t, broken))
	same(t, loaded, broken)
	config.Resume = loaded.Training
	if _, err := fit(t.Context(), loaded.Network, config); err != nil {
		t.Fatal(err)
	}
	if loaded.Network.Hash() != whole.Network.Hash() {
		t.Error("the parameters differ from those of an unbroken training")
	}
}
