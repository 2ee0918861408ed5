package net_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// output returns what the network makes of one image, as a trace shows it.
func output(t *testing.T, n *net.Network, image []float32) []float32 {
	t.Helper()
	a := new(album)
	last := n.NumLayers() - 1
	if err := n.Trace(image, net.Trace{Show: a.Show, Layers: []int{last}, Kinds: []net.TensorKind{net.TensorOutput}}); err != nil {
		t.Fatal(err)
	}
	return a.find(t, net.TensorOutput, last).Data
}

// TestInputGradient compares it with differences of the outputs, for a network
// whose derivatives are continuous but where a maximum changes place.
func TestInputGradient(t *testing.T) {
	n := goldenTiny.network(t)
	x, _ := goldenTiny.batch(t)
	x = x[:n.Input().Len()]
	for class := range n.Output().Len() {
		grad, err := n.InputGradient(nil, x, class)
		if err != nil {
			t.Fatal(err)
		}
		if len(grad) != len(x) {
			t.Fatalf("have %d elements, want %d", len(grad), len(x))
		}
		const h = 1.0 / 256
		wrong, scale := 0, 0.0
		for _, g := range grad {
			scale = max(scale, math.Abs(float64(g)))
		}
		if scale == 0 {
			t.Fatal("the gradient is zero")
		}
		for i := range x {
			moved := slices.Clone(x)
			moved[i] = x[i] + h
			up := output(t, n, moved)[class]
			moved[i] = x[i] - h
			down := output(t, n, moved)[class]
			if math.Abs(float64(up-down)/(2*h)-float64(grad[i])) > 0.02*scale {
				wrong++
			}
		}
		if wrong > len(x)/20 { // where a maximum, or a ReLU, changes within h
			t.Errorf("class %d: %d of %d elements differ from differences", class, wrong, len(x))
		}
	}
}

