package benchmarks

import (
	"math"
	"testing"

	"github.com/simdlanes/lanes/internal/golden"
)

func TestNotebookNormals(t *testing.T) {
	const tolerance = 1e-15 // math.Log may differ from numpy's in the last bit
	normals := notebookNormals(48000)
	golden.Close(t, "first 64", normals[:64], golden.Float64(t, "notebook_randomstate1_normals_head64"), tolerance)
	golden.Close(t, "last", normals[47999:], []float64{0.5922324830061315}, tolerance)

	var sum float64
	for _, v := range normals {
		sum += v
	}
	golden.Close(t, "sum", []float64{sum}, []float64{209.99137898762416}, 1e-9)
}

func TestNotebookWeightsScale(t *testing.T) {
	first := notebookNormals(1)[0]
	w := NotebookWeights()
	for i, scale := range []float64{1 / math.Sqrt(150), 1 / math.Sqrt(2400), 0.01, 0.01, 0.01} {
		if got, want := w.W[i][0], float32(scale*first); got != want {
			t.Errorf("layer %d starts with %v, want %v", i, got, want)
		}
	}
}
