package mnist

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTest10k(t *testing.T) {
	s := test10k(t)
	if s.Len() != 10000 || s.Rows != 28 || s.Cols != 28 {
		t.Fatalf("got %d images of %dx%d", s.Len(), s.Rows, s.Cols)
	}
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	if !slices.Equal(s.Labels[:4], []uint8{7, 2, 1, 0}) {
		t.Errorf("labels start with %v", s.Labels[:4])
	}
	var count [10]int
	for _, label := range s.Labels {
		count[label]++
	}
	if want := [10]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}; count != want {
		t.Errorf("got %v images of each digit, want %v", count, want)
	}
	again, err := Test10k()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.Pixels, s.Pixels) || &again.Pixels[0] == &s.Pixels[0] {
		t.Error("a second call does not return a set of its own")
	}
}

// files returns the four files with 3 training and 2 test images, packed.
func files(t testing.TB) fstest.MapFS {
	return fstest.MapFS{
		"train-images-idx3-ubyte.gz": {Data: zip(t, idx(ramp(3*784), 3, 28, 28))},
		"train-labels-idx1-ubyte.gz": {Data: zip(t, idx([]byte{3, 1, 4}, 3))},
		"t10k-images-idx3-ubyte.gz":  {Data: zip(t, idx(noise(2*784), 2, 28, 28))},
		"t10k-labels-idx1-ubyte.gz":  {Data: zip(t, idx([]byte{9, 0}, 2))},
	}
}

func checkLoaded(t *testing.T, train, test *Set, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(train.Pixels, ramp(3*784)) || !bytes.Equal(train.Labels, []byte{3, 1, 4}) {
		t.Error("training images or labels differ")
	}
	if !bytes.Equal(test.Pixels, noise(2*784)) || !bytes.Equal(test.Labels, []byte{9, 0}) {
		t.Error("test images or labels differ")
	}
}

func TestLoad(t *testing.T) {
	packed := files(t)
	plain, mixed := fstest.MapFS{}, maps.Clone(packed)
	for name, f := range packed {
		data := unzipped(f.Data)
		plain[strings.TrimSuffix(name, ".gz")] = &fstest.MapFile{Data: data}
		if strings.HasPrefix(name, "t10k") {
			mixed[name] = &fstest.MapFile{Data: data} // unpacked, whatever its name
		}
		mixed[strings.TrimSuffix(name, ".gz")] = &fstest.MapFile{Data: []byte("not read")}
	}
	for name, fsys := range map[string]fs.FS{"packed": packed, "plain": plain, "mixed": mixed} {
		t.Run(name, func(t *testing.T) {
			train, test, err := Load(fsys)
			checkLoaded(t, train, test, err)
		})
	}
}

func TestLoadDir(t *testing.T) {
	dir := t.TempDir()
	for name, f := range files(t) {
		if err := os.WriteFile(filepath.Join(dir, name), f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	train, test, err := LoadDir(dir)
	checkLoaded(t, train, test, err)
	for _, missing := range []string{"", filepath.Join(dir, "nowhere")} {
		if _, _, err := LoadDir(missing); err == nil {
			t.Errorf("directory %q: no error", missing)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	cut := zip(t, idx(ramp(3*784), 3, 28, 28))
	for _, c := range []struct {
		name string // of the file that is replaced
		data []byte // nil if it is missing
		want error
	}{
		{"train-images-idx3-ubyte", nil, fs.ErrNotExist},
		{"train-labels-idx1-ubyte", nil, fs.ErrNotExist},
		{"t10k-images-idx3-ubyte", nil, fs.ErrNotExist},
		{"t10k-labels-idx1-ubyte", nil, fs.ErrNotExist},
		{"train-images-idx3-ubyte", idx(ramp(3*784), 3, 14, 56), ErrShape},
		{"train-images-idx3-ubyte", idx(ramp(3*784), 6, 28, 14), ErrShape},
		{"train-images-idx3-ubyte", cut[:len(cut)/2], ErrFormat},
		{"train-images-idx3-ubyte", idx(nil, 1<<31, 28, 28), ErrTooLarge},
		{"train-labels-idx1-ubyte", idx([]byte{3, 1, 4, 1}, 4), ErrShape},
		{"train-labels-idx1-ubyte", idx(nil, 0), ErrShape},
		{"t10k-labels-idx1-ubyte", idx([]byte{9, 10}, 2), ErrFormat},
		{"t10k-labels-idx1-ubyte", idx(ramp(784), 1, 28, 28), ErrFormat},
	} {
		fsys := files(t)
		delete(fsys, c.name+".gz")
		if c.data != nil {
			fsys[c.name] = &fstest.MapFile{Data: c.data}
		}
		train, test, err := Load(fsys)
		if train != nil || test != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s of %d bytes: got %v, want %v", c.name, len(c.data), err, c.want)
		}
	}
}

// TestLoadOpenError checks that only a missing file makes Load look for the
// other form.
func TestLoadOpenError(t *testing.T) {
	if _, _, err := Load(locked{}); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), ".gz") {
		t.Errorf("got %v, want %v", err, fs.ErrPermission)
	}
}

// locked is a file system that nobody may read.
type locked struct{}

func (locked) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}
