package model_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/png"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/model"
)

// bars are images of 4 x 4 pixels, with one row or one column of ink; the label of
// the former is 10, of the latter 20.
func bars() (images []image.Image, labels []int) {
	for i := range 4 {
		row, col := image.NewGray(image.Rect(0, 0, 4, 4)), image.NewGray(image.Rect(0, 0, 4, 4))
		for j := range 4 {
			row.Pix[4*i+j], col.Pix[4*j+i] = 255, 255
		}
		images, labels = append(images, row, col), append(labels, 10, 20)
	}
	return images, labels
}

// trained returns a model that tells rows from columns.
func trained() *model.Model {
	network, err := net.New(layer.Image(1, 4, 4), 1,
		dense.Flatten{},
		dense.Layer{Units: 16, Activation: layer.Tanh},
		dense.Layer{Units: 2},
	)
	if err != nil {
		log.Fatal(err)
	}
	m := &model.Model{
		Network: network,
		Labels:  []int{10, 20},
		Names:   []string{"row", "column"},
		Input:   data.Preprocess{Rows: 4, Cols: 4, Channels: 1},
		Notes:   map[string]string{"trained on": "eight bars"},
	}
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.02}, Workers: 1})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	if _, err := trainer.Fit(context.Background(), examples(m), net.FitConfig{Epochs: 60, BatchSize: 8}); err != nil {
		log.Fatal(err)
	}
	return m
}

// examples are the bars as the model's network takes them.
func examples(m *model.Model) net.Examples {
	images, labels := bars()
	x := make([]float32, len(images)*16)
	for i, img := range images {
		if err := m.Input.Apply(x[i*16:][:16], img); err != nil {
			log.Fatal(err)
		}
		labels[i] = labels[i]/10 - 1 // the class
	}
	return net.Examples{Images: x, Labels: labels}
}

// inFolder returns a path in a folder that is removed by the function.
func inFolder(name string) (path string, remove func()) {
	dir, err := os.MkdirTemp("", "model-example-")
	if err != nil {
		log.Fatal(err)
	}
	return filepath.Join(dir, name), func() { os.RemoveAll(dir) }
}

func Example() {
	path, remove := inFolder("bars.lanes")
	defer remove()
	if err := trained().SaveFile(path); err != nil {
		log.Fatal(err)
	}

	m, err := model.LoadFile(path) // in another program
	if err != nil {
		log.Fatal(err)
	}
	images, _ := bars()
	p, err := m.Classify(images[5])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Class, p.Label, p.Name, p.Probability > 0.9)
	// Output: 1 20 column true
}

// train trains a network for six epochs, from where resume was unless that is nil,
// and keeps a checkpoint in path after each. It stops after the given epoch, as if
// the process had been killed.
func train(network *net.Network, resume *net.State, path string, stop int) {
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.01}})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	checkpoint := net.OnEpoch(func(r net.EpochResult) error {
		state, err := trainer.State()
		if err != nil {
			return err
		}
		if err := (&model.Model{Network: network, Training: state}).SaveFile(path); err != nil {
			return err
		}
		if r.Epoch == stop {
			return net.ErrStop
		}
		return nil
	})
	images := examples(&model.Model{Input: data.Preprocess{Rows: 4, Cols: 4, Channels: 1}})
	if _, err := trainer.Fit(context.Background(), images, net.FitConfig{
		Epochs: 6, BatchSize: 3, Callbacks: []net.Callback{checkpoint}, Resume: resume,
	}); err != nil {
		log.Fatal(err)
	}
}

// A training that goes on from a checkpoint ends with the bits of one that was not
// interrupted.
func Example_checkpoint() {
	path, remove := inFolder("bars.lanes")
	defer remove()
	layers := []layer.Layer{dense.Flatten{}, dense.Layer{Units: 8, Activation: layer.ReLU}, dense.Layer{Units: 2}}
	whole, err := net.New(layer.Image(1, 4, 4), 1, layers...)
	if err != nil {
		log.Fatal(err)
	}
	train(whole, nil, path, 6)

	broken, err := net.New(layer.Image(1, 4, 4), 1, layers...)
	if err != nil {
		log.Fatal(err)
	}
	train(broken, nil, path, 2)
	m, err := model.LoadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	train(m.Network, m.Training, path, 6)
	fmt.Println(m.Network.Hash() == whole.Hash())
	// Output: true
}

