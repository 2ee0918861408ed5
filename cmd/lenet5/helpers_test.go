package main

import (
	"flag"
	"image"
	"image/png"
	"os"
	"regexp"
	"testing"

	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/mnist"
)

func newFlags() (*flag.FlagSet, *int) {
	f := flag.NewFlagSet("test", flag.ContinueOnError)
	return f, f.Int("top", 1, "")
}

// fewDigits returns a directory with the four files of a small MNIST.
func fewDigits(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	fewdigits.Write(t, dir)
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
