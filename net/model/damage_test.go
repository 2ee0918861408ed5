package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

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
