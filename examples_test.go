package lanes_test

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// callers are the packages that call what implements one of their interfaces:
// users do not call Bind, Read or String.
var callers = []string{"encoding", "fmt", module + "/layer", module + "/net", module + "/net/workers"}

// notRun are what no Example can use that runs with the tests.
var notRun = []string{module + "/mnist.Download"} // fetches files

// TestExamples wants an Example that runs and uses each function of the library,
// each method and each type that is no interface: whoever uses them sees how, and
// that it works. Methods that callers call need none.
func TestExamples(t *testing.T) {
	fset := token.NewFileSet()
	packages := importer.ForCompiler(fset, "gc", exportData(t))
	load := func(path string) *types.Package {
		p, err := packages.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}

	used := make(map[string]bool)
	dirs := libraries(t)
	for _, dir := range dirs {
		exampleUses(t, fset, packages, dir, used)
	}
	exampleUses(t, fset, packages, "docs", used)

	var interfaces []*types.Interface
	for _, path := range callers {
		for _, o := range exported(load(path)) {
			if i, ok := o.Type().Underlying().(*types.Interface); ok {
				interfaces = append(interfaces, i)
			}
		}
	}
	want := func(o types.Object) {
		if o.Exported() && !used[nameOf(o)] && !slices.Contains(notRun, nameOf(o)) {
			t.Errorf("no Example that runs uses %s", nameOf(o))
		}
	}
	for _, dir := range dirs {
		for _, o := range exported(load(module + "/" + dir)) {
			switch o := o.(type) {
			case *types.Func:
				want(o)
			case *types.TypeName:
				if types.IsInterface(o.Type()) {
					continue
				}
				want(o)
				for m := range o.Type().(*types.Named).Methods() {
					if !slices.ContainsFunc(interfaces, func(i *types.Interface) bool { return implements(o.Type(), i, m) }) {
						want(m)
					}
				}
			}
		}
	}
}

// implements reports whether a type's method is one of those by which it, or a
// pointer to it, is what an interface wants.
func implements(t types.Type, i *types.Interface, method *types.Func) bool {
	wanted, _, _ := types.LookupFieldOrMethod(i, false, method.Pkg(), method.Name())
	return wanted != nil && types.Implements(types.NewPointer(t), i)
}

// libraries lists the directories of the packages that users import.
func libraries(t *testing.T) []string {
	dirs := make(map[string]bool)
	for _, s := range sources(t) {
		if isLibrary(s.pkg) && s.pkg != "." && !strings.HasPrefix(s.pkg, "internal/") {
			dirs[s.pkg] = true
		}
	}
	return slices.Sorted(maps.Keys(dirs))
}

// exportData finds the types of a package that the module's tests import.
func exportData(t *testing.T) importer.Lookup {
	list := exec.Command("go", "list", "-export", "-deps", "-test", "-f", "{{if not .ForTest}}{{.ImportPath}} {{.Export}}{{end}}", "./docs")
	for _, dir := range libraries(t) {
		list.Args = append(list.Args, "./"+dir)
	}
	list.Stderr = os.Stderr
	lines, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for line := range bytes.Lines(lines) {
		path, file, _ := strings.Cut(string(line), " ")
		files[path] = strings.TrimSpace(file)
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
}

// exampleUses adds to used what the Examples of a directory use.
func exampleUses(t *testing.T, fset *token.FileSet, packages types.Importer, dir string, used map[string]bool) {
	names, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name.Name, "_test") {
			files = append(files, f)
		}
	}
	info := types.Info{Uses: make(map[*ast.Ident]types.Object), Types: make(map[ast.Expr]types.TypeAndValue)}
	config := types.Config{Importer: packages, Error: func(error) {}} // other tests may use what their package exports to them alone
	config.Check(dir, fset, files, &info)
	for _, f := range files {
		examples := doc.Examples(f)
		if len(examples) == 0 {
			continue
		}
		silent := make(map[string]bool) // compiled, and not run
		for _, e := range examples {
			silent["Example"+e.Name] = e.Output == "" && !e.EmptyOutput
		}
		for _, d := range f.Decls {
			if name := funcName(d); isTest.MatchString(name) || silent[name] {
				continue // what else the file declares, the Examples use
			}
			ast.Inspect(d, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && info.Uses[id] != nil {
					used[nameOf(info.Uses[id])] = true
				}
				if e, ok := n.(ast.Expr); ok {
					if o := typeName(info.TypeOf(e)); o != nil { // also that of a value
						used[nameOf(o)] = true
					}
				}
				return true
			})
		}
	}
}

// isTest matches the names of functions that the Examples of a file do not use.
var isTest = regexp.MustCompile("^(Test|Benchmark|Fuzz)")

// funcName is the name of a function, and "" of any other declaration.
func funcName(d ast.Decl) string {
	if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
		return f.Name.Name
	}
	return ""
}

// exported lists the exported objects of a package.
func exported(p *types.Package) (all []types.Object) {
	for _, name := range p.Scope().Names() {
		if o := p.Scope().Lookup(name); o.Exported() {
			all = append(all, o)
		}
	}
	return all
}

// nameOf is an object's package and name, with its type's in between for a method.
func nameOf(o types.Object) string {
	name := o.Name()
	if f, ok := o.(*types.Func); ok && f.Signature().Recv() != nil {
		if receiver := typeName(f.Signature().Recv().Type()); receiver != nil {
			name = receiver.Name() + "." + name
		}
	}
	if o.Pkg() == nil {
		return name
	}
	return o.Pkg().Path() + "." + name
}

// typeName is the name of a type, or of what it points to, or nil.
func typeName(t types.Type) types.Object {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj()
	}
	return nil
}
