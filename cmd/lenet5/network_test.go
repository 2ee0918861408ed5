package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net/model"
	"github.com/simdlanes/lanes/norm"
)

// TestNetworks wants each network to be built, from its seed.
func TestNetworks(t *testing.T) {
	for name, parameters := range map[string]int{lenet: 61_706, deep: 40_954} {
		hashes := make(map[[32]byte]bool)
		for _, seed := range []uint64{1, 1, 2} {
			n, err := recipe{Network: name, Seed: seed}.newNetwork()
			if err != nil {
				t.Fatal(err)
			}
			if have := n.Summary().Params; have != parameters {
				t.Errorf("%s: %d parameters, want %d", name, have, parameters)
			}
			hashes[n.Hash()] = true
		}
		if len(hashes) != 2 {
			t.Errorf("%s: seeds 1, 1 and 2 make %d networks", name, len(hashes))
		}
		if titles[name] == "" || !slices.Contains(networks, name) {
			t.Errorf("%s: no title, or none of %v", name, networks)
		}
	}
	if !slices.Contains(deepLayers(7), layer.Layer(norm.Dropout{Rate: 0.4, Seed: 7})) {
		t.Error("the dropout of a training has another seed")
	}
}

// TestDeep trains the deep network by its preset, and uses it as a user would.
func TestDeep(t *testing.T) {
	if kernels.Active() == kernels.Generic {
		t.Skip("with portable kernels its training takes a minute")
	}
	tmp := t.TempDir()
	file := filepath.Join(tmp, "m.lanes")
	out := must(t, "train", "-preset", "deep", "-epochs", "3", "-data", fewDigits(t), "-out", file)
	wantText(t, "train", out, "deep network, 40954 parameters: train on 600 digits, 64 a step", "adamw, onecycle")
	m, err := model.LoadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if hash := fmt.Sprintf("%x", m.Network.Hash()); hash != weights(t, out) {
		t.Errorf("the file has weights %s, the training printed %s", hash, weights(t, out))
	}
	r, err := readRecipe(m)
	want := data.Augment{Shift: 2, Rotate: 10, Scale: 0.1, Shear: 10}
	if err != nil || r.Network != deep || r.Augment != want || r.Rate != 0.01 || r.Smoothing != 0.1 || r.Decay != 0.01 {
		t.Errorf("the recipe is %+v, %v", r, err)
	}

	var accuracy float64
	if _, err := fmt.Sscanf(must(t, "eval", file), "200 test digits: %f", &accuracy); err != nil || accuracy < 85 {
		t.Errorf("accuracy %v %%, %v, want at least 85", accuracy, err)
	}
	image := filepath.Join(tmp, "digit.png")
	picture(t, image, 9000, 1, false)
	wantText(t, "predict", must(t, "predict", file, image), fmt.Sprintf("%s  %d ", image, predicted(t, file, 9000, 1)[0]))
	pictures := filepath.Join(tmp, "pictures")
	wantText(t, "inspect", must(t, "inspect", "-out", pictures, file, image),
		"conv 64 filters 3x3", "batch norm, relu", "dropout 0.4", "40,954", filepath.Join(pictures, "filters-layer10.png"))
	wantText(t, "resume", must(t, "resume", "-epochs", "4", file), "deep network", "go on with 600 digits", "\n    4 ")
}

// TestOldRecipe has notes from before there was another network than LeNet-5.
func TestOldRecipe(t *testing.T) {
	var r recipe
	r.flags(flag.NewFlagSet("train", flag.ContinueOnError))
	if err := r.settle(); err != nil {
		t.Fatal(err)
	}
	var m model.Model
	if err := r.write(&m); err != nil {
		t.Fatal(err)
	}
	m.Notes[note] = strings.Replace(m.Notes[note], `"network":"lenet5",`, "", 1)
	if strings.Contains(m.Notes[note], "network") {
		t.Fatalf("the notes still name a network: %s", m.Notes[note])
	}
	if old, err := readRecipe(&m); err != nil || old != r {
		t.Errorf("recipe %+v, %v, want %+v", old, err, r)
	}
}
