package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

var update = flag.Bool("update", false, "write the golden file anew: version 1 is published, so this breaks a promise")

func TestRoundTrip(t *testing.T) {
	odds, err := net.New(layer.Vector(12), 5, dense.Layer{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := odds.SetMeaning(net.Odds); err != nil {
		t.Fatal(err)
	}
	bare, err := net.New(layer.Image(2, 2, 2), 1, pool.Max{Size: 2}, dense.Flatten{})
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*Model{
		"small":                small(t, 1),
		"checkpoint":           checkpoint(t, 2),
		"outside of Fit":       {Network: odds, Training: &net.State{Params: make([]float32, 13), Optimizer: net.OptimizerState{Name: "sgd"}}},
		"two classes":          {Network: odds, Labels: []int{3, 7}},
		"nothing but a net":    {Network: net.LeNet5(1)},
		"no parameters at all": {Network: bare},
	} {
		t.Run(name, func(t *testing.T) {
			file := save(t, m)
			loaded := mustLoad(t, file)
			same(t, loaded, m)
			if again := save(t, loaded); !bytes.Equal(again, file) {
				t.Error("saved again, the file has other bytes")
			}
			x := make([]float32, 3*m.Network.Input().Len())
			layer.Normal(x, 1, layer.Stream(1, "x", 0))
			want, err := m.Network.PredictProba(nil, x)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := loaded.Network.PredictProba(nil, x); err != nil || !slices.Equal(got, want) {
				t.Errorf("predictions are %v, error %v, want %v", got, err, want)
			}
		})
	}
}

func TestEqualModelsGiveEqualBytes(t *testing.T) {
	want := save(t, checkpoint(t, 1))
	for range 20 { // the order of a map differs from run to run
		if got := save(t, checkpoint(t, 1)); !bytes.Equal(got, want) {
			t.Fatal("an equal model gives other bytes")
		}
	}
	if bytes.Equal(save(t, checkpoint(t, 2)), want) {
		t.Error("another model gives the same bytes")
	}
}

// TestEveryFieldOfStateIsKept fills all of a net.State, fields that are added to
// it later included.
func TestEveryFieldOfStateIsKept(t *testing.T) {
	m := small(t, 1)
	m.Training = new(net.State)
	n := 0
	fillAll(reflect.ValueOf(m.Training).Elem(), &n)
	m.Training.Params = make([]float32, m.Network.NumParams())
	m.Training.Optimizer.Moments = [][]float32{make([]float32, m.Network.NumParams())}
	m.Training.Optimizer.Moments[0][3] = float32(math.Inf(1)) // no parameter, and needed for the same bits
	if n < 20 {
		t.Fatalf("filled %d values: has the test gone blind?", n)
	}
	same(t, mustLoad(t, save(t, m)), m)
}

// fillAll sets every value in v to another one.
func fillAll(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(*n) / 8)
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillAll(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillAll(v.Index(0), n)
		fillAll(v.Index(1), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fillAll(v.Field(i), n)
		}
	default:
		panic(v.Kind())
	}
}

// TestHistoryOfDivergence keeps numbers that JSON does not have.
func TestHistoryOfDivergence(t *testing.T) {
	m := checkpoint(t, 1)
	fit := m.Training.Fit
	fit.LossSum = math.Inf(-1)
	fit.History.Losses[1] = math.NaN()
	fit.History.Epochs = []net.EpochResult{{Epoch: 1, Loss: math.Inf(1)}, {Loss: math.Copysign(0, -1)}}
	got := mustLoad(t, save(t, m)).Training.Fit
	if !math.IsInf(got.LossSum, -1) || !math.IsNaN(got.History.Losses[1]) ||
		!math.IsInf(got.History.Epochs[0].Loss, 1) || !math.Signbit(got.History.Epochs[1].Loss) {
		t.Errorf("the history is %+v", got)
	}
}

// TestLongHistory takes more than a chunk of everything.
func TestLongHistory(t *testing.T) {
	m := checkpoint(t, 1)
	long := make([]float64, 70_000)
	for i := range long {
		long[i] = float64(i)
	}
	m.Training.Fit.History.Losses = long
	m.Training.Fit.Callbacks[0] = bytes.Repeat([]byte("0123456789"), 50_000)
	same(t, mustLoad(t, save(t, m)), m)
}

// TestFlips changes a bit of every byte of a checkpoint, or, if slow, every bit.
func TestFlips(t *testing.T) {
	file := save(t, checkpoint(t, 1))
	for i := range file {
		for bit := range 8 {
			if !*slow && bit != i%8 {
				continue
			}
			file[i] ^= 1 << bit
			m, err := Load(bytes.NewReader(file))
			if m != nil || !errors.Is(err, ErrFormat) && !errors.Is(err, ErrChecksum) && !errors.Is(err, ErrVersion) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("byte %d, bit %d: have a model: %v, error %v", i, bit, m != nil, err)
			}
			file[i] ^= 1 << bit
		}
	}
	if _, err := Load(bytes.NewReader(file)); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

// TestFlipInContents says that it was the checksum.
func TestFlipInContents(t *testing.T) {
	file := save(t, checkpoint(t, 1))
	for _, name := range []string{sectionModel, sectionParams, sectionTraining, sectionWeights, sectionMoments, sectionLosses, sectionRates, sectionCallbacks} {
		_, end := sectionAt(t, file, name)
		flipped := bytes.Clone(file)
		flipped[end-1] ^= 1
		if _, err := Load(bytes.NewReader(flipped)); !errors.Is(err, ErrChecksum) {
			t.Errorf("section %q: want ErrChecksum, have %v", name, err)
		}
	}
}

// TestCuts ends a checkpoint at every length.
func TestCuts(t *testing.T) {
	file := save(t, checkpoint(t, 1))
	for n := range file {
		if m, err := Load(bytes.NewReader(file[:n])); m != nil || !errors.Is(err, ErrFormat) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d of %d bytes: have a model: %v, error %v", n, len(file), m != nil, err)
		}
	}
}

