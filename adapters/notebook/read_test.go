package notebook

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/internal/testkit"
)

// pickled returns a file that testdata/make.py has made.
func pickled(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name+".pickle"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// names lists the files of a directory in testdata.
func names(t testing.TB, dir string) (all []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.pickle"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %q: %v", dir, err)
	}
	for _, f := range files {
		all = append(all, filepath.Join(dir, strings.TrimSuffix(filepath.Base(f), ".pickle")))
	}
	return all
}

// numbers are those of make.py: element k is (k mod 17 - 8) / 16.
func numbers(shape ...int) Array {
	n := 1
	for _, size := range shape {
		n *= size
	}
	a := Array{Shape: shape, Data: make([]float64, n)}
	for k := range a.Data {
		a.Data[k] = float64(k%17-8) / 16
	}
	return a
}

// lenet are the arrays of most files.
var lenet = []Entry{
	{numbers(2, 1, 3, 3), numbers(2)},
	{numbers(3, 2, 3, 3), numbers(3)},
	{numbers(4, 3), numbers(4)},
	{numbers(2, 4), numbers(2)},
}

// full returns the entries that are not empty.
func full(entries []Entry) []Entry {
	return slices.DeleteFunc(slices.Clone(entries), Entry.IsEmpty)
}

func TestRead(t *testing.T) {
	empties := map[string]int{"layers": 3, "arrays": 3, "unflattened": 2}
	read := 0
	for _, name := range names(t, "") {
		if name == "perceptron" {
			continue
		}
		entries, err := Read(bytes.NewReader(pickled(t, name)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		read++
		got := full(entries)
		if len(got) != len(lenet) || len(entries)-len(got) != empties[name] {
			t.Errorf("%s: want %d entries and %d empty ones, have %d and %d",
				name, len(lenet), empties[name], len(got), len(entries)-len(got))
			continue
		}
		for i, e := range got {
			if !slices.Equal(e.W.Shape, lenet[i].W.Shape) || !slices.Equal(e.W.Data, lenet[i].W.Data) {
				t.Errorf("%s: W of entry %d: want %v %v, have %v %v", name, i, lenet[i].W, lenet[i].W.Data, e.W, e.W.Data)
			}
			if !e.B.isVector(len(lenet[i].B.Data)) || !slices.Equal(e.B.Data, lenet[i].B.Data) {
				t.Errorf("%s: B of entry %d: want %v, have %v %v", name, i, lenet[i].B.Data, e.B, e.B.Data)
			}
		}
	}
	if read < 12 {
		t.Errorf("only %d files were read", read)
	}
}

// refused are the checks that have to refuse a file, lest it be refused by
// chance.
var refused = map[string][]string{
	"refers to":             {"system", "eval-protocol0", "list", "ordered-dict", "stack-global", "kept-global", "scalars", "subclass"},
	"does not stand before": {"global-below"},
	"larger than the file":  {"bomb", "encode-bomb"},
	"instructions":          {"deep", "nones"},
	"bytes, have":           {"bytes", "bytes8", "bytearray8", "string8", "truncated", "empty"},
	"no list of arrays":     {"persistent", "long4", "dictionary", "records", "numbers", "text"},
	"line of at most":       {"digits"},
	"number of 0 bytes":     {"long1-empty"},
	"nothing was kept":      {"nothing-kept"},
	"an array of shape":     {"huge-shape", "overflowing-shape", "negative-shape", "other-shape"},
	"float32 or float64":    {"integers", "half", "objects"},
	"want [W, B]":           {"three", "cyclic", "deep-list"},
	"both W and B":          {"without-bias"},
	"list of 1 to":          {"empty-list", "number", "build-class", "frame"},
	"want an array":         {"cyclic-pair"},
	"unhandled esize":       {"item-size"},
	"index out of range":    {"odd-bytes"}, // the unpickler panics
	"got=<nil>, want=int":   {"text-shape"},
}

// TestHostile reads files that mean harm.
func TestHostile(t *testing.T) {
	left := names(t, "hostile")
	for text, files := range refused {
		for _, name := range files {
			name = filepath.Join("hostile", name)
			left = slices.DeleteFunc(left, func(n string) bool { return n == name })
			_, err := Read(bytes.NewReader(pickled(t, name)))
			if !errors.Is(err, ErrPickle) || !strings.Contains(err.Error(), text) || len(err.Error()) > 250 {
				t.Errorf("%s: want a short error that wraps ErrPickle and says %q, have %v", name, text, err)
			}
		}
	}
	if len(left) > 0 {
		t.Errorf("files that no check is named for: %v", left)
	}
}

// TestCutShort reads every beginning of a file.
func TestCutShort(t *testing.T) {
	for _, name := range []string{"protocol0", "protocol2", "protocol5"} {
		file := pickled(t, name)
		for n := range file {
			if _, err := Read(bytes.NewReader(file[:n])); !errors.Is(err, ErrPickle) {
				t.Fatalf("%s, %d of %d bytes: want ErrPickle, have %v", name, n, len(file), err)
			}
		}
		if _, err := Read(bytes.NewReader(append(file, "more"...))); err != nil {
			t.Errorf("%s with more after its end: %v", name, err)
		}
	}
}

// TestMemory reads large files that mean harm, and measures what they cost.
func TestMemory(t *testing.T) {
	const size = 2 << 20
	array := "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01btR"
	double := "cnumpy\ndtype\n(X\x02\x00\x00\x00f8I00\nI01\ntR(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
	data := "B\x00\x00\x20\x00" + strings.Repeat("\x00", size)
	text := "X\x00\x00\x20\x00" + strings.Repeat("a", size)
	shape := "(J\x00\x00\x04\x00t"
	for name, file := range map[string]string{
		"marks":        strings.Repeat("(", size) + ".",
		"nones":        "(" + strings.Repeat("N", size) + "t.",
		"lists":        strings.Repeat("]", size) + ".",
		"digits":       "L" + strings.Repeat("9", size) + "L\n.",
		"line":         "V" + strings.Repeat("x", size),
		"called bytes": data + ")R.",
		"called text":  text + ")R.",
		"built bytes":  data + "]b.",
		"bytes apart":  strings.Repeat("C\x00", size/2) + ".",
		"array again":  "(" + array + "(K\x01" + shape + double + "q\x01I00\n" + data + "q\x02tb" + strings.Repeat(array+"(K\x01"+shape+"h\x01I00\nh\x02tb", 300) + "t.",
		"text again":   "(" + text + "q\x01" + strings.Repeat("c_codecs\nencode\n(h\x01X\x06\x00\x00\x00latin1tR", 300) + "t.",
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			allocated := testkit.Allocated(func() { _, err = Read(strings.NewReader(file)) })
			if !errors.Is(err, ErrPickle) || len(err.Error()) > 250 {
				t.Errorf("want a short error that wraps ErrPickle, have %.250v", err)
			}
			limit := uint64(8*len(file) + 12<<20) // io.ReadAll alone takes some five times the size
			if allocated > limit {
				t.Errorf("a file of %d bytes: want at most %d bytes allocated, have %d", len(file), limit, allocated)
			}
		})
	}
}

