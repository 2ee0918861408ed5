// Package fewdigits gives tests a small MNIST in the form of the large one.
package fewdigits

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/simdlanes/lanes/mnist"
)

// Of the embedded digits, this many to train on and to test with.
const (
	Train = 600
	Test  = 200
)

// Write writes the four files into a directory, which it makes.
func Write(tb testing.TB, dir string) {
	tb.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		tb.Fatal(err)
	}
	all, err := mnist.Test10k()
	if err != nil {
		tb.Fatal(err)
	}
	for _, half := range []struct {
		name   string
		lo, hi int
	}{{"train", 0, Train}, {"t10k", Train, Train + Test}} {
		s, err := all.Slice(half.lo, half.hi)
		if err != nil {
			tb.Fatal(err)
		}
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