func TestTrailingByte(t *testing.T) {
	file := append(save(t, small(t, 1)), '\n')
	if _, err := Load(bytes.NewReader(file)); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "end") {
		t.Errorf("want ErrFormat, have %v", err)
	}
}

// TestReaders reads in pieces, and passes on what a reader reports.
func TestReaders(t *testing.T) {
	file := save(t, checkpoint(t, 1))
	m, err := Load(iotest.DataErrReader(iotest.OneByteReader(bytes.NewReader(file))))
	if err != nil {
		t.Fatal(err)
	}
	same(t, m, checkpoint(t, 1))
	broken := errors.New("broken")
	for _, n := range []int{0, 3, 20, len(file) / 2, len(file) - 1, len(file)} {
		r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken))
		if _, err := Load(r); !errors.Is(err, broken) || errors.Is(err, ErrFormat) {
			t.Errorf("broken after %d bytes: error %v", n, err)
		}
	}
	if _, err := Load(stuck{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that gives nothing: want %v, have %v", io.ErrNoProgress, err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// TestTampered has files with a right checksum whose contents are wrong.
func TestTampered(t *testing.T) {
	file := save(t, checkpoint(t, 1))
	plain := save(t, small(t, 1))
	number := func(at int, v uint32) []byte {
		b := bytes.Clone(file)
		binary.LittleEndian.PutUint32(b[at:], v)
		return seal(b)
	}
	length := func(name string, v uint64) []byte {
		b := bytes.Clone(file)
		begin, _ := sectionAt(t, b, name)
		binary.LittleEndian.PutUint64(b[begin+nameLen:], v)
		return seal(b)
	}
	model := func(old, text string) []byte { return edit(t, file, sectionModel, old, text) }
	state := func(old, text string) []byte { return edit(t, file, sectionTraining, old, text) }
	begin, end := sectionAt(t, file, sectionParams)
	params := file[begin+nameLen+8 : end]
	nan := append(binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN()))), params[4:]...)
	for _, c := range []struct {
		name string
		file []byte
		want error
		text string
	}{
		{"nothing", nil, ErrFormat, "magic"},
		{"another format", []byte("PK\x03\x04 and so on"), ErrFormat, "begins with"},
		{"line ends", bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n")), ErrFormat, "begins with"},
		{"version 2", number(8, 2), ErrVersion, "2"},
		{"version 0", number(8, 0), ErrFormat, "version 0"},
		{"no sections", number(12, 0), ErrFormat, "0"},
		{"many sections", number(12, math.MaxUint32), ErrFormat, "4294967295"},
		{"fewer sections", number(12, 2), ErrChecksum, ""},
		{"other section", bytes.Replace(file, []byte("params\x00\x00"), []byte("params\x00x"), 1), ErrFormat, "params"},
		{"endless section", length(sectionParams, math.MaxUint64), ErrTooLarge, "params"},
		{"section of 2 GiB", length(sectionParams, 1<<31), ErrTooLarge, "params"},
		{"odd section", length(sectionParams, uint64(len(params)-1)), ErrFormat, "multiple"},
		{"long text", length(sectionModel, maxModelText+1), ErrTooLarge, "model"},

		{"empty text", replaceSection(t, file, sectionModel, nil), ErrFormat, "JSON"},
		{"null", replaceSection(t, file, sectionModel, []byte("null")), ErrFormat, "input"},
		{"two values", model("{", "{}{"), ErrFormat, "JSON"},
		{"no UTF-8", model("seven", "se\xffen"), ErrFormat, "UTF-8"},
		{"unknown key", model(`"Meaning"`, `"Moaning"`), ErrFormat, "Moaning"},
		{"lower case", model(`"Meaning"`, `"meaning"`), ErrFormat, "meaning"},
		{"twice", model(`"Meaning":"logits"`, `"Meaning":"logits","Meaning":"odds"`), ErrFormat, "twice"},
		{"other meaning", model(`"logits"`, `"laughs"`), ErrFormat, "laughs"},
		{"unknown kind", model(`"maxpool"`, `"minpool"`), ErrKind, "minpool"},
		{"no kind", model(`"Kind":"maxpool",`, ``), ErrKind, "layer 1"},
		{"no options", model(`,"Options":{"Units":3,"Init":"normal(0.5)"}`, ``), ErrFormat, "layer 3"},
		{"unknown option", model(`"Units":3`, `"Units":3,"Dropout":0.5`), ErrFormat, "Dropout"},
		{"option of another type", model(`"Units":3`, `"Units":3.5`), ErrFormat, "Units"},
		{"unknown activation", model(`"relu"`, `"gelu"`), ErrFormat, "gelu"},
		{"unknown weights", model(`"glorot"`, `"xavier"`), ErrFormat, "xavier"},
		{"no layers", model(`"Layers":[`, `"Layers":[],"Notes":[`), ErrFormat, ""},
		{"layer that does not fit", model(`"Filters":2`, `"Filters":0`), ErrFormat, "layer 0"},
		{"one unit more", model(`"Units":3`, `"Units":4`), ErrFormat, "parameters"},
		{"many units", model(`"Units":3`, `"Units":5000000`), ErrFormat, "parameters"},
		{"huge output", model(`"Filters":2`, `"Filters":2,"Padding":2500`), ErrTooLarge, "MaxSize"},
		{"huge input", model(`"H":6`, `"H":10000000`), ErrTooLarge, "MaxSize"},
		{"impossible input", model(`"H":6`, `"H":9223372036854775807`), ErrFormat, "input"},
		{"negative input", model(`"H":6`, `"H":-6`), ErrFormat, "input"},
		{"huge padding", model(`"Size":3`, `"Size":3000,"Padding":60000000`), ErrTooLarge, "MaxSize"},
		{"huge filter", model(`"Size":3`, `"Size":60000,"Padding":30000`), ErrTooLarge, "MaxSize"},
		{"many layers", model(`"Layers":[`, `"Layers":[`+strings.Repeat(`{},`, maxLayers)), ErrTooLarge, "layers"},
		{"deep", model(`"Names":[`, `"Names":`+strings.Repeat("[", 500)+strings.Repeat("]", 500)+`,"Notes":[`), ErrFormat, ""},
		{"label twice", model(`-3`, `7`), ErrFormat, "label"},
		{"labels of too few", model(`-3,`, ``), ErrFormat, "Labels"},
		{"names of too few", model(`"seven",`, ``), ErrFormat, "Names"},
		{"preprocessing for another", model(`"Rows":4`, `"Rows":5`), ErrFormat, "Input"},
		{"preprocessing without rows", model(`"Rows":4`, `"Rows":0`), ErrFormat, "Rows"},

		{"a parameter less", replaceSection(t, plain, sectionParams, params[4:]), ErrFormat, "parameters"},
		{"no parameters", replaceSection(t, plain, sectionParams, nil), ErrFormat, "parameters"},
		{"parameter NaN", replaceSection(t, plain, sectionParams, nan), ErrNotFinite, "number 0"},

		{"training's parameter NaN", replaceSection(t, file, sectionWeights, nan), ErrNotFinite, "number 0"},
		{"training of another", replaceSection(t, file, sectionWeights, params[4:]), ErrFormat, "training"},
		{"moments of another", replaceSection(t, file, sectionMoments, params), ErrFormat, "moments"},
		{"many moments", state(`"Moments":2`, `"Moments":9223372036854775807`), ErrFormat, "moments"},
		{"negative moments", state(`"Moments":2`, `"Moments":-2`), ErrFormat, "moments"},
		{"moments in text", state(`"Name":"adam"`, `"Name":"adam","Moments":[[1]]`), ErrFormat, "text"},
		{"losses in text", state(`"History":{`, `"History":{"Losses":[1],`), ErrFormat, "text"},
		{"long state", state(`[3,-1,0]`, `[4,-1,0]`), ErrFormat, "callback"},
		{"short state", state(`[3,-1,0]`, `[2,-1,0]`), ErrFormat, "callback"},
		{"negative state", state(`[3,-1,0]`, `[3,-2,0]`), ErrFormat, "callback"},
		{"history of nothing", state(`"Fit":`, `"Fit":null,"Fut":`), ErrFormat, "Fut"},
		{"no number", state(`3.5`, `"three"`), ErrFormat, "three"},
		{"number too large", state(`3.5`, `1e999`), ErrFormat, "1e999"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Load(bytes.NewReader(c.file))
			if m != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("want %q that names %q, have a model: %v, error %v", c.want, c.text, m != nil, err)
			}
		})
	}
	same(t, mustLoad(t, seal(file)), checkpoint(t, 1))
}

