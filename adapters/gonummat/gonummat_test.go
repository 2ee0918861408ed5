package gonummat

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

const inputs = 12

func build(t *testing.T, in layer.Shape, layers ...layer.Layer) *net.Network {
	t.Helper()
	n, err := net.New(in, 1, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// perceptron takes vectors, convolutional images of as many elements.
func perceptron(t *testing.T) *net.Network {
	return build(t, layer.Vector(inputs), dense.Layer{Units: 7, Activation: layer.ReLU}, dense.Layer{Units: 3})
}

func convolutional(t *testing.T) *net.Network {
	return build(t, layer.Image(1, 3, 4), conv.Layer{Filters: 2, Size: 2, Activation: layer.ReLU}, pool.Max{Size: 2}, dense.Flatten{}, dense.Layer{Units: 3})
}

// samples returns rows x inputs random numbers.
func samples(rows int) *mat.Dense {
	r := rand.New(rand.NewPCG(1, 2))
	x := mat.NewDense(rows, inputs, nil)
	for i := range rows {
		for j := range inputs {
			x.Set(i, j, r.NormFloat64())
		}
	}
	return x
}

// single returns the rows of x as float32.
func single(x mat.Matrix) (images []float32) {
	rows, cols := x.Dims()
	for i := range rows {
		for j := range cols {
			images = append(images, float32(x.At(i, j)))
		}
	}
	return images
}

// formula is a matrix that has no elements in memory.
type formula struct{ rows, cols int }

func (f formula) Dims() (r, c int)    { return f.rows, f.cols }
func (f formula) At(i, j int) float64 { return float64((3*i+5*j)%7) / 4 }
func (f formula) T() mat.Matrix       { return mat.Transpose{Matrix: f} }

// matrices are of several kinds, all with inputs columns.
func matrices() map[string]mat.Matrix {
	x := samples(40)
	tall := mat.NewDense(inputs, 9, nil)
	tall.Copy(samples(9).T())
	return map[string]mat.Matrix{
		"dense":       x,
		"one row":     samples(1),
		"many rows":   samples(3*atOnce + 5),
		"part":        mat.NewDense(20, 2*inputs, slices.Repeat([]float64{1, 2, -3}, 40*inputs/3)).Slice(3, 17, 5, 5+inputs),
		"transpose":   tall.T(),
		"symmetric":   mat.NewSymDense(inputs, slices.Repeat([]float64{0.5, -1}, inputs*inputs/2)),
		"diagonal":    mat.NewDiagDense(inputs, slices.Repeat([]float64{2}, inputs)),
		"of our own":  formula{30, inputs},
		"row vector":  mat.NewVecDense(inputs, slices.Repeat([]float64{0.25}, inputs)).T(),
		"single rows": mat.NewDense(2, inputs, nil),
	}
}

func TestPredict(t *testing.T) {
	for _, n := range []*net.Network{perceptron(t), convolutional(t)} {
		for name, x := range matrices() {
			rows, _ := x.Dims()
			want, err := n.Predict(nil, single(x))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := Predict(n, x); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: want classes %v, have %v, %v", name, want, got, err)
			}
			proba, err := n.PredictProba(nil, single(x))
			if err != nil {
				t.Fatal(err)
			}
			got, err := PredictProba(n, x)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if want := mat.NewDense(rows, 3, widen(proba)); !mat.Equal(got, want) {
				t.Errorf("%s: want probabilities %v, have %v", name, mat.Formatted(want), mat.Formatted(got))
			}
		}
	}
}

func TestImages(t *testing.T) {
	for name, x := range matrices() {
		got, err := Images([]float32{42}, x)
		if err != nil || !slices.Equal(got, append([]float32{42}, single(x)...)) {
			t.Errorf("%s: want its rows as float32 behind what was there, have %v, %v", name, got, err)
		}
	}
}

// bad are numbers that float32 does not have, and where they stand.
var bad = map[string]float64{"NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1), "1e+39": 1e39, "-3.5e+38": -3.5e38}

func TestBadNumbers(t *testing.T) {
	n := perceptron(t)
	for text, v := range bad {
		x := samples(300)
		x.Set(290, 4, v)
		for kind, x := range map[string]mat.Matrix{"dense": x, "transpose": mat.Transpose{Matrix: mat.DenseCopyOf(x.T())}} {
			_, errClasses := Predict(n, x)
			_, errProba := PredictProba(n, x)
			dst := []float32{1, 2}
			got, errImages := Images(dst, x)
			if len(got) != len(dst) {
				t.Errorf("%s in %s: want what was there, have %d elements", text, kind, len(got))
			}
			errRead := Examples{x, make([]int, 300)}.Read(make([]float32, inputs), make([]int, 1), []int{290})
			for i, err := range []error{errClasses, errProba, errImages, errRead} {
				if !errors.Is(err, net.ErrData) || !strings.Contains(err.Error(), "row 290, column 4: "+text) {
					t.Errorf("%s in %s, function %d: want ErrData and the place, have %v", text, kind, i, err)
				}
			}
		}
	}
	edge := mat.NewDense(1, inputs, slices.Repeat([]float64{math.MaxFloat32}, inputs))
	if _, err := Images(nil, edge); err != nil {
		t.Errorf("the largest float32: %v", err)
	}
}

func TestBadShapes(t *testing.T) {
	n := perceptron(t)
	for name, c := range map[string]struct {
		x    mat.Matrix
		want error
	}{
		"more columns":    {mat.NewDense(3, inputs+1, nil), layer.ErrShape},
		"twice as many":   {mat.NewDense(3, 2*inputs, nil), layer.ErrShape},
		"fewer columns":   {mat.NewDense(inputs, 1, nil), layer.ErrShape},
		"an empty matrix": {&mat.Dense{}, layer.ErrShape},
		"no rows":         {formula{0, inputs}, net.ErrData},
		"no matrix":       {nil, net.ErrData},
		"a nil matrix":    {(*mat.Dense)(nil), net.ErrData},
		"another":         {(*mat.SymDense)(nil), net.ErrData},
	} {
		if _, err := PredictProba(n, c.x); !errors.Is(err, c.want) {
			t.Errorf("%s: want %v, have %v", name, c.want, err)
		}
		if name == "no rows" {
			c.want = nil
		}
		if _, err := Predict(n, c.x); !errors.Is(err, c.want) {
			t.Errorf("classes of %s: want %v, have %v", name, c.want, err)
		}
	}
}

// TestTraining trains on a matrix and on the same numbers as a slice.
func TestTraining(t *testing.T) {
	x := samples(50)
	labels := make([]int, 50)
	for i := range labels {
		labels[i] = i % 3
	}
	train := func(data net.Dataset) *net.Network {
		n := perceptron(t)
		trainer, err := net.NewTrainer(n, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.01}, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Close()
		if _, err := trainer.Fit(context.Background(), data, net.FitConfig{Epochs: 3, BatchSize: 16}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	want := train(net.Examples{Images: single(x), Labels: labels}).Hash()
	for name, m := range map[string]mat.Matrix{"dense": x, "transpose": mat.Transpose{Matrix: mat.DenseCopyOf(x.T())}} {
		if train(Examples{m, labels}).Hash() != want {
			t.Errorf("%s: other weights than from a slice", name)
		}
	}
}

func TestExamplesErrors(t *testing.T) {
	good := Examples{samples(4), []int{0, 1, 2, 0}}
	read := func(e Examples, elements, labels int, indices ...int) error {
		return e.Read(make([]float32, elements), make([]int, labels), indices)
	}
	if good.Len() != 4 {
		t.Errorf("want 4 examples, have %d", good.Len())
	}
	if err := read(good, 2*inputs, 2, 3, 0); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct{ err, want error }{
		"an index too large":  {read(good, inputs, 1, 4), net.ErrData},
		"a negative index":    {read(good, inputs, 1, -1), net.ErrData},
		"room for other rows": {read(good, inputs+1, 1, 0), layer.ErrShape},
		"no room for a label": {read(good, inputs, 0, 0), layer.ErrShape},
		"a label too few":     {read(Examples{good.X, good.Labels[:3]}, inputs, 1, 0), net.ErrData},
		"no matrix":           {read(Examples{nil, good.Labels}, inputs, 1, 0), net.ErrData},
		"a nil matrix":        {read(Examples{(*mat.Dense)(nil), good.Labels}, inputs, 1, 0), net.ErrData},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: want %v, have %v", name, c.want, c.err)
		}
	}
}

func TestParams(t *testing.T) {
	n := convolutional(t)
	for i, size := range map[int][2]int{0: {2, 4}, 3: {3, 2}} {
		w, b, err := Params(n, i)
		if err != nil {
			t.Fatal(err)
		}
		if r, c := w.Dims(); r != size[0] || c != size[1] || b.Len() != size[0] {
			t.Fatalf("layer %d: want weights of %v, have %d x %d and %d biases", i, size, r, c, b.Len())
		}
		weights, _, _ := n.Params(i)
		if !slices.Equal(w.RawMatrix().Data, widen(weights)) {
			t.Errorf("layer %d: want the weights in order", i)
		}
		w.Set(1, 0, 0.75)
		b.SetVec(1, -2)
		if again, _, _ := n.Params(i); !slices.Equal(again, weights) {
			t.Errorf("layer %d: want a copy", i)
		}
		if err := SetParams(n, i, w, b); err != nil {
			t.Fatal(err)
		}
		back, bias, err := Params(n, i)
		if err != nil || !mat.Equal(back, w) || !mat.Equal(bias, b) {
			t.Errorf("layer %d: want what was set, have %v", i, err)
		}
	}
	// Any matrix will do: here a transpose, and a column of a matrix.
	w := mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})
	if err := SetParams(n, 3, w.T(), mat.NewDense(3, 2, []float64{7, 0, 8, 0, 9, 0}).ColView(0)); err != nil {
		t.Fatal(err)
	}
	weights, biases, _ := n.Params(3)
	if !slices.Equal(weights, []float32{1, 4, 2, 5, 3, 6}) || !slices.Equal(biases, []float32{7, 8, 9}) {
		t.Errorf("want the transpose and the column, have %v and %v", weights, biases)
	}
}

// TestParamsOfPointers has layers that are given by address.
func TestParamsOfPointers(t *testing.T) {
	n := build(t, layer.Image(1, 3, 4), &conv.Layer{Filters: 2, Size: 2}, &dense.Flatten{}, &dense.Layer{Units: 3})
	for i, rows := range map[int]int{0: 2, 2: 3} {
		w, b, err := Params(n, i)
		if err != nil {
			t.Fatal(err)
		}
		if r, _ := w.Dims(); r != rows {
			t.Errorf("layer %d: %d rows of weights, want %d", i, r, rows)
		}
		b.SetVec(1, 9)
		if err := SetParams(n, i, w, b); err != nil {
			t.Fatal(err)
		}
		if _, biases, _ := n.Params(i); biases[1] != 9 {
			t.Errorf("layer %d: biases %v, want those that were set", i, biases)
		}
	}
}

func TestParamsErrors(t *testing.T) {
	n := convolutional(t)
	before := n.Hash()
	w, b, err := Params(n, 3)
	if err != nil {
		t.Fatal(err)
	}
	nan := mat.DenseCopyOf(w)
	nan.Set(2, 1, math.NaN())
	for name, c := range map[string]struct{ err, want error }{
		"weights transposed": {SetParams(n, 3, w.T(), b), layer.ErrShape},
		"a bias too many":    {SetParams(n, 3, w, mat.NewVecDense(4, nil)), layer.ErrShape},
		"no biases":          {SetParams(n, 3, w, nil), layer.ErrShape},
		"a nil vector":       {SetParams(n, 3, w, (*mat.VecDense)(nil)), layer.ErrShape},
		"no weights":         {SetParams(n, 3, nil, b), net.ErrData},
		"a nil matrix":       {SetParams(n, 3, (*mat.Dense)(nil), b), net.ErrData},
		"not a number":       {SetParams(n, 3, nan, b), net.ErrData},
		"a bias too large":   {SetParams(n, 3, w, mat.NewVecDense(3, []float64{0, 1e300, 0})), net.ErrData},
		"a pooling":          {SetParams(n, 1, w, b), layer.ErrOption},
		"no such layer":      {SetParams(n, 4, w, b), layer.ErrOption},
		"a negative layer":   {SetParams(n, -1, w, b), layer.ErrOption},
	} {
		if !errors.Is(c.err, c.want) || !strings.Contains(c.err.Error(), "layer") {
			t.Errorf("%s: want %v and the layer, have %v", name, c.want, c.err)
		}
	}
	if n.Hash() != before {
		t.Error("the network has changed")
	}
	for _, i := range []int{-1, 1, 2, 4} {
		if _, _, err := Params(n, i); !errors.Is(err, layer.ErrOption) {
			t.Errorf("layer %d: want ErrOption, have %v", i, err)
		}
	}
}
