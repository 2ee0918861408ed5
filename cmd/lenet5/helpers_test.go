package main

import (
	"encoding/binary"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/simdlanes/lanes/mnist"
)

func newFlags() (*flag.FlagSet, *int) {
	f := flag.NewFlagSet("test", flag.ContinueOnError)
	return f, f.Int("top", 1, "")
}

// fewDigits writes the four files of a small MNIST, of 600 digits to train on
// and 200 to test, and returns their directory.
func fewDigits(t *testing.T) string {
	t.Helper()
	all := testDigits(t)
	dir := t.TempDir()
	for _, half := range []struct {
		name   string
		lo, hi int
	}{{"train", 0, 600}, {"t10k", 600, 800}} {
		s, err := all.Slice(half.lo, half.hi)
		if err != nil {
			t.Fatal(err)
		}
		images := binary.BigEndian.AppendUint32(nil, 0x803)
		labels := binary.BigEndian.AppendUint32(nil, 0x801)
		for _, n := range []int{s.Len(), s.Rows, s.Cols} {
			images = binary.BigEndian.AppendUint32(images, uint32(n))
		}
		labels = binary.BigEndian.AppendUint32(labels, uint32(s.Len()))
		write(t, filepath.Join(dir, half.name+"-images-idx3-ubyte"), append(images, s.Pixels...))
		write(t, filepath.Join(dir, half.name+"-labels-idx1-ubyte"), append(labels, s.Labels...))
	}
	return dir
}

func testDigits(t *testing.T) *mnist.Set {
	t.Helper()
	all, err := mnist.Test10k()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// picture writes digit i of the test digits as a PNG file, as ink on paper if
// dark is true, each pixel as a square of the given side.
func picture(t *testing.T, path string, i, side int, dark bool) {
	t.Helper()
	s := testDigits(t)
	img := image.NewGray(image.Rect(0, 0, s.Cols*side, s.Rows*side))
	for k := range img.Pix {
		row, col := k/img.Stride/side, k%img.Stride/side
		img.Pix[k] = s.Image(i)[row*s.Cols+col]
		if dark {
			img.Pix[k] = 255 - img.Pix[k]
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

var weightsLine = regexp.MustCompile(`(?m)^weights ([0-9a-f]{64})$`)

// weights is the hash that a training has printed in the end.
func weights(t *testing.T, output string) string {
	t.Helper()
	m := weightsLine.FindStringSubmatch(output)
	if m == nil {
		t.Fatalf("no hash of weights in %q", output)
	}
	return m[1]
}
