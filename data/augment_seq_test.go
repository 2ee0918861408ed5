package data_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// inOrder yields examples as they lie, in their own memory.
func inOrder(e net.Examples, size int) net.Seq {
	return func(int) iter.Seq2[net.Example, error] {
		return func(yield func(net.Example, error) bool) {
			for i, label := range e.Labels {
				if !yield(net.Example{Image: e.Images[i*size:][:size], Label: label}, nil) {
					return
				}
			}
		}
	}
}

func augmentSeq(t testing.TB, a data.Augment, s net.Seq, shape layer.Shape) net.Seq {
	t.Helper()
	seq, err := a.Seq(s, shape)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func collected(t testing.TB, examples iter.Seq2[net.Example, error]) net.Examples {
	t.Helper()
	c, err := data.Collect(examples)
	if err != nil {
		t.Error(err)
	}
	return c
}

// TestAugmentSeq wants a sequence to get the distortions of a Dataset, from several
// goroutines at once, and leave its own images alone.
func TestAugmentSeq(t *testing.T) {
	e, s := someDigits(t, 20)
	before := slices.Clone(e.Images)
	d := augment(t, everything, e, s)
	seq := augmentSeq(t, everything, inOrder(e, s.Len()), s)
	var group sync.WaitGroup
	for _, epoch := range []int{3, 0, 1, 3} {
		want := readAll(t, d.Epoch(epoch), s, 8, upTo(20))
		group.Go(func() {
			have := collected(t, seq(epoch))
			if !slices.Equal(have.Images, want) || !slices.Equal(have.Labels, e.Labels) {
				t.Errorf("epoch %d: other images than those of the Dataset", epoch)
			}
		})
	}
	group.Wait()
	if !slices.Equal(e.Images, before) {
		t.Error("the images themselves have changed")
	}
	nothing := augmentSeq(t, data.Augment{Seed: 9}, inOrder(e, s.Len()), s)
	if have := collected(t, nothing(2)); !slices.Equal(have.Images, e.Images) {
		t.Error("zero strength changes the images")
	}
	for range seq(1) {
		break // and nothing is left behind
	}
}

// fitAugmented trains for three epochs of 100 images, four steps each. It is killed
// when a number of steps are made, and leaves the state that it had then.
func fitAugmented(t *testing.T, seed uint64, workers, kill int, resume *net.State, fit func(*net.Trainer, context.Context, net.FitConfig) (*net.History, error)) ([32]byte, *net.State) {
	t.Helper()
	_, s := someDigits(t, 1)
	n, err := net.New(s, seed, dense.Flatten{}, dense.Layer{Units: 10})
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := net.NewTrainer(n, net.TrainerConfig{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var state *net.State
	_, err = fit(trainer, ctx, net.FitConfig{
		Epochs: 3, BatchSize: 32, NoShuffle: true, Resume: resume,
		Callbacks: []net.Callback{net.OnStep(func(p net.Progress) (err error) {
			if p.Step == kill {
				state, err = trainer.State()
				cancel()
			}
			return err
		})},
	})
	if kill == 0 && err != nil || kill > 0 && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return n.Hash(), state
}

// TestAugmentSeqTrains wants a training on a distorted sequence to have the bits of
// one on the Dataset, for any workers, and when it is killed and resumed: amidst an
// epoch and between two.
func TestAugmentSeqTrains(t *testing.T) {
	e, s := someDigits(t, 100)
	d := augment(t, everything, e, s)
	fit := func(t *net.Trainer, ctx context.Context, c net.FitConfig) (*net.History, error) {
		return t.Fit(ctx, d, c)
	}
	seq := augmentSeq(t, everything, inOrder(e, s.Len()), s)
	fitSeq := func(t *net.Trainer, ctx context.Context, c net.FitConfig) (*net.History, error) {
		return t.FitSeq(ctx, seq, c)
	}
	want, _ := fitAugmented(t, 1, 1, 0, nil, fit)
	for _, workers := range []int{1, 3} {
		if have, _ := fitAugmented(t, 1, workers, 0, nil, fitSeq); have != want {
			t.Errorf("%d workers: other weights than with the Dataset", workers)
		}
		for _, kill := range []int{1, 4, 6} {
			_, state := fitAugmented(t, 1, 2, kill, nil, fitSeq)
			if have, _ := fitAugmented(t, 7, workers, 0, state, fitSeq); have != want {
				t.Errorf("resumed after step %d with %d workers: other weights", kill, workers)
			}
		}
	}
}

// TestAugmentSeqFile distorts what CSVSeq reads.
func TestAugmentSeqFile(t *testing.T) {
	files := fstest.MapFS{"t.csv": {Data: []byte("1,2,3,4,0\n5,6,7,8,1\n")}}
	s := layer.Image(1, 2, 2)
	a := data.Augment{Shift: 1, Edge: true, Seed: 1}
	plain := data.CSVSeq(files, "t.csv", data.CSV{Column: -1, NoHeader: true})
	e := collected(t, plain(0))
	for epoch := range 3 {
		have := collected(t, augmentSeq(t, a, plain, s)(epoch))
		want := readAll(t, augment(t, a, e, s).Epoch(epoch), s, 1, upTo(2))
		if !slices.Equal(have.Images, want) || slices.Equal(have.Images, e.Images) || !slices.Equal(have.Labels, []int{0, 1}) {
			t.Errorf("epoch %d: have %v, want %v", epoch, have, want)
		}
	}
}

func TestAugmentSeqErrors(t *testing.T) {
	e, s := someDigits(t, 3)
	seq := inOrder(e, s.Len())
	_, err := data.Augment{Shift: -1}.Seq(seq, s)
	wantError(t, "option", err, layer.ErrOption, "data: augment: ", "Shift")
	_, err = everything.Seq(nil, s)
	wantError(t, "nil", err, net.ErrData, "Seq")
	_, err = everything.Seq(seq, layer.Shape{})
	wantError(t, "no shape", err, layer.ErrShape)
	_, err = everything.Seq(seq, layer.Image(1, 1, data.MaxSide+1))
	wantError(t, "wide", err, layer.ErrOption, "4096")

	_, err = data.Collect(augmentSeq(t, everything, seq, layer.Image(1, 7, 7))(0))
	wantError(t, "another size", err, layer.ErrShape, "example 0: data: augment: ", "49", "784")
	if strings.Count(err.Error(), "example") != 1 {
		t.Errorf("the example is not named once: %q", err)
	}
	torn := errors.New("torn")
	_, err = data.Collect(augmentSeq(t, everything, func(int) iter.Seq2[net.Example, error] {
		return func(yield func(net.Example, error) bool) {
			if yield(net.Example{Image: e.Images[:s.Len()]}, nil) {
				yield(net.Example{}, torn)
			}
		}
	}, s)(0))
	wantError(t, "its own error", err, torn, "example 1")

	none := func(int) iter.Seq2[net.Example, error] { return nil }
	if augmentSeq(t, everything, none, s)(0) != nil {
		t.Error("an epoch without an iterator has one")
	}
	classes, err := data.ApplyClassesSeq(none, []int{0})
	if err != nil || classes(0) != nil {
		t.Errorf("classes of an epoch without an iterator have one, error %v", err)
	}
}

// TestEpochsComeThrough wants what this package makes of an augmented Dataset to be
// another in each epoch: in particular to train on it.
func TestEpochsComeThrough(t *testing.T) {
	e, s := someDigits(t, 40)
	d := augment(t, everything, e, s)
	part, err := data.Subset(d, []int{7, 3, 30})
	if err != nil {
		t.Fatal(err)
	}
	classes, labels, err := data.Classes(part)
	if err != nil {
		t.Fatal(err)
	}
	applied, err := data.ApplyClasses(part, labels)
	if err != nil {
		t.Fatal(err)
	}
	size := s.Len()
	for epoch := range 3 {
		all := readAll(t, d.Epoch(epoch), s, 8, upTo(40))
		want := slices.Concat(all[7*size:8*size], all[3*size:4*size], all[30*size:31*size])
		for name, wrapped := range map[string]net.Dataset{"subset": part, "classes": classes, "applied classes": applied} {
			of := wrapped.(net.EpochDataset).Epoch(epoch)
			if have := readAll(t, of, s, 2, upTo(3)); !slices.Equal(have, want) {
				t.Errorf("%s: epoch %d has other images", name, epoch)
			}
		}
	}
	train, _, err := data.Split(d, 0.1, 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := &imageCounter{Dataset: train, seen: make(map[string]bool)}
	fit := func(t *net.Trainer, ctx context.Context, c net.FitConfig) (*net.History, error) {
		return t.Fit(ctx, seen, c)
	}
	fitAugmented(t, 1, 2, 0, nil, fit)
	if want := 3 * train.Len(); len(seen.seen) != want {
		t.Errorf("%d different images in three epochs, want %d", len(seen.seen), want)
	}
	if plain, err := data.Subset(e, []int{1}); err != nil {
		t.Error(err)
	} else if have := readAll(t, plain.(net.EpochDataset).Epoch(5), s, 1, upTo(1)); !slices.Equal(have, e.Images[size:2*size]) {
		t.Error("a subset of what is no EpochDataset changes")
	}
	if empty, err := data.Subset(noEpoch{e}, []int{1}); err != nil || empty.(net.EpochDataset).Epoch(0) != nil {
		t.Errorf("an epoch that is nil is something in a subset, error %v", err)
	}
	if other, err := data.Subset(shorter{e}, []int{1}); err != nil || other.(net.EpochDataset).Epoch(0) != nil {
		t.Errorf("an epoch of another length is a subset's, error %v", err)
	}
	if empty := augment(t, everything, noEpoch{e}, s); empty.Epoch(0) != nil {
		t.Error("an epoch that is nil is something when it is distorted")
	}
}

// noEpoch has nothing in its epochs.
type noEpoch struct{ net.Examples }

func (noEpoch) Epoch(int) net.Dataset { return nil }

// shorter has one image in its epochs.
type shorter struct{ net.Examples }

func (s shorter) Epoch(int) net.Dataset {
	return net.Examples{Images: s.Images[:len(s.Images)/len(s.Labels)], Labels: s.Labels[:1]}
}

// imageCounter collects the images that are read of an EpochDataset's epochs.
type imageCounter struct {
	net.Dataset
	mu   *sync.Mutex
	seen map[string]bool
}

func (c *imageCounter) Epoch(epoch int) net.Dataset {
	if c.mu == nil {
		c.mu = new(sync.Mutex)
	}
	return &imageCounter{Dataset: c.Dataset.(net.EpochDataset).Epoch(epoch), mu: c.mu, seen: c.seen}
}

func (c *imageCounter) Read(x []float32, labels []int, indices []int) error {
	err := c.Dataset.Read(x, labels, indices)
	size := len(x) / len(indices)
	c.mu.Lock()
	defer c.mu.Unlock()
	for image := range slices.Chunk(x, size) {
		var b bytes.Buffer
		for _, v := range image {
			b.WriteByte(byte(255 * v))
		}
		c.seen[b.String()] = true
	}
	return err
}
