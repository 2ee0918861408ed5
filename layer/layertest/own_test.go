package layertest_test

import (
	"fmt"
	"testing"

	"github.com/simdlanes/lanes/activation"
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/layer/layertest"
	"github.com/simdlanes/lanes/norm"
	"github.com/simdlanes/lanes/pool"
)

// TestLayersOfTheModule checks every kind of layer, with every activation and
// with options of every kind.
func TestLayersOfTheModule(t *testing.T) {
	type subject struct {
		in layer.Shape
		l  layer.Layer
	}
	var all []subject
	for _, act := range []layer.Activation{layer.Identity, layer.ReLU, layer.Tanh, layer.Sigmoid, layer.LeakyReLU} {
		all = append(all,
			subject{layer.Image(1, 6, 5), conv.Layer{Filters: 2, Size: 3, Activation: act}},
			subject{layer.Image(3, 5, 7), conv.Layer{Filters: 7, Size: 2, SizeCols: 4, Activation: act}},
			subject{layer.Image(2, 4, 4), conv.Layer{Filters: 3, Size: 1, Activation: act}},
			subject{layer.Image(2, 7, 6), conv.Layer{Filters: 4, Size: 3, Stride: 2, Padding: 2, Groups: 2, Activation: act}},
			subject{layer.Image(2, 7, 6), conv.Layer{Filters: 2, Size: 2, Dilation: 3, Padding: 1, Activation: act}},
			subject{layer.Image(3, 7, 6), conv.Layer{Filters: 6, Size: 3, Padding: 1, Groups: 3, Activation: act}},
			subject{layer.Image(2, 5, 7), pool.Max{Size: 2, Activation: act}},
			subject{layer.Image(1, 7, 6), pool.Max{Size: 3, SizeCols: 2, Activation: act}},
			subject{layer.Image(2, 6, 7), conv.Layer{Filters: 3, Size: 3, Stride: 2, Same: true, Activation: act}},
			subject{layer.Image(2, 7, 6), pool.Max{Size: 3, Stride: 2, Padding: 1, Ceil: true, Activation: act}},
			subject{layer.Image(2, 7, 6), pool.Avg{Size: 3, SizeCols: 2, Stride: 2, Padding: 1, Activation: act}},
			subject{layer.Image(1, 5, 5), pool.Avg{Size: 2, Ceil: true, CountPad: true, Activation: act}},
			subject{layer.Image(9, 3, 4), pool.GlobalAvg{Activation: act}},
			subject{layer.Image(2, 6, 7), pool.Max{Size: 2, Stride: 1, Activation: act}},
			subject{layer.Vector(11), dense.Layer{Units: 5, Activation: act}},
			subject{layer.Vector(11), norm.Batch{Activation: act}},
			subject{layer.Image(3, 3, 5), norm.Batch{Activation: act, Epsilon: 0.1}},
			subject{layer.Vector(3), dense.Layer{Units: 17, Activation: act}},
		)
	}
	all = append(all,
		subject{layer.Image(3, 4, 4), conv.Layer{Filters: 14, Size: 2, Padding: 1, Activation: layer.ReLU}},
		subject{layer.Vector(60), dense.Layer{Units: 30, Activation: layer.Tanh}},
		subject{layer.Image(3, 2, 3), dense.Flatten{}},
		subject{layer.Image(1, 1, 1), dense.Flatten{}},
		subject{layer.Image(3, 2, 3), activation.GELU{}},
		subject{layer.Vector(19), activation.GELU{}},
		subject{layer.Vector(19), norm.Dropout{Rate: 0.5}},
		subject{layer.Image(2, 3, 3), norm.Dropout{Rate: 0.5}},
		subject{layer.Image(3, 2, 3), activation.LeakyReLU{}},
		subject{layer.Vector(19), activation.LeakyReLU{Slope: 0.3}},
	)
	for _, s := range all {
		t.Run(fmt.Sprintf("%+v", s.l), func(t *testing.T) {
			if err := layertest.Check(s.l, s.in); err != nil {
				t.Error(err)
			}
			if err := layertest.GradCheck(s.l, s.in); err != nil {
				t.Error(err)
			}
		})
	}
}
