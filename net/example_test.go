package net_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

func Example() {
	digits, err := mnist.Test10k()
	if err != nil {
		log.Fatal(err)
	}
	digits, _ = digits.Pad(32, 32)
	train, _ := digits.Slice(0, 800)
	test, _ := digits.Slice(800, 1000)

	network := net.LeNet5(1)
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.002}})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	history, err := trainer.Fit(context.Background(), train.Examples(mnist.Unit), net.FitConfig{
		Epochs:     2,
		Validation: test.Examples(mnist.Unit),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(history.Epochs[1].Accuracy > 0.8)

	images := test.Examples(mnist.Unit).Floats()[:3*1024]
	classes, err := network.Predict(nil, images)
	fmt.Println(len(classes), err)
	// Output:
	// true
	// 3 <nil>
}

func ExampleNew() {
	network, err := net.New(layer.Image(1, 28, 28), 1,
		conv.Layer{Filters: 8, Size: 3, Activation: layer.ReLU},
		pool.Max{Size: 2},
		dense.Flatten{},
		dense.Layer{Units: 10},
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(network)
	// Output:
	// layer                      output  parameters    FLOPs  in training
	//    input                     1x28x28
	// 0  conv 8 filters 3x3, relu  8x26x26          80   97,344      194,688
	// 1  max-pool 2x2, identity    8x13x13           0        0            0
	// 2  flatten                      1352           0        0            0
	// 3  dense 10 units, identity       10      13,530   27,040       81,120
	//    total                                  13,610  124,384      275,808
	// memory: parameters 53.2 KiB, activations of eight images 278.3 KiB, training 744.8 KiB
}

func ExampleNetwork_Summary() {
	s := net.LeNet5(1).Summary()
	fmt.Println(s)
	fmt.Printf("%.2f million multiply-adds a training step and image\n", float64(s.StepFLOPs)/2e6)
	// Output:
	// layer                        output  parameters    FLOPs  in training
	//    input                       1x32x32
	// 0  conv 6 filters 5x5, relu    6x28x28         156  235,200      470,400
	// 1  max-pool 2x2, relu          6x14x14           0        0            0
	// 2  conv 16 filters 5x5, relu  16x10x10       2,416  480,000    1,440,000
	// 3  max-pool 2x2, relu           16x5x5           0        0            0
	// 4  flatten                         400           0        0            0
	// 5  dense 120 units, relu           120      48,120   96,000      288,000
	// 6  dense 84 units, relu             84      10,164   20,160       60,480
	// 7  dense 10 units, identity         10         850    1,680        5,040
	//    total                                    61,706  833,040    2,263,920
	// memory: parameters 241.0 KiB, activations of eight images 297.4 KiB, training 1.5 MiB
	// 1.13 million multiply-adds a training step and image
}

func ExampleNew_shapes() {
	_, err := net.New(layer.Image(1, 8, 8), 1,
		pool.Max{Size: 2},
		conv.Layer{Filters: 4, Size: 5},
	)
	fmt.Println(err)
	// Output:
	// net: layer 1: convolution: shape does not fit: a filter of 5x5 is larger than the input, 1x4x4
}

// A LeNet-5 with twice as many filters in its first layer.
func ExampleLeNet5Layers() {
	layers := net.LeNet5Layers()
	first := layers[0].(conv.Layer)
	first.Filters *= 2
	layers[0] = first
	wide, err := net.New(net.LeNet5Input(), 1, layers...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(wide.Input(), wide.NumParams(), "parameters")
	// Output: 1x32x32 64262 parameters
}

// xor is the exclusive or of two inputs.
var xor = net.Examples{
	Images: []float32{0, 0, 0, 1, 1, 0, 1, 1},
	Labels: []int{0, 1, 1, 0},
}

func newXOR() (*net.Network, *net.Trainer) {
	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 8, Activation: layer.Tanh}, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.1}, Workers: 1})
	if err != nil {
		log.Fatal(err)
	}
	return network, trainer
}

func ExampleTrainer_Step() {
	network, trainer := newXOR()
	defer trainer.Close()
	for range 100 {
		if _, err := trainer.Step(xor.Images, xor.Labels); err != nil {
			log.Fatal(err)
		}
	}
	classes, err := network.Predict(nil, xor.Images)
	fmt.Println(classes, err)
	// Output: [0 1 1 0] <nil>
}

// Those who own the loop may look at gradients and change the rate.
func ExampleTrainer_SetRate() {
	_, trainer := newXOR()
	defer trainer.Close()
	for range 100 {
		if _, err := trainer.Step(xor.Images, xor.Labels); err != nil {
			log.Fatal(err)
		}
		dw, _, err := trainer.Gradients(1)
		if err != nil {
			log.Fatal(err)
		}
		if slices.Max(dw) < 0.5 && trainer.Rate() == 0.1 {
			if err := trainer.SetRate(0.01); err != nil {
				log.Fatal(err)
			}
		}
	}
	fmt.Println(trainer.Rate(), "by", trainer.Workers(), "worker")
	// Output: 0.01 by 1 worker
}

