package data_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"strings"
	"testing/fstest"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// A scan of any size, dark ink on paper, becomes the light digit on dark ground
// that a network was trained with.
func ExamplePreprocess_Apply() {
	scan := image.NewGray(image.Rect(0, 0, 400, 300))
	for y := range 300 {
		for x := range 400 {
			scan.SetGray(x, y, color.Gray{Y: 255})
		}
	}
	for y := 50; y < 240; y++ {
		for x := 170; x < 250; x++ {
			scan.SetGray(x, y, color.Gray{Y: 0}) // a stroke
		}
	}

	p := data.Preprocess{Rows: 8, Cols: 8, Channels: 1, Padding: 1, Fit: data.Letterbox, Invert: data.Auto}
	x := make([]float32, p.Shape().Len())
	if err := p.Apply(x, scan); err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Shape())
	for row := range 10 {
		fmt.Printf("%.1f\n", x[10*row:][:10])
	}
	// Output:
	// 1x10x10
	// [0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0]
	// [0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0]
	// [0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0]
	// [0.0 0.0 0.0 0.0 0.6 1.0 0.0 0.0 0.0 0.0]
	// [0.0 0.0 0.0 0.0 0.6 1.0 0.0 0.0 0.0 0.0]
	// [0.0 0.0 0.0 0.0 0.6 1.0 0.0 0.0 0.0 0.0]
	// [0.0 0.0 0.0 0.0 0.5 0.8 0.0 0.0 0.0 0.0]
	// [0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0]
	// [0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0]
	// [0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0]
}

func ExamplePreprocess() {
	p := data.Preprocess{Rows: 28, Cols: 28, Channels: 1, Padding: 2, Invert: data.Auto}
	if err := p.Check(); err != nil {
		log.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", text)
	var again data.Preprocess
	if err := json.Unmarshal(text, &again); err != nil {
		log.Fatal(err)
	}
	fmt.Println(again == p, again.Shape())
	// Output:
	// {"Rows":28,"Cols":28,"Channels":1,"Padding":2,"Fit":"stretch","Invert":"auto","Scale":"unit"}
	// true 1x32x32
}

func ExamplePreprocess_Check() {
	fmt.Println(data.Preprocess{Rows: 28, Cols: 28}.Check())
	// Output: data: preprocess: option is not usable: want Channels 1 or 3, have 0
}

// A table with labels 3 and 7 becomes data for training and validation.
func Example() {
	file := strings.NewReader("digit,a,b\n3,0,255\n7,255,0\n3,51,204\n7,204,51\n")
	table, err := data.ReadCSV(file, data.CSV{Label: "digit", Divisor: 255})
	if err != nil {
		log.Fatal(err)
	}
	images, classes, err := data.Classes(table)
	if err != nil {
		log.Fatal(err)
	}
	train, held, err := data.Split(images, 0.5, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("classes", classes, "train", train.Len(), "held", held.Len())

	x, labels := make([]float32, 2*2), make([]int, 2)
	if err := held.Read(x, labels, []int{0, 1}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(x, labels)
	// Output:
	// classes [3 7] train 2 held 2
	// [0.2 0.8 0.8 0.2] [0 1]
}

func ExampleReadCSV() {
	table, err := data.ReadCSV(strings.NewReader("7,0.5,1\n3,0.25,2\n"), data.CSV{NoHeader: true})
	fmt.Println(table.Images, table.Labels, err)

	_, err = data.ReadCSV(strings.NewReader("label,a,b\n7,0.5,1\n3,nil,2\n"), data.CSV{})
	fmt.Println(err)
	// Output:
	// [0.5 1 0.25 2] [7 3] <nil>
	// data: csv: table is not usable: line 3, column 3 (field 1, "a"): want a finite number, have "nil"
}

func ExampleStreamCSV() {
	for example, err := range data.StreamCSV(strings.NewReader("7;0.5;1\n3;0.25;2\n"), data.CSV{NoHeader: true, Comma: ';'}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(example.Label, example.Image)
	}
	// Output:
	// 7 [0.5 1]
	// 3 [0.25 2]
}

// A file that does not fit into memory is read anew in each epoch, beside the
// training.
func ExampleCSVSeq() {
	fsys := fstest.MapFS{"train.csv": {Data: []byte("label,a,b\n0,1,0\n1,0,1\n0,1,0\n1,0,1\n")}} // or os.DirFS

	network, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2})
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := net.NewTrainer(network, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.1}})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Close()
	history, err := trainer.FitSeq(context.Background(), data.CSVSeq(fsys, "train.csv", data.CSV{}), net.FitConfig{Epochs: 20, BatchSize: 2})
	if err != nil {
		log.Fatal(err)
	}
	classes, err := network.Predict(nil, []float32{1, 0, 0, 1})
	fmt.Println(len(history.Losses), classes, err)
	// Output: 40 [0 1] <nil>
}

