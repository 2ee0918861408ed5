package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/pool"
)

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
