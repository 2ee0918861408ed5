package trace_test

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/trace"
)

// edges is a network that is small enough to be read.
func edges() *net.Network {
	network, err := net.New(layer.Image(1, 3, 4), 1,
		conv.Layer{Filters: 2, Size: 2, Activation: layer.ReLU},
		dense.Flatten{},
		dense.Layer{Units: 2},
	)
	if err != nil {
		log.Fatal(err)
	}
	if err := network.SetParams(0, []float32{-1, 1, -1, 1, 1, 1, -1, -1}, []float32{0, 0.5}); err != nil {
		log.Fatal(err)
	}
	return network
}

var image = []float32{
	0, 0, 1, 1,
	0, 0, 1, 1,
	0, 0, 0.25, 0.25,
}

func ExampleText() {
	trainer, err := net.NewTrainer(edges(), net.TrainerConfig{Trace: net.Trace{
		Show:   trace.Text{W: os.Stdout, Digits: 3}.Show,
		Layers: []int{0},
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	if _, err := trainer.Step(image, []int{1}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// step 1, layer 0 (conv 2 filters 2x2, relu), input: 1x1x3x4
	// [0][0]
	//      0     0     1     1
	//      0     0     1     1
	//      0     0  0.25  0.25
	//
	// step 1, layer 0 (conv 2 filters 2x2, relu), weights: 2x1x2x2
	// [0][0]
	//   -1   1
	//   -1   1
	// [1][0]
	//    1   1
	//   -1  -1
	//
	// step 1, layer 0 (conv 2 filters 2x2, relu), biases: 2
	//     0  0.5
	//
	// step 1, layer 0 (conv 2 filters 2x2, relu), output: 1x2x2x3
	// [0][0]
	//      0     2     0
	//      0  1.25     0
	// [0][1]
	//    0.5   0.5   0.5
	//    0.5  1.25     2
	//
	// step 1, labels: 1
	//   1
	//
	// step 1, losses: 1
	//   0.379
	//
	// step 1, loss gradient: 1x2
	//    0.315  -0.315
	//
	// step 1, layer 0 (conv 2 filters 2x2, relu), delta: 1x2x2x3
	// [0][0]
	//         0  -0.0279        0
	//         0    0.179        0
	// [0][1]
	//   -0.0576  -0.0415   0.0375
	//   -0.0294   0.0437   -0.211
	//
	// step 1, layer 0 (conv 2 filters 2x2, relu), weight gradient: 2x1x2x2
	// [0][0]
	//         0    0.152
	//         0    0.017
	// [1][0]
	//    -0.174   -0.171
	//   -0.0153  -0.0459
	//
	// step 1, layer 0 (conv 2 filters 2x2, relu), bias gradient: 2
	//    0.152  -0.258
}

func ExampleNPY() {
	print := func(name string) (io.WriteCloser, error) { // instead of trace.Dir("folder")
		_, err := os.Stdout.WriteString(name + "\n")
		return discard{io.Discard}, err
	}
	err := net.LeNet5(1).Trace(make([]float32, 1024), net.Trace{
		Show:  trace.NPY{Create: print}.Show,
		Kinds: []net.TensorKind{net.TensorOutput},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// layer0_conv_output.npy
	// layer1_max-pool_output.npy
	// layer2_conv_output.npy
	// layer3_max-pool_output.npy
	// layer4_flatten_output.npy
	// layer5_dense_output.npy
	// layer6_dense_output.npy
	// layer7_dense_output.npy
}

// The losses of a step as a file.
func ExampleDir() {
	folder, err := os.MkdirTemp("", "trace-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	files := trace.NPY{Create: trace.Dir(folder)}
	trainer, err := net.NewTrainer(edges(), net.TrainerConfig{Trace: net.Trace{
		Show: func(t net.Tensor) error {
			fmt.Println(trace.Name(t))
			return files.Show(t)
		},
		Kinds: []net.TensorKind{net.TensorLosses},
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	if _, err := trainer.Step(image, []int{1}); err != nil {
		log.Fatal(err)
	}
	_, err = os.Stat(filepath.Join(folder, "step0001_losses.npy"))
	fmt.Println(err)
	// Output:
	// step0001_losses.npy
	// <nil>
}

// discard is a file that keeps nothing.
type discard struct{ io.Writer }

func (discard) Close() error { return nil }