func ExampleTrainer_Fit() {
	network, trainer := newXOR()
	defer trainer.Close()
	history, err := trainer.Fit(context.Background(), xor, net.FitConfig{
		Epochs:    50,
		BatchSize: 4,
		Rate: func(step, steps int) float64 { // falls in a straight line
			return 0.2 * (1 - float64(step)/float64(steps))
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	accuracy, err := network.Accuracy(xor)
	fmt.Println(len(history.Losses), accuracy, err)
	// Output: 50 1 <nil>
}

func ExampleNetwork_PredictProba() {
	network, trainer := newXOR()
	trainer.Close()
	p, err := network.PredictProba(nil, xor.Images)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d probabilities; those of the first image sum to %.3f\n", len(p), p[0]+p[1])
	// Output: 8 probabilities; those of the first image sum to 1.000
}

func ExampleNetwork_NewPredictor() {
	predictor := net.LeNet5(1).NewPredictor(2) // two workers
	defer predictor.Close()
	classes, err := predictor.Predict(nil, make([]float32, 100*32*32))
	fmt.Println(len(classes), err)
	// Output: 100 <nil>
}

// A predictor answers what its network does.
func ExamplePredictor() {
	network, trainer := newXOR()
	defer trainer.Close()
	if _, err := trainer.Fit(context.Background(), xor, net.FitConfig{Epochs: 50, BatchSize: 4}); err != nil {
		log.Fatal(err)
	}
	predictor := network.NewPredictor(2)
	defer predictor.Close()

	classes, proba, err := predictor.PredictBoth(nil, nil, xor.Images)
	if err != nil {
		log.Fatal(err)
	}
	again, err := predictor.PredictProba(nil, xor.Images)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(classes, slices.Equal(proba, again))
	logits, err := predictor.PredictOutputs(nil, xor.Images)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(logits[0] > logits[1]) // class 0
	fmt.Println(predictor.Accuracy(xor))
	// Output:
	// [0 1 1 0] true
	// true
	// 1 <nil>
}

func ExampleNetwork_SetParams() {
	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	if err := network.SetParams(0, []float32{1, 0, 0, 1}, []float32{0, 0}); err != nil {
		log.Fatal(err)
	}
	w, b, _ := network.Params(0)
	fmt.Println(w, b)
	// Output: [1 0 0 1] [0 0]
}

func ExampleTrace() {
	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 3, Activation: layer.ReLU}, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Trace: net.Trace{
		Show: func(t net.Tensor) error {
			fmt.Println(t)
			return nil
		},
		Layers: []int{0},
		Steps:  func(step int) bool { return step == 3 },
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	for range 4 {
		if _, err := trainer.Step(xor.Images, xor.Labels); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// step 3, layer 0 (dense 3 units, relu), input: 4x2
	// step 3, layer 0 (dense 3 units, relu), weights: 3x2
	// step 3, layer 0 (dense 3 units, relu), biases: 3
	// step 3, layer 0 (dense 3 units, relu), output: 4x3
	// step 3, labels: 4
	// step 3, losses: 4
	// step 3, loss gradient: 4x2
	// step 3, layer 0 (dense 3 units, relu), delta: 4x3
	// step 3, layer 0 (dense 3 units, relu), weight gradient: 3x2
	// step 3, layer 0 (dense 3 units, relu), bias gradient: 3
}

func ExampleNetwork_Trace() {
	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2, Activation: layer.ReLU})
	if err != nil {
		log.Fatal(err)
	}
	if err := network.SetParams(0, []float32{1, -1, 1, 1}, []float32{0, 0.5}); err != nil {
		log.Fatal(err)
	}
	err = network.Trace([]float32{1, 3}, net.Trace{Show: func(t net.Tensor) error {
		fmt.Println(t.Kind, t.Data)
		return nil
	}})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// input [1 3]
	// weights [1 -1 1 1]
	// biases [0 0.5]
	// output [0 4.5]
}

// What a trace shows lasts as long as the call that shows it.
func ExampleTensor_Clone() {
	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2, Activation: layer.ReLU}, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	if err := network.SetParams(0, []float32{1, -1, 1, 1}, []float32{0, 0.5}); err != nil {
		log.Fatal(err)
	}
	var kept []net.Tensor
	err = network.Trace([]float32{1, 3}, net.Trace{
		Kinds: []net.TensorKind{net.TensorInput, net.TensorOutput},
		Show: func(t net.Tensor) error {
			kept = append(kept, t.Clone())
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range kept[:2] {
		fmt.Println(t, t.Data)
	}
	// Output:
	// layer 0 (dense 2 units, relu), input: 1x2 [1 3]
	// layer 0 (dense 2 units, relu), output: 1x2 [0 4.5]
}

// The gradient of an output tells on which pixels it hangs, and which way.
func ExampleNetwork_InputGradient() {
	network, err := net.New(layer.Vector(3), 1, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	if err := network.SetParams(0, []float32{1, 0, -1, 2, 0.5, 0}, []float32{0, 0}); err != nil {
		log.Fatal(err)
	}
	image := []float32{1, 1, 1}
	classes, err := network.Predict(nil, image)
	if err != nil {
		log.Fatal(err)
	}
	saliency, err := network.InputGradient(nil, image, classes[0])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("class", classes[0], saliency)
	// Output: class 1 [2 0.5 0]
}
