package data_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/internal/testkit"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

// csvText is a table as a file.
func csvText(text string, c data.CSV) net.Seq {
	return data.CSVSeq(fstest.MapFS{"table.csv": {Data: []byte(text)}}, "table.csv", c)
}

// TestStreamCSV wants of a stream what ReadCSV reads, up to an error as the last.
func TestStreamCSV(t *testing.T) {
	for name, c := range badTables {
		n := 0
		var last error
		for e, err := range data.StreamCSV(strings.NewReader(c.text), c.c) {
			if last != nil {
				t.Errorf("%s: the sequence goes on after %v", name, last)
			}
			if last = err; err == nil {
				n++
			} else if e.Image != nil {
				t.Errorf("%s: an example comes with error %v", name, err)
			}
		}
		if n != c.before || !errors.Is(last, c.want) || !strings.Contains(fmt.Sprint(last), c.says) {
			t.Errorf("%s: have %d examples and error %v, want %d and %v", name, n, last, c.before, c.want)
		}
	}
	seen := 0
	for e, err := range data.StreamCSV(strings.NewReader("7,1,2\n8,3,4\n9,x,y\n"), data.CSV{NoHeader: true}) {
		if err != nil || e.Label != 7+seen || !slices.Equal(e.Image, []float32{float32(1 + 2*seen), float32(2 + 2*seen)}) {
			t.Errorf("example %d: have %v, %v", seen, e, err)
		}
		if seen++; seen == 2 {
			break
		}
	}
}

func TestCSVSeq(t *testing.T) {
	seq := csvText("7,1\n8,2\n", data.CSV{NoHeader: true})
	for epoch := range 3 {
		e, err := data.Collect(seq(epoch))
		if err != nil || !slices.Equal(e.Images, []float32{1, 2}) || !slices.Equal(e.Labels, []int{7, 8}) {
			t.Errorf("epoch %d: have %v, %v", epoch, e, err)
		}
	}
	_, err := data.Collect(csvText("7,1\n8,x\n", data.CSV{NoHeader: true})(0))
	if !errors.Is(err, data.ErrFormat) || !strings.Contains(fmt.Sprint(err), "table.csv: data: csv: ") {
		t.Errorf("have %v", err)
	}
	_, err = data.Collect(data.CSVSeq(fstest.MapFS{}, "none.csv", data.CSV{})(0))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(fmt.Sprint(err), "none.csv") {
		t.Errorf("have %v", err)
	}
}

// closing counts the files that are open.
type closing struct {
	fs.FS
	open int
}

func (c *closing) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if err == nil {
		c.open++
		f = closingFile{f, c}
	}
	return f, err
}

type closingFile struct {
	fs.File
	c *closing
}

func (f closingFile) Close() error { f.c.open--; return f.File.Close() }

// TestSeqCloses wants files closed when a sequence ends, fails or is not wanted.
func TestSeqCloses(t *testing.T) {
	images, labels := idx(make([]byte, 12), 3, 2, 2), idx([]byte{1, 2, 3}, 3)
	fsys := &closing{FS: fstest.MapFS{
		"good.csv": {Data: []byte("1,2\n3,4\n5,6\n")}, "bad.csv": {Data: []byte("1,2\n3,x\n")},
		"images": {Data: images}, "labels": {Data: labels}, "cut": {Data: labels[:9]},
	}}
	p := data.Preprocess{Rows: 2, Cols: 2, Channels: 1}
	for name, seq := range map[string]net.Seq{
		"good.csv": data.CSVSeq(fsys, "good.csv", data.CSV{NoHeader: true}),
		"bad.csv":  data.CSVSeq(fsys, "bad.csv", data.CSV{NoHeader: true}),
		"idx":      data.IDXSeq(fsys, "images", "labels", p),
		"cut":      data.IDXSeq(fsys, "images", "cut", p),
		"none":     data.IDXSeq(fsys, "images", "none", p),
	} {
		for limit := range 5 {
			n := 0
			for range seq(0) {
				if n++; n > limit {
					break
				}
			}
			if fsys.open != 0 {
				t.Errorf("%s, up to %d: %d files stay open", name, limit, fsys.open)
			}
		}
	}
}

// idx returns an IDX stream.
func idx(data []byte, dims ...uint32) []byte {
	out := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		out = binary.BigEndian.AppendUint32(out, d)
	}
	return append(out, data...)
}

func zipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestStreamIDX wants of digits, read one by one, the bits that package mnist makes
// of them in memory.
func TestStreamIDX(t *testing.T) {
	set := fewdigits.Slice(t, 0, 100)
	want := fewdigits.Padded(t, 0, 100).Examples(mnist.Unit)
	images, labels := idx(set.Pixels, 100, 28, 28), idx(set.Labels, 100)
	p := data.Preprocess{Rows: 28, Cols: 28, Channels: 1, Padding: 2}
	e, err := data.Collect(data.StreamIDX(bytes.NewReader(images), bytes.NewReader(labels), p))
	if err != nil || !slices.Equal(e.Images, want.Floats()) || !slices.Equal(e.Labels, want.Labels()) {
		t.Errorf("other bits than from memory, or error %v", err)
	}
	seq := data.IDXSeq(fstest.MapFS{"i.gz": {Data: zipped(t, images)}, "l": {Data: labels}}, "i.gz", "l", p)
	for epoch := range 2 {
		e, err := data.Collect(seq(epoch))
		if err != nil || !slices.Equal(e.Images, want.Floats()) || !slices.Equal(e.Labels, want.Labels()) {
			t.Errorf("epoch %d: other bits than from memory, or error %v", epoch, err)
		}
	}
	e, err = data.Collect(data.StreamIDX(bytes.NewReader(images), nil, p))
	if err != nil || !slices.Equal(e.Images, want.Floats()) || slices.Max(e.Labels) != -1 {
		t.Errorf("without labels: have labels up to %v, error %v", slices.Max(e.Labels), err)
	}
}

