package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"image"
	"reflect"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

var slow = flag.Bool("slow", false, "run the slow sweeps")

// small returns a model that has everything but a training.
func small(t testing.TB, seed uint64) *Model {
	t.Helper()
	n, err := net.New(layer.Image(1, 6, 5), seed,
		conv.Layer{Filters: 2, Size: 3, Activation: layer.ReLU, Init: layer.Glorot},
		pool.Max{Size: 2, SizeCols: 1, Activation: layer.Tanh},
		dense.Flatten{},
		dense.Layer{Units: 3, Init: layer.NormalInit(0.5)},
	)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n.NumLayers() {
		w, b, err := n.Params(i)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.SetParams(i, ramp(len(w), int(seed)), ramp(len(b), int(seed)+1)); err != nil {
			t.Fatal(err)
		}
	}
	return &Model{
		Network: n,
		Labels:  []int{7, -3, 200},
		Names:   []string{"seven", "<minus> three", "zweihundert €"},
		Input:   data.Preprocess{Rows: 4, Cols: 3, Channels: 1, Padding: 1, Std: [3]float32{0.5}},
		Notes:   map[string]string{"made": "by a test", "accuracy": "none"},
	}
}

// ramp returns n numbers that depend on k alone, and on nothing that a release may
// change.
func ramp(n, k int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32((i*37+k*11)%101-50) / 64
	}
	return x
}

// checkpoint returns a model that has everything.
func checkpoint(t testing.TB, seed uint64) *Model {
	t.Helper()
	m := small(t, seed)
	n := m.Network.NumParams()
	k := int(seed)
	m.Training = &net.State{
		Params:    ramp(n, k+2),
		Rate:      0.001,
		Optimizer: net.OptimizerState{Name: "adam", Clock: []float64{0.1, 1. / 3}, Moments: [][]float32{ramp(n, k+3), ramp(n, k+4)}},
		Fit: &net.FitState{
			Epoch: 1, Step: 2, LossSum: 3.5, BatchSize: 32, Seed: 1<<64 - 1, NoShuffle: true,
			Callbacks: [][]byte{{1, 2, 3}, nil, {}},
			History: net.History{
				Losses: []float64{3, 2, 1},
				Rates:  []float64{0.1, 0.2, 0.3},
				Epochs: []net.EpochResult{{Epoch: 1, Loss: 2.5}},
			},
		},
	}
	return m
}

// save returns the bytes of a model's file.
func save(t testing.TB, m *Model, options ...Option) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Save(&b, options...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// mustLoad is the inverse of save.
func mustLoad(t testing.TB, file []byte, options ...Option) *Model {
	t.Helper()
	m, err := Load(bytes.NewReader(file), options...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// same fails unless two models have the same fields, and networks of the same
// layers and parameters.
func same(t testing.TB, got, want *Model) {
	t.Helper()
	if got.Network.Hash() != want.Network.Hash() {
		t.Error("the networks' parameters differ")
	}
	if g, w := got.Network.Layers(), want.Network.Layers(); !reflect.DeepEqual(g, w) {
		t.Errorf("layers are %+v, want %+v", g, w)
	}
	if g, w := got.Network.Input(), want.Network.Input(); g != w {
		t.Errorf("input is %v, want %v", g, w)
	}
	if g, w := got.Network.Meaning(), want.Network.Meaning(); g != w {
		t.Errorf("outputs mean %v, want %v", g, w)
	}
	fields := func(m *Model) []any { return []any{m.Labels, m.Names, m.Input, m.Notes, m.Training} }
	if g, w := fields(got), fields(want); !reflect.DeepEqual(g, w) {
		t.Errorf("fields are %+v, want %+v", g, w)
	}
}

// seal writes the checksum of what stands before its place.
func seal(file []byte) []byte {
	body := file[:max(0, len(file)-sha256.Size)]
	sum := sha256.Sum256(body)
	return append(bytes.Clone(body), sum[:]...)
}

// sectionAt returns where a section's header begins and its contents end.
func sectionAt(t testing.TB, file []byte, name string) (begin, end int) {
	t.Helper()
	for at := len(magic) + 8; at < len(file)-sha256.Size; at = end {
		end = at + nameLen + 8 + int(binary.LittleEndian.Uint64(file[at+nameLen:]))
		if strings.TrimRight(string(file[at:at+nameLen]), "\x00") == name {
			return at, end
		}
	}
	t.Fatalf("the file has no section %q", name)
	return 0, 0
}

// replaceSection returns the file with other contents of a section, sealed.
func replaceSection(t testing.TB, file []byte, name string, contents []byte) []byte {
	t.Helper()
	begin, end := sectionAt(t, file, name)
	out := append([]byte(nil), file[:begin+nameLen]...)
	out = binary.LittleEndian.AppendUint64(out, uint64(len(contents)))
	out = append(append(out, contents...), file[end:]...)
	return seal(out)
}

// edit replaces text in a section, which must be there.
func edit(t testing.TB, file []byte, name, old, text string) []byte {
	t.Helper()
	begin, end := sectionAt(t, file, name)
	contents := string(file[begin+nameLen+8 : end])
	if !strings.Contains(contents, old) {
		t.Fatalf("section %q has no %s: %s", name, old, contents)
	}
	return replaceSection(t, file, name, []byte(strings.Replace(contents, old, text, 1)))
}

// picture returns an image that differs from seed to seed.
func picture(seed int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 9, 7))
	for i := range img.Pix {
		img.Pix[i] = uint8((i*i*31 + i*seed*7 + seed*seed) % 256)
	}
	return img
}

func pictures(n int) (all []image.Image) {
	for i := range n {
		all = append(all, picture(i))
	}
	return all
}

func hashOf(m *Model) string { return fmt.Sprintf("%x", m.Network.Hash()) }
