package notebook

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

// layers are those that the arrays of lenet belong to.
func layers() []layer.Layer {
	return []layer.Layer{
		conv.Layer{Filters: 2, Size: 3, Activation: layer.ReLU},
		pool.Max{Size: 2, Activation: layer.ReLU},
		conv.Layer{Filters: 3, Size: 3, Activation: layer.ReLU},
		pool.Max{Size: 2, Activation: layer.ReLU},
		dense.Flatten{},
		dense.Layer{Units: 4, Activation: layer.ReLU},
		dense.Layer{Units: 2},
	}
}

func build(t *testing.T, in layer.Shape, layers ...layer.Layer) *net.Network {
	t.Helper()
	n, err := net.New(in, 1, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// trained are the layers with parameters, and how often the notebook added
// their bias.
var trained = []struct{ layer, times int }{{0, 1}, {2, 2}, {5, 1}, {6, 1}}

// checkParams wants the parameters of lenet.
func checkParams(t *testing.T, name string, n *net.Network, biasOnce bool) {
	t.Helper()
	for i, l := range trained {
		w, b, err := n.Params(l.layer)
		if err != nil {
			t.Fatal(err)
		}
		for j, x := range lenet[i].W.Data {
			if float64(w[j]) != x {
				t.Fatalf("%s: layer %d: want weights %v, have %v", name, l.layer, lenet[i].W.Data, w)
			}
		}
		times := float64(l.times)
		if biasOnce {
			times = 1
		}
		for j, x := range lenet[i].B.Data {
			if float64(b[j]) != times*x {
				t.Fatalf("%s: layer %d: want biases %v times %v, have %v", name, l.layer, lenet[i].B.Data, times, b)
			}
		}
	}
}

func TestImport(t *testing.T) {
	for _, name := range []string{"protocol0", "protocol5", "layers", "arrays", "unflattened", "layouts2", "layouts5"} {
		for _, once := range []bool{false, true} {
			n := build(t, layer.Image(1, 10, 10), layers()...)
			if err := Import(n, bytes.NewReader(pickled(t, name)), Options{BiasOnce: once}); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			checkParams(t, name, n, once)
		}
	}
}

// TestImportElsewhere imports into a network with options and layers that the
// notebook does not have.
func TestImportElsewhere(t *testing.T) {
	l := layers()
	l[0] = conv.Layer{Filters: 2, Size: 3, Padding: 1, Activation: layer.Tanh}
	n := build(t, layer.Image(1, 8, 8), append(l[:4:4], dense.Flatten{}, dense.Layer{Units: 4, Activation: layer.Sigmoid}, dense.Layer{Units: 2})...)
	if err := Import(n, bytes.NewReader(pickled(t, "protocol4")), Options{}); err != nil {
		t.Fatal(err)
	}
	checkParams(t, "protocol4", n, false)

	p := build(t, layer.Vector(6), dense.Layer{Units: 4, Activation: layer.Sigmoid}, dense.Layer{Units: 3})
	if err := Import(p, bytes.NewReader(pickled(t, "perceptron")), Options{}); err != nil {
		t.Fatal(err)
	}
	if _, b, _ := p.Params(1); !slices.Equal(b, []float32{-0.5, -0.4375, -0.375}) {
		t.Errorf("want the file's biases, have %v", b)
	}
}

func TestLoad(t *testing.T) {
	for _, name := range []string{"protocol3", "layers", "unflattened"} {
		n, err := Load(bytes.NewReader(pickled(t, name)), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n.Input() != layer.Image(1, 10, 10) || !reflect.DeepEqual(n.Layers(), layers()) {
			t.Errorf("%s: want %v for 1x10x10, have %v for %v", name, layers(), n.Layers(), n.Input())
		}
		checkParams(t, name, n, false)
	}
}

// TestInferLeNet5 wants LeNet-5 from its arrays.
func TestInferLeNet5(t *testing.T) {
	n := net.LeNet5(1)
	var entries []Entry
	for i, shape := range [][]int{{6, 1, 5, 5}, nil, {16, 6, 5, 5}, nil, nil, {120, 400}, {84, 120}, {10, 84}} {
		if shape == nil {
			entries = append(entries, Entry{})
			continue
		}
		w, b, err := n.Params(i)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, Entry{Array{shape, wide(w)}, Array{[]int{len(b)}, wide(b)}})
	}
	in, layers, err := infer(entries)
	if err != nil {
		t.Fatal(err)
	}
	if in != net.LeNet5Input() || !reflect.DeepEqual(layers, net.LeNet5Layers()) {
		t.Errorf("want LeNet-5, have %v for %v", layers, in)
	}
	other := net.LeNet5(2)
	if err := set(other, entries, Options{BiasOnce: true}); err != nil {
		t.Fatal(err)
	}
	if n.Hash() != other.Hash() {
		t.Error("want the same parameters")
	}
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		y[i] = float64(x[i])
	}
	return y
}

// TestInferNothing infers from arrays that are no LeNet's.
func TestInferNothing(t *testing.T) {
	c, d := lenet[0], lenet[2]
	empty := Entry{}
	for name, entries := range map[string][]Entry{
		"dense layers only":       {d, d},
		"convolutions only":       {c, c},
		"a convolution after all": {c, d, c},
		"an oblong filter":        {{numbers(2, 1, 3, 2), numbers(2)}, {numbers(4, 2), numbers(4)}},
		"a vector":                {c, {numbers(4), numbers(4)}},
		"no square":               {c, {numbers(4, 6), numbers(4)}},
		"no whole channels":       {c, {numbers(4, 3), numbers(4)}},
		"fewer inputs":            {c, {numbers(4, 1), numbers(4)}},
		"a pooling too many":      {c, empty, empty, empty, {numbers(4, 2), numbers(4)}},
		"a pooling too few":       {c, c, empty, {numbers(4, 2), numbers(4)}},
		"an empty end":            {c, {numbers(4, 2), numbers(4)}, empty},
		"twenty convolutions":     append(slices.Repeat([]Entry{{numbers(2, 2, 3, 3), numbers(2)}}, 20), Entry{numbers(4, 2), numbers(4)}),
	} {
		if in, _, err := infer(entries); !errors.Is(err, ErrArchitecture) {
			t.Errorf("%s: want ErrArchitecture, have %v for %v", name, err, in)
		}
	}
}

// TestLoadErrors loads files that are fine but for their arrays.
func TestLoadErrors(t *testing.T) {
	if n, err := Load(bytes.NewReader(pickled(t, "perceptron")), Options{}); !errors.Is(err, ErrArchitecture) || n != nil {
		t.Errorf("a perceptron: want ErrArchitecture, have %v, %v", n, err)
	}
	if n, err := Load(strings.NewReader("?"), Options{}); !errors.Is(err, ErrPickle) || n != nil {
		t.Errorf("no pickle: want ErrPickle, have %v, %v", n, err)
	}
}

// TestImportErrors imports what does not fit. The network stays as it was.
func TestImportErrors(t *testing.T) {
	change := func(f func(e []Entry)) []Entry {
		e := slices.Clone(lenet)
		f(e)
		return e
	}
	number := func(x float64) Array { // two biases, of which one is x
		return Array{[]int{2}, []float64{1, x}}
	}
	pooled := []Entry{lenet[0], lenet[0], lenet[1], {}, {}, lenet[2], lenet[3]}
	positions := []Entry{lenet[0], {}, {}, lenet[1], {}, lenet[2], lenet[3]}
	for name, c := range map[string]struct {
		entries []Entry
		want    error
		text    string // that the error says
	}{
		"a filter of another size":  {change(func(e []Entry) { e[1].W = numbers(3, 2, 5, 5) }), layer.ErrShape, "layer 2 (convolution), entry 1 of the file: shape does not fit: want W of (3, 2, 3, 3), have (3, 2, 5, 5)"},
		"weights transposed":        {change(func(e []Entry) { e[2].W = numbers(3, 4) }), layer.ErrShape, "layer 5 (dense), entry 2 of the file: shape does not fit: want W of (4, 3), have (3, 4)"},
		"a bias too many":           {change(func(e []Entry) { e[3].B = numbers(3) }), layer.ErrShape, "want B of (2,), have (3,)"},
		"a bias in a square":        {change(func(e []Entry) { e[2].B = numbers(2, 2) }), layer.ErrShape, "want B of (4,), have (2, 2)"},
		"an entry too few":          {lenet[:3], layer.ErrShape, "4 layers with parameters, the file 3"},
		"an entry too many":         {append(slices.Clone(lenet), lenet[3]), layer.ErrShape, "4 layers with parameters, the file 5"},
		"entries in other places":   {positions, layer.ErrShape, "layer 2"},
		"parameters of a pooling":   {pooled, layer.ErrShape, "layer 1"},
		"infinity":                  {change(func(e []Entry) { e[3].B = number(math.Inf(1)) }), net.ErrData, "layer 6 (dense), entry 3 of the file: B: data is not usable: element 1 is +Inf"},
		"NaN":                       {change(func(e []Entry) { e[3].B = number(math.NaN()) }), net.ErrData, "NaN"},
		"more than float32 holds":   {change(func(e []Entry) { e[3].B = number(1e39) }), net.ErrData, "1e+39"},
		"too much after scaling":    {change(func(e []Entry) { e[1].B = Array{[]int{3}, []float64{0, 0, 3e38}} }), net.ErrData, "layer 2"},
		"weights that are infinite": {change(func(e []Entry) { e[0].W.Data = append([]float64{-1e300}, e[0].W.Data[1:]...) }), net.ErrData, "W: data is not usable: element 0 is -1e+300"},
	} {
		n := build(t, layer.Image(1, 10, 10), layers()...)
		before := n.Hash()
		err := set(n, c.entries, Options{})
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: want %q and %q, have %v", name, c.want, c.text, err)
		}
		if n.Hash() != before {
			t.Errorf("%s: the network has changed", name)
		}
	}
}