// Goroutines share one model. None waits for another.
func ExampleModel_Classify() {
	m := trained()
	images, labels := bars()
	right := make([]bool, len(images))
	var wait sync.WaitGroup
	for i, img := range images {
		wait.Go(func() {
			p, err := m.Classify(img)
			right[i] = err == nil && p.Label == labels[i]
		})
	}
	wait.Wait()
	fmt.Println(right)
	// Output: [true true true true true true true true]
}

// A server classifies the image in the body of each request.
func ExampleModel_Classify_server() {
	m, err := model.LoadFile("digits.lanes")
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("POST /classify", func(w http.ResponseWriter, r *http.Request) {
		img, _, err := image.Decode(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p, err := m.Classify(img)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		json.NewEncoder(w).Encode(p)
	})
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}

func ExampleModel_TopK() {
	m := trained()
	images, _ := bars()
	best, err := m.TopK(nil, images[0], 5)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range best {
		fmt.Println(p.Name, p.Probability > 0.5)
	}
	// Output:
	// row true
	// column false
}

func ExampleModel_ClassifyAll() {
	images, _ := bars()
	all, err := trained().ClassifyAll(nil, images[:3])
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range all {
		fmt.Print(p.Name, " ")
	}
	// Output: row column row
}

// Any reader and writer will do, such as a connection or an embedded file.
func ExampleLoad() {
	var file bytes.Buffer
	if err := trained().Save(&file); err != nil {
		log.Fatal(err)
	}
	m, err := model.Load(bytes.NewReader(file.Bytes()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Names, m.Notes["trained on"])

	file.Bytes()[file.Len()/2] ^= 1
	_, err = model.Load(bytes.NewReader(file.Bytes()))
	fmt.Println(errors.Is(err, model.ErrChecksum))
	// Output:
	// [row column] eight bars
	// true
}

// From where files are not trusted, those are refused that would take much memory.
func ExampleMaxSize() {
	var file bytes.Buffer
	if err := trained().Save(&file); err != nil {
		log.Fatal(err)
	}
	_, err := model.Load(&file, model.MaxSize(1000))
	fmt.Println(errors.Is(err, model.ErrTooLarge))
	// Output: true
}

func ExampleModel_Check() {
	m := trained()
	m.Names = append(m.Names, "diagonal")
	fmt.Println(m.Check())
	// Output: model: model is not usable: want Names for 2 classes, have 3
}

// What the network calls class 1 has a label in the data and a name.
func ExampleModel_Label() {
	m := trained()
	fmt.Println(m.Label(1), m.Name(1))
	m.Labels, m.Names = nil, nil
	fmt.Println(m.Label(1), m.Name(1))
	// Output:
	// 20 column
	// 1 1
}

// power is a layer of one's own: y = x to the power of Exponent. Its exported
// field is kept.
type power struct{ Exponent int }

func (p power) Bind(in layer.Shape) (layer.Op, error) { return powerOp{p.Exponent, in}, nil }

type powerOp struct {
	exponent int
	shape    layer.Shape
}

func (o powerOp) String() string { return fmt.Sprint("power ", o.exponent) }

func (o powerOp) Out() layer.Shape { return o.shape }

func (o powerOp) Forward(y, x []float32, n int) {
	for i, v := range x {
		y[i] = 1
		for range o.exponent {
			y[i] *= v
		}
	}
}

func (o powerOp) Backward(dx, dy, x, y []float32, n int) {
	for i := range dx {
		dx[i] = dy[i] * float32(o.exponent)
		for range o.exponent - 1 {
			dx[i] *= x[i]
		}
	}
}

func ExampleKinds() {
	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 3}, power{2}, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	kinds := model.Kinds{"power": power{}}
	var file bytes.Buffer
	if err := (&model.Model{Network: network}).Save(&file, kinds); err != nil {
		log.Fatal(err)
	}
	_, err = model.Load(bytes.NewReader(file.Bytes()))
	fmt.Println(err)
	m, err := model.Load(bytes.NewReader(file.Bytes()), kinds)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Network.Layers()[1] == power{2})
	// Output:
	// model: load: layer 1: kind of layer is not known: "power"; name its type by Kinds
	// true
}
