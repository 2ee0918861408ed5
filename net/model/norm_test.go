package model

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/activation"
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
	"github.com/simdlanes/lanes/pool"
)

// TestLayersWithState keeps running statistics, in a model and in a checkpoint, and
// the module's other layers.
func TestLayersWithState(t *testing.T) {
	layers := []layer.Layer{
		conv.Layer{Filters: 3, Size: 3, Padding: 1},
		norm.Batch{Activation: layer.ReLU, Momentum: 0.2},
		pool.Avg{Size: 2},
		activation.LeakyReLU{Slope: 0.2},
		norm.Dropout{Rate: 0.3, Seed: 4},
		pool.GlobalAvg{},
		dense.Flatten{},
		norm.Batch{},
		activation.GELU{},
		dense.Layer{Units: 2},
	}
	n, err := net.New(layer.Image(1, 6, 6), 1, layers...)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := net.NewTrainer(n, net.TrainerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	x := make([]float32, 5*36)
	layer.Normal(x, 1, layer.Stream(1, "state", 0))
	if _, err := tr.Step(x, []int{0, 1, 0, 1, 1}); err != nil {
		t.Fatal(err)
	}
	s, err := tr.State()
	if err != nil {
		t.Fatal(err)
	}
	m := &Model{Network: n, Training: s}
	file := save(t, m)
	loaded := mustLoad(t, file)
	if got := loaded.Network.Layers(); !reflect.DeepEqual(got, layers) {
		t.Errorf("layers are %+v, want %+v", got, layers)
	}
	if loaded.Network.Hash() != n.Hash() || !reflect.DeepEqual(loaded.Training, s) || s.Steps != 1 {
		t.Errorf("the model comes back as another; training %+v, want %+v", loaded.Training, s)
	}
	for _, i := range []int{1, 7} {
		want, err := n.State(i)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := loaded.Network.State(i); err != nil || !slices.Equal(got, want) || want[0] == 0 {
			t.Errorf("state of layer %d: %v, error %v, want %v", i, got, err, want)
		}
	}
	if again := save(t, loaded); !bytes.Equal(again, file) {
		t.Error("saved again, the file has other bytes")
	}
}
