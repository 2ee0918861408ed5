package data_test

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"log"

	"github.com/simdlanes/lanes/data"
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
