package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/mnist"
	"github.com/simdlanes/lanes/net/model"
)

// TestPredict names digits in files of several sizes, as ink on paper and as
// MNIST has them: they are what the network predicts of MNIST's.
func TestPredict(t *testing.T) {
	tmp := t.TempDir()
	file := filepath.Join(tmp, "m.lanes")
	must(t, "train", "-data", fewDigits(t), "-epochs", "3", "-out", file)

	const first, n = 9000, 20
	want := predicted(t, file, first, n)
	var images []string
	for i := range n {
		name := filepath.Join(tmp, fmt.Sprintf("%d.png", i))
		picture(t, name, first+i, 1+i%3*4, i%2 == 0)
		images = append(images, name)
	}
	out := must(t, append([]string{"predict", file}, images...)...)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != n {
		t.Fatalf("want a line for each of %d images, have %q", n, out)
	}
	for i, line := range lines {
		var name string
		var digit int
		var probability float64
		if n, err := fmt.Sscanf(line, "%s %d %f %%", &name, &digit, &probability); n != 3 {
			t.Fatalf("line %q: %v", line, err)
		}
		if name != images[i] || digit != want[i] || probability <= 10 || probability > 100 {
			t.Errorf("line %q: want %s, digit %d and its probability", line, images[i], want[i])
		}
	}

	top := must(t, "predict", "-top", "3", file, images[0])
	if strings.Count(top, "%") != 3 {
		t.Errorf("want the three most probable digits, have %q", top)
	}

	content, err := os.ReadFile(images[0])
	if err != nil {
		t.Fatal(err)
	}
	status, stdin, stderr := lenet5With(t.Context(), string(content), "predict", "-top", "3", file, "-")
	if status != success || strings.TrimPrefix(stdin, "-") != strings.TrimPrefix(top, images[0]) {
		t.Errorf("from standard input: status %d, message %q, output %q, want as from the file, %q", status, stderr, stdin, top)
	}
}

// predicted is what a model makes of n of the test digits themselves.
func predicted(t *testing.T, file string, first, n int) []int {
	t.Helper()
	m, err := model.LoadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	digits, err := testDigits(t).Pad(32, 32)
	if err != nil {
		t.Fatal(err)
	}
	classes, err := m.Network.Predict(nil, digits.Examples(mnist.Unit).Floats()[first*1024:(first+n)*1024])
	if err != nil {
		t.Fatal(err)
	}
	return classes
}

// TestPredictFailures has images that cannot be read between others.
func TestPredictFailures(t *testing.T) {
	tmp := t.TempDir()
	file := filepath.Join(tmp, "m.lanes")
	must(t, "train", "-data", fewDigits(t), "-epochs", "1", "-out", file)
	good, text, missing := filepath.Join(tmp, "good.png"), filepath.Join(tmp, "text.png"), filepath.Join(tmp, "missing.png")
	picture(t, good, 0, 1, false)
	write(t, text, []byte("no image"))
	status, stdout, stderr := lenet5(t, "predict", file, text, good, missing)
	if status != failure {
		t.Errorf("status %d, want 1", status)
	}
	if !strings.HasPrefix(stdout, good+" ") || strings.Count(stdout, "\n") != 1 {
		t.Errorf("want the good image alone, have %q", stdout)
	}
	wantText(t, "message", stderr, text+": want a PNG, JPEG or GIF image", missing+": no such file", "2 of 3 images failed")
}
