package net_test

import (
	"context"
	"fmt"
	"log"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// negatives is images that are dark on light in every other epoch.
type negatives struct {
	net.Dataset
	on bool
}

func (n negatives) Epoch(epoch int) net.Dataset { return negatives{n.Dataset, epoch%2 == 1} }

func (n negatives) Read(x []float32, labels []int, indices []int) error {
	if err := n.Dataset.Read(x, labels, indices); err != nil || !n.on {
		return err
	}
	for i, v := range x {
		x[i] = 1 - v
	}
	return nil
}

// Package data has distortions that differ in every epoch, as an Augment. This is
// how to write others.
func ExampleEpochDataset() {
	images := net.Examples{Images: []float32{0, 1, 0, 0, 1, 1}, Labels: []int{1, 0, 0}}
	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.1}})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	data := negatives{Dataset: images}
	if _, err := trainer.Fit(context.Background(), data, net.FitConfig{Epochs: 200}); err != nil {
		log.Fatal(err)
	}

	x := make([]float32, 2)
	for epoch := range 2 {
		if err := data.Epoch(epoch).Read(x, make([]int, 1), []int{0}); err != nil {
			log.Fatal(err)
		}
		fmt.Println(x)
	}
	// Output:
	// [0 1]
	// [1 0]
}
