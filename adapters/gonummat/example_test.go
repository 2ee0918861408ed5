package gonummat_test

import (
	"context"
	"fmt"
	"log"

	"gonum.org/v1/gonum/mat"

	"github.com/simdlanes/lanes/adapters/gonummat"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// A network learns exclusive or from a matrix, and predicts on it.
func Example() {
	x := mat.NewDense(4, 2, []float64{
		0, 0,
		0, 1,
		1, 0,
		1, 1,
	})
	network, err := net.New(layer.Vector(2), 1,
		dense.Layer{Units: 8, Activation: layer.Tanh},
		dense.Layer{Units: 2},
	)
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.05}})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	data := gonummat.Examples{X: x, Labels: []int{0, 1, 1, 0}}
	if _, err := trainer.Fit(context.Background(), data, net.FitConfig{Epochs: 300, BatchSize: 4}); err != nil {
		log.Fatal(err)
	}
	classes, err := gonummat.Predict(network, x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(classes)
	// Output: [0 1 1 0]
}

// adder returns a network of one layer whose outputs are sums of its inputs.
func adder() *net.Network {
	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	w := mat.NewDense(2, 2, []float64{
		1, 1,
		0, 0,
	})
	if err := gonummat.SetParams(network, 0, w, mat.NewVecDense(2, nil)); err != nil {
		log.Fatal(err)
	}
	return network
}

func ExamplePredictProba() {
	x := mat.NewDense(3, 2, []float64{
		0, 0,
		1, 1,
		-3, 1,
	})
	proba, err := gonummat.PredictProba(adder(), x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", mat.Formatted(proba))
	// Output:
	// ⎡0.50  0.50⎤
	// ⎢0.88  0.12⎥
	// ⎣0.12  0.88⎦
}

func ExamplePredict() {
	classes, err := gonummat.Predict(adder(), mat.NewDense(2, 2, []float64{1, 2, -3, 1}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(classes)
	// Output: [0 1]
}

// A Predictor takes several cores.
func ExampleImages() {
	images, err := gonummat.Images(nil, mat.NewDense(2, 2, []float64{1, 2, -3, 1}))
	if err != nil {
		log.Fatal(err)
	}
	predictor := adder().NewPredictor(0)
	defer predictor.Close()
	classes, err := predictor.Predict(nil, images)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(images, classes)
	// Output: [1 2 -3 1] [0 1]
}

func ExampleExamples() {
	data := gonummat.Examples{
		X:      mat.NewDense(2, 2, []float64{1, 2, -3, 1}),
		Labels: []int{0, 1},
	}
	accuracy, err := adder().Accuracy(data)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(accuracy)
	// Output: 1
}

func ExampleParams() {
	w, b, err := gonummat.Params(adder(), 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(mat.Formatted(w))
	fmt.Println(mat.Formatted(b.T()))
	// Output:
	// ⎡1  1⎤
	// ⎣0  0⎦
	// [0  0]
}

// The weights of a layer are halved with gonum.
func ExampleSetParams() {
	network := adder()
	w, b, err := gonummat.Params(network, 0)
	if err != nil {
		log.Fatal(err)
	}
	w.Scale(0.5, w)
	if err := gonummat.SetParams(network, 0, w, b); err != nil {
		log.Fatal(err)
	}
	weights, _, err := network.Params(0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(weights)
	// Output: [0.5 0.5 0 0]
}
