package net_test

import (
	"testing"

	"github.com/simdlanes/lanes/internal/fewdigits"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net"
)

// TestLabelsAreChecked trains and tests on sets that are not labelled or have a
// label that is no class.
func TestLabelsAreChecked(t *testing.T) {
	set := fewdigits.Padded(t, 0, 20)
	unlabelled := *set
	unlabelled.Labels = nil
	wrong := net.Examples{Images: set.Examples(mnist.Unit).Floats(), Labels: set.Examples(mnist.Unit).Labels()}
	wrong.Labels[11] = 10
	n := net.LeNet5(1)
	tr := newTrainer(t, n, net.TrainerConfig{Workers: 2})
	p := n.NewPredictor(2)
	defer p.Close()
	for _, c := range []struct {
		name string
		data net.Dataset
		text []string
	}{
		{"unlabelled", unlabelled.Examples(mnist.Unit), []string{"image 0:", "0 to 9", "have -1"}},
		{"label 10", wrong, []string{"image 11:", "0 to 9", "have 10"}},
	} {
		before := n.Hash()
		_, err := tr.Fit(t.Context(), c.data, net.FitConfig{NoShuffle: true})
		wantError(t, c.name+", Fit", err, net.ErrLabel, append(c.text, "fit: epoch 1")...)
		if n.Hash() != before {
			t.Errorf("%s: trained on wrong labels", c.name)
		}
		for name, accuracy := range map[string]func(net.Dataset) (float64, error){
			"Network": n.Accuracy, "Trainer": tr.Accuracy, "Predictor": p.Accuracy,
		} {
			_, err := accuracy(c.data)
			wantError(t, c.name+", "+name+".Accuracy", err, net.ErrLabel, append(c.text, "accuracy")...)
		}
	}
}
