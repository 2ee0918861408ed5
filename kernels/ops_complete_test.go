package kernels

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOperationsAreComplete compares the table with the package's source: every
// exported function that takes slices must be covered.
func TestOperationsAreComplete(t *testing.T) {
	exported := exportedWithSlices(t)
	var covered []string
	for _, o := range operations {
		covered = append(covered, strings.Fields(o.covers)...)
	}
	for _, name := range exported {
		if !slices.Contains(covered, name) {
			t.Errorf("no operation covers %s", name)
		}
	}
	if len(exported) == 0 {
		t.Fatal("no exported function found")
	}
}

// exportedWithSlices lists the exported functions and methods that have a slice
// among their parameters.
func exportedWithSlices(t *testing.T) (names []string) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.IsExported() && takesSlice(fn) {
				names = append(names, receiver(fn)+fn.Name.Name)
			}
		}
	}
	return names
}

func takesSlice(fn *ast.FuncDecl) bool {
	return slices.ContainsFunc(fn.Type.Params.List, func(p *ast.Field) bool {
		_, ok := p.Type.(*ast.ArrayType)
		return ok
	})
}

// receiver returns the type of a method's receiver and a dot.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	typ := fn.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	return typ.(*ast.Ident).Name + "."
}