// Two images of 1 row and 3 columns, and their labels, as IDX files have them.
var (
	idxImages = []byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 51, 102, 153, 204, 255}
	idxLabels = []byte{0, 0, 8, 1, 0, 0, 0, 2, 7, 8}
)

func ExampleStreamIDX() {
	p := data.Preprocess{Rows: 1, Cols: 3, Channels: 1}
	for example, err := range data.StreamIDX(bytes.NewReader(idxImages), bytes.NewReader(idxLabels), p) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(example.Label, example.Image)
	}
	// Output:
	// 7 [0 0.2 0.4]
	// 8 [0.6 0.8 1]
}

func ExampleIDXSeq() {
	fsys := fstest.MapFS{"images": {Data: idxImages}, "labels": {Data: idxLabels}} // or os.DirFS
	seq := data.IDXSeq(fsys, "images", "labels", data.Preprocess{Rows: 1, Cols: 3, Channels: 1})
	for epoch := range 2 {
		examples, err := data.Collect(seq(epoch))
		fmt.Println(epoch, examples.Labels, err)
	}
	// Output:
	// 0 [7 8] <nil>
	// 1 [7 8] <nil>
}

func ExampleCollect() {
	squares := func(yield func(net.Example, error) bool) {
		image := make([]float32, 1)
		for i := range 3 {
			image[0] = float32(i * i)
			if !yield(net.Example{Image: image, Label: i}, nil) {
				return
			}
		}
	}
	examples, err := data.Collect(squares)
	fmt.Println(examples.Images, examples.Labels, err)
	// Output: [0 1 4] [0 1 2] <nil>
}

