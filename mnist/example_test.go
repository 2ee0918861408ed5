package mnist_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/simdlanes/lanes/mnist"
)

func Example() {
	test, err := mnist.Test10k()
	if err != nil {
		log.Fatal(err)
	}
	test, err = test.Resize(32, 32)
	if err != nil {
		log.Fatal(err)
	}
	examples := test.Examples(mnist.Unit)

	// A batch of two images and their labels.
	x := make([]float32, 2*32*32)
	labels := make([]int, 2)
	if err := examples.Read(x, labels, []int{0, 61}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(examples.Len(), labels)
	// Output: 10000 [7 8]
}

func ExampleTest10k() {
	test, err := mnist.Test10k()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d images, %dx%d\n", test.Len(), test.Rows, test.Cols)
	image := test.Image(0)
	for r := 7; r < 28; r += 2 {
		for _, p := range image[r*28+5 : r*28+23] {
			fmt.Printf("%c", ".:+#"[p/64])
		}
		fmt.Println()
	}
	fmt.Println("label", test.Labels[0])
	// Output:
	// 10000 images, 28x28
	// .:+++.............
	// .::::+##########+.
	// .............:##..
	// ............+##...
	// ...........+#+....
	// ..........:#+.....
	// .........##+......
	// ........##:.......
	// ......+##.........
	// .....:###.........
	// ..................
	// label 7
}

// Two images of 1 row and 3 columns, as an IDX file has them.
var twoImages = []byte{
	0, 0, 8, 3, // magic number: bytes, three dimensions
	0, 0, 0, 2, // images
	0, 0, 0, 1, // rows
	0, 0, 0, 3, // columns
	10, 20, 30,
	40, 50, 60,
}

// Their labels.
var twoLabels = []byte{
	0, 0, 8, 1, // magic number: bytes, one dimension
	0, 0, 0, 2, // labels
	7, 8,
}

func ExampleReadImages() {
	set, err := mnist.ReadImages(bytes.NewReader(twoImages))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len(), set.Rows, set.Cols, set.Image(1))

	_, err = mnist.ReadImages(bytes.NewReader(twoImages[:20]))
	fmt.Println(err)
	// Output:
	// 2 1 3 [40 50 60]
	// mnist: images: invalid IDX data: data, 4 of 6 bytes: unexpected EOF
}

func ExampleReadLabels() {
	labels, err := mnist.ReadLabels(bytes.NewReader(twoLabels))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels)

	_, err = mnist.ReadLabels(bytes.NewReader(twoImages))
	fmt.Println(err)
	// Output:
	// [7 8]
	// mnist: labels: invalid IDX data: magic number 0x00000803, want 0x00000801
}

func ExampleReadSet() {
	set, err := mnist.ReadSet(bytes.NewReader(twoImages), bytes.NewReader(twoLabels))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Image(1), "is labelled", set.Labels[1])
	// Output: [40 50 60] is labelled 8
}

func ExampleLoad() {
	// A small data set in the form of MNIST; usually, use LoadDir or os.DirFS.
	image := make([]byte, 28*28)
	images := append([]byte{0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28}, image...)
	fsys := fstest.MapFS{
		"train-images-idx3-ubyte": {Data: images},
		"train-labels-idx1-ubyte": {Data: []byte{0, 0, 8, 1, 0, 0, 0, 1, 5}},
		"t10k-images-idx3-ubyte":  {Data: images},
		"t10k-labels-idx1-ubyte":  {Data: []byte{0, 0, 8, 1, 0, 0, 0, 1, 7}},
	}
	train, test, err := mnist.Load(fsys)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train.Len(), train.Labels, test.Len(), test.Labels)
	// Output: 1 [5] 1 [7]
}

