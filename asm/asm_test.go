package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

const kernelsDir = "../kernels"

// generated are the files as the generator would write them now.
var generated = sync.OnceValues(generate)

// TestFresh compares the generated files with those in package kernels.
func TestFresh(t *testing.T) {
	files, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := filepath.Join(kernelsDir, f.name)
		have, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, f.content) {
			t.Errorf("%s is not what package asm generates; run: go generate ./...\n%s", name, difference(have, f.content))
		}
	}
}

// difference shows the first line in which two files differ.
func difference(have, want []byte) string {
	h, w := strings.Split(string(have), "\n"), strings.Split(string(want), "\n")
	i := 0
	for i < min(len(h), len(w)) && h[i] == w[i] {
		i++
	}
	line := func(lines []string) string {
		if i == len(lines) {
			return "nothing: the file has ended"
		}
		return fmt.Sprintf("%q", lines[i])
	}
	return fmt.Sprintf("line %d: have %s\nwant %s", i+1, line(h), line(w))
}

func TestDifference(t *testing.T) {
	for _, c := range []struct{ have, want, text string }{
		{"a\nb\nc", "a\nx\nc", `line 2: have "b"` + "\n" + `want "x"`},
		{"a", "a\nb", "line 2: have nothing: the file has ended\n" + `want "b"`},
		{"a\nb", "a", `line 2: have "b"` + "\nwant nothing: the file has ended"},
	} {
		if d := difference([]byte(c.have), []byte(c.want)); d != c.text {
			t.Errorf("%q, %q: %s", c.have, c.want, d)
		}
	}
}

// generatedFile is the content of one generated file.
func generatedFile(t *testing.T, name string) string {
	t.Helper()
	files, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.name == name {
			return string(f.content)
		}
	}
	t.Fatalf("%s is not generated", name)
	return ""
}

// TestReturns wants a return at the end of every function, and VZEROUPPER before
// every return: SSE code that runs afterwards would be slow without it.
func TestReturns(t *testing.T) {
	functions := strings.Split(generatedFile(t, "kernels_amd64.s"), "\nTEXT ")[1:]
	if len(functions) == 0 {
		t.Error("no functions")
	}
	for _, f := range functions {
		name, body, _ := strings.Cut(f, "(")
		before := ""
		for line := range strings.Lines(body) {
			// Instructions are indented; labels and data are not.
			fields := strings.Fields(line)
			if !strings.HasPrefix(line, "\t") || fields[0] == "//" {
				continue
			}
			if fields[0] == "RET" && before != "VZEROUPPER" {
				t.Errorf("%s returns after %q, not after VZEROUPPER", name, before)
			}
			before = fields[0]
		}
		if before != "RET" {
			t.Errorf("%s ends with %q, not with RET", name, before)
		}
	}
}

// TestRegisters wants no vector register that only AVX-512 has. The allocator
// takes one if it runs out of others.
func TestRegisters(t *testing.T) {
	all := generatedFile(t, "kernels_amd64.s")
	if found := regexp.MustCompile(`\b[XYZ](1[6-9]|2[0-9]|3[01])\b`).FindString(all); found != "" {
		t.Errorf("register %s is used, which needs AVX-512", found)
	}
	if !strings.Contains(all, "Y15") {
		t.Error("no Y15: has the test gone blind?")
	}
}

// TestStubs wants every assembly function declared with a doc comment, and with
// go:noescape, without which slices that are passed to it move to the heap. A
// twin that the comment names has to exist.
func TestStubs(t *testing.T) {
	stubs, err := parser.ParseFile(token.NewFileSet(), "kernels_amd64.go", generatedFile(t, "kernels_amd64.go"), parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	kernels := check(t, kernelsDir)
	twin := regexp.MustCompile(`works like (\w+)`)
	functions, twins := 0, 0
	for _, d := range stubs.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		functions++
		name := f.Name.Name
		if f.Body != nil {
			t.Errorf("%s is not assembly", name)
		}
		if !strings.HasPrefix(f.Doc.Text(), name+" ") {
			t.Errorf("%s: doc comment %q does not begin with its name", name, f.Doc.Text())
		}
		if f.Doc == nil || f.Doc.List[len(f.Doc.List)-1].Text != "//go:noescape" {
			t.Errorf("%s: no go:noescape", name)
		}
		if m := twin.FindStringSubmatch(f.Doc.Text()); m != nil {
			twins++
			if _, ok := kernels.scope.Lookup(m[1]).(*types.Func); !ok {
				t.Errorf("%s works like %s, which package kernels does not have", name, m[1])
			}
		}
	}
	if functions == 0 || twins == 0 {
		t.Errorf("%d functions, %d of them with a twin", functions, twins)
	}
}

