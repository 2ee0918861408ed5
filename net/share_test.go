package net_test

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/activation"
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/norm"
	"github.com/simdlanes/lanes/pool"
)

// TestSharedBlocks trains networks of all kinds of layers on batches of every size
// around one and two blocks: the same weights for any number of workers, who share
// blocks in other batches each.
func TestSharedBlocks(t *testing.T) {
	in := layer.Image(2, 9, 8)
	const most = 17
	x, labels := make([]float32, most*in.Len()), make([]int, most)
	layer.Normal(x, 1, layer.Stream(1, "share", 0))
	for i := range labels {
		labels[i] = i % 3
	}
	for name, layers := range map[string][]layer.Layer{
		"pooled": {
			conv.Layer{Filters: 5, Size: 3, Padding: 1, Activation: layer.Tanh},
			pool.Max{Size: 2, Activation: layer.ReLU},
			conv.Layer{Filters: 6, Size: 2, Activation: layer.ReLU},
			pool.Avg{Size: 2},
			dense.Flatten{},
			dense.Layer{Units: 7, Activation: layer.Sigmoid},
			norm.Dropout{Rate: 0.3},
			dense.Layer{Units: 3},
		},
		"normalised": {
			norm.Batch{},
			conv.Layer{Filters: 4, Size: 3},
			norm.Batch{Activation: layer.ReLU},
			conv.Layer{Filters: 4, Size: 3, Groups: 4, Padding: 1},
			activation.GELU{},
			norm.Dropout{Rate: 0.2},
			conv.Layer{Filters: 7, Size: 1, Activation: layer.LeakyReLU},
			activation.LeakyReLU{Slope: 0.2},
			pool.GlobalAvg{},
			dense.Flatten{},
			norm.Batch{},
			dense.Layer{Units: 3},
		},
		"not divided":       {conv.Layer{Filters: 4, Size: 3}, centre{}, dense.Flatten{}, dense.Layer{Units: 3}},
		"image of a vector": {pool.Max{Size: 2}, dense.Flatten{}, unflatten{layer.Image(3, 2, 4)}, conv.Layer{Filters: 4, Size: 1}, dense.Flatten{}, dense.Layer{Units: 3}},
		"vectors":           {dense.Flatten{}, dense.Layer{Units: 5, Activation: layer.Tanh}, centre{}, dense.Layer{Units: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			var want string
			for _, workers := range []int{1, 2, 3, 7} {
				n, err := net.New(in, 5, layers...)
				if err != nil {
					t.Fatal(err)
				}
				tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
				got := ""
				for batch := 1; batch <= most; batch++ {
					loss, err := tr.Step(x[:batch*in.Len()], labels[:batch])
					if err != nil {
						t.Fatal(err)
					}
					got += fmt.Sprintf("%d images: loss %v, weights %x\n", batch, loss, n.Hash())
				}
				if want == "" {
					want = got
				}
				if got != want {
					t.Errorf("%d workers:\n%s, want\n%s", workers, got, want)
				}
			}
		})
	}
}