func ExampleLoadDir() {
	dir, err := os.MkdirTemp("", "mnist-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	_, _, err = mnist.LoadDir(filepath.Join(dir, "data"))
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	// Output: true
}

func ExampleVerify() {
	fsys := fstest.MapFS{"train-images-idx3-ubyte.gz": {Data: []byte("fashion")}}
	err := mnist.Verify(fsys)
	fmt.Println(errors.Is(err, mnist.ErrChecksum))
	fmt.Println(err)
	// Output:
	// true
	// mnist: verify: train-images-idx3-ubyte.gz: checksum mismatch: want 9912422 bytes, got 7
}

func ExampleDownload() {
	dir, err := mnist.Download(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	train, test, err := mnist.LoadDir(dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train.Len(), test.Len()) // 60000 10000
}

// pair returns two images of 2x2 pixels.
func pair() *mnist.Set {
	return &mnist.Set{
		Rows:   2,
		Cols:   2,
		Pixels: []uint8{0, 51, 102, 255, 5, 6, 7, 8},
		Labels: []uint8{3, 4},
	}
}

func ExampleSet_Len() {
	fmt.Println(pair().Len())
	// Output: 2
}

func ExampleSet_Image() {
	set := pair()
	fmt.Println(set.Image(1), set.Image(2) == nil)
	// Output: [5 6 7 8] true
}

func ExampleSet_Slice() {
	last, err := pair().Slice(1, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(last.Pixels, last.Labels)

	_, err = pair().Slice(1, 3)
	fmt.Println(err)
	// Output:
	// [5 6 7 8] [4]
	// mnist: slice: index out of range: want 0 <= lo <= hi <= 2, got lo 1, hi 3
}

func ExampleSet_Pad() {
	padded, err := pair().Pad(4, 4)
	if err != nil {
		log.Fatal(err)
	}
	for r := range 4 {
		fmt.Println(padded.Image(1)[4*r : 4*r+4])
	}
	// Output:
	// [0 0 0 0]
	// [0 5 6 0]
	// [0 7 8 0]
	// [0 0 0 0]
}

func ExampleSet_Resize() {
	wide, err := pair().Resize(2, 4)
	if err != nil {
		log.Fatal(err)
	}
	for r := range 2 {
		fmt.Println(wide.Image(0)[4*r : 4*r+4])
	}
	// Output:
	// [0 13 38 51]
	// [102 140 217 255]
}

func ExampleSet_Validate() {
	set := pair()
	fmt.Println(set.Validate())
	set.Labels = set.Labels[:1]
	fmt.Println(set.Validate())
	// Output:
	// <nil>
	// mnist: wrong shape: want a label for each of 2 images, got 1
}

func ExampleSet_Examples() {
	fmt.Println(pair().Examples(mnist.Unit).Floats()[:4])
	fmt.Println(pair().Examples(mnist.Raw).Floats()[:4])
	// Output:
	// [0 0.2 0.4 1]
	// [0 51 102 255]
}

func ExampleExamples_Len() {
	fmt.Println(pair().Examples(mnist.Unit).Len())
	// Output: 2
}

func ExampleExamples_Read() {
	examples := pair().Examples(mnist.Raw)
	x := make([]float32, 2*2*2)
	labels := make([]int, 2)
	if err := examples.Read(x, labels, []int{1, 0}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(x, labels)
	fmt.Println(examples.Read(x, labels, []int{2}))
	// Output:
	// [5 6 7 8 0 51 102 255] [4 3]
	// mnist: read: index out of range: want 0 <= index < 2, got indices[0] = 2
}

func ExampleExamples_Floats() {
	fmt.Println(pair().Examples(mnist.Raw).Floats())
	// Output: [0 51 102 255 5 6 7 8]
}

func ExampleExamples_Labels() {
	fmt.Println(pair().Examples(mnist.Unit).Labels())
	// Output: [3 4]
}

func ExampleStream() {
	s, err := mnist.NewStream(bytes.NewReader(twoImages), bytes.NewReader(twoLabels))
	if err != nil {
		log.Fatal(err)
	}
	rows, cols := s.Size()
	fmt.Println(s.Len(), "images of", rows, "x", cols)
	pixels := make([]uint8, rows*cols) // for one image after the other
	for {
		label, err := s.Read(pixels)
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(pixels, "is", label)
	}
	// Output:
	// 2 images of 1 x 3
	// [10 20 30] is 7
	// [40 50 60] is 8
}
