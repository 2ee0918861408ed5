package net_test

import (
	"sync"
	"testing"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/net"
)

// TestNewTrainerBesidePredictions makes trainers of a network that predicts at the
// same time; what goes wrong, the race detector tells.
func TestNewTrainerBesidePredictions(t *testing.T) {
	if !testkit.Race {
		t.Skip("needs the race detector")
	}
	n, x, _ := blobs()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 50 {
				if _, err := n.Predict(nil, x); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 10 {
		newTrainer(t, n, net.TrainerConfig{Workers: 2})
	}
	wg.Wait()
}
