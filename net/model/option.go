package model

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/simdlanes/lanes/activation"
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/norm"
	"github.com/simdlanes/lanes/pool"
)

// Option changes how models are saved and loaded: [Kinds], [MaxSize].
type Option interface {
	apply(*settings) error
}

// Kinds names layers of one's own, each by a value of its type, whose fields do
// not matter: Kinds{"square": square{}}. The same name and type must be given to
// save and to load. A layer's exported fields are kept; a layer that these do not
// restore is an error when saving. A type with methods MarshalJSON and
// UnmarshalJSON, or MarshalText and UnmarshalText, is kept by them.
type Kinds map[string]layer.Layer

// builtIn are the kinds of this module's layers.
var builtIn = Kinds{
	"avgpool":       pool.Avg{},
	"batchnorm":     norm.Batch{},
	"conv":          conv.Layer{},
	"dense":         dense.Layer{},
	"dropout":       norm.Dropout{},
	"flatten":       dense.Flatten{},
	"gelu":          activation.GELU{},
	"globalavgpool": pool.GlobalAvg{},
	"leakyrelu":     activation.LeakyReLU{},
	"maxpool":       pool.Max{},
}

func (k Kinds) apply(s *settings) error {
	for _, name := range slices.Sorted(maps.Keys(k)) {
		t := reflect.TypeOf(k[name])
		if name == "" || t == nil {
			return fmt.Errorf("%w: want a name and a value for each of Kinds, have %q and %v", layer.ErrOption, name, t)
		}
		if s.types[name] != nil {
			return fmt.Errorf("%w: Kinds has %q, a name that is taken", layer.ErrOption, name)
		}
		if other, ok := s.names[t]; ok {
			return fmt.Errorf("%w: Kinds has type %v as both %q and %q", layer.ErrOption, t, other, name)
		}
		s.types[name], s.names[t] = t, name
	}
	return nil
}

// MaxSize bounds, in bytes, the file that Load reads; and, as a few bytes of text
// can ask for much, also the memory of what its text describes, and the memory that
// a block of eight images and the tables of the convolutions take in the network.
// Each of the three may be as large, and parameters are held twice for a moment, so
// that Load may take a few times MaxSize in all, but no more. What the methods of
// [Kinds] allocate, other than their fields, is theirs. The default is 1 GiB.
type MaxSize int64

const defaultMaxSize MaxSize = 1 << 30

func (m MaxSize) apply(s *settings) error {
	if m < 1 {
		return fmt.Errorf("%w: want a MaxSize of at least 1, have %d", layer.ErrOption, m)
	}
	s.maxSize = int64(m)
	return nil
}

// settings are what options say.
type settings struct {
	maxSize int64
	room    int64                   // bytes that decoded text may take still
	types   map[string]reflect.Type // of layers, by kind
	names   map[reflect.Type]string // and the inverse
}

func newSettings(options []Option) (*settings, error) {
	s := &settings{types: map[string]reflect.Type{}, names: map[reflect.Type]string{}}
	for _, o := range append([]Option{builtIn, defaultMaxSize}, options...) {
		if o == nil {
			return nil, fmt.Errorf("%w: an option is nil", layer.ErrOption)
		}
		if err := o.apply(s); err != nil {
			return nil, err
		}
	}
	s.room = s.maxSize
	return s, nil
}
