package data_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"testing"

	"github.com/simdlanes/lanes/data"
)

// FuzzPreprocess reads preprocessing and an image: what is accepted is written and
// read as the same, and makes finite numbers of the image.
func FuzzPreprocess(f *testing.F) {
	var file bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 5, 4))
	img.Pix[7] = 200
	if err := png.Encode(&file, img); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"Rows":4,"Cols":3,"Channels":1,"Padding":1,"Std":[0.5,0,0]}`), file.Bytes())
	f.Add([]byte(`{"Rows":2,"Cols":2,"Channels":3,"Fit":"letterbox","Invert":"auto"}`), file.Bytes())
	f.Fuzz(func(t *testing.T, text, file []byte) {
		var p, again data.Preprocess
		if json.Unmarshal(text, &p) != nil || p.Check() != nil {
			return
		}
		written, err := json.Marshal(p)
		if err != nil || json.Unmarshal(written, &again) != nil || again != p {
			t.Fatalf("%s: written as %s, error %v, read as %+v", text, written, err, again)
		}
		const small = 1 << 16
		if c, _, err := image.DecodeConfig(bytes.NewReader(file)); err == nil && (c.Width > 256 || c.Height > 256) || p.Shape().Len() > small {
			return
		}
		img, err := data.Decode(bytes.NewReader(file))
		if err != nil {
			if !errors.Is(err, data.ErrImage) && !errors.Is(err, data.ErrTooLarge) {
				t.Errorf("decode: %v", err)
			}
			return
		}
		x := make([]float32, p.Shape().Len())
		if err := p.Apply(x, img); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for i, v := range x {
			if v-v != 0 {
				t.Fatalf("%s: element %d is %v", text, i, v)
			}
		}
	})
}
