package net_test

import (
	"fmt"
	"log"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// xorExamples are the four pairs of bits and their exclusive or.
var xorExamples = net.Examples{Images: []float32{0, 0, 0, 1, 1, 0, 1, 1}, Labels: []int{0, 1, 1, 0}}

// learnXOR trains a small network and returns its accuracy.
func learnXOR(c net.TrainerConfig) float64 {
	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 16, Activation: layer.Tanh}, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := net.NewTrainer(network, c)
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	for range 300 {
		if _, err := trainer.Step(xorExamples.Images, xorExamples.Labels); err != nil {
			log.Fatal(err)
		}
	}
	accuracy, err := trainer.Accuracy(xorExamples)
	if err != nil {
		log.Fatal(err)
	}
	return accuracy
}

func ExampleAdam() {
	fmt.Println(learnXOR(net.TrainerConfig{Optimizer: net.Adam{Rate: 0.01}}))
	// Output: 1
}

func ExampleAdamW() {
	fmt.Println(learnXOR(net.TrainerConfig{Optimizer: net.AdamW{Rate: 0.01, WeightDecay: 0.05}}))
	// Output: 1
}

func ExampleSGD() {
	fmt.Println(learnXOR(net.TrainerConfig{Optimizer: net.SGD{Rate: 0.1, Momentum: 0.9, Nesterov: true}}))
	// Output: 1
}

func ExampleRMSProp() {
	fmt.Println(learnXOR(net.TrainerConfig{Optimizer: net.RMSProp{Rate: 0.01}}))
	// Output: 1
}

func ExampleNotebookAdam() {
	fmt.Println(learnXOR(net.TrainerConfig{Optimizer: net.NotebookAdam(0.01)}))
	// Output: 1
}

// Gradient descent as textbooks have it: on the sum of all losses, not their
// mean.
func ExampleReduction() {
	fmt.Println(learnXOR(net.TrainerConfig{Optimizer: net.SGD{Rate: 0.1}, Reduction: net.Sum}))
	// Output: 1
}

// A rate that is much too high, and a bound on the norm of the gradients.
func ExampleTrainerConfig_clipNorm() {
	fmt.Println(learnXOR(net.TrainerConfig{Optimizer: net.SGD{Rate: 10, Momentum: 0.5}, ClipNorm: 0.01}))
	// Output: 1
}
