package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/cmd/internal/figure"
	"github.com/simdlanes/lanes/conv"
	"github.com/simdlanes/lanes/dense"
	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/model"
	"github.com/simdlanes/lanes/norm"
	"github.com/simdlanes/lanes/pool"
)

// TestInspect trains a model and inspects it: in the terminal, and by pictures
// that are the same each time.
func TestInspect(t *testing.T) {
	if kernels.Active() == kernels.Generic {
		t.Skip("with portable kernels its training takes a minute")
	}
	tmp := t.TempDir()
	file := filepath.Join(tmp, "m.lanes")
	must(t, "train", "-epochs", "2", "-out", file)

	wantText(t, "in the terminal", must(t, "inspect", file),
		"conv 6 filters 5x5, relu", "61,706", "training, 500 steps:", "loss      █", "accuracy  ▁█", "of the test digits after each of 2 epochs")

	photo := filepath.Join(tmp, "nine.png")
	picture(t, photo, 9, 3, true)
	content, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	var first map[string][]byte
	for _, out := range []string{filepath.Join(tmp, "a", "b"), filepath.Join(tmp, "c")} {
		status, stdout, stderr := lenet5With(t.Context(), string(content),
			"inspect", "-out", out, "-digit", "3", "-digit", "4", "-mistakes", "5", file, photo, photo, "-")
		if status != success || stderr != "" {
			t.Fatalf("status %d, message %q", status, stderr)
		}
		wantText(t, "with pictures", stdout, "test digit no. 3: ", "nine.png: 9", "standard input: 9", "█", " %\n", filepath.Join(out, "mistakes.png"))
		files := readAll(t, out)
		want := []string{"activations-digit3.png", "activations-digit4.png", "activations-nine-2.png", "activations-nine.png", "activations-stdin.png",
			"confusion.png", "confusion.svg", "filters-layer0.png", "filters-layer2.png", "mistakes.png",
			"saliency-digit3.png", "saliency-digit4.png", "saliency-nine-2.png", "saliency-nine.png", "saliency-stdin.png",
			"training.png", "training.svg"}
		if names := slices.Sorted(maps.Keys(files)); !slices.Equal(names, want) {
			t.Fatalf("files are %q, want %q", names, want)
		}
		if first == nil {
			first = files
		}
		for name, content := range files {
			if !bytes.Equal(content, first[name]) {
				t.Errorf("%s is another each time", name)
			}
		}
	}
	for name, content := range first {
		checkPicture(t, name, content)
	}
	if !bytes.Equal(first["saliency-nine.png"], first["saliency-nine-2.png"]) {
		t.Error("one file has two saliencies")
	}
	if bytes.Equal(first["activations-digit3.png"], first["activations-digit4.png"]) {
		t.Error("two digits have one picture")
	}

	layer2 := filepath.Join(tmp, "layer2")
	must(t, "inspect", "-out", layer2, "-layer", "2", "-digit", "3", file)
	files := readAll(t, layer2)
	if files["filters-layer0.png"] != nil || !bytes.Equal(files["filters-layer2.png"], first["filters-layer2.png"]) {
		t.Error("-layer 2 draws other filters than those of layer 2")
	}
	if bytes.Equal(files["activations-digit3.png"], first["activations-digit3.png"]) {
		t.Error("-layer 2 draws the activations of all layers")
	}
	if bytes.Equal(files["mistakes.png"], first["mistakes.png"]) {
		t.Error("24 mistakes look like 5")
	}

	few := filepath.Join(tmp, "few")
	must(t, "inspect", "-out", few, "-workers", "1", "-data", fewDigits(t), file)
	if bytes.Equal(readAll(t, few)["confusion.svg"], first["confusion.svg"]) {
		t.Error("-data shows the same confusion")
	}

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if status, _, stderr := lenet5With(canceled, "", "inspect", file, photo); status != interrupted {
		t.Errorf("interrupted: status %d, message %q", status, stderr)
	}
	inspectErrors(t, tmp, file, photo)
}