// TestPolynomials compares the constants of math.go with those of the portable
// functions, as float32.
func TestPolynomials(t *testing.T) {
	asm, kernels := check(t, "."), check(t, kernelsDir)
	compared := 0
	for _, name := range asm.scope.Names() {
		if asm.file(name) != "math.go" {
			continue
		}
		have, want := asm.numbers(name), kernels.numbers(name)
		if have == nil {
			continue // a function
		}
		compared += len(have)
		if fmt.Sprint(have) != fmt.Sprint(want) {
			t.Errorf("%s is %v in package asm and %v in package kernels", name, have, want)
		}
	}
	if want := len(expPoly) + len(logPoly) + len(tanhPoly) + len(normalPoly); compared <= want {
		t.Errorf("compared %d numbers, want the %d coefficients and the constants", compared, want)
	}
}

// TestTiles compares the sizes that the generator and package kernels share.
func TestTiles(t *testing.T) {
	kernels := check(t, kernelsDir)
	for name, want := range map[string]float32{
		"Lanes":       lanes,
		"laneBytes":   vector,
		"tileFilters": tileFilters,
		"tileVectors": tileVectors, "tilePositions": tilePositions, "densePanels": densePanels,
		"gradFilters":    gradFilters,
		"gradTaps":       gradTaps,
		"gradPairs":      gradPairs,
		"gradProducts":   gradProducts,
		"gradBias":       gradBias,
		"depthPositions": depthPositions,
		"gemmMR":         gemmRows,
		"gemmNR":         gemmWidth * lanes,
		"packAtOnce":     packAtOnce,
		"gemvRows":       gemvRows,
		"gemvColumns":    gemvGroups * lanes,
		"gemvSteps":      gemvSteps,
	} {
		if have := kernels.numbers(name); len(have) != 1 || have[0] != want {
			t.Errorf("%s is %v in package kernels, want %v", name, have, want)
		}
	}
}

// checked is what the type checker knows of a package without its imports.
type checked struct {
	fset  *token.FileSet
	files []*ast.File
	scope *types.Scope
	info  types.Info
}

// check evaluates the package-level declarations of the package in a directory.
// It passes over what it cannot resolve: imports, and the names that files for
// different machines declare again.
func check(t *testing.T, dir string) *checked {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	c := &checked{fset: token.NewFileSet(), info: types.Info{Types: map[ast.Expr]types.TypeAndValue{}}}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(c.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		c.files = append(c.files, f)
	}
	conf := types.Config{IgnoreFuncBodies: true, Error: func(error) {}}
	pkg, _ := conf.Check(dir, c.fset, c.files, &c.info)
	c.scope = pkg.Scope()
	return c
}

// file is the name of the file that declares a name.
func (c *checked) file(name string) string {
	return filepath.Base(c.fset.Position(c.scope.Lookup(name).Pos()).Filename)
}

// numbers returns a constant, or the elements of a variable's composite
// literal, rounded to float32. It returns nil for other names.
func (c *checked) numbers(name string) []float32 {
	switch o := c.scope.Lookup(name).(type) {
	case *types.Const:
		return []float32{round(o.Val())}
	case *types.Var:
		return c.elements(name)
	}
	return nil
}

func (c *checked) elements(name string) (numbers []float32) {
	for _, f := range c.files {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Names[0].Name != name || len(spec.Values) != 1 {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.CompositeLit); ok {
				for _, e := range literal.Elts {
					numbers = append(numbers, round(c.info.Types[e].Value))
				}
			}
			return false
		})
	}
	return numbers
}

func round(v constant.Value) float32 {
	f, _ := constant.Float32Val(constant.ToFloat(v))
	return f
}