// TestAllocatesWhatArrives has a short file claim a section of almost a gibibyte.
func TestAllocatesWhatArrives(t *testing.T) {
	file := save(t, small(t, 1))
	begin, _ := sectionAt(t, file, sectionParams)
	binary.LittleEndian.PutUint64(file[begin+nameLen:], 1000<<20)
	file = append(file, make([]byte, 2*firstRoom)...) // some of it does arrive
	var err error
	n := testkit.Allocated(func() { _, err = Load(bytes.NewReader(file)) })
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("want %v, have %v", io.ErrUnexpectedEOF, err)
	}
	if n > 4<<20 {
		t.Errorf("a file of %d bytes made Load allocate %d", len(file), n)
	}
}

// TestManyEmptyMoments has a network without parameters, of whose moments there
// could be any number in no bytes.
func TestManyEmptyMoments(t *testing.T) {
	n, err := net.New(layer.Image(1, 2, 2), 1, dense.Flatten{})
	if err != nil {
		t.Fatal(err)
	}
	m := &Model{Network: n, Training: &net.State{Optimizer: net.OptimizerState{Moments: make([][]float32, 2)}}}
	file := edit(t, save(t, m), sectionTraining, `"Moments":2`, `"Moments":1000000`)
	if _, err := Load(bytes.NewReader(file)); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "1000000 vectors of 0") {
		t.Errorf("want ErrFormat, have %v", err)
	}
}

