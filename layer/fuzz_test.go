package layer_test

import (
	"testing"

	"github.com/simdlanes/lanes/layer"
)

// FuzzText wants what is accepted as the text of an Init or an Activation to be
// written, and read again as the same one.
func FuzzText(f *testing.F) {
	for _, text := range []string{"relu", "tanh", "glorot", "he", "normal(0.5)", "uniform(-1,1)", "normal(1e-3)", "normal(NaN)", ""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var a layer.Activation
		if a.UnmarshalText(text) == nil {
			var again layer.Activation
			written, err := a.MarshalText()
			if err != nil || again.UnmarshalText(written) != nil || again != a {
				t.Errorf("activation %q: written as %q, error %v, read as %v", text, written, err, again)
			}
		}
		var i layer.Init
		if i.UnmarshalText(text) == nil {
			var again layer.Init
			written, err := i.MarshalText()
			if err != nil || again.UnmarshalText(written) != nil || again != i {
				t.Errorf("initial weights %q: written as %q, error %v, read as %v", text, written, err, again)
			}
		}
	})
}
