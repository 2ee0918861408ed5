package model

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/dense"
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
