package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/simdlanes/lanes/kernels"
	"github.com/simdlanes/lanes/net"
	"github.com/simdlanes/lanes/net/model"
)

// TestTrain trains, tests and names digits as a user would.
func TestTrain(t *testing.T) {
	dir, file := fewDigits(t), filepath.Join(t.TempDir(), "m.lanes")
	out := must(t, "train", "-data", dir, "-epochs", "6", "-out", file)
	wantText(t, "train", out, "train on 600 digits", "200 test digits", "\n    6 ", file+": ", " % of 200 test digits")
	m, err := model.LoadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if hash := fmt.Sprintf("%x", m.Network.Hash()); hash != weights(t, out) {
		t.Errorf("the file has weights %s, the training printed %s", hash, weights(t, out))
	}

	out = must(t, "eval", file)
	wantText(t, "eval", out, "200 test digits: ", " % right", "precision", "recall", "label \\ predicted")
	out = must(t, "eval", "-mnist", "test", file)
	wantText(t, "eval -mnist test", out, "2000 test digits: ")
	var accuracy float64
	if _, err := fmt.Sscanf(out, "2000 test digits: %f", &accuracy); err != nil || accuracy < 85 {
		t.Errorf("accuracy %v %%, %v, want at least 85", accuracy, err)
	}
}

// TestTrainKeepsFiles has a model already where the new one would go.
func TestTrainKeepsFiles(t *testing.T) {
	dir, file := fewDigits(t), filepath.Join(t.TempDir(), "m.lanes")
	write(t, file, []byte("precious"))
	status, _, stderr := lenet5(t, "train", "-data", dir, "-epochs", "1", "-out", file)
	if status != failure {
		t.Errorf("status %d, want 1", status)
	}
	wantText(t, "message", stderr, file, "lenet5 resume", "-replace")
	if content, err := os.ReadFile(file); string(content) != "precious" {
		t.Errorf("the file has become %q, %v", content, err)
	}
	must(t, "train", "-data", dir, "-epochs", "1", "-replace", "-out", file)
	if _, err := model.LoadFile(file); err != nil {
		t.Error(err)
	}
}

// recipes are trainings with every option.
var recipes = []string{
	"",
	"-optimizer adamw -decay 0.1 -schedule cosine -smoothing 0.1 -batch 50",
	"-optimizer sgd -rate 0.05 -decay 0.001 -schedule constant -seed 7",
	"-optimizer rmsprop -rate 0.001 -holdout 0.25 -patience 2",
	"-shift 2 -rotate 10 -scale 0.1 -shear 10 -elastic 0.5 -holdout 0.1",
	"-network deep -optimizer adamw -batch 64",
}

// TestResume interrupts trainings in the middle of an epoch. Resumed, with other
// workers, they come to the weights of a training without a break.
func TestResume(t *testing.T) {
	dir, recipes := fewDigits(t), recipes
	if kernels.Active() == kernels.Generic { // the same bits, slowly
		recipes = recipes[:1]
	}
	for _, options := range recipes {
		args := append(strings.Fields("train -epochs 3 -data "+dir), strings.Fields(options)...)
		unbroken := weights(t, must(t, append(args, "-out", filepath.Join(t.TempDir(), "a.lanes"))...))

		file := filepath.Join(t.TempDir(), "b.lanes")
		args = append(args, "-out", file, "-save", "1ns", "-workers", "1")
		status, stderr := interruptedAfter(t, file, args)
		if status != interrupted {
			t.Fatalf("%s: status %d, message %q, want that it was interrupted", options, status, stderr)
		}
		wantText(t, "message", stderr, "interrupted after ", "lenet5 resume "+file)

		status, stdout, stderr := lenet5(t, "resume", "-workers", "3", file)
		if status != success {
			t.Fatalf("%s: resume: status %d, message %q", options, status, stderr)
		}
		wantText(t, "resume", stdout, "go on with ")
		if resumed := weights(t, stdout); resumed != unbroken {
			t.Errorf("%s: weights %s after a break, %s without", options, resumed, unbroken)
		}
	}
}

// begun reports whether a training has saved a step.
func begun(file string) bool {
	m, err := model.LoadFile(file)
	return err == nil && m.Training.Fit != nil
}

// interruptedAfter runs a training and interrupts it when it has saved a step.
func interruptedAfter(t *testing.T, file string, args []string) (status int, stderr string) {
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for ctx.Err() == nil && !begun(file) {
			time.Sleep(time.Millisecond)
		}
	}()
	status, _, stderr = lenet5With(ctx, "", args...)
	cancel()
	return status, stderr
}

