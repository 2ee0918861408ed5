package main

import (
	"flag"
	"path/filepath"
	"slices"
	"testing"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net/model"
)

// TestPresets wants every preset to be flags that there are, each of which the
// command line can overrule, before it or after.
func TestPresets(t *testing.T) {
	for name, p := range presets {
		var r recipe
		f := flag.NewFlagSet(name, flag.ContinueOnError)
		chosen := presetFlag(f)
		r.flags(f)
		if err := f.Parse([]string{"-seed", "5", "-epochs", "3", "-batch", "7"}); err != nil {
			t.Fatal(err)
		}
		if *chosen != "" {
			t.Errorf("preset %q without a flag", *chosen)
		}
		if err := p.apply(f); err != nil {
			t.Errorf("preset %q: %v", name, err)
		}
		if err := r.settle(); err != nil {
			t.Errorf("preset %q: %v", name, err)
		}
		if (r.Network == deep) != (name == deep) {
			t.Errorf("preset %q: network %s", name, r.Network)
		}
		if r.Epochs != 3 || r.Batch != 7 || r.Seed != 5 {
			t.Errorf("preset %q: the command line has not overruled it: %+v", name, r)
		}
	}
	for _, name := range presetNames {
		if _, ok := presets[name]; !ok {
			t.Errorf("no preset %q", name)
		}
	}
}

// TestPresetTravels wants what a preset says in the model that is trained by it.
func TestPresetTravels(t *testing.T) {
	dir, file := fewDigits(t), filepath.Join(t.TempDir(), "m.lanes")
	out := must(t, "train", "-epochs", "1", "-preset", "accurate", "-data", dir, "-out", file)
	m, err := model.LoadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := readRecipe(m)
	if err != nil {
		t.Fatal(err)
	}
	want := data.Augment{Shift: 2, Rotate: 10, Scale: 0.1, Shear: 10, Elastic: 0.5}
	if r.Augment != want || r.Epochs != 1 || r.Batch != 64 || r.Rate != 0.004 {
		t.Errorf("the recipe is %+v", r)
	}
	plain := must(t, "train", "-epochs", "1", "-batch", "64", "-rate", "0.004", "-data", dir, "-replace", "-out", file)
	if weights(t, out) == weights(t, plain) {
		t.Error("distorted digits give the weights of the digits as they are")
	}
}

// TestAugmentSeed wants the distortion to derive from the recipe's seed.
func TestAugmentSeed(t *testing.T) {
	digits := testDigits(t)
	padded, err := digits.Pad(32, 32)
	if err != nil {
		t.Fatal(err)
	}
	var images [2][]float32
	for seed := range images {
		r := recipe{Seed: uint64(seed), Augment: data.Augment{Shift: 2}}
		d, err := r.augment(padded.Examples(mnist.Unit))
		if err != nil {
			t.Fatal(err)
		}
		images[seed] = make([]float32, preprocess.Shape().Len())
		if err := d.Read(images[seed], make([]int, 1), []int{0}); err != nil {
			t.Fatal(err)
		}
	}
	if slices.Equal(images[0], images[1]) {
		t.Error("two seeds give the same distortion")
	}
}
