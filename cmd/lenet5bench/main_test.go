package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/simdlanes/lanes/cmd/internal/cli"
	"github.com/simdlanes/lanes/kernels"
)

// command runs the command with a context and returns its exit status and what
// it wrote.
func command(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(ctx, args, &out, &err)
	return status, out.String(), err.String()
}

// canceled is a context in which no part of the report gets done.
func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestHelp(t *testing.T) {
	for _, flag := range []string{"-help", "-h", "--help"} {
		status, stdout, stderr := command(t.Context(), flag)
		if status != 0 || stdout != "" {
			t.Errorf("%s: status %d, output %q, want 0 and none", flag, status, stdout)
		}
		for _, want := range []string{"usage: lenet5bench", "go doc", "-mnist ", "-data ", "-epochs ", "-batch ", "-workers ",
			"-kernels ", "-seed ", "-to99\n", "-seeds ", "-cpuprofile ", "-json\n", "-bench\n"} {
			if !strings.Contains(stderr, want) {
				t.Errorf("%s does not mention %q", flag, want)
			}
		}
	}
}

// TestUsageErrors makes mistakes on the command line: one line of reply names
// the flag and what was wanted.
func TestUsageErrors(t *testing.T) {
	for _, c := range []struct {
		args string
		want []string
	}{
		{"-nonsense", []string{"-nonsense"}},
		{"-mnist", []string{"-mnist", "argument"}},
		{"-mnist train", []string{"-mnist", `"train"`, "test or full"}},
		{"-data /no/such/directory", []string{"-data", "/no/such/directory", "directory of the four MNIST files"}},
		{"-data main_test.go", []string{"-data", "directory"}},
		{"-epochs 0", []string{"-epochs", `"0"`, "from 1 to 1000"}},
		{"-epochs 1001", []string{"-epochs", "from 1 to 1000"}},
		{"-epochs two", []string{"-epochs", `"two"`, "whole number"}},
		{"-batch -1", []string{"-batch", `"-1"`, "from 1 to 1024"}},
		{"-batch 1025", []string{"-batch", "from 1 to 1024"}},
		{"-batch 1.5", []string{"-batch", "whole number"}},
		{"-workers 0", []string{"-workers", `"0"`, "from 1 to 1024"}},
		{"-workers 99999999999999999999", []string{"-workers", "from 1 to 1024"}},
		{"-kernels sse", []string{"-kernels", `"sse"`, "generic"}},
		{"-seed -1", []string{"-seed", `"-1"`, "from 0 to 18446744073709551615"}},
		{"-json=perhaps", []string{"-json", "perhaps", "boolean"}},
		{"-bench=perhaps", []string{"-bench", "perhaps", "boolean"}},
		{"-mnist test -data .", []string{"-mnist test", "-data", "not both"}},
		{"-data . -mnist test", []string{"-mnist test", "-data", "not both"}},
		{"-to99=perhaps", []string{"-to99", "perhaps", "boolean"}},
		{"-to99 -seeds 0", []string{"-seeds", `"0"`, "from 1 to 1000"}},
		{"-seeds 10", []string{"-to99", "-seeds"}},
		{"-to99=false -seeds 10", []string{"-to99", "-seeds"}},
		{"-to99 -epochs 5", []string{"-to99", "-epochs", "not both"}},
		{"-batch 32 -to99", []string{"-to99", "-batch", "not both"}},
		{"-to99 -mnist test", []string{"-to99", "-mnist test", "not both"}},
		{"-json -bench", []string{"-json", "-bench", "not both"}},
		{"report", []string{"unexpected argument", `"report"`}},
		{"-json report -bench", []string{"unexpected argument", `"report"`}},
	} {
		status, stdout, stderr := command(t.Context(), strings.Fields(c.args)...)
		if status != 2 || stdout != "" {
			t.Errorf("%s: status %d, output %q, want 2 and none", c.args, status, stdout)
		}
		if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "lenet5bench: ") {
			t.Errorf("%s: want one line that begins with the command's name, have %q", c.args, stderr)
		}
		for _, want := range append(c.want, "-help") {
			if !strings.Contains(stderr, want) {
				t.Errorf("%s: want a message with %q, have %q", c.args, want, stderr)
			}
		}
	}
}