// TestImportPointers has layers that are given by address.
func TestImportPointers(t *testing.T) {
	all := layers()
	for i, l := range all {
		switch l := l.(type) {
		case conv.Layer:
			all[i] = &l
		case dense.Layer:
			all[i] = &l
		}
	}
	file := pickled(t, "protocol4")
	n, want := build(t, layer.Image(1, 10, 10), all...), build(t, layer.Image(1, 10, 10), layers()...)
	for _, n := range []*net.Network{n, want} {
		if err := Import(n, bytes.NewReader(file), Options{}); err != nil {
			t.Fatal(err)
		}
	}
	checkParams(t, "pointers", n, false)
	if n.Hash() != want.Hash() {
		t.Error("other parameters than without pointers")
	}
}

// own is a layer that the notebook does not have.
type own struct{ dense.Layer }

func TestImportUnknownLayer(t *testing.T) {
	n := build(t, layer.Vector(6), own{dense.Layer{Units: 4}}, dense.Layer{Units: 3})
	if err := Import(n, bytes.NewReader(pickled(t, "perceptron")), Options{}); !errors.Is(err, ErrArchitecture) || !strings.Contains(err.Error(), "layer 0") {
		t.Errorf("want ErrArchitecture and the layer's number, have %v", err)
	}
}