// endless is a file without end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	for i := range p {
		p[i] = 'N'
	}
	return len(p), nil
}

func TestTooLarge(t *testing.T) {
	r := &endless{}
	if _, err := Read(r); !errors.Is(err, ErrPickle) || !strings.Contains(err.Error(), "more than") {
		t.Errorf("want an error that wraps ErrPickle and says what the limit is, have %v", err)
	}
	if r.read > 2*MaxSize {
		t.Errorf("want little more than %d bytes read, have %d", MaxSize, r.read)
	}
}

// failing is a reader with an error of its own.
type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }

func TestReaderFails(t *testing.T) {
	want := errors.New("wire cut")
	if _, err := Read(failing{want}); !errors.Is(err, want) {
		t.Errorf("want the reader's error, have %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, dir := range []string{"", "hostile"} {
		for _, name := range names(f, dir) {
			if file := pickled(f, name); len(file) < 5000 { // large ones make fuzzing slow
				f.Add(file)
			}
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		entries, err := Read(bytes.NewReader(file))
		if err != nil {
			if !errors.Is(err, ErrPickle) {
				t.Errorf("want ErrPickle, have %v", err)
			}
			return
		}
		for i, e := range entries {
			for _, a := range []Array{e.W, e.B} {
				if len(a.Data)*4 > len(file) {
					t.Errorf("entry %d has %d elements, the file %d bytes", i, len(a.Data), len(file))
				}
			}
		}
		if _, err := Load(bytes.NewReader(file), Options{}); err == nil && len(full(entries)) == 0 {
			t.Error("a network of no arrays")
		}
	})
}
