package golden

import (
	"math"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestEveryFileDecodes(t *testing.T) {
	entries, err := files.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) == 0 {
		t.Fatal("no golden files embedded")
	}
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), path.Ext(entry.Name()))
		for i, v := range Float64(t, name) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%s[%d] = %v", name, i, v)
			}
		}
	}
}

// TestStoredTypes reads one array of each stored type and compares it with
// what testdata/README.md says about it.
func TestStoredTypes(t *testing.T) {
	if got, want := Ints(t, "lenet_labels"), []int{7, 2, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("lenet_labels (<i4) = %v, want %v", got, want)
	}
	if got, want := Shape(t, "lenet_W2"), []int{16, 6, 5, 5}; !slices.Equal(got, want) {
		t.Errorf("shape of lenet_W2 (<f4) = %v, want %v", got, want)
	}
	if got, want := Float64(t, "example4x4_Z"), []float64{90.5, 122.5, 258.5, 208.5}; !slices.Equal(got, want) {
		t.Errorf("example4x4_Z (<f8) = %v, want %v", got, want)
	}
	pixels, inputs := Ints(t, "lenet_x_u8"), Float32(t, "lenet_X")
	if len(pixels) != 4*32*32 || len(inputs) != len(pixels) {
		t.Fatalf("got %d pixels and %d inputs, want %d of each", len(pixels), len(inputs), 4*32*32)
	}
	for i, p := range pixels {
		if want := float32(p) / 255; inputs[i] != want {
			t.Fatalf("lenet_X[%d] (<f4) = %v, want lenet_x_u8[%d]/255 (|u1) = %v", i, inputs[i], i, want)
		}
	}
}

func TestDecodeRejectsDamage(t *testing.T) {
	whole, err := files.ReadFile("testdata/lenet_labels.npy")
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"empty":           "",
		"other magic":     "x" + string(whole[1:]),
		"cut header":      string(whole[:40]),
		"cut data":        string(whole[:len(whole)-1]),
		"too much data":   string(whole) + "x",
		"Fortran order":   strings.Replace(string(whole), "False", "True ", 1),
		"another type":    strings.Replace(string(whole), "<i4", ">i4", 1),
		"other dimension": strings.Replace(string(whole), "(4,)", "(5,)", 1),
	} {
		if _, err := decodeNPY([]byte(file)); err == nil {
			t.Errorf("%s: decoded without an error", name)
		}
	}
}

// recorder is a test that counts its failures instead of failing.
type recorder struct {
	testing.TB
	failures int
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failures++ }

func TestClose(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, test := range []struct {
		name      string
		got, want []float64
		close     bool
	}{
		{"empty", nil, nil, true},
		{"equal", []float64{1, 2}, []float64{1, 2}, true},
		{"within", []float64{1, 2.25}, []float64{1, 2}, true},
		{"beyond", []float64{1, 2.5}, []float64{1, 2}, false},
		{"shorter", []float64{1}, []float64{1, 2}, false},
		{"NaN for a number", []float64{1, nan}, []float64{1, 2}, false},
		{"number for a NaN", []float64{1, 2}, []float64{nan, 2}, false},
		{"NaN for NaN", []float64{nan}, []float64{nan}, false},
		{"equal infinities", []float64{inf}, []float64{inf}, true},
		{"opposite infinities", []float64{inf}, []float64{-inf}, false},
	} {
		r := &recorder{TB: t}
		Close(r, test.name, test.got, test.want, 0.25)
		if closeEnough := r.failures == 0; closeEnough != test.close {
			t.Errorf("%s: close = %v, want %v", test.name, closeEnough, test.close)
		}
	}
}
