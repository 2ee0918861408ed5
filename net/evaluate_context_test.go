package net_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/simdlanes/lanes/net"
)

// interrupting cancels a context when it has been read a number of times.
type interrupting struct {
	net.Examples
	after  int64
	cancel context.CancelFunc
	reads  *atomic.Int64
}

func (d interrupting) Read(x []float32, labels []int, indices []int) error {
	if d.reads.Add(1) == d.after {
		d.cancel()
	}
	return d.Examples.Read(x, labels, indices)
}

// TestEvaluateContext interrupts evaluations: before anything is read, and amidst
// many blocks. What evaluates is as good afterwards as before.
func TestEvaluateContext(t *testing.T) {
	n, x, labels := blobs()
	var e net.Examples
	for range 100 {
		e.Images, e.Labels = append(e.Images, x...), append(e.Labels, labels...)
	}
	loss := net.CrossEntropy{}
	want, err := n.Evaluate(e, loss)
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 3} {
		p := n.NewPredictor(workers)
		defer p.Close()
		tr := newTrainer(t, n, net.TrainerConfig{Workers: workers})
		for name, evaluate := range map[string]func(context.Context, net.Dataset) (*net.Evaluation, error){
			"network": func(ctx context.Context, d net.Dataset) (*net.Evaluation, error) {
				return n.EvaluateContext(ctx, d, loss)
			},
			"predictor": func(ctx context.Context, d net.Dataset) (*net.Evaluation, error) {
				return p.EvaluateContext(ctx, d, loss)
			},
			"trainer": tr.EvaluateContext,
		} {
			name := fmt.Sprint(name, ", ", workers, " workers")
			for _, after := range []int64{0, 1, 20} {
				ctx, cancel := context.WithCancel(t.Context())
				if after == 0 {
					cancel()
				}
				d := interrupting{e, after, cancel, new(atomic.Int64)}
				have, err := evaluate(ctx, d)
				wantError(t, name, err, context.Canceled, "net: evaluate: context canceled")
				if have != nil {
					t.Errorf("%s: an evaluation that was interrupted has results", name)
				}
				if reads := d.reads.Load(); reads < after || reads >= after+int64(workers) && after > 0 || after == 0 && reads > 0 {
					t.Errorf("%s: cancelled in read %d, it has made %d", name, after, reads)
				}
				cancel()
			}
			have, err := evaluate(t.Context(), e)
			if err != nil || !reflect.DeepEqual(have, want) {
				t.Errorf("%s: another evaluation than before the interrupts, error %v", name, err)
			}
		}
	}
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	_, err = n.EvaluateContext(late, e, loss)
	wantError(t, "deadline", err, context.DeadlineExceeded)
	_, err = n.EvaluateContext(late, nil, loss)
	wantError(t, "nil and deadline", err, net.ErrData)
}

// The time that an evaluation may take is bounded.
func ExampleNetwork_EvaluateContext() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	_, err := net.LeNet5(1).EvaluateContext(ctx, net.Examples{Images: make([]float32, 1024), Labels: []int{0}}, nil)
	if errors.Is(err, context.DeadlineExceeded) {
		fmt.Println("too slow")
	} else if err != nil {
		log.Fatal(err)
	}
	// Output: too slow
}

// A server evaluates on all its cores until its client has gone.
func ExamplePredictor_EvaluateContext() {
	predictor := net.LeNet5(1).NewPredictor(0)
	defer predictor.Close()
	ctx, gone := context.WithCancel(context.Background())
	gone()
	_, err := predictor.EvaluateContext(ctx, net.Examples{Images: make([]float32, 1024), Labels: []int{0}}, nil)
	fmt.Println(errors.Is(err, context.Canceled))
	// Output: true
}

// A callback evaluates on other data, and is interrupted with the training.
func ExampleTrainer_EvaluateContext() {
	_, trainer := newXOR()
	defer trainer.Close()
	ctx := context.Background()
	_, err := trainer.Fit(ctx, xor, net.FitConfig{Epochs: 50, BatchSize: 4, Callbacks: []net.Callback{
		net.OnEpoch(func(r net.EpochResult) error {
			if r.Epoch != 50 {
				return nil
			}
			e, err := trainer.EvaluateContext(ctx, xor)
			if err != nil {
				return err
			}
			fmt.Println(e.Classes, e.Accuracy)
			return nil
		}),
	}})
	fmt.Println(err)
	// Output:
	// [0 1 1 0] 1
	// <nil>
}