// TestOptions reads every flag, and the defaults.
func TestOptions(t *testing.T) {
	dir := t.TempDir()
	have, err := parseOptions([]string{"-mnist", "full", "-data", dir, "-epochs", "3", "-batch", "7", "-workers", "2",
		"-kernels", "generic", "-seed", "18446744073709551615", "-cpuprofile", "p", "-json"}, nil)
	want := options{digits: cli.Digits{Set: "full", Data: dir}, epochs: 3, batch: 7, workers: 2,
		impl: kernels.Generic, forced: true, seed: 1<<64 - 1, seeds: 1, cpuProfile: "p", json: true}
	if err != nil || have != want {
		t.Errorf("have %+v, %v, want %+v", have, err, want)
	}
	for args, want := range map[string]string{"": "test", "-mnist test": "test", "-mnist full": "full", "-data .": "full",
		"-to99": "full", "-to99 -mnist full": "full", "-to99 -data .": "full"} {
		if have, err := parseOptions(strings.Fields(args), nil); err != nil || have.digits.Set != want {
			t.Errorf("%q: digits %q, %v, want %q", args, have.digits.Set, err, want)
		}
	}
	if have, err := parseOptions([]string{"-to99", "-seeds", "10", "-seed", "7"}, nil); err != nil || !have.to99 || have.seeds != 10 || have.seed != 7 {
		t.Errorf("-to99 from ten seeds: %+v, %v", have, err)
	}
	for _, impl := range kernels.Impls() {
		epochs := 5
		if impl == kernels.Generic {
			epochs = 1
		}
		undo := kernels.Use(impl)
		have, err := parseOptions(nil, nil)
		undo()
		if err != nil || have.epochs != epochs || have.impl != impl || have.forced || have.batch != 32 || have.seed != 1 || have.workers < 1 {
			t.Errorf("defaults with %v kernels: %+v, %v, want %d epochs", impl, have, err, epochs)
		}
	}
}

// TestFailures has the run fail before or after its first part.
func TestFailures(t *testing.T) {
	empty := t.TempDir()
	for _, c := range []struct {
		name string
		ctx  context.Context
		args []string
		want []string
	}{
		{"canceled", canceled(t), nil, []string{"interrupted"}},
		{"canceled json", canceled(t), []string{"-json"}, []string{"interrupted"}},
		{"canceled bench", canceled(t), []string{"-bench"}, []string{"interrupted"}},
		{"no data", t.Context(), []string{"-data", empty}, []string{"train-images"}},
		{"no profile", t.Context(), []string{"-cpuprofile", filepath.Join(empty, "no", "profile")}, []string{"-cpuprofile", "profile"}},
	} {
		status, stdout, stderr := command(c.ctx, c.args...)
		if status != 1 || stdout != "" {
			t.Errorf("%s: status %d, output %q, want 1 and none", c.name, status, stdout)
		}
		for _, want := range append(c.want, "lenet5bench: ") {
			if !strings.Contains(stderr, want) {
				t.Errorf("%s: want a message with %q, have %q", c.name, want, stderr)
			}
		}
	}
}

// writerFunc is a function as an io.Writer.
type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestInterrupt interrupts the run when the first part has been written.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var stdout, stderr bytes.Buffer
	status := run(ctx, nil, writerFunc(func(p []byte) (int, error) {
		cancel()
		return stdout.Write(p)
	}), &stderr)
	if status != 1 || stderr.String() != "lenet5bench: interrupted\n" {
		t.Errorf("status %d, message %q, want 1 and interrupted", status, stderr.String())
	}
	if out := stdout.String(); !strings.HasPrefix(out, "1. Machine\n") || strings.Contains(out, "\n2. ") {
		t.Errorf("want the first part, have %q", out)
	}
}

func TestOutputFails(t *testing.T) {
	var stderr bytes.Buffer
	status := run(t.Context(), nil, writerFunc(func([]byte) (int, error) { return 0, errors.New("disk full") }), &stderr)
	if status != 1 || stderr.String() != "lenet5bench: disk full\n" {
		t.Errorf("status %d, message %q, want 1 and disk full", status, stderr.String())
	}
}

// TestKernelsRestored forces kernels for one run only.
func TestKernelsRestored(t *testing.T) {
	before := kernels.Active()
	command(canceled(t), "-kernels", "generic")
	if kernels.Active() != before {
		t.Errorf("%v kernels after the run, %v before", kernels.Active(), before)
	}
}

func TestProfile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "profile")
	command(canceled(t), "-cpuprofile", name)
	if p, err := os.ReadFile(name); err != nil || len(p) == 0 {
		t.Errorf("want a profile even of an interrupted run, have %d bytes, %v", len(p), err)
	}
}
