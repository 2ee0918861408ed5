package conv_test

import (
	"errors"
	"math"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
)

// TestInitVariance has the numbers of connections of a grouped convolution.
func TestInitVariance(t *testing.T) {
	const channels, filters, size, groups = 40, 60, 5, 2
	fan := layer.Fan{
		In:       channels / groups * size * size,
		Out:      filters / groups * size * size,
		Notebook: float32(1 / math.Sqrt(filters*channels/groups*size*size)),
	}
	testkit.InitialWeights(t, fan, func(init layer.Init, act layer.Activation) layer.Trained {
		return bind(t, conv.Layer{Filters: filters, Size: size, Groups: groups, Activation: act, Init: init}, layer.Image(channels, 8, 8))
	})
}

func TestInitUnusable(t *testing.T) {
	_, err := conv.Layer{Filters: 1, Size: 1, Init: layer.NormalInit(-1)}.Bind(layer.Image(1, 2, 2))
	if !errors.Is(err, layer.ErrOption) {
		t.Errorf("want ErrOption, have %v", err)
	}
}
