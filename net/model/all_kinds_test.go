package model

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// layerTypes are the exported types of a folder's package that have a method Bind,
// by their names with the folder's.
func layerTypes(t *testing.T, dir string) (types []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			method, ok := d.(*ast.FuncDecl)
			if !ok || method.Recv == nil || method.Name.Name != "Bind" {
				continue
			}
			receiver := method.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			if name, ok := receiver.(*ast.Ident); ok && name.IsExported() {
				types = append(types, filepath.Base(dir)+"."+name.Name)
			}
		}
	}
	return types
}

// TestEveryLayerHasAKind reads the sources of this module's packages: every layer
// in them has a kind, and docs/format.md has its name and type.
func TestEveryLayerHasAKind(t *testing.T) {
	kinds := map[string]string{} // by type
	for kind, l := range builtIn {
		kinds[reflect.TypeOf(l).String()] = kind
	}
	text, err := os.ReadFile("../../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob("../../*")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, dir := range dirs {
		for _, name := range layerTypes(t, dir) {
			n++
			kind, ok := kinds[name]
			if !ok {
				t.Errorf("%s is a layer that no file can have: give it a kind", name)
			} else if !strings.Contains(string(text), "`"+name+"` (`\""+kind+"\"`)") {
				t.Errorf("docs/format.md does not have %s, %q", name, kind)
			}
		}
	}
	if n != len(builtIn) {
		t.Errorf("%d layers in the sources, %d kinds", n, len(builtIn))
	}
}