// TestMaxSize allows exactly as much as it says, when saving and loading.
func TestMaxSize(t *testing.T) {
	m := checkpoint(t, 1)
	m.Training.Fit.Callbacks[0] = make([]byte, 1<<20) // more than the tables of the convolution
	file := save(t, m)
	size := MaxSize(len(file))
	same(t, mustLoad(t, file, size), m)
	if !bytes.Equal(save(t, m, size), file) {
		t.Error("with the limit, other bytes")
	}
	if _, err := Load(bytes.NewReader(file), size-1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("load: want ErrTooLarge, have %v", err)
	}
	var b bytes.Buffer
	if err := m.Save(&b, size-1); !errors.Is(err, ErrTooLarge) || b.Len() > 0 {
		t.Errorf("save: want ErrTooLarge, have %v after %d bytes", err, b.Len())
	}
	for _, n := range []MaxSize{0, -1} {
		if err := m.Save(&b, n); !errors.Is(err, layer.ErrOption) {
			t.Errorf("MaxSize %d: want ErrOption, have %v", n, err)
		}
	}
	if _, err := Load(bytes.NewReader(file), nil); !errors.Is(err, layer.ErrOption) {
		t.Errorf("nil: want ErrOption, have %v", err)
	}
}

// TestLargeNetworks have tensors or tables beyond the limit, though few parameters,
// and are refused when they are saved.
func TestLargeNetworks(t *testing.T) {
	for name, c := range map[string]struct {
		in    layer.Shape
		layer layer.Layer
	}{
		"tensor": {layer.Image(1, 400, 400), pool.Max{Size: 400}},
		"tables": {layer.Image(1, 9, 9), conv.Layer{Filters: 1, Size: 21, Padding: 10}},
	} {
		n, err := net.New(c.in, 1, c.layer, dense.Flatten{})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := (&Model{Network: n}).Save(&b, MaxSize(1<<20)); !errors.Is(err, ErrTooLarge) || b.Len() > 0 {
			t.Errorf("%s: want ErrTooLarge, have %v after %d bytes", name, err, b.Len())
		}
	}
}

