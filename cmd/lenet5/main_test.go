package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// TestMain lets the test binary be the command, for tests that kill it.
func TestMain(m *testing.M) {
	if os.Getenv("LENET5_COMMAND") != "" {
		main()
	}
	os.Exit(m.Run())
}

// lenet5 runs the command and returns its exit status and what it wrote.
func lenet5(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return lenet5With(t.Context(), "", args...)
}

func lenet5With(ctx context.Context, stdin string, args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(ctx, args, terminal{strings.NewReader(stdin), &out, &err})
	return status, out.String(), err.String()
}

// must runs the command, which has to succeed without a word on stderr, and
// returns what it wrote.
func must(t *testing.T, args ...string) string {
	t.Helper()
	status, stdout, stderr := lenet5(t, args...)
	if status != success || stderr != "" {
		t.Fatalf("lenet5 %s: status %d, message %q", strings.Join(args, " "), status, stderr)
	}
	return stdout
}

// wantText reports what of want is missing in text.
func wantText(t *testing.T, what, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s: want %q in %q", what, w, text)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"help", "-h", "-help", "--help"} {
		wantText(t, args, must(t, args), "usage: lenet5 <command>", "train", "resume", "eval", "predict")
	}
	for name, want := range map[string][]string{
		"train":   {"usage: lenet5 train [options]\n", "-out ", "-mnist ", "-data ", "-preset ", "-network ", "-epochs ", "-optimizer ", "-seed ", "-save "},
		"resume":  {"usage: lenet5 resume [options] model\n", "-epochs ", "-data ", "-workers "},
		"eval":    {"usage: lenet5 eval [options] model\n", "-mnist ", "-data "},
		"predict": {"usage: lenet5 predict [options] model image...\n", "-top "},
		"inspect": {"usage: lenet5 inspect [options] model [image...]\n", "-out ", "-layer ", "-digit ", "-mistakes ", "-mnist ", "-data "},
	} {
		wantText(t, name, must(t, "help", name), want...)
		wantText(t, name, must(t, name, "-help"), want...)
	}
	status, stdout, stderr := lenet5(t)
	if status != wrongUsage || stdout != "" || !strings.Contains(stderr, "usage: lenet5 <command>") {
		t.Errorf("no command: status %d, output %q, message %q", status, stdout, stderr)
	}
}

// TestUsageErrors makes mistakes on the command line: one line of reply names
// the command, the flag and what was wanted.
func TestUsageErrors(t *testing.T) {
	for _, c := range []struct {
		args string
		want []string
	}{
		{"learn", []string{`"learn"`, "train, resume, eval, predict"}},
		{"help learn", []string{`"learn"`}},
		{"train -nonsense", []string{"train: ", "-nonsense", "lenet5 help train"}},
		{"train digits.lanes", []string{"unexpected argument", `"digits.lanes"`}},
		{"train -epochs 0", []string{"-epochs", "from 1 to"}},
		{"train -batch x", []string{"-batch", "whole number"}},
		{"train -optimizer lion", []string{"-optimizer", "adam, adamw, sgd, rmsprop"}},
		{"train -schedule linear", []string{"-schedule", "onecycle, cosine, constant"}},
		{"train -rate -1", []string{"-rate", "to 1000"}},
		{"train -rate NaN", []string{"-rate", "to 1000"}},
		{"train -holdout 1", []string{"-holdout", "0.9"}},
		{"train -patience 3", []string{"-holdout", "-patience"}},
		{"train -decay 0.1", []string{"-decay", "adamw"}},
		{"train -shear 81", []string{"-shear", "from 0 to 80"}},
		{"train -preset best", []string{"-preset", "quick, accurate, deep"}},
		{"train -network vgg", []string{"-network", "lenet5, deep"}},
		{"train -preset accurate -mnist test -data .", []string{"-mnist test", "-data", "not both"}},
		{"train -mnist train", []string{"-mnist", "test or full"}},
		{"train -mnist test -data .", []string{"-mnist test", "-data", "not both"}},
		{"resume", []string{"one model", "have 0"}},
		{"resume a b", []string{"one model", "have 2"}},
		{"resume -optimizer sgd a", []string{"-optimizer"}},
		{"eval", []string{"one model"}},
		{"predict digits.lanes", []string{"a model and images"}},
		{"predict -top 11 a b", []string{"-top", "from 1 to 10"}},
	} {
		status, stdout, stderr := lenet5(t, strings.Fields(c.args)...)
		if status != wrongUsage || stdout != "" {
			t.Errorf("%s: status %d, output %q, want 2 and none", c.args, status, stdout)
		}
		if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "lenet5") {
			t.Errorf("%s: want one line that begins with the command's name, have %q", c.args, stderr)
		}
		wantText(t, c.args, stderr, c.want...)
	}
}

// TestFlagsAnywhere has flags between and after the other arguments, and
// arguments that look like flags.
func TestFlagsAnywhere(t *testing.T) {
	for _, args := range []string{"-top 2 m i", "m -top 2 i", "m i -top 2", "-top 2 -- m i", "m -top 2 -- i"} {
		f, top := newFlags()
		have, err := parse(f, strings.Fields(args))
		if err != nil || strings.Join(have, " ") != "m i" || *top != 2 {
			t.Errorf("%s: have %q and %d, %v", args, have, *top, err)
		}
	}
	f, _ := newFlags()
	if have, err := parse(f, []string{"--", "-top", "2"}); err != nil || strings.Join(have, " ") != "-top 2" {
		t.Errorf("after --: have %q, %v", have, err)
	}
}
