// Package fewdigits gives tests some of the embedded digits: in memory, and as
// files in the form of the large MNIST.
package fewdigits

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/simdlanes/lanes/mnist"
)

// Of the embedded digits, this many to train on and to test with.
const (
	Train = 600
	Test  = 200
)

// all is decoded once for all tests.
var all = sync.OnceValues(mnist.Test10k)

// Slice returns digits lo to hi-1 of the 10,000, of 28 rows and columns. They
// are to be read only, for other tests may have the same ones.
func Slice(tb testing.TB, lo, hi int) *mnist.Set {
	tb.Helper()
	s, err := all()
	if err == nil {
		s, err = s.Slice(lo, hi)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// Padded returns copies of digits with the 32 rows and columns that LeNet-5 takes.
func Padded(tb testing.TB, lo, hi int) *mnist.Set {
	tb.Helper()
	s, err := Slice(tb, lo, hi).Pad(32, 32)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// Write writes the four files into a directory, which it makes.
func Write(tb testing.TB, dir string) {
	tb.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		tb.Fatal(err)
	}
	for _, half := range []struct {
		name   string
		lo, hi int
	}{{"train", 0, Train}, {"t10k", Train, Train + Test}} {
		s := Slice(tb, half.lo, half.hi)
		write(tb, filepath.Join(dir, half.name+"-images-idx3-ubyte"), s.Pixels, 0x803, s.Len(), s.Rows, s.Cols)
		write(tb, filepath.Join(dir, half.name+"-labels-idx1-ubyte"), s.Labels, 0x801, s.Len())
	}
}

// write writes a file of bytes with the given header.
func write(tb testing.TB, path string, content []byte, header ...int) {
	tb.Helper()
	var file []byte
	for _, h := range header {
		file = binary.BigEndian.AppendUint32(file, uint32(h))
	}
	if err := os.WriteFile(path, append(file, content...), 0o666); err != nil {
		tb.Fatal(err)
	}
}
