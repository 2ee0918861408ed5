package net_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

// recording is a Dataset that notes the order in which it is read.
type recording struct {
	net.Examples
	mu    *sync.Mutex
	order *[]int
}

func record(images []float32, labels []int) recording {
	return recording{net.Examples{Images: images, Labels: labels}, new(sync.Mutex), new([]int)}
}

func (r recording) Read(x []float32, labels []int, indices []int) error {
	r.mu.Lock()
	*r.order = append(*r.order, indices...)
	r.mu.Unlock()
	return r.Examples.Read(x, labels, indices)
}

// orders trains on 20 images, with one worker, and returns the images of each
// epoch in the order of training.
func orders(t *testing.T, c net.FitConfig) [][]int {
	t.Helper()
	n, x, labels := blobs()
	data := record(x[:2*20], labels[:20])
	tr := newTrainer(t, n, net.TrainerConfig{Workers: 1})
	if _, err := tr.Fit(t.Context(), data, c); err != nil {
		t.Fatal(err)
	}
	return slices.Collect(slices.Chunk(*data.order, len(*data.order)/c.Epochs))
}

func numbers(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	return p
}

// TestFitOrder reads every image once an epoch, or all whole batches of them.
func TestFitOrder(t *testing.T) {
	for _, c := range []struct {
		name   string
		config net.FitConfig
		images int // of an epoch
	}{
		{"partial batch", net.FitConfig{BatchSize: 8}, 20},
		{"partial batch dropped", net.FitConfig{BatchSize: 8, DropLast: true}, 16},
		{"whole batches, none dropped", net.FitConfig{BatchSize: 10, DropLast: true}, 20},
		{"batch larger than the data", net.FitConfig{BatchSize: 50}, 20},
	} {
		c.config.Epochs = 2
		c.config.NoShuffle = true
		for _, order := range orders(t, c.config) {
			if !slices.Equal(order, numbers(c.images)) {
				t.Errorf("%s: trained on %v, want %d images in order", c.name, order, c.images)
			}
		}
	}
}

// TestFitShuffles wants another order for every epoch and every seed, and the
// same one for the same.
func TestFitShuffles(t *testing.T) {
	first := orders(t, net.FitConfig{Epochs: 3, Seed: 1})
	other := orders(t, net.FitConfig{Epochs: 3, Seed: 2})
	again := orders(t, net.FitConfig{Epochs: 3, Seed: 1})
	for i, order := range append(slices.Clone(first), other...) {
		for j, before := range append(slices.Clone(first), other...)[:i] {
			if slices.Equal(order, before) {
				t.Errorf("epochs %d and %d (from 3 on with another seed) have one order", j, i)
			}
		}
		if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, numbers(20)) {
			t.Errorf("trained on %v, want each image once", order)
		}
	}
	for i := range first {
		if !slices.Equal(first[i], again[i]) {
			t.Errorf("epoch %d: the same seed gives %v and %v", i, first[i], again[i])
		}
	}
}

// quarter is a network that sees which of two inputs is larger, and data of
// which it gets one in four images right.
func quarter(t *testing.T) (*net.Network, net.Examples) {
	t.Helper()
	n, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2})
	if err == nil {
		err = n.SetParams(0, []float32{1, 0, 0, 1}, []float32{0, 0})
	}
	if err != nil {
		t.Fatal(err)
	}
	return n, net.Examples{Images: []float32{1, 0, 1, 0, 0, 1, 0, 1}, Labels: []int{0, 1, 0, 0}}
}

// TestFitReports checks what History and EpochEnd say of each epoch.
func TestFitReports(t *testing.T) {
	n, data := quarter(t)
	tr := newTrainer(t, n, net.TrainerConfig{Optimizer: net.SGD{Rate: 0.25}})
	var ends []net.EpochResult
	history, err := tr.Fit(t.Context(), data, net.FitConfig{
		Epochs:     2,
		BatchSize:  3, // 3 + 1
		Rate:       func(int, int) float64 { return 0 },
		Validation: data,
		Callbacks:  []net.Callback{net.OnEpoch(func(e net.EpochResult) error { ends = append(ends, e); return nil })},
	})
	if err != nil || len(history.Losses) != 4 || len(history.Epochs) != 2 {
		t.Fatalf("error %v, history %+v, want 4 steps and 2 epochs", err, history)
	}
	for i, e := range history.Epochs {
		mean := (history.Losses[2*i] + history.Losses[2*i+1]) / 2
		if e.Epoch != i+1 || e.Accuracy != 0.25 || math.Abs(e.Loss-mean) > 1e-15 {
			t.Errorf("epoch %d: %+v, want accuracy 0.25 and loss %v", i+1, e, mean)
		}
	}
	if !slices.Equal(ends, history.Epochs) {
		t.Errorf("EpochEnd was told %+v, want %+v", ends, history.Epochs)
	}
	if tr.Rate() != 0.25 {
		t.Errorf("the trainer's rate is %v after Fit, want 0.25 as before", tr.Rate())
	}
}

// TestFitNeedsRightSize trains LeNet-5 on images that lack their margin.
func TestFitNeedsRightSize(t *testing.T) {
	small := fewdigits.Slice(t, 0, 20).Examples(mnist.Unit)
	tr := newTrainer(t, net.LeNet5(1), net.TrainerConfig{})
	history, err := tr.Fit(t.Context(), small, net.FitConfig{BatchSize: 10})
	wantError(t, "training", err, mnist.ErrShape, "1x32x32", "28x28")
	if len(history.Losses) != 0 {
		t.Errorf("%d steps on images of the wrong size", len(history.Losses))
	}
	_, err = tr.Accuracy(small)
	wantError(t, "accuracy", err, mnist.ErrShape, "1x32x32", "28x28")
}

// TestFitTriesValidation has validation fail at its first image, which must
// cost no step, and later, which must not cost the losses of the steps. The epoch
// is then not complete.
func TestFitTriesValidation(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	data := net.Examples{Images: x, Labels: labels}
	for name, validation := range map[string]net.Dataset{
		"wrong size": net.Examples{Images: x, Labels: labels[:16]},
		"empty":      net.Examples{},
		"unlabelled": net.Examples{Images: x[:2], Labels: []int{-1}},
	} {
		history, err := tr.Fit(t.Context(), data, net.FitConfig{Validation: validation})
		if err == nil || !strings.Contains(err.Error(), "validation") || len(history.Losses) != 0 {
			t.Errorf("%s: error %v after %d steps, want one that names the validation before the first", name, err, len(history.Losses))
		}
	}
	history, err := tr.Fit(t.Context(), data, net.FitConfig{
		Epochs:     2,
		Validation: failing{data, 9},
		Callbacks:  []net.Callback{net.OnEpoch(func(e net.EpochResult) error { t.Errorf("EpochEnd is told %+v", e); return nil })},
	})
	wantError(t, "late", err, errBroken, "epoch 1", "validation")
	if len(history.Epochs) != 0 || len(history.Losses) != 1 {
		t.Errorf("history %+v, want the loss of one step", history)
	}
}

// wantError checks that an error wraps what it should, says what it should, and
// names the package once.
func wantError(t *testing.T, what string, err, want error, text ...string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want one that wraps %q", what, err, want)
		return
	}
	if strings.Count(err.Error(), "net: ") != 1 || !strings.HasPrefix(err.Error(), "net: ") {
		t.Errorf("%s: error %q, want the package's name once, at its beginning", what, err)
	}
	for _, s := range text {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%s: error %q, want %q in it", what, err, s)
		}
	}
}
