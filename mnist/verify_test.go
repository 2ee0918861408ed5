package mnist

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// TestVerifyEmbedded checks the sums of the two files that are there.
func TestVerifyEmbedded(t *testing.T) {
	data, err := fs.Sub(testFiles, "data")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range publishedFiles[2:] {
		if err := f.check(data); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
	if err := Verify(data); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "train-images") {
		t.Errorf("without training images: got %v, want %v", err, fs.ErrNotExist)
	}
}

func TestVerifyErrors(t *testing.T) {
	labels := publishedFiles[3]
	good, err := testFiles.ReadFile("data/" + labels.name)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(good)
	changed[len(changed)/2] ^= 1
	for _, c := range []struct {
		name   string
		data   []byte
		detail string
	}{
		{"changed", changed, "SHA-256"},
		{"cut", good[:len(good)-1], "got 4541"},
		{"empty", nil, "got 0"},
		{"longer", append(bytes.Clone(good), 0), "got more"},
		{"much longer", make([]byte, 1<<20), "got more"},
	} {
		err := labels.check(fstest.MapFS{labels.name: {Data: c.data}})
		if !errors.Is(err, ErrChecksum) || !strings.Contains(err.Error(), c.detail) {
			t.Errorf("%s: got %v, want %v with %q", c.name, err, ErrChecksum, c.detail)
		}
	}
	if err := labels.check(fstest.MapFS{labels.name: {Mode: fs.ModeDir}}); err == nil || errors.Is(err, ErrChecksum) {
		t.Errorf("directory: got %v, want an error of the file system", err)
	}
	if err := Verify(files(t)); !errors.Is(err, ErrChecksum) {
		t.Errorf("other images: got %v, want %v", err, ErrChecksum)
	}
}
