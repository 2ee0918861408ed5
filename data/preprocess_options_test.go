package data_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/layer"
)

func TestPreprocessCheck(t *testing.T) {
	good := data.Preprocess{Rows: 28, Cols: 20, Channels: 3, Padding: 2, Std: [3]float32{1, 2, 3}}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	if got, want := good.Shape(), layer.Image(3, 32, 24); got != want {
		t.Errorf("shape %v, want %v", got, want)
	}
	for name, change := range map[string]func(*data.Preprocess){
		"no rows":            func(p *data.Preprocess) { p.Rows = 0 },
		"negative columns":   func(p *data.Preprocess) { p.Cols = -28 },
		"no channels":        func(p *data.Preprocess) { p.Channels = 0 },
		"two channels":       func(p *data.Preprocess) { p.Channels = 2 },
		"negative padding":   func(p *data.Preprocess) { p.Padding = -1 },
		"many rows":          func(p *data.Preprocess) { p.Rows = data.MaxSide - 3 },
		"many columns":       func(p *data.Preprocess) { p.Cols = data.MaxSide + 1 },
		"much padding":       func(p *data.Preprocess) { p.Padding = math.MaxInt },
		"half padding":       func(p *data.Preprocess) { p.Padding = data.MaxSide / 2 },
		"fit":                func(p *data.Preprocess) { p.Fit = 2 },
		"invert":             func(p *data.Preprocess) { p.Invert = -1 },
		"scale":              func(p *data.Preprocess) { p.Scale = 2 },
		"mean NaN":           func(p *data.Preprocess) { p.Mean[1] = nan },
		"mean infinite":      func(p *data.Preprocess) { p.Mean[0] = inf },
		"std NaN":            func(p *data.Preprocess) { p.Std[2] = nan },
		"std infinite":       func(p *data.Preprocess) { p.Std[2] = inf; p.Mean[2] = inf },
		"std negative":       func(p *data.Preprocess) { p.Std[2] = -1 },
		"std of one channel": func(p *data.Preprocess) { p.Std = [3]float32{1, 0, 1} },
		"std vanishes":       func(p *data.Preprocess) { p.Std[0] = math.SmallestNonzeroFloat32 },
		"mean of no channel": func(p *data.Preprocess) { p.Channels = 1; p.Std = [3]float32{}; p.Mean[1] = 1 },
		"std of no channel":  func(p *data.Preprocess) { p.Channels = 1 },
	} {
		p := good
		change(&p)
		if err := p.Check(); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%s: have %v, want ErrOption", name, err)
		}
	}
}

// TestPreprocessZero wants the zero value to be refused wherever it is taken, with
// nothing written, and to have a shape that is none.
func TestPreprocessZero(t *testing.T) {
	var zero data.Preprocess
	img := uniform(2, 2, 9)
	if err := zero.Shape().Check(); !errors.Is(err, layer.ErrShape) {
		t.Errorf("shape %v: have %v, want ErrShape", zero.Shape(), err)
	}
	wantError(t, "Check", zero.Check(), layer.ErrOption, "Channels 1 or 3, have 0")
	for _, dst := range [][]float32{nil, {7, 7, 7, 7}} {
		wantError(t, "Apply", zero.Apply(dst, img), layer.ErrOption, "Channels")
		if dst != nil && slices.Min(dst) != 7 {
			t.Errorf("Apply has written %v", dst)
		}
	}
	_, err := data.FromImages([]image.Image{img}, []int{0}, zero)
	wantError(t, "FromImages", err, layer.ErrOption, "Channels")
	var last error
	for _, err := range data.StreamIDX(strings.NewReader(""), nil, zero) {
		last = err
	}
	wantError(t, "StreamIDX", last, layer.ErrOption, "Channels")
	zero.Channels = 1
	wantError(t, "no Rows", zero.Check(), layer.ErrOption, "Rows and Cols", "have 0x0")
}

// TestPreprocessJSON wants every value back that is usable, and names for what
// is not a number.
func TestPreprocessJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		p := data.Preprocess{
			Rows: 1 + r.IntN(99), Cols: 1 + r.IntN(99), Channels: 1, Padding: r.IntN(3),
			Fit: data.Fit(r.IntN(2)), Invert: data.Invert(r.IntN(3)), Scale: data.Scale(r.IntN(2)),
			Mean: [3]float32{r.Float32()}, Std: [3]float32{r.Float32() + 1e-9},
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back data.Preprocess
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if back != p || back.Check() != nil {
			t.Fatalf("%+v became %s and %+v", p, text, back)
		}
	}
	for _, text := range []string{`{"Fit":"crop"}`, `{"Invert":"maybe"}`, `{"Scale":"half"}`} {
		if err := json.Unmarshal([]byte(text), new(data.Preprocess)); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%s: have %v, want ErrOption", text, err)
		}
	}
	for _, p := range []data.Preprocess{{Fit: 9}, {Invert: 9}, {Scale: -1}} {
		if text, err := json.Marshal(p); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%+v: have %s, %v, want ErrOption", p, text, err)
		}
	}
	if got := fmt.Sprint(data.Auto, data.Letterbox, data.Raw, data.Scale(7)); got != "auto letterbox raw Scale(7)" {
		t.Error(got)
	}
}