func TestStreamIDXErrors(t *testing.T) {
	images, labels := idx(make([]byte, 12), 3, 2, 2), idx([]byte{1, 2, 3}, 3)
	p := data.Preprocess{Rows: 2, Cols: 2, Channels: 1}
	for name, c := range map[string]struct {
		images, labels []byte
		p              data.Preprocess
		want           error
		before         int
	}{
		"empty":         {nil, labels, p, mnist.ErrFormat, 0},
		"exchanged":     {labels, images, p, mnist.ErrFormat, 0},
		"more labels":   {images, idx(make([]byte, 4), 4), p, mnist.ErrShape, 0},
		"images cut":    {images[:len(images)-1], labels, p, mnist.ErrFormat, 2},
		"label missing": {images, labels[:len(labels)-1], p, mnist.ErrFormat, 2},
		"header lies":   {idx(make([]byte, 12), mnist.MaxBytes, 2, 2), idx([]byte{1, 2, 3}, mnist.MaxBytes), p, mnist.ErrFormat, 3},
		"left over":     {append(bytes.Clone(images), 0), labels, p, mnist.ErrFormat, 3},
		"unusable":      {images, labels, data.Preprocess{}, layer.ErrOption, 0},
	} {
		n := 0
		var last error
		size := testkit.Allocated(func() {
			for _, err := range data.StreamIDX(bytes.NewReader(c.images), bytes.NewReader(c.labels), c.p) {
				if last = err; err == nil {
					n++
				}
			}
		})
		if n != c.before || !errors.Is(last, c.want) {
			t.Errorf("%s: have %d examples and error %v, want %d and %v", name, n, last, c.before, c.want)
		}
		if size > 1<<20 {
			t.Errorf("%s: allocated %d bytes", name, size)
		}
	}
	seq := data.IDXSeq(fstest.MapFS{"i": {Data: images}}, "i", "l", p)
	if _, err := data.Collect(seq(0)); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(fmt.Sprint(err), "i, l") {
		t.Errorf("no labels: have %v", err)
	}
}

func TestCollectErrors(t *testing.T) {
	broken := errors.New("broken")
	sequence := func(sizes ...int) iter.Seq2[net.Example, error] {
		return func(yield func(net.Example, error) bool) {
			for _, n := range sizes {
				var err error
				if n < 0 {
					err, n = broken, 0
				}
				if !yield(net.Example{Image: make([]float32, n)}, err) {
					return
				}
			}
		}
	}
	for name, c := range map[string]struct {
		examples iter.Seq2[net.Example, error]
		want     error
	}{
		"nil":          {nil, net.ErrData},
		"empty":        {sequence(), net.ErrData},
		"no values":    {sequence(0), net.ErrData},
		"shorter":      {sequence(3, 2), net.ErrData},
		"longer":       {sequence(3, 4), net.ErrData},
		"error":        {sequence(3, 3, -1), broken},
		"error at all": {sequence(-1), broken},
	} {
		if e, err := data.Collect(c.examples); !errors.Is(err, c.want) || e.Labels != nil || e.Images != nil {
			t.Errorf("%s: have %v, %v, want %v", name, e, err, c.want)
		}
	}
}

// TestSeqTrains wants a training on a stream to arrive at the bits of one on the
// same data in memory.
func TestSeqTrains(t *testing.T) {
	var text strings.Builder
	r := layer.Stream(1, "table", 0)
	for i := range 50 {
		fmt.Fprintf(&text, "%d,%v,%v\n", i%2*4+3, layer.Uniform(r)+float32(i%2), layer.Uniform(r))
	}
	c := data.CSV{NoHeader: true}
	hash := func(fit func(*net.Trainer) (*net.History, error)) string {
		t.Helper()
		n, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 5, Activation: layer.Tanh}, dense.Layer{Units: 2})
		if err != nil {
			t.Fatal(err)
		}
		trainer, err := net.NewTrainer(n, net.TrainerConfig{Optimizer: net.Adam{Rate: 0.1}})
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Close()
		history, err := fit(trainer)
		if err != nil {
			t.Fatal(err)
		}
		if first, last := history.Losses[0], history.Losses[len(history.Losses)-1]; !(last < first/2) {
			t.Errorf("the loss went from %v to %v", first, last)
		}
		return fmt.Sprintf("%x", n.Hash())
	}
	config := net.FitConfig{Epochs: 10, BatchSize: 8, NoShuffle: true}
	memory := hash(func(trainer *net.Trainer) (*net.History, error) {
		table, err := data.ReadCSV(strings.NewReader(text.String()), c)
		if err != nil {
			t.Fatal(err)
		}
		classified, labels, err := data.Classes(table)
		if err != nil || !slices.Equal(labels, []int{3, 7}) {
			t.Fatal(labels, err)
		}
		return trainer.Fit(context.Background(), classified, config)
	})
	stream := hash(func(trainer *net.Trainer) (*net.History, error) {
		seq, err := data.ApplyClassesSeq(csvText(text.String(), c), []int{3, 7})
		if err != nil {
			t.Fatal(err)
		}
		return trainer.FitSeq(context.Background(), seq, config)
	})
	if memory != stream {
		t.Error("other weights from a stream than from memory")
	}
}
