package layertest_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/layer/layertest"
)

func nan() float32 { return float32(math.NaN()) }

var affineIn = layer.Image(9, 2, 3)

func TestNoFault(t *testing.T) {
	if err := errors.Join(layertest.Check(affine{}, affineIn), layertest.GradCheck(affine{}, affineIn)); err != nil {
		t.Error(err)
	}
}

// TestCheckFindsFaults has layers with one fault each.
func TestCheckFindsFaults(t *testing.T) {
	for fault, text := range map[string]string{
		"binds to nothing":                 "Bind returns nil",
		"has no name":                      "String says nothing",
		"has no output":                    "Out: shape does not fit",
		"counts backwards":                 "MultiplyAdds is -1",
		"has other dimensions":             "WeightDims are [9 2]",
		"has no rows":                      "at least one row",
		"draws from elsewhere":             "Init draws",
		"leaves biases as they are":        "bias 0 unwritten",
		"attaches once":                    "after Attach: ",
		"keeps a copy of biases":           "after Pack: ",
		"packs the first rows":             "after Pack: ",
		"does not pack":                    "after Pack: ",
		"is its own replica":               "parameters of its own",
		"has another replica":              "Replica: ",
		"has a replica of another shape":   "Replica is another Op",
		"writes to its input":              "changes element 431 of its input",
		"writes to its weights":            "changes element 0 of the weights",
		"leaves an output":                 "element 53 of image 0 of output unwritten",
		"writes NaN where no image is":     "to output[431], where no image is",
		"adds up absent images":            "with other numbers where no image is",
		"adds up images":                   "in a block of eight",
		"knows the place":                  "in another place of the block",
		"knows the number of images":       "in a block of eight",
		"counts its calls":                 "the first time",
		"keeps its input":                  "several goroutines at once",
		"panics":                           "Forward of 8 images panics: runtime error: index out of range",
		"computes single images otherwise": "ForwardOne gives",
		"wants empty scratch":              "ForwardOne gives NaN",
		"writes to a single image":         "ForwardOne changes element 0 of its input",
		"wants a dx":                       "Backward of 8 images without dx panics",
		"adds to dx":                       "of dx unwritten",
		"leaves dx where no image is":      "in dx[431], where no image is",
		"leaves dy where no image is":      "in dy[431]",
		"changes its output":               "Backward of 8 images changes element 0 of its output",
		"changes the input backward":       "Backward of 8 images changes element 0 of its input",
		"keeps old gradients":              "unwritten",
		"adds up what is absent":           "Gradient of 1 image gives dw[0]",
		"changes dy":                       "changes element 0 of dy",
		"leaves a channel":                 "ForwardPart of 3 images in 2 parts makes element 192 NaN",
		"writes to other channels":         "y[0], of another channel, becomes 1",
		"looks at other channels":          "makes element 192 NaN",
		"panics in parts":                  "channels 0 to 3 of 3 images panics",
		"names another activation":         "the derivative of its activation",
		"applies the activation again":     "BackwardPart",
		"writes to other rows":             "dw[0], of another row, becomes",
		"has another bias in parts":        "GradientPart",
	} {
		t.Run(fault, func(t *testing.T) {
			err := layertest.Check(affine{fault}, affineIn)
			if !errors.Is(err, layertest.ErrContract) || !strings.Contains(err.Error(), text) || !strings.HasPrefix(err.Error(), "layertest: ") {
				t.Errorf("error %v, want %q in it", err, text)
			}
		})
	}
}

// TestGradCheckFindsFaults has layers whose gradients are not those of what they
// compute.
func TestGradCheckFindsFaults(t *testing.T) {
	for fault, text := range map[string]string{
		"is another function":    "element 1 of image 0 of the input is",
		"forgets the activation": "with respect to weight",
		"is wrong in one place":  "with respect to element 3 of image 0 of the input is",
		"is a little wrong":      "of 162 that were tried are wrong)",
		"takes the mean":         "(9 of 9 that were tried are wrong)",
		"has a wrong weight":     "with respect to weight 1 is",
		"forgets biases":         "with respect to bias",
	} {
		t.Run(fault, func(t *testing.T) {
			err := layertest.GradCheck(affine{fault}, affineIn)
			if !errors.Is(err, layertest.ErrGradient) || !strings.Contains(err.Error(), text) || !strings.HasPrefix(err.Error(), "layertest: affine on 9x2x3: ") {
				t.Errorf("error %v, want %q in it", err, text)
			}
		})
	}
	if err := layertest.GradCheck(affine{"panics"}, affineIn); !errors.Is(err, layertest.ErrContract) {
		t.Errorf("error %v, want %v", err, layertest.ErrContract)
	}
}

// TestBindErrors wants errors of Bind as they are.
func TestBindErrors(t *testing.T) {
	for _, check := range []func(layer.Layer, layer.Shape) error{layertest.Check, layertest.GradCheck} {
		if err := check(dense.Layer{}, layer.Vector(2)); !errors.Is(err, layer.ErrOption) || errors.Is(err, layertest.ErrContract) {
			t.Errorf("error %v, want %v", err, layer.ErrOption)
		}
	}
}

// product is a dense layer without biases, slowly, with the fault that it is told
// to have.
type product struct{ fault string }

func (l product) Bind(in layer.Shape) (layer.Op, error) {
	op := &productOp{fault: l.fault, in: in.Len(), out: 11}
	if l.fault == "has no gradient" {
		return ungraded{op}, nil
	}
	return op, nil
}

