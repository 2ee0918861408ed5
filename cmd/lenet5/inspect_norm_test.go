package main

import (
	"bytes"
	"image/png"
	"path/filepath"
	"testing"

	"github.com/simdlanes/lanes/cmd/internal/figure"
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/data"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/model"
	"github.com/simdlanes/lanes/norm"
)

// TestInspectNorm draws the saliency of a network with batch normalisation and
// dropout.
func TestInspectNorm(t *testing.T) {
	n, err := net.New(layer.Image(1, 12, 12), 1,
		conv.Layer{Filters: 3, Size: 3},
		norm.Batch{Activation: layer.ReLU},
		norm.Dropout{Rate: 0.5},
		dense.Flatten{},
		dense.Layer{Units: 4},
	)
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	file, photo, out := filepath.Join(tmp, "m.lanes"), filepath.Join(tmp, "two.png"), filepath.Join(tmp, "out")
	m := &model.Model{Network: n, Input: data.Preprocess{Rows: 12, Cols: 12, Channels: 1}}
	if err := m.SaveFile(file); err != nil {
		t.Fatal(err)
	}
	picture(t, photo, 1, 1, false)
	must(t, "inspect", "-out", out, file, photo)
	page, err := png.Decode(bytes.NewReader(readAll(t, out)["saliency-two.png"]))
	if err != nil {
		t.Fatal(err)
	}
	all := colours(page)
	if strongest := max(all[figure.Diverging.Color(1)], all[figure.Diverging.Color(-1)]); strongest < 30*30 {
		t.Errorf("the strongest gradient has %d pixels, want a square of 30", strongest)
	}
}
