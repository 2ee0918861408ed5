package dense

import (
	"errors"
	"testing"

	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
)

// TestInit has the numbers of inputs and units, also from a replica.
func TestInit(t *testing.T) {
	const in, units = 100, 200
	fan := layer.Fan{In: in, Out: units, Notebook: 0.01}
	bind := func(init layer.Init, act layer.Activation) layer.Trained {
		op, err := Layer{Units: units, Activation: act, Init: init}.Bind(layer.Vector(in))
		if err != nil {
			t.Fatal(err)
		}
		return op.(layer.Trained)
	}
	testkit.InitialWeights(t, fan, bind)
	testkit.InitialWeights(t, fan, func(init layer.Init, act layer.Activation) layer.Trained {
		return bind(init, act).(layer.Replicated).Replica()
	})
}

func TestInitUnusable(t *testing.T) {
	_, err := Layer{Units: 1, Init: layer.NormalInit(-1)}.Bind(layer.Vector(2))
	if !errors.Is(err, layer.ErrOption) {
		t.Errorf("want ErrOption, have %v", err)
	}
}