// TestKill kills a training, which has no time to save anything, and resumes it
// from what it had saved before.
func TestKill(t *testing.T) {
	dir := fewDigits(t)
	epochs := 20
	if kernels.Active() == kernels.Generic { // which are slow enough to be killed sooner
		epochs = 2
	}
	args := []string{"train", "-data", dir, "-epochs", strconv.Itoa(epochs)}
	unbroken := weights(t, must(t, append(args, "-out", filepath.Join(t.TempDir(), "a.lanes"))...))

	file := filepath.Join(t.TempDir(), "b.lanes")
	cmd := exec.Command(os.Args[0], append(args, "-out", file, "-save", "1ns")...)
	cmd.Env = append(os.Environ(), "LENET5_COMMAND=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for !begun(file) {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	_ = cmd.Process.Kill() // it may be done already
	_ = cmd.Wait()

	m, err := model.LoadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if m.Training.Fit.Epoch == epochs {
		t.Skip("the training was done before it was killed")
	}
	if resumed := weights(t, must(t, "resume", file)); resumed != unbroken {
		t.Errorf("weights %s after a kill, %s without", resumed, unbroken)
	}
}

// TestResumeMore extends a training that is complete.
func TestResumeMore(t *testing.T) {
	dir, file := fewDigits(t), filepath.Join(t.TempDir(), "m.lanes")
	must(t, "train", "-data", dir, "-epochs", "1", "-schedule", "constant", "-out", file)
	wantText(t, "resume", must(t, "resume", file), "complete, with 1 epochs")
	extended := weights(t, must(t, "resume", "-epochs", "2", file))
	whole := weights(t, must(t, "train", "-data", dir, "-epochs", "2", "-schedule", "constant", "-replace", "-out", file))
	if extended != whole {
		t.Errorf("weights %s of a training that was extended, %s of one of as many epochs", extended, whole)
	}
}

// TestResumeElsewhere has the digits moved.
func TestResumeElsewhere(t *testing.T) {
	dir, moved := fewDigits(t), filepath.Join(t.TempDir(), "digits")
	file := filepath.Join(t.TempDir(), "m.lanes")
	must(t, "train", "-data", dir, "-epochs", "1", "-out", file)
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	status, _, stderr := lenet5(t, "resume", "-epochs", "2", file)
	if status != failure || !strings.Contains(stderr, dir) {
		t.Errorf("without the digits: status %d, message %q, want one that names %s", status, stderr, dir)
	}
	must(t, "resume", "-epochs", "2", "-data", moved, file)
}

// TestBadModels has files that are no models, or not those of a training.
func TestBadModels(t *testing.T) {
	dir, tmp := fewDigits(t), t.TempDir()
	good := filepath.Join(tmp, "good.lanes")
	must(t, "train", "-data", dir, "-epochs", "1", "-out", good)
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	cut, text, missing := filepath.Join(tmp, "cut"), filepath.Join(tmp, "text"), filepath.Join(tmp, "missing")
	write(t, cut, content[:len(content)/2])
	write(t, text, []byte("a shopping list"))

	bare := filepath.Join(tmp, "bare")
	changed(t, good, bare, func(m *model.Model) { m.Training = nil })
	foreign := filepath.Join(tmp, "foreign")
	changed(t, good, foreign, func(m *model.Model) { m.Notes = nil })
	hostile := filepath.Join(tmp, "hostile")
	changed(t, good, hostile, func(m *model.Model) { m.Notes[note] = strings.Replace(m.Notes[note], `"batch":32`, `"batch":-32`, 1) })
	unknown := filepath.Join(tmp, "unknown")
	changed(t, good, unknown, func(m *model.Model) { m.Notes[note] = strings.Replace(m.Notes[note], `"lenet5"`, `"vgg"`, 1) })
	newer := filepath.Join(tmp, "newer")
	changed(t, good, newer, func(m *model.Model) { m.Notes[note] = strings.Replace(m.Notes[note], `{`, `{"mixup":1,`, 1) })

	for _, c := range []struct {
		command, file, want string
	}{
		{"resume", cut, cut}, {"resume", text, text}, {"resume", missing, "no such file"},
		{"eval", cut, cut}, {"eval", text, text}, {"eval", missing, "no such file"}, {"predict", cut, cut},
		{"resume", bare, "no training"}, {"resume", foreign, "lenet5 train did not make"},
		{"resume", hostile, "batch -32"}, {"resume", unknown, "network vgg"}, {"resume", newer, "mixup"},
	} {
		args := []string{c.command, c.file}
		if c.command == "predict" {
			args = append(args, "image.png")
		}
		status, stdout, stderr := lenet5(t, args...)
		if status != failure || stdout != "" {
			t.Errorf("%s of %s: status %d, output %q, want 1 and none", c.command, filepath.Base(c.file), status, stdout)
		}
		wantText(t, c.command, stderr, "lenet5 "+c.command+": ", c.want)
	}
}

// TestResumeFromStart has a training that was killed before its first step.
func TestResumeFromStart(t *testing.T) {
	dir, file := fewDigits(t), filepath.Join(t.TempDir(), "m.lanes")
	unbroken := weights(t, must(t, "train", "-data", dir, "-epochs", "1", "-out", filepath.Join(t.TempDir(), "a.lanes")))
	ctx, cancel := context.WithCancel(t.Context())
	out := writerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil }) // at the heading
	status := run(ctx, []string{"train", "-data", dir, "-epochs", "1", "-out", file}, terminal{nil, out, new(bytes.Buffer)})
	if status != interrupted {
		t.Fatalf("status %d, want that it was interrupted", status)
	}
	if resumed := weights(t, must(t, "resume", file)); resumed != unbroken {
		t.Errorf("weights %s after a break, %s without", resumed, unbroken)
	}
}

