package net_test

import (
	"testing"

	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// TestTrainerKeepsMeaning lets something else change what the network's outputs
// mean, before each method of a trainer and amidst a Fit: it is again what the
// trainer's loss makes of them.
func TestTrainerKeepsMeaning(t *testing.T) {
	n, err := net.New(layer.Vector(2), 3, dense.Layer{Units: 8, Activation: layer.Tanh}, dense.Layer{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, x, labels := blobs()
	data := net.Examples{Images: x, Labels: labels}
	tr := newTrainer(t, n, net.TrainerConfig{Loss: net.BinaryCrossEntropy{}})
	others := map[string]func(){
		"another trainer": func() { newTrainer(t, n, net.TrainerConfig{Loss: net.SquaredError{}, Workers: 1}).Close() },
		"SetMeaning": func() {
			if err := n.SetMeaning(net.Logits); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, other := range others {
		var saved []net.Meaning
		for method, f := range map[string]func() error{
			"Step":     func() error { _, err := tr.Step(x, labels); return err },
			"Accuracy": func() error { _, err := tr.Accuracy(data); return err },
			"Evaluate": func() error { _, err := tr.Evaluate(data); return err },
			"Fit": func() error {
				_, err := tr.Fit(t.Context(), data, net.FitConfig{
					Epochs: 2, Validation: data,
					Callbacks: []net.Callback{
						&net.BestModel{Save: func(n *net.Network) error { saved = append(saved, n.Meaning()); return nil }},
						net.OnEpoch(func(r net.EpochResult) error {
							have, err := n.Accuracy(data)
							if err != nil || have != r.Accuracy {
								t.Errorf("%s: error %v, accuracy %v, want %v", name, err, r.Accuracy, have)
							}
							other()
							return nil
						}),
					},
				})
				return err
			},
		} {
			other()
			if err := f(); err != nil {
				t.Fatal(err)
			}
			if method != "Fit" && n.Meaning() != net.Odds {
				t.Errorf("%s, then %s: the outputs are %v, want odds", name, method, n.Meaning())
			}
		}
		if len(saved) == 0 {
			t.Fatalf("%s: no model was saved", name)
		}
		for _, m := range saved {
			if m != net.Odds {
				t.Errorf("%s: a model was saved whose outputs are %v, want odds", name, m)
			}
		}
	}
}