// TestSharedBlocksDoNotAllocate makes steps of blocks that two workers share, of
// layers of all kinds.
func TestSharedBlocksDoNotAllocate(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector allocates")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	in := layer.Image(2, 9, 8)
	x, labels := make([]float32, 24*in.Len()), make([]int, 24)
	n, err := net.New(in, 5, conv.Layer{Filters: 4, Size: 3}, norm.Batch{Activation: layer.ReLU}, pool.Max{Size: 2}, norm.Dropout{},
		dense.Flatten{}, dense.Layer{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	tr := newTrainer(t, n, net.TrainerConfig{Workers: 2})
	for _, batch := range []int{24, 8, 3} {
		allocs := testing.AllocsPerRun(5, func() {
			if _, err := tr.Step(x[:batch*in.Len()], labels[:batch]); err != nil {
				t.Error(err)
			}
		})
		if allocs != 0 {
			t.Errorf("batch of %d: %v allocations, want none", batch, allocs)
		}
	}
}

// brittle is a layer of vectors that panics with an image's first element, if that
// is one of some, forward or backward.
type brittle struct {
	shape    layer.Shape
	at       []float32
	backward bool
}

func (l brittle) Bind(in layer.Shape) (layer.Op, error) {
	l.shape = in
	return l, nil
}

func (l brittle) String() string   { return "brittle" }
func (l brittle) Out() layer.Shape { return l.shape }

func (l brittle) strike(x []float32, backward bool) {
	for i := 0; i < len(x); i += l.shape.Len() {
		if l.backward == backward && slices.Contains(l.at, x[i]) {
			panic(x[i])
		}
	}
}

func (l brittle) Forward(y, x []float32, n int) {
	copy(y, x)
	l.strike(x, false)
}

func (l brittle) Backward(dx, dy, x, y []float32, n int) {
	copy(dx, dy)
	l.strike(x, true)
}

// TestFirstPanicOfSharedBlock has several images of a block panic, in different
// layers: the panic is that to which a single worker would have come first, and the
// trainer goes on.
func TestFirstPanicOfSharedBlock(t *testing.T) {
	x, labels := []float32{0, 1, 2, 3, 4, 5, 6, 7}, make([]int, 8)
	for _, c := range []struct {
		layers []layer.Layer
		want   float32
	}{
		{[]layer.Layer{brittle{at: []float32{7, 1}}}, 1},
		{[]layer.Layer{brittle{at: []float32{7}}, brittle{at: []float32{0, 3}}}, 7},
		{[]layer.Layer{brittle{at: []float32{0}, backward: true}, brittle{at: []float32{6}, backward: true}}, 6},
		{[]layer.Layer{brittle{at: []float32{2}, backward: true}, brittle{at: []float32{5}}}, 5},
	} {
		// The first layer has parameters, so that the others run backward.
		n, err := net.New(layer.Vector(1), 1, append(append([]layer.Layer{dense.Layer{Units: 1}}, c.layers...), dense.Layer{Units: 2})...)
		if err != nil {
			t.Fatal(err)
		}
		one := []float32{1}
		if err := n.SetParams(0, one, []float32{0}); err != nil {
			t.Fatal(err)
		}
		for _, workers := range []int{1, 2, 3, 7} {
			tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
			for range 5 {
				if got := panicOf(func() { _, _ = tr.Step(x, labels) }); got != c.want {
					t.Fatalf("%v with %d workers: panic %v, want %v", c.layers, workers, got, c.want)
				}
			}
			if _, err := tr.Step([]float32{8, 8, 8, 8, 8, 8, 8, 8}, labels); err != nil {
				t.Errorf("%d workers: a step after panics: %v", workers, err)
			}
			if err := n.SetParams(0, one, []float32{0}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestFirstLossOfSharedBlock has the losses of several images be infinite: the error
// names the first, for any number of workers.
func TestFirstLossOfSharedBlock(t *testing.T) {
	n, err := net.New(layer.Vector(1), 1, dense.Layer{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.SetParams(0, []float32{1e30}, []float32{0}); err != nil {
		t.Fatal(err)
	}
	x := []float32{0, 0, 1e20, 0, 1e20, 1e20, 0, 1e20}
	for _, workers := range []int{1, 2, 3, 7} {
		tr := newTrainer(t, n, net.TrainerConfig{Workers: workers, Loss: net.SquaredError{}})
		for range 5 {
			_, err := tr.Step(x, make([]int, 8))
			if !errors.Is(err, net.ErrNotFinite) || !strings.Contains(err.Error(), "image 2") {
				t.Errorf("%d workers: error %v, want one of image 2", workers, err)
			}
		}
	}
}

// unflatten makes an image of a vector, and says that its channels are apart, as
// dense.Flatten does: but a worker's part of the vector may be another.
type unflatten struct{ shape layer.Shape }

func (u unflatten) Bind(layer.Shape) (layer.Op, error) { return u, nil }
func (u unflatten) String() string                     { return "unflatten" }
func (u unflatten) Out() layer.Shape                   { return u.shape }
func (u unflatten) Channelwise() bool                  { return true }

func (u unflatten) all() layer.Part { return layer.Part{Hi: u.shape.C} }

func (u unflatten) Forward(y, x []float32, n int)          { u.ForwardPart(y, x, n, u.all()) }
func (u unflatten) Backward(dx, dy, x, y []float32, n int) { u.BackwardPart(dx, dy, x, y, n, u.all()) }

func (u unflatten) ForwardPart(y, x []float32, n int, p layer.Part) {
	size := u.shape.H * u.shape.W
	for e := p.Lo * size; e < p.Hi*size; e++ {
		for i := range layer.Lanes {
			y[e*layer.Lanes+i] = 0
			if i < n {
				y[e*layer.Lanes+i] = x[i*u.shape.Len()+e]
			}
		}
	}
}

func (u unflatten) BackwardPart(dx, dy, x, y []float32, n int, p layer.Part) {
	size := u.shape.H * u.shape.W
	for e := p.Lo * size; e < p.Hi*size; e++ {
		for i := range n {
			dx[i*u.shape.Len()+e] = dy[e*layer.Lanes+i]
		}
	}
}