// writerFunc is a function as an io.Writer.
type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestDecay wants the weight decay that was asked for in the optimiser.
func TestDecay(t *testing.T) {
	for args, want := range map[string]net.Optimizer{
		"-optimizer adamw":               net.AdamW{Rate: 0.003, WeightDecay: 0.01},
		"-optimizer adamw -decay 0.5":    net.AdamW{Rate: 0.003, WeightDecay: 0.5},
		"-optimizer adamw -decay 0":      net.Adam{Rate: 0.003},
		"":                               net.Adam{Rate: 0.003},
		"-optimizer rmsprop":             net.RMSProp{Rate: 0.003},
		"-optimizer rmsprop -decay 0.25": net.RMSProp{Rate: 0.003, WeightDecay: 0.25},
	} {
		f := flag.NewFlagSet("train", flag.ContinueOnError)
		var r recipe
		r.flags(f)
		if err := f.Parse(strings.Fields(args)); err != nil {
			t.Fatal(err)
		}
		if err := r.settle(); err != nil {
			t.Fatal(err)
		}
		if have := r.trainer(1).Optimizer; have != want {
			t.Errorf("%s: optimiser %+v, want %+v", args, have, want)
		}
	}
}

// TestEvalLabels has a model whose classes are the digits in another order.
func TestEvalLabels(t *testing.T) {
	dir, file := fewDigits(t), filepath.Join(t.TempDir(), "m.lanes")
	must(t, "train", "-data", dir, "-epochs", "1", "-out", file)
	changed(t, file, file, func(m *model.Model) { m.Labels = []int{9, 8, 7, 6, 5, 4, 3, 2, 1, 0} })
	var accuracy float64
	if _, err := fmt.Sscanf(must(t, "eval", file), "200 test digits: %f", &accuracy); err != nil || accuracy > 30 {
		t.Errorf("accuracy %v %%, %v, want that nearly all is wrong", accuracy, err)
	}
}

// changed writes a model with a change to another file.
func changed(t *testing.T, from, to string, change func(m *model.Model)) {
	t.Helper()
	m, err := model.LoadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	change(m)
	if err := m.SaveFile(to); err != nil {
		t.Fatal(err)
	}
}

// TestOutputFails has no room for what is written.
func TestOutputFails(t *testing.T) {
	dir, file := fewDigits(t), filepath.Join(t.TempDir(), "m.lanes")
	var stderr bytes.Buffer
	status := run(t.Context(), []string{"train", "-data", dir, "-out", file}, terminal{nil, full{}, &stderr})
	if status != failure || !strings.Contains(stderr.String(), "disk full") {
		t.Errorf("output: status %d, message %q", status, stderr.String())
	}
	status, out, message := lenet5(t, "train", "-data", dir, "-epochs", "1", "-out", filepath.Join(t.TempDir(), "no", "m.lanes"))
	if status != failure || out != "" || !strings.Contains(message, "m.lanes") {
		t.Errorf("model: status %d, output %q, message %q, want one before the training", status, out, message)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("disk full") }