type productOp struct {
	fault   string
	in, out int
	w       []float32
}

// ungraded has the methods of a layer.Trained alone.
type ungraded struct{ layer.Trained }

func (o *productOp) String() string                    { return "product" }
func (o *productOp) Out() layer.Shape                  { return layer.Vector(o.out) }
func (o *productOp) Params() layer.Params              { return layer.Params{Rows: o.out, RowLen: o.in} }
func (o *productOp) Init(w, b []float32, r *rand.Rand) { layer.Normal(w, 1, r) }
func (o *productOp) Attach(w, b []float32)             { o.w = w }
func (o *productOp) Pack(lo, hi int)                   {}
func (o *productOp) Forward(y, x []float32, n int) {
	kernels.Gemm(false, true, n, o.out, o.in, 1, x, o.in, o.w, o.in, 0, y, o.out)
}

func (o *productOp) Backward(dx, dy, x, y []float32, n int) {
	if dx != nil {
		kernels.Gemm(false, false, n, o.in, o.out, 1, dy, o.out, o.w, o.in, 0, dx, o.in)
	}
}

func (o *productOp) Gradient(dw, db, x, dy []float32, n, lo, hi int) {
	if o.fault == "begins with the first row" {
		hi, lo = hi-lo, 0
	}
	kernels.Gemm(true, false, hi-lo, o.in, n, 1, dy[lo:], o.out, x, o.in, 0, dw, o.in)
}

func TestBatchGradients(t *testing.T) {
	if err := errors.Join(layertest.Check(product{}, layer.Vector(4)), layertest.GradCheck(product{}, layer.Vector(4))); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		fault string
		in    layer.Shape
		text  string
	}{
		{"begins with the first row", layer.Vector(4), "Gradient of rows 8 to 10"},
		{"has no gradient", layer.Vector(4), "BlockGradient or BatchGradient"},
		{"takes images", layer.Image(1, 2, 2), "vector input and output"},
	} {
		if err := layertest.Check(product{c.fault}, c.in); !errors.Is(err, layertest.ErrContract) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: error %v, want %q in it", c.fault, err, c.text)
		}
	}
}

// doubled multiplies every other image by 2 in training, and the rest by 0, and all by
// 3 in prediction, with the fault that it
// is told to have.
type doubled struct{ fault string }

func (l doubled) Bind(in layer.Shape) (layer.Op, error) { return doubledOp{l.fault, in}, nil }

type doubledOp struct {
	fault string
	in    layer.Shape
}

func (o doubledOp) String() string   { return "doubled" }
func (o doubledOp) Out() layer.Shape { return o.in }

func times(f float32, y, x []float32) {
	for i, v := range x {
		y[i] = f * v
	}
}

func (o doubledOp) Forward(y, x []float32, n int) {
	times(3, y, x)
	switch o.fault {
	case "predicts from the number of images":
		times(float32(n), y, x)
	case "predicts by the place":
		y[1] *= 2
	}
}

func (o doubledOp) Backward(dx, dy, x, y []float32, n int) {
	if dx == nil {
		return
	}
	switch o.fault {
	case "has no gradient in prediction":
	case "has that of training":
		times(2, dx, dy)
	default:
		times(3, dx, dy)
	}
}

// ForwardTraining doubles the images in even places and leaves out the others.
func (o doubledOp) ForwardTraining(y, x []float32, _ int, _ layer.Place) {
	alternate(y, x)
	switch o.fault {
	case "counts its calls in training":
		y[0] += float32(calls.Add(1))
	case "leaves an output in training":
		y[len(y)-kernels.Lanes] = nan()
	case "adds up absent images in training":
		for _, v := range x[1:kernels.Lanes] {
			y[0] += v
		}
	case "writes to its input in training":
		x[0]++
	}
}

var calls atomic.Int32

// alternate writes twice the images in even places of a block.
func alternate(y, x []float32) {
	times(2, y, x)
	for i := 1; i < len(y); i += 2 {
		y[i] = 0
	}
}

func (o doubledOp) BackwardTraining(dx, dy, x, y []float32, _ int, _ layer.Place) {
	if dx != nil {
		alternate(dx, dy)
	}
}

// TestPredictionFaults has layers that do something else in training, with faults in
// what they do in prediction.
func TestPredictionFaults(t *testing.T) {
	in := layer.Image(1, 2, 3)
	if err := errors.Join(layertest.Check(doubled{}, in), layertest.GradCheck(doubled{}, in)); err != nil {
		t.Error(err)
	}
	for fault, text := range map[string]string{
		"has no gradient in prediction":      "of dx unwritten",
		"predicts from the number of images": "in prediction: layer breaks its contract: 1 image, output",
		"predicts by the place":              "in another place of the block",
		"counts its calls in training":       "the first time",
		"leaves an output in training":       "of output unwritten",
		"adds up absent images in training":  "with other numbers where no image is",
		"writes to its input in training":    "changes element 0 of its input",
	} {
		if err := layertest.Check(doubled{fault}, in); !errors.Is(err, layertest.ErrContract) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: error %v, want %q in it", fault, err, text)
		}
	}
	err := layertest.GradCheck(doubled{"has that of training"}, in)
	if !errors.Is(err, layertest.ErrGradient) || !strings.Contains(err.Error(), "in prediction: gradient is wrong") {
		t.Errorf("error %v, want a wrong gradient in prediction", err)
	}
}
