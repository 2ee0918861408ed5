package layer

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/simdlanes/lanes/kernels"
)

// Init says from which distribution a layer's initial weights are drawn, all of
// them normal distributions of mean 0. The zero value is [He] before [ReLU] (and, as
// that paper has it, a little less before [LeakyReLU]) and
// [LeCun] before the other activations. Values are comparable with == and marshal
// as text.
type Init struct {
	scheme scheme
	std    float32 // of normal
}

// The distributions, by their variance. [NormalInit] has a given one.
var (
	// He is 2/fan-in (He et al., "Delving Deep into Rectifiers", 2015, equation 10).
	He = Init{scheme: he}

	// Glorot is 2/(fan-in + fan-out) (Glorot and Bengio, "Understanding the
	// difficulty of training deep feedforward neural networks", 2010, equation 12).
	Glorot = Init{scheme: glorot}

	// LeCun is 1/fan-in (LeCun et al., "Efficient BackProp", 1998, equation 16).
	LeCun = Init{scheme: lecun}

	// Notebook is what the networks begin with that one teaches with: a standard
	// deviation of 0.01 in a dense layer, and a variance of one over the number of
	// weights in a convolution.
	Notebook = Init{scheme: notebook}
)

// NormalInit is the distribution with standard deviation std, which must be
// finite and at least 0.
func NormalInit(std float32) Init {
	return Init{scheme: normal, std: std + 0} // -0 becomes +0
}

type scheme int

const (
	byActivation scheme = iota
	he
	glorot
	lecun
	notebook
	normal
)

var schemeNames = [...]string{
	byActivation: "default", he: "he", glorot: "glorot", lecun: "lecun", notebook: "notebook", normal: "normal",
}

// Fan describes the weights of a layer to [Init.Weights].
type Fan struct {
	In         int        // inputs that one output depends on
	Out        int        // outputs that depend on one input, for a stride of 1
	Activation Activation // after the weights
	Notebook   float32    // the standard deviation that Notebook means for this kind of layer
}

// Weights draws a layer's initial weights. The number of values that it takes from
// r depends on len(w) and r alone.
func (i Init) Weights(w []float32, f Fan, r *rand.Rand) {
	switch i.scheme {
	case byActivation:
		InitWeights(w, f.In, f.Activation, r)
	case he:
		Normal(w, kernels.Sqrt(2/float32(f.In)), r)
	case glorot:
		Normal(w, kernels.Sqrt(2/(float32(f.In)+float32(f.Out))), r)
	case lecun:
		Normal(w, kernels.Sqrt(1/float32(f.In)), r)
	case notebook:
		Normal(w, f.Notebook, r)
	case normal:
		Normal(w, i.std, r)
	}
}

// Check returns an error that wraps ErrOption unless i can be drawn from.
func (i Init) Check() error {
	if finite := i.std-i.std == 0; !finite || i.std < 0 {
		return fmt.Errorf("%w: want a standard deviation of initial weights that is finite and at least 0, have %v", ErrOption, i.std)
	}
	return nil
}

// String returns the name in lower case: "default", "he", "glorot", "lecun",
// "notebook", or "normal(0.01)".
func (i Init) String() string {
	if i.scheme == normal {
		return fmt.Sprintf("normal(%s)", strconv.FormatFloat(float64(i.std), 'g', -1, 32))
	}
	return schemeNames[i.scheme]
}

// MarshalText implements [encoding.TextMarshaler] with what String returns.
func (i Init) MarshalText() ([]byte, error) {
	if err := i.Check(); err != nil {
		return nil, err
	}
	return []byte(i.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. It takes what String
// returns and nothing else; the error wraps ErrOption.
func (i *Init) UnmarshalText(text []byte) error {
	parsed, ok := parseInit(string(text))
	if !ok || parsed.String() != string(text) {
		return fmt.Errorf("%w: initial weights %q, want one of %v, the last as normal(0.01)", ErrOption, text, schemeNames)
	}
	*i = parsed
	return nil
}

// parseInit takes more spellings of a number than String returns.
func parseInit(text string) (Init, bool) {
	if inner, ok := strings.CutPrefix(text, "normal("); ok {
		std, err := strconv.ParseFloat(strings.TrimSuffix(inner, ")"), 32)
		i := NormalInit(float32(std))
		return i, err == nil && i.Check() == nil
	}
	for s, name := range schemeNames[:normal] {
		if text == name {
			return Init{scheme: scheme(s)}, true
		}
	}
	return Init{}, false
}