// TestUnusableModels writes nothing.
func TestUnusableModels(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name   string
		change func(m *Model)
		want   error
		text   string
	}{
		{"no network", func(m *Model) { m.Network = nil }, ErrModel, "no network"},
		{"labels", func(m *Model) { m.Labels = m.Labels[1:] }, ErrModel, "Labels"},
		{"equal labels", func(m *Model) { m.Labels[2] = 7 }, ErrModel, "classes 0 and 2"},
		{"names", func(m *Model) { m.Names = m.Names[1:] }, ErrModel, "Names"},
		{"name", func(m *Model) { m.Names[1] = "\xff" }, ErrModel, "class 1"},
		{"note", func(m *Model) { m.Notes["x"] = "\xff" }, ErrModel, "note"},
		{"input", func(m *Model) { m.Input.Rows = -1 }, layer.ErrOption, "Rows"},
		{"shape", func(m *Model) { m.Input.Rows++ }, layer.ErrShape, "1x6x5"},
		{"parameter", func(m *Model) { m.Network.SetParams(3, make([]float32, 36), []float32{0, inf, 0}) }, ErrNotFinite, "Inf"},
		{"training's parameters", func(m *Model) { m.Training.Params = m.Training.Params[1:] }, layer.ErrShape, "training"},
		{"training's parameter", func(m *Model) { m.Training.Params[0] = inf }, ErrNotFinite, "training"},
		{"moments", func(m *Model) { m.Training.Optimizer.Moments[1] = nil }, layer.ErrShape, "vector 1"},
		{"many moments", func(m *Model) {
			m.Training.Optimizer.Moments = slices.Repeat(m.Training.Optimizer.Moments, maxMoments)
		}, layer.ErrOption, "vectors"},
		{"many callbacks", func(m *Model) { m.Training.Fit.Callbacks = make([][]byte, maxCallbacks+1) }, layer.ErrOption, "callbacks"},
		{"optimiser's name", func(m *Model) { m.Training.Optimizer.Name = "\xff" }, layer.ErrOption, "Name"},
		{"long notes", func(m *Model) { m.Notes["x"] = strings.Repeat("x", maxModelText) }, ErrTooLarge, "text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := checkpoint(t, 1)
			c.change(m)
			var b bytes.Buffer
			if err := m.Save(&b); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) || b.Len() > 0 {
				t.Errorf("want %q that names %q, have %v after %d bytes", c.want, c.text, err, b.Len())
			}
		})
	}
	if err := checkpoint(t, 1).Check(); err != nil {
		t.Errorf("a usable model: %v", err)
	}
}

