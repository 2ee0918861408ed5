package layer_test

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
)

var inits = []struct {
	layer.Init
	text     string
	variance func(in, out float64) float64 // before ReLU
}{
	{layer.Init{}, "default", func(in, out float64) float64 { return 2 / in }},
	{layer.He, "he", func(in, out float64) float64 { return 2 / in }},
	{layer.Glorot, "glorot", func(in, out float64) float64 { return 2 / (in + out) }},
	{layer.LeCun, "lecun", func(in, out float64) float64 { return 1 / in }},
	{layer.Notebook, "notebook", func(in, out float64) float64 { return 0.3 * 0.3 }},
	{layer.NormalInit(0.01), "normal(0.01)", func(in, out float64) float64 { return 0.01 * 0.01 }},
	{layer.NormalInit(0), "normal(0)", func(in, out float64) float64 { return 0 }},
	{layer.NormalInit(1e-20), "normal(1e-20)", func(in, out float64) float64 { return 1e-40 }},
}

func TestInitVariance(t *testing.T) {
	const n, in, out = 20_000, 50, 30
	for _, i := range inits {
		w := make([]float32, n)
		i.Weights(w, layer.Fan{In: in, Out: out, Activation: layer.ReLU, Notebook: 0.3}, layer.Stream(1, "variance", 0))
		testkit.NormalDeviates(t, i.text, w, i.variance(in, out))
	}
}

// TestInitDefault wants the zero value to draw what InitWeights does, bit by bit,
// and the named distributions not to look at the activation.
func TestInitDefault(t *testing.T) {
	draw := func(i layer.Init, a layer.Activation) []float32 {
		w := make([]float32, 9)
		i.Weights(w, layer.Fan{In: 7, Out: 3, Activation: a, Notebook: 0.3}, layer.Stream(1, "init", 0))
		return w
	}
	for _, a := range activations {
		want := make([]float32, 9)
		layer.InitWeights(want, 7, a.Activation, layer.Stream(1, "init", 0))
		if got := draw(layer.Init{}, a.Activation); !slices.Equal(got, want) {
			t.Errorf("%s: want %v, have %v", a.name, want, got)
		}
		for _, i := range inits[1:] {
			if got, want := draw(i.Init, a.Activation), draw(i.Init, layer.ReLU); !slices.Equal(got, want) {
				t.Errorf("%s before %s: %v, before ReLU %v", i.text, a.name, got, want)
			}
		}
	}
}

func TestInitText(t *testing.T) {
	for _, i := range inits {
		text, err := i.MarshalText()
		if err != nil || string(text) != i.text || i.String() != i.text {
			t.Errorf("want %q, have %q, %q and error %v", i.text, text, i, err)
		}
		var back layer.Init
		if err := back.UnmarshalText(text); err != nil || back != i.Init {
			t.Errorf("%s comes back as %v, error %v", text, back, err)
		}
	}
	b, err := json.Marshal(struct{ Init layer.Init }{layer.NormalInit(0.5)})
	if want := `{"Init":"normal(0.5)"}`; err != nil || string(b) != want {
		t.Errorf("want %s, have %s and error %v", want, b, err)
	}
}

func TestInitTextStrict(t *testing.T) {
	for _, text := range []string{
		"", "He", "he ", "normal", "normal()", "normal(0.01", "normal(0.010)", "normal(1e-2)", "normal(+1)", "normal(-1)",
		"normal(-0)", "normal(NaN)", "normal(Inf)", "normal(1e99)", "normal(0x1p-3)", "normal(1))", "uniform",
	} {
		i := layer.Glorot
		if err := i.UnmarshalText([]byte(text)); !errors.Is(err, layer.ErrOption) || i != layer.Glorot {
			t.Errorf("%q: want ErrOption and the old value, have %v and %v", text, err, i)
		}
	}
}

func TestInitUnusable(t *testing.T) {
	for _, std := range []float64{-1, math.NaN(), math.Inf(1), math.Inf(-1)} {
		i := layer.NormalInit(float32(std))
		if err := i.Check(); !errors.Is(err, layer.ErrOption) {
			t.Errorf("standard deviation %v: want ErrOption, have %v", std, err)
		}
		if text, err := i.MarshalText(); !errors.Is(err, layer.ErrOption) {
			t.Errorf("standard deviation %v: want ErrOption, have %q and %v", std, text, err)
		}
	}
}

func TestActivationText(t *testing.T) {
	for _, a := range activations {
		text, err := a.MarshalText()
		if err != nil || string(text) != a.name {
			t.Errorf("want %q, have %q and error %v", a.name, text, err)
		}
		back := layer.Activation(-1)
		if err := back.UnmarshalText(text); err != nil || back != a.Activation {
			t.Errorf("%s comes back as %v, error %v", text, back, err)
		}
	}
	for _, text := range []string{"", "ReLU", "relu ", "Activation(4)"} {
		a := layer.Tanh
		if err := a.UnmarshalText([]byte(text)); !errors.Is(err, layer.ErrOption) || a != layer.Tanh {
			t.Errorf("%q: want ErrOption and the old value, have %v and %v", text, err, a)
		}
	}
	if text, err := layer.Activation(-1).MarshalText(); !errors.Is(err, layer.ErrOption) {
		t.Errorf("an unknown activation: want ErrOption, have %q and %v", text, err)
	}
}
