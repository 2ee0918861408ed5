package net_test

import (
	"fmt"
	"log"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// trainXOR trains a network with a number of outputs on the exclusive or.
func trainXOR(outputs int, last layer.Activation, loss net.Loss) *net.Network {
	network, err := net.New(layer.Vector(2), 1,
		dense.Layer{Units: 8, Activation: layer.Tanh},
		dense.Layer{Units: outputs, Activation: last},
	)
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Loss: loss, Optimizer: net.Adam{Rate: 0.1}, Workers: 1})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	for range 200 {
		if _, err := trainer.Step(xor.Images, xor.Labels); err != nil {
			log.Fatal(err)
		}
	}
	return network
}

// Two classes, one logit for each.
func ExampleCrossEntropy() {
	network := trainXOR(2, layer.Identity, net.CrossEntropy{Smoothing: 0.1})
	classes, err := network.Predict(nil, xor.Images)
	fmt.Println(classes, network.Meaning(), err)
	// Output: [0 1 1 0] logits <nil>
}

// Softmax is in the loss, so a network does not end with it.
func ExampleCrossEntropy_softmax() {
	_, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2, Activation: layer.Softmax})
	fmt.Println(err)
	// Output: net: layer 0: dense layer: option is not usable: softmax is no activation of a layer: it is part of the loss net.CrossEntropy, and Network.PredictProba applies it; leave out the Activation, so that the network ends in logits
}

// Two classes, one logit for both: that of class 1.
func ExampleBinaryCrossEntropy() {
	network := trainXOR(1, layer.Identity, net.BinaryCrossEntropy{})
	classes, err := network.Predict(nil, xor.Images)
	if err != nil {
		log.Fatal(err)
	}
	proba, err := network.PredictProba(nil, xor.Images)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(network.Output(), "output,", network.Classes(), "classes:", classes)
	fmt.Printf("of the first image: %.1f and %.1f\n", proba[0], proba[1])
	// Output:
	// 1 output, 2 classes: [0 1 1 0]
	// of the first image: 1.0 and 0.0
}

// Sigmoid units, as in the networks of old.
func ExampleSquaredError() {
	network := trainXOR(2, layer.Sigmoid, net.SquaredError{})
	classes, err := network.Predict(nil, xor.Images)
	fmt.Println(classes, network.Meaning(), err)
	// Output: [0 1 1 0] scores <nil>
}

func ExampleTrainer_Evaluate() {
	network, trainer := newXOR()
	defer trainer.Close()
	for range 100 {
		if _, err := trainer.Step(xor.Images, xor.Labels); err != nil {
			log.Fatal(err)
		}
	}
	e, err := trainer.Evaluate(xor)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("labels", e.Labels, "classes", e.Classes, "accuracy", e.Accuracy)
	fmt.Println(len(e.Proba), "probabilities of", network.Classes(), "classes; small loss:", e.Loss < 0.05)
	// Output:
	// labels [0 1 1 0] classes [0 1 1 0] accuracy 1
	// 8 probabilities of 2 classes; small loss: true
}

func ExampleNetwork_Evaluate() {
	network := trainXOR(1, layer.Identity, net.BinaryCrossEntropy{})
	e, err := network.Evaluate(xor, net.BinaryCrossEntropy{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("classes", e.Classes, "small loss:", e.Loss < 0.05)
	e, err = network.Evaluate(xor, nil) // no loss
	fmt.Println("accuracy", e.Accuracy, "loss", e.Loss, err)
	// Output:
	// classes [0 1 1 0] small loss: true
	// accuracy 1 loss 0 <nil>
}

func ExamplePredictor_Evaluate() {
	predictor := trainXOR(2, layer.Identity, net.CrossEntropy{}).NewPredictor(2) // two workers
	defer predictor.Close()
	e, err := predictor.Evaluate(xor, net.CrossEntropy{})
	fmt.Println(e.Accuracy, err)
	// Output: 1 <nil>
}

// Weights of one's own: the network has to be told what its outputs mean.
func ExampleNetwork_SetMeaning() {
	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 1})
	if err != nil {
		log.Fatal(err)
	}
	if err := network.SetParams(0, []float32{1, 1}, []float32{-1.5}); err != nil { // the logical and
		log.Fatal(err)
	}
	if err := network.SetMeaning(net.Odds); err != nil {
		log.Fatal(err)
	}
	classes, err := network.Predict(nil, xor.Images)
	fmt.Println(classes, err)
	// Output: [0 0 0 1] <nil>
}