// TestNotebookOutputs compares a loaded network with the notebook's own
// arithmetic, in which a convolution's bias comes with every input channel.
func TestNotebookOutputs(t *testing.T) {
	n, err := Load(bytes.NewReader(pickled(t, "protocol4")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	image := make([]float64, 100)
	single := make([]float32, 100)
	for i := range image {
		image[i] = float64(i*i%31) / 16
		single[i] = float32(image[i])
	}
	x, side := image, 10
	for _, e := range lenet[:2] {
		x, side = convolve(x, side, e)
	}
	for i, e := range lenet[2:] {
		x = multiply(x, e, i == 0)
	}
	sum := math.Exp(x[0]) + math.Exp(x[1])
	got, err := n.PredictProba(nil, single)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range got {
		if want := math.Exp(x[i]) / sum; math.Abs(float64(g)-want) > 1e-5 {
			t.Errorf("probability of class %d: want %v, have %v", i, want, g)
		}
	}
}

// convolve is a convolution with 3 x 3 filters as the notebook has it, with
// ReLU and max-pooling.
func convolve(x []float64, side int, e Entry) ([]float64, int) {
	filters, channels := e.W.Shape[0], e.W.Shape[1]
	out := side - 2
	half := out / 2
	pooled := make([]float64, filters*half*half) // the least that ReLU leaves
	for f := range filters {
		for r := range out {
			for q := range out {
				z := 0.0
				for c := range channels {
					for i := range 3 {
						for j := range 3 {
							z += e.W.Data[((f*channels+c)*3+i)*3+j] * x[(c*side+r+i)*side+q+j]
						}
					}
					z += e.B.Data[f]
				}
				p := &pooled[(f*half+r/2)*half+q/2]
				*p = math.Max(*p, z)
			}
		}
	}
	return pooled, half
}

// multiply is a dense layer.
func multiply(x []float64, e Entry, relu bool) []float64 {
	y := slices.Clone(e.B.Data)
	for o := range y {
		for i := range x {
			y[o] += e.W.Data[o*len(x)+i] * x[i]
		}
		if relu {
			y[o] = math.Max(0, y[o])
		}
	}
	return y
}
