package model

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/activation"
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

// square is a layer of one's own, with options of many types.
type square struct {
	Scale  float32
	Names  []string
	Table  map[string]int
	Bytes  [2]uint8
	Nested *struct{ Act layer.Activation }
	Blob   []byte
	hidden int
}

func (square) Bind(in layer.Shape) (layer.Op, error) { return squareOp{in}, nil }

type squareOp struct{ shape layer.Shape }

func (squareOp) String() string                         { return "square" }
func (s squareOp) Out() layer.Shape                     { return s.shape }
func (squareOp) Backward(dx, dy, x, y []float32, n int) {}
func (squareOp) Forward(y, x []float32, n int) {
	for i, v := range x {
		y[i] = v * v
	}
}

// byPointer is a layer whose methods belong to the pointer.
type byPointer struct{ Level int }

func (*byPointer) Bind(in layer.Shape) (layer.Op, error) { return squareOp{in}, nil }

// own writes itself.
type own struct{ level int }

func (own) Bind(in layer.Shape) (layer.Op, error) { return squareOp{in}, nil }

func (o own) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "[%d]", o.level), nil }

func (o *own) UnmarshalJSON(text []byte) error {
	_, err := fmt.Sscanf(string(text), "[%d]", &o.level)
	return err
}

var allKinds = Kinds{"square": square{}, "by pointer": &byPointer{}, "own": own{}}

func custom(t *testing.T, layers ...layer.Layer) *Model {
	t.Helper()
	n, err := net.New(layer.Vector(2), 1, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return &Model{Network: n}
}

func TestKinds(t *testing.T) {
	m := custom(t,
		square{Scale: 0.1, Names: []string{"a", ""}, Table: map[string]int{"b": 2, "a": 1}, Bytes: [2]uint8{0, 9},
			Nested: &struct{ Act layer.Activation }{layer.Sigmoid}, Blob: []byte{1, 0}},
		dense.Layer{Units: 2},
		&byPointer{Level: 3},
		own{level: 4},
		square{},
	)
	file := save(t, m, allKinds)
	loaded := mustLoad(t, file, allKinds)
	same(t, loaded, m)
	if again := save(t, loaded, allKinds); !bytes.Equal(again, file) {
		t.Error("saved again, the file has other bytes")
	}
	if _, err := Load(bytes.NewReader(file)); !errors.Is(err, ErrKind) || !strings.Contains(err.Error(), `"square"`) {
		t.Errorf("load without Kinds: want ErrKind, have %v", err)
	}
	if err := m.Save(new(bytes.Buffer)); !errors.Is(err, ErrKind) || !strings.Contains(err.Error(), "model.square") {
		t.Errorf("save without Kinds: want ErrKind, have %v", err)
	}
}

// TestBuiltInKinds keeps every kind of layer of this module, with its options.
func TestBuiltInKinds(t *testing.T) {
	n, err := net.New(layer.Image(4, 12, 12), 1,
		conv.Layer{Filters: 4, Size: 3, Groups: 4, Same: true, Activation: layer.LeakyReLU}, activation.GELU{},
		pool.Max{Size: 3, Stride: 2, Padding: 1}, pool.Avg{Size: 2, Stride: 1, Padding: 1, Ceil: true, CountPad: true},
		activation.LeakyReLU{Slope: 0.25}, pool.GlobalAvg{}, dense.Flatten{}, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := (&Model{Network: n}).Save(&file); err != nil {
		t.Fatal(err)
	}
	m, err := Load(&file)
	if err != nil {
		t.Fatal(err)
	}
	if m.Network.String() != n.String() || m.Network.Hash() != n.Hash() {
		t.Errorf("saved\n%v\nloaded\n%v", n, m.Network)
	}
}

// TestPointerToLayer keeps what is a layer by value, too.
func TestPointerToLayer(t *testing.T) {
	n, err := net.New(layer.Image(1, 3, 3), 1, &conv.Layer{Filters: 2, Size: 2}, &dense.Flatten{})
	if err != nil {
		t.Fatal(err)
	}
	loaded := mustLoad(t, save(t, &Model{Network: n}))
	want := []layer.Layer{conv.Layer{Filters: 2, Size: 2}, dense.Flatten{}}
	if got := loaded.Network.Layers(); !reflect.DeepEqual(got, want) || loaded.Network.Hash() != n.Hash() {
		t.Errorf("layers are %+v, want %+v", got, want)
	}
}

// TestLossyLayer refuses what would not come back.
func TestLossyLayer(t *testing.T) {
	for name, l := range map[string]layer.Layer{
		"unexported field": square{hidden: 1},
		"no UTF-8":         square{Names: []string{"\xff"}},
	} {
		var b bytes.Buffer
		if err := custom(t, l).Save(&b, allKinds); !errors.Is(err, layer.ErrOption) || !strings.Contains(err.Error(), "layer 0") || b.Len() > 0 {
			t.Errorf("%s: want ErrOption, have %v after %d bytes", name, err, b.Len())
		}
	}
}

func TestKindsAreChecked(t *testing.T) {
	for name, k := range map[string]Kinds{
		"taken name": {"conv": square{}},
		"taken type": {"my dense": dense.Layer{}},
		"two names":  {"a": square{}, "b": square{}},
		"no name":    {"": square{}},
		"nil":        {"x": nil},
	} {
		if err := small(t, 1).Save(new(bytes.Buffer), k); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%s: want ErrOption, have %v", name, err)
		}
	}
}

// TestUnkeepable has values for which files have no form.
func TestUnkeepable(t *testing.T) {
	type loop struct{ Next *loop }
	cycle := new(loop)
	cycle.Next = cycle
	for _, v := range []any{make(chan int), func() {}, map[int]int{1: 1}, struct{ F func() }{func() {}}, complex(1, 2), cycle, "\xff"} {
		if b, err := encode(v); !errors.Is(err, layer.ErrOption) {
			t.Errorf("%T: want ErrOption, have %s, error %v", v, b, err)
		}
	}
	room := int64(1 << 20)
	for _, target := range []any{new(chan int), new(map[int]int), new(complex128), new(any)} {
		if err := decode([]byte(`{"1":2}`), target, &room); err == nil {
			t.Errorf("%T: want an error", target)
		}
	}
}