// TestInputGradientOfLinear wants the gradient of a sum of products to be its
// factors, behind what dst had.
func TestInputGradientOfLinear(t *testing.T) {
	n, err := net.New(layer.Vector(3), 1, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.SetParams(0, []float32{1, 2, 3, 4, 5, 6}, []float32{7, 8}); err != nil {
		t.Fatal(err)
	}
	got, err := n.InputGradient([]float32{9}, []float32{1, 1, 1}, 1)
	if want := []float32{9, 4, 5, 6}; err != nil || !slices.Equal(got, want) {
		t.Errorf("have %v, error %v, want %v", got, err, want)
	}
}

// TestInputGradientBits wants the same bits from all kernels, on many goroutines
// at once.
func TestInputGradientBits(t *testing.T) {
	n := net.LeNet5(1)
	x := goldenLeNet.image(t)
	var want []float32
	for _, impl := range kernels.Impls() {
		undo := kernels.Use(impl)
		var group sync.WaitGroup
		results := make([][]float32, 3)
		for i := range results {
			group.Go(func() {
				var err error
				if results[i], err = n.InputGradient(nil, x, 3); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		undo()
		for _, r := range results {
			if want == nil {
				want = r
			}
			if !slices.Equal(r, want) {
				t.Errorf("%v: other bits", impl)
			}
		}
	}
}

// image returns the first image of the reference batch.
func (g goldenNet) image(t *testing.T) []float32 {
	x, _ := g.batch(t)
	return x[:g.build().Input().Len()]
}

func TestInputGradientErrors(t *testing.T) {
	n := net.LeNet5(1)
	images, err := net.New(layer.Image(1, 4, 4), 1, conv.Layer{Filters: 1, Size: 3})
	if err != nil {
		t.Fatal(err)
	}
	batched, err := net.New(layer.Vector(4), 1, centre{})
	if err != nil {
		t.Fatal(err)
	}
	bad := make([]float32, 1024)
	bad[5] = float32(math.NaN())
	for name, c := range map[string]struct {
		net    *net.Network
		image  []float32
		output int
		want   error
	}{
		"no image":       {n, nil, 0, layer.ErrShape},
		"two images":     {n, make([]float32, 2048), 0, layer.ErrShape},
		"no such output": {n, make([]float32, 1024), 10, layer.ErrOption},
		"negative":       {n, make([]float32, 1024), -1, layer.ErrOption},
		"not finite":     {n, bad, 0, net.ErrNotFinite},
		"no vector":      {images, make([]float32, 16), 0, layer.ErrShape},
		"whole batch":    {batched, make([]float32, 4), 0, layer.ErrOption},
	} {
		dst := []float32{1}
		if got, err := c.net.InputGradient(dst, c.image, c.output); !errors.Is(err, c.want) || len(got) != 1 {
			t.Errorf("%s: have %v, error %v, want %v", name, got, err, c.want)
		}
	}
}

// saliencyFile is a file of testdata/saliency, whose make.py says what it holds.
func saliencyFile(t *testing.T, name string) []float32 {
	t.Helper()
	data, _ := golden.File(t, "testdata/saliency/"+name+".npy")
	v := make([]float32, len(data))
	for i := range v {
		v[i] = float32(data[i])
	}
	return v
}

// evaluated is the network of testdata/saliency.
func evaluated(t *testing.T) *net.Network {
	t.Helper()
	n := steadied(t)
	flat := saliencyFile(t, "parameters")
	take := func(like []float32) (part []float32) {
		part, flat = flat[:len(like)], flat[len(like):]
		return part
	}
	for i := range n.NumLayers() {
		w, b, err := n.Params(i)
		if err == nil {
			err = n.SetParams(i, take(w), take(b))
		}
		state, _ := n.State(i)
		if err == nil {
			err = n.SetState(i, take(state))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(flat) != 0 {
		t.Fatalf("%d parameters are left", len(flat))
	}
	return n
}

// TestInputGradientOfPrediction compares a network with batch normalisation and
// dropout, of images and of vectors, with PyTorch in evaluation mode.
func TestInputGradientOfPrediction(t *testing.T) {
	x, outputs, gradients := saliencyFile(t, "input"), saliencyFile(t, "outputs"), saliencyFile(t, "gradients")
	for _, impl := range kernels.Impls() {
		t.Run(impl.String(), func(t *testing.T) {
			defer kernels.Use(impl)()
			n := evaluated(t)
			size := n.Input().Len()
			for i := range 3 {
				image := x[i*size:][:size]
				golden.Close(t, "outputs", output(t, n, image), outputs[3*i:][:3], 2e-6)
				for k := range 3 {
					have, err := n.InputGradient(nil, image, k)
					if err != nil {
						t.Fatal(err)
					}
					golden.Close(t, fmt.Sprintf("image %d, output %d", i, k), have, gradients[(3*i+k)*size:][:size], 2e-6)
				}
			}
		})
	}
}

// TestInputGradientAfterTraining wants the gradient of what a network predicts, not
// of the batch of the last step: that of the folded network, and of differences of
// the logarithms of probabilities.
func TestInputGradientAfterTraining(t *testing.T) {
	n := steadied(t)
	steadySteps(t, newTrainer(t, n, net.TrainerConfig{}), 10)
	folded, err := n.Fold()
	if err != nil {
		t.Fatal(err)
	}
	x, _ := steadyData()
	x = x[:n.Input().Len()]
	have := make([][]float32, 3)
	for k := range have {
		if have[k], err = n.InputGradient(nil, x, k); err != nil {
			t.Fatal(err)
		}
		want, err := folded.InputGradient(nil, x, k)
		if err != nil {
			t.Fatal(err)
		}
		golden.Close(t, fmt.Sprint("output ", k), have[k], want, 1e-5)
	}
	const h = 1.0 / 128
	ratio := func(x []float32) float64 { // the logit of class 0 less that of class 1
		p := probabilities(t, n, x)
		return math.Log(float64(p[0])) - math.Log(float64(p[1]))
	}
	wrong := 0
	for i := range x {
		moved := slices.Clone(x)
		moved[i] = x[i] + h
		up := ratio(moved)
		moved[i] = x[i] - h
		down := ratio(moved)
		if math.Abs((up-down)/(2*h)-float64(have[0][i]-have[1][i])) > 2e-3 {
			wrong++
		}
	}
	if wrong > len(x)/20 { // where a ReLU changes within h
		t.Errorf("%d of %d elements differ from differences", wrong, len(x))
	}
}
