package docs_test

import (
	"os"
	"strings"
	"testing"
)

// TestLayerDocument wants every block of Go code in the tutorial to be part of
// layer_test.go, word for word and in order, every block of text to be part of
// the output of its example, and nothing of the layer to be left out.
func TestLayerDocument(t *testing.T) {
	document, source := read(t, "layer.md"), read(t, "layer_test.go")
	_, output, found := strings.Cut(source, "\t// Output:\n")
	if !found {
		t.Fatal("the example has no output")
	}
	output = strings.ReplaceAll(output, "\t// ", "")
	code, rest := blocks(document, "go"), source
	for _, block := range code {
		_, after, found := strings.Cut(rest, block)
		if !found {
			t.Errorf("layer_test.go does not have, after what precedes it in the document:\n%s", block)
			continue
		}
		rest = after
	}
	for _, block := range blocks(document, "text") {
		if !strings.Contains(output, block) {
			t.Errorf("the example does not print:\n%s", block)
		}
	}
	_, layer, _ := strings.Cut(source, "\n)\n\n")
	layer, _, _ = strings.Cut(layer, "\nfunc Example")
	shown := 0
	for _, block := range code {
		if strings.Contains(layer, block) {
			shown += count(block)
		}
	}
	if shown == 0 || shown != count(layer) {
		t.Errorf("the document shows %d lines of the layer and its test, they have %d", shown, count(layer))
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n") // as git may have it
}

// blocks returns the fenced blocks of a language.
func blocks(document, language string) (all []string) {
	for {
		_, after, found := strings.Cut(document, "\n```"+language+"\n")
		if !found {
			return all
		}
		block, rest, _ := strings.Cut(after, "```\n")
		all = append(all, block)
		document = rest
	}
}

// count is the number of lines that are not empty.
func count(code string) (n int) {
	for line := range strings.Lines(code) {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	return n
}
