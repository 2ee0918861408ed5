package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestBar(t *testing.T) {
	if NewBar(new(bytes.Buffer)).out != nil {
		t.Error("a bar where there is no terminal")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if NewBar(w).out != nil {
		t.Error("a bar in a pipe")
	}
	for _, out := range []*bytes.Buffer{nil, new(bytes.Buffer)} {
		var b Bar
		if out != nil {
			b.out = out
		}
		step, end := b.Start("training", 2)
		step()
		end()
		if out != nil && !strings.Contains(out.String(), "training") {
			t.Errorf("the bar does not show its title: %q", out.String())
		}
	}
}
