package trace_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/internal/golden"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/trace"
)

var errFull = errors.New("disk full")

// matrix is a tensor with elements that are hard to write.
var matrix = net.Tensor{
	Kind: net.TensorOutput, Step: 12, Layer: 3, Name: "own/layer 7, relu", Shape: []int{1, 2, 2, 3},
	Data: []float32{0, float32(math.Copysign(0, -1)), 1.0 / 3, math.MaxFloat32, math.SmallestNonzeroFloat32, 16777217,
		float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0.1, -1e-20, 5},
}

var labels = net.Tensor{Kind: net.TensorLabels, Step: 1, Layer: 8, Name: "loss", Shape: []int{3}, Labels: []int{7, 10, 0}}

// TestTextReadsBack writes every number so that it reads back with the same
// bits, in columns of one width.
func TestTextReadsBack(t *testing.T) {
	var b bytes.Buffer
	if err := (trace.Text{W: &b}).Show(matrix); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if lines[0] != matrix.String() || !strings.HasPrefix(lines[0], "step 12, layer 3 (own/layer 7, relu), output: 1x2x2x3") {
		t.Errorf("the first line is %q", lines[0])
	}
	if lines[1] != "[0][0]" || lines[4] != "[0][1]" || !slices.Equal(lines[7:], []string{"", ""}) {
		t.Errorf("the lines are %q", lines)
	}
	var got []float32
	for _, l := range []string{lines[2], lines[3], lines[5], lines[6]} {
		if len(l) != len(lines[2]) {
			t.Errorf("columns are not aligned: %q", l)
		}
		for _, word := range strings.Fields(l) {
			v, err := strconv.ParseFloat(word, 32)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, float32(v))
		}
	}
	for i, want := range matrix.Data {
		if math.Float32bits(got[i]) != math.Float32bits(want) && !(got[i] != got[i] && want != want) {
			t.Errorf("element %d is %v, want %v", i, got[i], want)
		}
	}
}

func TestTextDigits(t *testing.T) {
	x := net.Tensor{Kind: net.TensorBiases, Name: "dense 2 units, relu", Shape: []int{2}, Data: []float32{2.0 / 3, -10}}
	for digits, want := range map[int]string{
		0: "  0.6666667        -10\n", -1: "  0.6666667        -10\n", 2: "  0.67   -10\n", 99: "  0.666666687          -10\n",
	} {
		var b bytes.Buffer
		if err := (trace.Text{W: &b, Digits: digits}).Show(x); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != "layer 0 (dense 2 units, relu), biases: 2\n"+want+"\n" {
			t.Errorf("%d digits: %q, want %q", digits, got, want)
		}
	}
}

func TestTextLabels(t *testing.T) {
	var b bytes.Buffer
	if err := (trace.Text{W: &b, Digits: 1}).Show(labels); err != nil {
		t.Fatal(err)
	}
	if want := "step 1, labels: 3\n   7  10   0\n\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}

// brokenFile fails to write, or to close, and remembers that it was closed.
type brokenFile struct {
	write, close error
	closed       bool
}

func (f *brokenFile) Write(p []byte) (int, error) { return len(p), f.write }
func (f *brokenFile) Close() error                { f.closed = true; return f.close }

func TestErrors(t *testing.T) {
	if err := (trace.Text{W: &brokenFile{write: errFull}}).Show(matrix); !errors.Is(err, errFull) {
		t.Errorf("text: error %v, want %v", err, errFull)
	}
	for _, f := range []*brokenFile{{write: errFull}, {close: errFull}, {write: errFull, close: errors.New("another")}} {
		n := trace.NPY{Create: func(string) (io.WriteCloser, error) { return f, nil }}
		if err := n.Show(labels); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "step0001_labels.npy") || !f.closed {
			t.Errorf("%+v: error %v, want %v", f, err, errFull)
		}
	}
	n := trace.NPY{Create: func(string) (io.WriteCloser, error) { return nil, errFull }}
	if err := n.Show(labels); !errors.Is(err, errFull) {
		t.Errorf("create: error %v, want %v", err, errFull)
	}
}

func TestName(t *testing.T) {
	for want, x := range map[string]net.Tensor{
		"step0012_layer3_ownlayer_output.npy": matrix,
		"step0001_labels.npy":                 labels,
		"step10000_loss_gradient.npy":         {Kind: net.TensorLossGradient, Step: 10000, Layer: 8, Name: "loss"},
		"layer10_max-pool_input.npy":          {Kind: net.TensorInput, Layer: 10, Name: "max-pool 2x2, relu"},
		"step0001_layer2_weight_gradient.npy": {Kind: net.TensorWeightGradient, Step: 1, Layer: 2, Name: "../.."},
		"layer0_input.npy":                    {},
	} {
		if got := trace.Name(x); got != want {
			t.Errorf("%v: %q, want %q", x, got, want)
		}
	}
}

// TestNPY reads back what was written, and looks at the header as NumPy wants it.
func TestNPY(t *testing.T) {
	for _, x := range []net.Tensor{matrix, labels, {Shape: []int{100000000, 1, 1, 1, 1, 1, 1, 0}}} {
		var b bytes.Buffer
		if err := (trace.NPY{Create: func(string) (io.WriteCloser, error) { return nopCloser{&b}, nil }}).Show(x); err != nil {
			t.Fatal(err)
		}
		if at := bytes.IndexByte(b.Bytes(), '\n') + 1; at%64 != 0 || at != 10+int(b.Bytes()[8])+256*int(b.Bytes()[9]) {
			t.Errorf("%v: the elements begin at %d", x, at)
		}
		shape, data := golden.Decode(t, b.Bytes())
		if !slices.Equal(shape, x.Shape) {
			t.Errorf("%v: shape %v", x, shape)
		}
		for i, v := range x.Data {
			if got := float32(data[i]); math.Float32bits(got) != math.Float32bits(v) && v == v {
				t.Errorf("%v: element %d is %v, want %v", x, i, got, v)
			}
		}
		for i, v := range x.Labels {
			if int(data[i]) != v {
				t.Errorf("%v: element %d is %v, want %v", x, i, data[i], v)
			}
		}
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// TestDir writes a step into a folder that does not exist yet, twice.
func TestDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	for range 2 {
		tr, err := net.NewTrainer(edges(), net.TrainerConfig{Trace: net.Trace{Show: trace.NPY{Create: trace.Dir(dir)}.Show}})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		if _, err := tr.Step(image, []int{1}); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 22 {
		t.Errorf("%d files and error %v, want 22", len(files), err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "step0001_layer0_conv_output.npy"))
	if err != nil {
		t.Fatal(err)
	}
	shape, data := golden.Decode(t, file)
	if want := []float64{0, 2, 0, 0, 1.25, 0, .5, .5, .5, .5, 1.25, 2}; !slices.Equal(data, want) || !slices.Equal(shape, []int{1, 2, 2, 3}) {
		t.Errorf("output %v of %v, want %v", data, shape, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := (trace.NPY{Create: trace.Dir(filepath.Join(dir, "file"))}).Show(labels); err == nil {
		t.Error("no error where the folder is a file")
	}
}
