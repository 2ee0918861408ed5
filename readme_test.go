package lanes_test

import (
	"context"
	"fmt"
	"image"
	"log"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/model"
	"github.com/simdlanes/lanes/net/schedule"
	"github.com/simdlanes/lanes/norm"
	"github.com/simdlanes/lanes/pool"
)

// TestReadme runs the code of README.md, which stands below between the lines
// "readme" and "end".
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	regions := regexp.MustCompile(`(?s)\t// readme\n(.*?)\t// end\n`).FindAllStringSubmatch(string(source), -1)
	if len(blocks) != len(regions) {
		t.Fatalf("README.md has %d blocks of code, this file %d", len(blocks), len(regions))
	}
	for i := range blocks {
		if have := unindented(regions[i][1]); have != blocks[i][1] {
			t.Errorf("block %d of README.md is\n%s\nwhich is not what is tested:\n%s", i, blocks[i][1], have)
		}
	}

	t.Chdir(t.TempDir())
	fewdigits.Write(t, "mnist")
	photo := image.NewGray(image.Rect(0, 0, 300, 400))
	network, train := readmeTraining(t.Context(), make([]float32, 1024))
	readmeServing(network, photo)
	if history := readmeLoop(t.Context(), network, train.Examples(mnist.Unit)); len(history.Epochs) == 0 {
		t.Error("no epoch of the loop")
	}
	if have := readmeDeeper().NumLayers(); have != 8 {
		t.Errorf("folded, %d layers are left, want 8", have)
	}
	if m, err := model.LoadFile("digits.lanes"); err != nil || m.Training == nil {
		t.Errorf("the loop's checkpoint: %v", err)
	}
}

// unindented takes one tab from every line.
func unindented(code string) string {
	return strings.TrimPrefix(strings.ReplaceAll("\n"+code, "\n\t", "\n"), "\n")
}

func readmeTraining(ctx context.Context, images []float32) (*net.Network, *mnist.Set) {
	// readme
	train, test, err := mnist.LoadDir("mnist") // the four files of MNIST
	if err != nil {
		log.Fatal(err)
	}
	train, _ = train.Pad(32, 32)
	test, _ = test.Pad(32, 32)

	network, err := net.New(layer.Image(1, 32, 32), 1, // input and seed
		conv.Layer{Filters: 6, Size: 5, Activation: layer.ReLU},
		pool.Max{Size: 2},
		conv.Layer{Filters: 16, Size: 5, Activation: layer.ReLU},
		pool.Max{Size: 2},
		dense.Flatten{},
		dense.Layer{Units: 120, Activation: layer.ReLU},
		dense.Layer{Units: 10},
	)
	if err != nil {
		log.Fatal(err) // names the layer that does not fit, and why
	}
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.001}})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	history, err := trainer.Fit(ctx, train.Examples(mnist.Unit), net.FitConfig{
		Epochs:     5,
		Validation: test.Examples(mnist.Unit),
	})
	if err != nil {
		log.Fatal(err) // with the history so far, and a usable network
	}
	fmt.Println(history.Epochs[4].Accuracy)
	digits, err := network.Predict(nil, images) // images: []float32, 1024 for each
	// end
	if err != nil || len(digits) != 1 {
		log.Fatal(len(digits), err)
	}
	return network, train
}

func readmeServing(network *net.Network, photo image.Image) {
	// readme
	m := &model.Model{
		Network: network,
		Input:   data.Preprocess{Rows: 28, Cols: 28, Channels: 1, Padding: 2, Invert: data.Auto},
	}
	if err := m.SaveFile("digits.lanes"); err != nil { // all of it or nothing
		log.Fatal(err)
	}
	m, err := model.LoadFile("digits.lanes")
	if err != nil {
		log.Fatal(err)
	}
	p, err := m.Classify(photo) // any image.Image, from many goroutines at once
	fmt.Println(p.Name, p.Probability, err)
	// end
	if err != nil {
		log.Fatal(err)
	}
}

func readmeLoop(ctx context.Context, network *net.Network, images net.Dataset) *net.History {
	// readme
	train, held, err := data.Split(images, 0.1, 1) // a tenth is held out, by seed 1
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := net.NewTrainer(network, net.TrainerConfig{
		Optimizer: net.AdamW{Rate: 0.003, WeightDecay: 0.01},
		Loss:      net.CrossEntropy{Smoothing: 0.1},
		ClipNorm:  1,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	history, err := trainer.Fit(ctx, train, net.FitConfig{
		Epochs:     20,
		Rate:       schedule.OneCycle{Max: 0.003}.Rate,
		Validation: held,
		Callbacks: []net.Callback{
			&net.EarlyStopping{Patience: 3, Restore: true},
			&net.Checkpoint{Epochs: true, Save: func(s *net.State) error {
				return (&model.Model{Network: network, Training: s}).SaveFile("digits.lanes")
			}},
		},
	})
	// end
	if err != nil {
		log.Fatal(err)
	}
	return history
}

func readmeDeeper() *net.Network {
	// readme
	deeper, err := net.New(layer.Image(1, 32, 32), 1,
		conv.Layer{Filters: 16, Size: 3, Same: true},
		norm.Batch{Activation: layer.ReLU},
		pool.Max{Size: 3, Stride: 2, Padding: 1},
		conv.Layer{Filters: 16, Size: 3, Groups: 16, Same: true}, // depthwise
		conv.Layer{Filters: 32, Size: 1},
		norm.Batch{Activation: layer.ReLU},
		pool.GlobalAvg{},
		dense.Flatten{},
		norm.Dropout{Rate: 0.2},
		dense.Layer{Units: 10},
	)
	if err != nil {
		log.Fatal(err)
	}
	// ... train it, and then, for prediction:
	folded, err := deeper.Fold() // each batch normalisation becomes part of the convolution before it
	// end
	if err != nil {
		log.Fatal(err)
	}
	return folded
}
