package benchmarks

import (
	"strings"
	"testing"
)

var _ Trainer = (*Network)(nil)

func TestStepRejectsBadBatches(t *testing.T) {
	n := NewNaive(NotebookWeights(), NotebookAdam, 2)
	for _, test := range []struct {
		name   string
		images int
		labels []int
		want   string
	}{
		{"no images", 0, nil, "batch of 0 images"},
		{"too many images", 3, []int{1, 2, 3}, "batch of 3 images"},
		{"fewer labels than images", 2, []int{1}, "2048 values for 1 images"},
		{"label too great", 2, []int{1, 10}, "label 1 is 10"},
		{"negative label", 2, []int{-1, 1}, "label 0 is -1"},
	} {
		_, err := n.Step(make([]float32, test.images*imageSize), test.labels)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
	if err := n.Predict(make([]int, 2), make([]float32, imageSize)); err == nil {
		t.Error("Predict took 1 image for 2")
	}
}

func TestNetworkCopiesWeights(t *testing.T) {
	x, labels := notebookDigits(t)
	x, labels = batchOf(x, labels, 0, 4)
	w := NotebookWeights()
	n := NewNaive(w, NotebookAdam, len(labels))
	if _, err := n.Step(x, labels); err != nil {
		t.Fatal(err)
	}
	original := NotebookWeights()
	for i := range w.W {
		for j, v := range w.W[i] {
			if v != original.W[i][j] {
				t.Fatalf("a step changed the caller's weight %d of layer %d", j, i)
			}
		}
	}
}

func TestNetworkRejectsOtherWeights(t *testing.T) {
	w := NotebookWeights()
	w.B[3] = w.B[3][1:]
	defer func() {
		if recover() == nil {
			t.Error("NewNaive took a bias of the wrong length")
		}
	}()
	NewNaive(w, NotebookAdam, 1)
}

// TestSmallBatch checks that a batch smaller than the buffers gives the same
// result as one that fills them.
func TestSmallBatch(t *testing.T) {
	w, x, labels := goldenLeNet(t)
	for _, baseline := range baselines {
		exact, roomy := baseline.new(w, NotebookAdam, 4), baseline.new(w, NotebookAdam, 7)
		for range 3 {
			want, err := exact.Step(x, labels)
			if err != nil {
				t.Fatal(err)
			}
			got, err := roomy.Step(x, labels)
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("%s: loss %v in a network for 7 images, want %v", baseline.name, got, want)
			}
		}
	}
}

func TestNaiveStepDoesNotAllocate(t *testing.T) {
	w, x, labels := goldenLeNet(t)
	n := NewNaive(w, NotebookAdam, len(labels))
	allocations := testing.AllocsPerRun(3, func() {
		if _, err := n.Step(x, labels); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("a step allocates %v times, want 0", allocations)
	}
}