func ExampleFromImages() {
	black, white := image.NewGray(image.Rect(0, 0, 40, 30)), image.NewGray(image.Rect(0, 0, 7, 9))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	d, err := data.FromImages([]image.Image{black, white}, []int{0, 1}, data.Preprocess{Rows: 2, Cols: 2, Channels: 1})
	if err != nil {
		log.Fatal(err)
	}
	x, labels := make([]float32, 2*d.Shape().Len()), make([]int, 2)
	if err := d.Read(x, labels, []int{0, 1}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(x, labels, d.Labels())
	// Output: [0 0 0 0 1 1 1 1] [0 1] [0 1]
}

// grey is a PNG file of one pixel, as programs that import image/png can read.
func grey(y uint8) *fstest.MapFile {
	var file bytes.Buffer
	if err := png.Encode(&file, &image.Gray{Pix: []uint8{y}, Stride: 1, Rect: image.Rect(0, 0, 1, 1)}); err != nil {
		log.Fatal(err)
	}
	return &fstest.MapFile{Data: file.Bytes()}
}

func ExampleFolder() {
	fsys := fstest.MapFS{ // or os.DirFS
		"cat/1.png": grey(51), "cat/2.png": grey(102), "dog/1.png": grey(255),
	}
	d, err := data.Folder(fsys, nil, data.Preprocess{Rows: 1, Cols: 1, Channels: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Names(), d.Labels(), d.Path(2))

	examples, err := data.InMemory(d, d.Shape()) // or as it is: files are then read during training
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(examples.Images)
	// Output:
	// [cat dog] [0 0 1] dog/1.png
	// [0.2 0.4 1]
}

func ExampleDecode() {
	img, err := data.Decode(bytes.NewReader(grey(7).Data))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(img.Bounds(), img.At(0, 0))

	_, err = data.Decode(strings.NewReader("text"))
	fmt.Println(err)
	// Output:
	// (0,0)-(1,1) {7}
	// data: decode: image is not usable: image: unknown format; is the package of its format imported?
}

func ExampleInMemory() {
	images := []image.Image{image.NewGray(image.Rect(0, 0, 9, 9))}
	d, err := data.FromImages(images, []int{4}, data.Preprocess{Rows: 1, Cols: 2, Channels: 1})
	if err != nil {
		log.Fatal(err)
	}
	examples, err := data.InMemory(d, d.Shape())
	fmt.Println(examples.Images, examples.Labels, err)
	// Output: [0 0] [4] <nil>
}

func ExampleClasses() {
	train := net.Examples{Images: []float32{0.1, 0.2, 0.3}, Labels: []int{7, -1, 7}}
	classified, labels, err := data.Classes(train)
	if err != nil {
		log.Fatal(err)
	}
	classes := make([]int, 3)
	if err := classified.Read(make([]float32, 3), classes, []int{0, 1, 2}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(classes, labels)
	// Output: [1 0 1] [-1 7]
}

// Validation data get the classes of the training.
func ExampleApplyClasses() {
	_, labels, err := data.Classes(net.Examples{Images: []float32{0.1, 0.2, 0.3}, Labels: []int{3, 7, 9}})
	if err != nil {
		log.Fatal(err)
	}
	validation, err := data.ApplyClasses(net.Examples{Images: []float32{0.4, 0.5}, Labels: []int{9, 3}}, labels)
	if err != nil {
		log.Fatal(err)
	}
	classes := make([]int, 2)
	if err := validation.Read(make([]float32, 2), classes, []int{0, 1}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(classes)

	_, err = data.ApplyClasses(net.Examples{Images: []float32{0.4}, Labels: []int{8}}, labels)
	fmt.Println(err)
	// Output:
	// [2 0]
	// data: apply classes: example 0: label is not a class: label 8 is none of the 3 classes
}

func ExampleApplyClassesSeq() {
	fsys := fstest.MapFS{"train.csv": {Data: []byte("3,0.1\n7,0.2\n3,0.3\n")}}
	seq, err := data.ApplyClassesSeq(data.CSVSeq(fsys, "train.csv", data.CSV{NoHeader: true}), []int{3, 7})
	if err != nil {
		log.Fatal(err)
	}
	for example, err := range seq(0) {
		fmt.Println(example.Label, example.Image, err)
	}
	// Output:
	// 0 [0.1] <nil>
	// 1 [0.2] <nil>
	// 0 [0.3] <nil>
}

func ExampleSplit() {
	digits := net.Examples{Images: make([]float32, 100), Labels: make([]int, 100)}
	for i := range digits.Labels {
		digits.Labels[i] = i % 4 / 3 // 75 of label 0, 25 of label 1
	}
	train, held, err := data.Split(digits, 0.2, 1)
	if err != nil {
		log.Fatal(err)
	}
	labels, indices := make([]int, 20), make([]int, 20)
	for i := range indices {
		indices[i] = i
	}
	if err := held.Read(make([]float32, 20), labels, indices); err != nil {
		log.Fatal(err)
	}
	ones := 0
	for _, label := range labels {
		ones += label
	}
	fmt.Println(train.Len(), held.Len(), ones)
	// Output: 80 20 5
}

func ExampleSubset() {
	d, err := data.Subset(net.Examples{Images: []float32{0.1, 0.2, 0.3}, Labels: []int{3, 7, 9}}, []int{2, 0})
	if err != nil {
		log.Fatal(err)
	}
	x, labels := make([]float32, 2), make([]int, 2)
	if err := d.Read(x, labels, []int{0, 1}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(x, labels)
	// Output: [0.3 0.1] [9 3]
}
