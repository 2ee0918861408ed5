package net_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
	"github.com/simdlanes/lanes/pool"
)

// TestFoldLayers folds networks of layers of many kinds, trained for a while, and
// compares what they predict. Those that have nothing to fold are copied, to the bit.
func TestFoldLayers(t *testing.T) {
	same := func(filters, groups int, a layer.Activation) conv.Layer {
		return conv.Layer{Filters: filters, Size: 3, Same: true, Groups: groups, Activation: a}
	}
	flat := []layer.Layer{dense.Layer{Units: 3}}
	end := []layer.Layer{dense.Flatten{}, flat[0]}
	for _, c := range []struct {
		name         string
		layers, want []layer.Layer // before the end
		loss         net.Loss
	}{
		{"convolution",
			[]layer.Layer{same(4, 1, layer.Identity), norm.Batch{Activation: layer.ReLU}},
			[]layer.Layer{same(4, 1, layer.ReLU)}, nil},
		{"a convolution with stride and padding",
			[]layer.Layer{conv.Layer{Filters: 4, Size: 3, Stride: 2, Padding: 2}, norm.Batch{Activation: layer.Sigmoid}},
			[]layer.Layer{conv.Layer{Filters: 4, Size: 3, Stride: 2, Padding: 2, Activation: layer.Sigmoid}}, nil},
		{"groups",
			[]layer.Layer{same(4, 1, layer.Tanh), same(6, 2, layer.Identity), norm.Batch{Activation: layer.LeakyReLU}},
			[]layer.Layer{same(4, 1, layer.Tanh), same(6, 2, layer.LeakyReLU)}, nil},
		{"depthwise",
			[]layer.Layer{same(2, 2, layer.Identity), norm.Batch{Activation: layer.Tanh}},
			[]layer.Layer{same(2, 2, layer.Tanh)}, nil},
		{"dense",
			[]layer.Layer{dense.Flatten{}, dense.Layer{Units: 9}, norm.Batch{Activation: layer.ReLU}},
			[]layer.Layer{dense.Flatten{}, dense.Layer{Units: 9, Activation: layer.ReLU}}, nil},
		{"odds",
			[]layer.Layer{same(4, 1, layer.Identity), norm.Batch{}},
			[]layer.Layer{same(4, 1, layer.Identity)}, net.BinaryCrossEntropy{}},
		{"scores",
			[]layer.Layer{same(4, 1, layer.Identity), norm.Batch{}},
			[]layer.Layer{same(4, 1, layer.Identity)}, net.SquaredError{}},
		{"the second of two in a row stays",
			[]layer.Layer{same(4, 1, layer.Identity), norm.Batch{}, norm.Batch{Activation: layer.ReLU}},
			[]layer.Layer{same(4, 1, layer.Identity), norm.Batch{Activation: layer.ReLU}}, nil},
		{"after an activation", []layer.Layer{same(4, 1, layer.ReLU), norm.Batch{}}, nil, nil},
		{"after a dense layer's activation",
			[]layer.Layer{dense.Flatten{}, dense.Layer{Units: 9, Activation: layer.Tanh}, norm.Batch{}}, nil, nil},
		{"after pooling", []layer.Layer{same(4, 1, layer.Identity), pool.Max{Size: 2}, norm.Batch{}}, nil, nil},
		{"first", []layer.Layer{norm.Batch{}, same(4, 1, layer.Identity)}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			end := end
			if c.layers[0] == (dense.Flatten{}) {
				end = flat
			}
			layers := slices.Concat(c.layers, end)
			n, err := net.New(layer.Image(2, 6, 6), 5, layers...)
			if err != nil {
				t.Fatal(err)
			}
			steadySteps(t, newTrainer(t, n, net.TrainerConfig{Loss: c.loss, Optimizer: net.Adam{Rate: 0.01}}), 10)
			folded, err := n.Fold()
			if err != nil {
				t.Fatal(err)
			}
			tolerance, want := float32(1e-5), slices.Concat(c.want, end)
			if c.want == nil {
				tolerance, want = 0, layers
			}
			if have := folded.Layers(); !reflect.DeepEqual(have, want) {
				t.Errorf("layers %+v, want %+v", have, want)
			}
			if folded.Meaning() != n.Meaning() {
				t.Errorf("outputs are %v, want %v", folded.Meaning(), n.Meaning())
			}
			x, _ := steadyData()
			before, after := probabilities(t, n, x), probabilities(t, folded, x)
			for i, p := range after {
				if d := p - before[i]; !(d <= tolerance && -d <= tolerance) {
					t.Fatalf("probability %d of %v is %v, want %v", i, n.Meaning(), p, before[i])
				}
			}
		})
	}
}

// Trained with batch normalisation, and predicting without.
func ExampleNetwork_Fold() {
	n, err := net.New(layer.Image(1, 4, 4), 1,
		conv.Layer{Filters: 2, Size: 3}, norm.Batch{Activation: layer.ReLU}, dense.Flatten{}, dense.Layer{Units: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	trainer, err := net.NewTrainer(n, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer trainer.Close()
	images, labels := make([]float32, 6*16), []int{0, 1, 0, 1, 0, 1}
	for i := range images {
		images[i] = float32(i*i%7 + 5*(i/16%2))
	}
	for range 20 {
		if _, err := trainer.Step(images, labels); err != nil {
			fmt.Println(err)
			return
		}
	}
	folded, err := n.Fold()
	if err != nil {
		fmt.Println(err)
		return
	}
	before, err := n.Predict(nil, images)
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := folded.Predict(nil, images)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n.NumLayers(), "layers predict", before)
	fmt.Println(folded.NumLayers(), "layers predict", after)
	fmt.Println("the same:", slices.Equal(before, after))
	// Output:
	// 4 layers predict [0 1 0 1 0 1]
	// 3 layers predict [0 1 0 1 0 1]
	// the same: true
}
