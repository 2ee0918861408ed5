package golden

import (
	"os"
	"testing"
)

// File returns the array in an npy file of the caller's own, flattened in C
// order, and its dimensions, outermost first.
func File(tb testing.TB, path string) (data []float64, shape []int) {
	tb.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		tb.Fatalf("golden: %v", err)
	}
	a, err := decodeNPY(file)
	if err != nil {
		tb.Fatalf("golden: %s: %v", path, err)
	}
	return a.data, a.shape
}
