package net_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// TestImagesMustBeFinite trains, predicts and evaluates on images of which one,
// then another before it, has an element that is not finite: the error names the
// first, and a training in which such steps fail is one in which they do not
// happen.
func TestImagesMustBeFinite(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, workers := range []int{1, 2, 3} {
		n, x, labels := blobs()
		clean, _, _ := blobs()
		tr, want := newTrainer(t, n, net.TrainerConfig{Workers: workers}), newTrainer(t, clean, net.TrainerConfig{Workers: workers})
		p := n.NewPredictor(workers)
		defer p.Close()
		for _, v := range []float32{inf, -inf, float32(math.NaN())} {
			bad := slices.Clone(x)
			for _, image := range []int{27, 9} {
				bad[2*image+1] = v
				data := net.Examples{Images: bad, Labels: labels}
				dst, proba := []int{7}, []float32{7}
				for name, call := range map[string]func() error{
					"Step": func() error { _, err := tr.Step(bad, labels); return err },
					"Fit": func() error {
						_, err := tr.Fit(t.Context(), data, net.FitConfig{NoShuffle: true})
						return err
					},
					"Predict":               func() (err error) { dst, err = n.Predict(dst, bad); return },
					"PredictProba":          func() (err error) { proba, err = n.PredictProba(proba, bad); return },
					"Predictor.Predict":     func() (err error) { dst, err = p.Predict(dst, bad); return },
					"Accuracy":              func() error { _, err := n.Accuracy(data); return err },
					"Network.Evaluate":      func() error { _, err := n.Evaluate(data, nil); return err },
					"Predictor.Evaluate":    func() error { _, err := p.Evaluate(data, net.CrossEntropy{}); return err },
					"Trainer.Evaluate":      func() error { _, err := tr.Evaluate(data); return err },
					"FitConfig.Validation":  func() error { return validate(t, data) },
					"PredictProba, one row": func() error { _, err := n.PredictProba(nil, bad[2*image:2*image+2]); return err },
				} {
					at := fmt.Sprintf("image %d", image)
					if name == "PredictProba, one row" {
						at = "image 0"
					}
					wantError(t, fmt.Sprintf("%s, %d workers, %v", name, workers, v), call(), net.ErrNotFinite, at, "element 1 of 2 is "+fmt.Sprint(v))
				}
				if len(dst) != 1 || len(proba) != 1 {
					t.Errorf("%d classes and %d probabilities after errors, want what was there before", len(dst), len(proba))
				}
				for _, trainer := range []*net.Trainer{tr, want} {
					if _, err := trainer.Step(x, labels); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if n.Hash() != clean.Hash() {
			t.Errorf("%d workers: failed steps have changed the weights, or the optimiser's clock", workers)
		}
	}
}

// validate trains on good data and validates on others.
func validate(t *testing.T, validation net.Dataset) error {
	n, x, labels := blobs()
	_, err := newTrainer(t, n, net.TrainerConfig{}).Fit(t.Context(), net.Examples{Images: x, Labels: labels}, net.FitConfig{Validation: validation})
	return err
}

// TestErrorsNameTheDatasImage shuffles: the error has the image's index in the
// data, not its place in the batch.
func TestErrorsNameTheDatasImage(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{})
	bad := slices.Clone(x)
	bad[2*23] = float32(math.NaN())
	for seed := range uint64(5) {
		config := net.FitConfig{BatchSize: 5, Seed: seed}
		_, err := tr.Fit(t.Context(), net.Examples{Images: bad, Labels: labels}, config)
		wantError(t, "NaN", err, net.ErrNotFinite, "epoch 1", "image 23:", "element 0")
		wrong := slices.Clone(labels)
		wrong[17] = 9
		_, err = tr.Fit(t.Context(), net.Examples{Images: x, Labels: wrong}, config)
		wantError(t, "label", err, net.ErrLabel, "image 17:", "have 9")
	}
}

// TestLossMustBeFinite has the losses of two images overflow, while all images
// and weights are finite.
func TestLossMustBeFinite(t *testing.T) {
	for _, loss := range losses {
		l, softmax := loss.(net.CrossEntropy)
		if softmax && l.Epsilon != 0 {
			continue // which bounds it
		}
		for _, workers := range []int{1, 2, 3} {
			build := func() (*net.Network, *net.Trainer) {
				n, err := net.New(layer.Vector(1), 1, dense.Layer{Units: 2})
				if err == nil {
					err = n.SetParams(0, []float32{1e15, -1e15}, []float32{0, 0})
				}
				if err != nil {
					t.Fatal(err)
				}
				return n, newTrainer(t, n, net.TrainerConfig{Loss: loss, Workers: workers})
			}
			n, tr := build()
			clean, want := build()
			good, labels := make([]float32, 32), make([]int, 32)
			for i := range labels {
				good[i], labels[i] = float32(i)*1e-15, i%2
			}
			bad := slices.Clone(good)
			for _, image := range []int{29, 11} { // of label 1, which has the smaller logit
				bad[image] = 3e23
				_, err := tr.Step(bad, labels)
				wantError(t, fmt.Sprintf("%T%+v, %d workers", loss, loss, workers), err, net.ErrNotFinite, fmt.Sprintf("image %d:", image), "loss is +Inf")
				_, err = tr.Evaluate(net.Examples{Images: bad, Labels: labels})
				wantError(t, "Evaluate", err, net.ErrNotFinite, fmt.Sprintf("image %d:", image))
				for _, trainer := range []*net.Trainer{tr, want} {
					if _, err := trainer.Step(good, labels); err != nil {
						t.Fatal(err)
					}
				}
			}
			if n.Hash() != clean.Hash() {
				t.Errorf("%T%+v, %d workers: a step whose loss is infinite has changed something", loss, loss, workers)
			}
		}
	}
}

// TestDivergenceEnds trains with a rate at which weights overflow.
func TestDivergenceEnds(t *testing.T) {
	n, x, labels := blobs()
	tr := newTrainer(t, n, net.TrainerConfig{Loss: net.SquaredError{}, Optimizer: net.SGD{Rate: 1e10}})
	history, err := tr.Fit(t.Context(), net.Examples{Images: x, Labels: labels}, net.FitConfig{Epochs: 100})
	wantError(t, "Fit", err, net.ErrNotFinite, "epoch", "image", "loss")
	if len(history.Losses) == 0 || len(history.Losses) == 100 || slices.ContainsFunc(history.Losses, func(l float64) bool { return l-l != 0 }) {
		t.Errorf("losses %v, want some, all finite", history.Losses)
	}
}