// inspectErrors makes mistakes with a model and an image that are right.
func inspectErrors(t *testing.T, tmp, file, photo string) {
	none := filepath.Join(tmp, "none.png")
	text := filepath.Join(tmp, "text.png")
	write(t, text, []byte("no image"))
	taken := filepath.Join(tmp, "taken")
	if err := os.MkdirAll(filepath.Join(taken, "filters-layer0.png"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		want   []string
	}{
		{nil, wrongUsage, []string{"want a model", "lenet5 help inspect"}},
		{[]string{"-out", taken, "-layer", "8", file}, wrongUsage, []string{"-layer 0 to 7", "8"}},
		{[]string{"-layer", "x", file}, wrongUsage, []string{"-layer", "whole number"}},
		{[]string{"-digit", "-1", file}, wrongUsage, []string{"-digit", "whole number"}},
		{[]string{"-layer", "0", file}, wrongUsage, []string{"-layer", "-out"}},
		{[]string{"-mistakes", "24", file}, wrongUsage, []string{"-mistakes", "-out"}},
		{[]string{"-mistakes", "0", file}, wrongUsage, []string{"-mistakes", "1 to 200"}},
		{[]string{"-mnist", "test", "-data", tmp, file}, wrongUsage, []string{"-mnist test"}},
		{[]string{none}, failure, []string{"none.png"}},
		{[]string{text}, failure, []string{"text.png"}},
		{[]string{"-digit", "2000", file}, failure, []string{"test digit no. 2000", "0 to 1999"}},
		{[]string{"-out", text, file}, failure, []string{"text.png"}},
		{[]string{"-out", taken, file}, failure, []string{"filters-layer0.png"}},
		{[]string{"-data", tmp, "-digit", "0", file}, failure, []string{"train-images"}},
		{[]string{file, none, photo, text}, failure, []string{"none.png: ", "text.png: want a PNG", "2 of 3 images failed"}},
	} {
		status, stdout, stderr := lenet5(t, append([]string{"inspect"}, c.args...)...)
		if status != c.status {
			t.Errorf("%q: status %d, want %d", c.args, status, c.status)
		}
		wantText(t, fmt.Sprint(c.args), stderr, c.want...)
		if slices.Contains(c.args, photo) {
			wantText(t, "after an image that cannot be read", stdout, "nine.png: 9")
		}
	}
}

// readAll returns the files of a directory.
func readAll(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = os.ReadFile(filepath.Join(dir, name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// checkPicture wants a PNG of the size of a slide or a page, that is not empty, or
// SVG that is well-formed.
func checkPicture(t *testing.T, name string, content []byte) {
	t.Helper()
	if strings.HasSuffix(name, ".svg") {
		for d := xml.NewDecoder(bytes.NewReader(content)); ; {
			if _, err := d.Token(); err == io.EOF {
				return
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	img, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if b := img.Bounds(); b.Dx() < 600 || b.Dx() > 2400 || b.Dy() < 300 || b.Dy() > 2400 {
		t.Errorf("%s is of %v", name, b.Size())
	}
	if len(colours(img)) < 20 {
		t.Errorf("%s has few colours", name)
	}
}

// colours counts the pixels of each colour.
func colours(img image.Image) map[color.RGBA]int {
	all := make(map[color.RGBA]int)
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			all[color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)]++
		}
	}
	return all
}

// inspectNetwork returns an inspection of a network whose parameters are given.
func inspectNetwork(t *testing.T, in layer.Shape, params [][]float32, layers ...layer.Layer) *inspection {
	t.Helper()
	n, err := net.New(in, 1, layers...)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range params {
		_, b, err := n.Params(i)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.SetParams(i, w, b); err != nil {
			t.Fatal(err)
		}
	}
	return &inspection{Model: &model.Model{Network: n}}
}

// TestActivationsPage wants the output of each layer in its colours, though the
// trace writes one over the other.
func TestActivationsPage(t *testing.T) {
	i := inspectNetwork(t, layer.Vector(2), [][]float32{{4, 0, 0, 1, 2, 0}, make([]float32, 6)}, dense.Layer{Units: 3}, dense.Layer{Units: 2})
	s := &subject{title: "x", input: []float32{1, 1}, proba: []float32{0.5, 0.5}, best: []int{0, 1}}
	all := colours(figure.Page(i.activations(s)))
	for _, v := range []float64{1, 0.25, 0.5} {
		if n := all[figure.Sequential.Color(v)]; n != 17*17 {
			t.Errorf("%v of the largest output has %d pixels, want a square of 17", v, n)
		}
	}
	i.layers = []int{1}
	if all := colours(figure.Page(i.activations(s))); all[figure.Sequential.Color(1)] != 0 {
		t.Error("a layer is drawn that was not asked for")
	}
}

// TestFiltersPage wants each weight as a square in its colour, and no more filters
// than fit.
func TestFiltersPage(t *testing.T) {
	x := net.Tensor{Kind: net.TensorWeights, Layer: 1, Name: "conv", Shape: []int{1, 1, 2, 2}, Data: []float32{-2, 0.5, 1, 2}}
	all := colours(figure.Page(filters(x)))
	for _, w := range x.Data[1:3] {
		if n := all[figure.Diverging.Color(float64(w)/2)]; n < 75*75 {
			t.Errorf("weight %v has %d pixels, want a square of 75", w, n)
		}
	}
	wide := net.Tensor{Shape: []int{500, 300, 3, 3}, Data: make([]float32, 500*300*9)}
	if size := filters(wide).Size(); size.X > 1500 || size.Y > 1500 {
		t.Errorf("500 filters of 300 channels take %v", size)
	}
}

// TestSaliencyGradient wants the gradient of the output of the predicted class.
func TestSaliencyGradient(t *testing.T) {
	two := inspectNetwork(t, layer.Vector(2), [][]float32{{1, 2, 3, 4}}, dense.Layer{Units: 2})
	one := inspectNetwork(t, layer.Vector(2), [][]float32{{1, -2}}, dense.Layer{Units: 1})
	if err := one.Network.SetMeaning(net.Odds); err != nil {
		t.Fatal(err)
	}
	colour := inspectNetwork(t, layer.Image(3, 1, 2), [][]float32{{1, -2, 3, 1, -4, 0}},
		conv.Layer{Filters: 1, Size: 1, SizeCols: 2}, dense.Flatten{})
	for name, c := range map[string]struct {
		i     *inspection
		class int
		want  []float32
	}{
		"first output":        {two, 0, []float32{1, 2}},
		"second output":       {two, 1, []float32{3, 4}},
		"class 1 of one":      {one, 1, []float32{1, -2}},
		"class 0 of one":      {one, 0, []float32{-1, 2}},
		"strongest of colour": {colour, 0, []float32{-4, -2}},
	} {
		s := &subject{input: make([]float32, c.i.Network.Input().Len()), best: []int{c.class}}
		if got, err := c.i.gradient(s); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: have %v, error %v, want %v", name, got, err, c.want)
		}
	}
}

// TestInspectOther inspects a model that is not for digits: it has no history, no
// way from image files to its input, and a vector for it.
func TestInspectOther(t *testing.T) {
	n, err := net.New(layer.Vector(2), 1, dense.Layer{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	file, out := filepath.Join(tmp, "m.lanes"), filepath.Join(tmp, "out")
	if err := (&model.Model{Network: n}).SaveFile(file); err != nil {
		t.Fatal(err)
	}
	wantText(t, "a model without history", must(t, "inspect", "-out", out, file),
		"dense 2 units", "does not say how the model was trained", "no test digits are known")
	if files := readAll(t, out); len(files) != 0 {
		t.Errorf("%d pictures of a dense layer", len(files))
	}
	photo := filepath.Join(tmp, "a.png")
	picture(t, photo, 0, 1, false)
	status, _, stderr := lenet5(t, "inspect", file, photo)
	if status != failure {
		t.Errorf("status %d", status)
	}
	wantText(t, "an image", stderr, "a.png: the model does not say how an image file becomes its input")
	if status, _, stderr := lenet5(t, "inspect", "-digit", "0", file); status != failure || !strings.Contains(stderr, "digit no. 0") {
		t.Errorf("a digit: status %d, message %q", status, stderr)
	}
}

// threes saves a model that takes every digit for a 3, which is its class 6, and
// whose output is larger by so much than the others.
func threes(t *testing.T, file string, more float32) {
	t.Helper()
	n, err := net.New(layer.Image(1, 32, 32), 1, dense.Flatten{}, dense.Layer{Units: 10})
	if err != nil {
		t.Fatal(err)
	}
	biases := make([]float32, 10)
	biases[6] = more
	if err := n.SetParams(1, make([]float32, 10*32*32), biases); err != nil {
		t.Fatal(err)
	}
	if err := (&model.Model{Network: n, Labels: []int{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}}).SaveFile(file); err != nil {
		t.Fatal(err)
	}
}

// TestInspectNoMistakes inspects a model that takes every digit for a 3, with test
// digits that are.
func TestInspectNoMistakes(t *testing.T) {
	tmp, data := t.TempDir(), fewDigits(t)
	labels := filepath.Join(data, "t10k-labels-idx1-ubyte")
	content, err := os.ReadFile(labels)
	if err != nil {
		t.Fatal(err)
	}
	for k := range content[8:] { // behind the header
		content[8+k] = 3
	}
	write(t, labels, content)
	file, out := filepath.Join(tmp, "m.lanes"), filepath.Join(tmp, "out")
	threes(t, file, 1)
	wantText(t, "no mistakes", must(t, "inspect", "-data", data, "-out", out, file), "no mistakes to draw: all 200 test digits are right", "confusion.png")
	files := readAll(t, out)
	if files["mistakes.png"] != nil {
		t.Error("there is a picture of no mistakes")
	}
	checkPicture(t, "confusion.svg", files["confusion.svg"])

	content[8] = 4
	write(t, labels, content)
	if said := must(t, "inspect", "-data", data, "-out", out, file); strings.Contains(said, "no mistakes") {
		t.Errorf("one mistake is none: %q", said)
	}
	checkPicture(t, "mistakes.png", readAll(t, out)["mistakes.png"])
}

// TestInspectEqual wants the predicted class first, also where all probabilities are
// the same float32.
func TestInspectEqual(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m.lanes")
	threes(t, file, 1e-9)
	said := must(t, "inspect", "-data", fewDigits(t), "-digit", "0", file)
	wantText(t, "equal probabilities", said, "digit no. 0: 3\n", "3 ██", "9 ██")
	if strings.Index(said, "3 ██") > strings.Index(said, "9 ██") {
		t.Errorf("the predicted class is not the first: %q", said)
	}
}

// TestMistakes wants those first of which the model is most sure, and of equals the
// one that comes first.
func TestMistakes(t *testing.T) {
	e := &net.Evaluation{
		Labels:  []int{0, 0, 1, 1, 0},
		Classes: []int{1, 0, 0, 0, 1},
		Proba:   []float32{0.4, 0.6, 0.9, 0.1, 0.8, 0.2, 0.6, 0.4, 0.1, 0.9},
	}
	if have, want := mistakes(e), []int{4, 2, 0, 3}; !slices.Equal(have, want) {
		t.Errorf("have %v, want %v", have, want)
	}
}

// TestConfusionPicture wants a model that takes every digit for a 3 to be wrong in
// one column, the labels being the rows.
func TestConfusionPicture(t *testing.T) {
	tmp := t.TempDir()
	file, out := filepath.Join(tmp, "m.lanes"), filepath.Join(tmp, "out")
	threes(t, file, 1)
	must(t, "inspect", "-data", fewDigits(t), "-out", out, file)
	svg := string(readAll(t, out)["confusion.svg"])
	wantText(t, "confusion.svg", svg, ">100.0 %<", ">0.0 %<")
	if have := strings.Count(svg, ">0.0 %<"); have != 9 {
		t.Errorf("%d labels are never right, want the 9 that are no 3", have)
	}
}

// TestActivationsOfMany wants the page of a deep network with wide layers to fit on
// a screen, numbers by channel as cells, and no silence about what is left out.
func TestActivationsOfMany(t *testing.T) {
	layers := []layer.Layer{conv.Layer{Filters: 64, Size: 3}}
	for range 5 {
		layers = append(layers, norm.Batch{Activation: layer.ReLU}, conv.Layer{Filters: 64, Size: 3, Same: true})
	}
	layers = append(layers, pool.GlobalAvg{}, norm.Dropout{Rate: 0.5}, dense.Flatten{}, dense.Layer{Units: 10})
	i := inspectNetwork(t, layer.Image(1, 18, 18), nil, layers...)
	input := make([]float32, 18*18)
	for k := range input {
		input[k] = float32(k%7) / 7
	}
	s := &subject{title: "x", input: input, proba: make([]float32, 10), best: []int{0}}
	if size := i.activations(s).Size(); size.X > 1650 || size.Y > 1650 {
		t.Errorf("%d layers take %v", len(layers), size)
	}
	outputs, same := i.outputs(s)
	if want := len(layers) - 2; len(outputs) != want || !same {
		t.Errorf("%d layers are drawn, want %d, without flatten and dropout; left out: %v", len(outputs), want, same)
	}
	for k, want := range map[int]int{0: 16, 11: 64, 12: 10} {
		if _, drawn := output(outputs[k], 60); drawn != want {
			t.Errorf("%d of %v are drawn, want %d", drawn, outputs[k].Shape, want)
		}
	}
	i.layers = []int{0}
	if _, same := i.outputs(s); same {
		t.Error("a layer that nobody asked for is called left out")
	}
}