// failingWriter fails after n bytes.
type failingWriter struct{ n int }

func (w *failingWriter) Write(b []byte) (int, error) {
	if len(b) > w.n {
		return w.n, errBroken
	}
	w.n -= len(b)
	return len(b), nil
}

var errBroken = errors.New("broken")

func TestFailingWriter(t *testing.T) {
	m := checkpoint(t, 1)
	size := len(save(t, m))
	step := 11
	if *slow {
		step = 1
	}
	for n := 0; n < size; n += step {
		if err := m.Save(&failingWriter{n}); !errors.Is(err, errBroken) {
			t.Fatalf("broken after %d bytes of %d: error %v", n, size, err)
		}
	}
	if err := m.Save(&failingWriter{size}); err != nil {
		t.Error(err)
	}
}

const golden = "testdata/v1.lanes"

// TestGolden loads a file that was written when the format was new, and writes the
// same bytes again.
func TestGolden(t *testing.T) {
	if *update {
		if err := os.WriteFile(golden, save(t, checkpoint(t, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	m := mustLoad(t, file)
	const want = "40d984cbee42b86145e7809c4ab2b70646d13a5855530e9bd82f72d4434b9c25"
	if hashOf(m) != want {
		t.Errorf("the network's hash is %s, want %s", hashOf(m), want)
	}
	same(t, m, &Model{
		Network: m.Network, Labels: []int{7, -3, 200}, Names: []string{"seven", "<minus> three", "zweihundert €"},
		Input: small(t, 1).Input, Notes: map[string]string{"made": "by a test", "accuracy": "none"}, Training: checkpoint(t, 1).Training,
	})
	if again := save(t, m); !bytes.Equal(again, file) {
		t.Error("saved again, the file has other bytes")
	}
}

// FuzzLoad wants Load to return, and what it accepts to be a model that can be
// saved, as the same one.
func FuzzLoad(f *testing.F) {
	f.Add(save(f, small(f, 1)))
	f.Add(save(f, checkpoint(f, 1)))
	lenet, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2, Activation: layer.Sigmoid}, square{}, dense.Layer{Units: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(save(f, &Model{Network: lenet}, Kinds{"square": square{}}))
	const limit = MaxSize(16 << 20)
	f.Fuzz(func(t *testing.T, file []byte) {
		started := time.Now()
		if _, err := Load(bytes.NewReader(file), limit); err == nil && !bytes.Equal(file, seal(file)) {
			t.Error("a wrong checksum is accepted")
		}
		m, err := Load(bytes.NewReader(seal(file)), limit, Kinds{"square": square{}})
		if d := time.Since(started); d > time.Minute {
			t.Errorf("%d bytes take %v", len(file), d)
		}
		if err != nil {
			return
		}
		same(t, mustLoad(t, save(t, m, limit, Kinds{"square": square{}}), Kinds{"square": square{}}), m)
	})
}
