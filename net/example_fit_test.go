package net_test

import (
	"context"
	"fmt"
	"iter"
	"log"

	"github.com/simdlanes/lanes/net"
)

// A callback watches the training and ends it when it has seen enough.
func ExampleCallback() {
	_, trainer := newXOR()
	defer trainer.Close()
	history, err := trainer.Fit(context.Background(), xor, net.FitConfig{
		Epochs:     1000,
		BatchSize:  4,
		Validation: xor,
		Callbacks: []net.Callback{
			net.OnEpoch(func(r net.EpochResult) error {
				if r.Epoch%10 == 0 {
					fmt.Printf("epoch %d: loss %.2f, accuracy %v\n", r.Epoch, r.Loss, r.Accuracy)
				}
				if r.ValidationLoss < 0.05 {
					return net.ErrStop
				}
				return nil
			}),
		},
	})
	fmt.Println(len(history.Epochs) < 1000, err)
	// Output:
	// epoch 10: loss 0.58, accuracy 1
	// epoch 20: loss 0.15, accuracy 1
	// true <nil>
}

func ExampleOnStep() {
	_, trainer := newXOR()
	defer trainer.Close()
	progress := net.OnStep(func(p net.Progress) error {
		fmt.Printf("epoch %d of %d, step %d of %d, rate %v\n", p.Epoch, p.Epochs, p.Step, p.Steps, p.Rate)
		return nil
	})
	if _, err := trainer.Fit(context.Background(), xor, net.FitConfig{
		Epochs: 2, BatchSize: 2, Callbacks: []net.Callback{progress},
	}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// epoch 1 of 2, step 1 of 4, rate 0.1
	// epoch 1 of 2, step 2 of 4, rate 0.1
	// epoch 2 of 2, step 3 of 4, rate 0.1
	// epoch 2 of 2, step 4 of 4, rate 0.1
}

// A training on two of the cases of xor, of which one is labelled wrongly,
// becomes worse on all four. It ends, and the network is that of its best epoch.
func ExampleEarlyStopping() {
	_, trainer := newXOR()
	defer trainer.Close()
	some := net.Examples{Images: xor.Images[2:6], Labels: []int{1, 0}}
	history, err := trainer.Fit(context.Background(), some, net.FitConfig{
		Epochs:     100,
		Validation: xor,
		Callbacks:  []net.Callback{&net.EarlyStopping{Monitor: net.ValidationLoss, Patience: 3, Restore: true}},
	})
	if err != nil {
		log.Fatal(err)
	}
	best := history.Epochs[0]
	for _, r := range history.Epochs {
		if r.ValidationLoss < best.ValidationLoss {
			best = r
		}
	}
	fmt.Println(len(history.Epochs), "epochs, of which the best is", best.Epoch)
	accuracy, err := trainer.Accuracy(xor)
	fmt.Println(accuracy == best.Accuracy, err)
	// Output:
	// 4 epochs, of which the best is 1
	// true <nil>
}

// A training saves its state every 15 steps, is cancelled, and goes on from
// the last state in another network: the weights have the bits of a training
// without a break.
func ExampleCheckpoint() {
	unbroken, trainer := newXOR()
	defer trainer.Close()
	config := net.FitConfig{
		Epochs: 20, BatchSize: 3, Seed: 1,
		Callbacks: []net.Callback{&net.Checkpoint{Every: 15, Save: func(*net.State) error { return nil }}},
	}
	if _, err := trainer.Fit(context.Background(), xor, config); err != nil {
		log.Fatal(err)
	}

	var saved *net.State // a model file would hold it
	ctx, cancel := context.WithCancel(context.Background())
	config.Callbacks = []net.Callback{&net.Checkpoint{Every: 15, Save: func(s *net.State) error {
		saved = s
		if len(s.Fit.History.Losses) == 15 {
			cancel()
		}
		return nil
	}}}
	_, trainer = newXOR()
	_, err := trainer.Fit(ctx, xor, config)
	trainer.Close()
	fmt.Println(err)

	resumed, trainer := newXOR()
	defer trainer.Close()
	config.Resume = saved
	history, err := trainer.Fit(context.Background(), xor, config)
	fmt.Println(len(history.Epochs), "epochs", err)
	fmt.Println(resumed.Hash() == unbroken.Hash())
	// Output:
	// net: fit: epoch 8: context canceled
	// 20 epochs <nil>
	// true
}

func ExampleBestModel() {
	network, trainer := newXOR()
	defer trainer.Close()
	var best [32]byte
	_, err := trainer.Fit(context.Background(), xor, net.FitConfig{
		Epochs:     20,
		BatchSize:  4,
		Validation: xor,
		Callbacks: []net.Callback{&net.BestModel{Save: func(n *net.Network) error {
			best = n.Hash() // or write it to a file
			return nil
		}}},
	})
	fmt.Println(best == network.Hash(), err) // the last epoch was the best
	// Output: true <nil>
}

// Data that comes one by one, from a file or a network, is an iterator.
func ExampleTrainer_FitSeq() {
	network, trainer := newXOR()
	defer trainer.Close()
	seq := func(epoch int) iter.Seq2[net.Example, error] {
		return func(yield func(net.Example, error) bool) {
			for i, label := range xor.Labels {
				if !yield(net.Example{Image: xor.Images[2*i : 2*i+2], Label: label}, nil) {
					return
				}
			}
		}
	}
	history, err := trainer.FitSeq(context.Background(), seq, net.FitConfig{Epochs: 50, BatchSize: 2})
	if err != nil {
		log.Fatal(err)
	}
	classes, err := network.Predict(nil, xor.Images)
	fmt.Println(len(history.Losses), classes, err)
	// Output: 100 [0 1 1 0] <nil>
}

// Those who own the loop go back to where they were.
func ExampleTrainer_Restore() {
	network, trainer := newXOR()
	defer trainer.Close()
	state, err := trainer.State()
	if err != nil {
		log.Fatal(err)
	}
	before := network.Hash()
	for range 10 {
		if _, err := trainer.Step(xor.Images, xor.Labels); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(network.Hash() == before)
	err = trainer.Restore(state)
	fmt.Println(network.Hash() == before, err)
	// Output:
	// false
	// true <nil>
}

// What a state says of the optimiser.
func ExampleOptimizerState() {
	_, trainer := newXOR()
	defer trainer.Close()
	state, err := trainer.State()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(state.Optimizer.Name)
	for _, moment := range state.Optimizer.Moments {
		fmt.Println("a moment for each of", len(moment), "parameters")
	}
	// Output:
	// Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-08, Uncorrected: false}
	// a moment for each of 42 parameters
	// a moment for each of 42 parameters
}
