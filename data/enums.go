package data

import (
	"fmt"
	"slices"

	"github.com/simdlanes/lanes/internal/enum"
	"github.com/simdlanes/lanes/layer"
)

// Fit says how an image comes to a size of another aspect ratio.
type Fit int

// The ways to fit.
const (
	Stretch   Fit = iota // rows and columns are scaled each for itself
	Letterbox            // the aspect ratio stays, with background on two sides
)

var fitNames = []string{Stretch: "stretch", Letterbox: "letterbox"}

// String returns the name in lower case.
func (f Fit) String() string { return enum.Name("Fit", int(f), fitNames) }

// MarshalText returns the name. The error wraps layer.ErrOption.
func (f Fit) MarshalText() ([]byte, error) { return marshalName("Fit", int(f), fitNames) }

// UnmarshalText takes a name. The error wraps layer.ErrOption.
func (f *Fit) UnmarshalText(text []byte) error {
	return unmarshalName((*int)(f), "Fit", text, fitNames)
}

// Invert says whether light and dark change places.
type Invert int

// When to invert.
const (
	Never  Invert = iota
	Always        // for dark ink on light paper
	Auto          // if the image's border is light: on average above half of white
)

var invertNames = []string{Never: "never", Always: "always", Auto: "auto"}

// String returns the name in lower case.
func (i Invert) String() string { return enum.Name("Invert", int(i), invertNames) }

// MarshalText returns the name. The error wraps layer.ErrOption.
func (i Invert) MarshalText() ([]byte, error) { return marshalName("Invert", int(i), invertNames) }

// UnmarshalText takes a name. The error wraps layer.ErrOption.
func (i *Invert) UnmarshalText(text []byte) error {
	return unmarshalName((*int)(i), "Invert", text, invertNames)
}

// Scale says how a byte becomes a float32.
type Scale int

// The scales.
const (
	Unit Scale = iota // divided by 255: 0 to 1
	Raw               // as it is: 0 to 255
)

var scaleNames = []string{Unit: "unit", Raw: "raw"}

// String returns the name in lower case.
func (s Scale) String() string { return enum.Name("Scale", int(s), scaleNames) }

// MarshalText returns the name. The error wraps layer.ErrOption.
func (s Scale) MarshalText() ([]byte, error) { return marshalName("Scale", int(s), scaleNames) }

// UnmarshalText takes a name. The error wraps layer.ErrOption.
func (s *Scale) UnmarshalText(text []byte) error {
	return unmarshalName((*int)(s), "Scale", text, scaleNames)
}

func checkName(kind string, value int, names []string) error {
	if value < 0 || value >= len(names) {
		return fmt.Errorf("%w: want %s of %q, have %d", layer.ErrOption, kind, names, value)
	}
	return nil
}

func marshalName(kind string, value int, names []string) ([]byte, error) {
	if err := checkName(kind, value, names); err != nil {
		return nil, err
	}
	return []byte(names[value]), nil
}

func unmarshalName(value *int, kind string, text []byte, names []string) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return fmt.Errorf("%w: want %s of %q, have %.40q", layer.ErrOption, kind, names, text)
	}
	*value = i
	return nil
}
