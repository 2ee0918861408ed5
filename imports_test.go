package lanes_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/simdlanes/lanes"

// imports says which packages outside the standard library a package of this
// module may import; "..." at the end stands for anything. A new package has to
// be entered here.
var imports = map[string][]string{
	".":                   {},
	"asm":                 {"github.com/mmcloughlin/avo/..."},
	"kernels":             {"github.com/klauspost/cpuid/v2"},
	"layer":               {module + "/internal/enum", module + "/kernels"},
	"conv":                {module + "/kernels", module + "/layer"},
	"pool":                {module + "/kernels", module + "/layer"},
	"dense":               {module + "/kernels", module + "/layer"},
	"net":                 {module + "/internal/enum", module + "/internal/learning", module + "/internal/texttable", module + "/kernels", module + "/layer", module + "/conv", module + "/pool", module + "/dense", module + "/net/workers"},
	"net/metrics":         {module + "/internal/texttable"},
	"net/model":           {module + "/kernels", module + "/layer", module + "/activation", module + "/conv", module + "/pool", module + "/dense", module + "/net", module + "/data", module + "/norm"},
	"net/trace":           {module + "/net"},
	"net/workers":         {},
	"data":                {module + "/internal/enum", module + "/internal/resample", module + "/internal/splitmix", module + "/layer", module + "/net", module + "/mnist"},
	"mnist":               {module + "/internal/resample"},
	"internal/enum":       {},
	"internal/learning":   {module + "/layer"},
	"internal/resample":   {},
	"internal/splitmix":   {},
	"internal/testkit":    {module + "/layer"}, // imported by tests alone
	"internal/texttable":  {},
	"internal/fewdigits":  {module + "/mnist"}, // imported by tests alone
	"internal/golden":     {},                  // imported by tests alone
	"benchmarks/cases":    {},
	"benchmarks":          {module + "/kernels", module + "/layer", module + "/conv", module + "/pool", module + "/dense", module + "/net", module + "/mnist", module + "/net/workers", module + "/benchmarks/cases", "gonum.org/v1/gonum/...", module + "/norm"},
	"adapters/notebook":   {module + "/layer", module + "/conv", module + "/pool", module + "/dense", module + "/net", "codeberg.org/sbinet/npyio/npy", "github.com/nlpodyssey/gopickle/..."},
	"cmd/internal/cli":    {module + "/mnist", "github.com/schollz/progressbar/v3", "golang.org/x/term"},
	"cmd/lenet5":          {module + "/net", module + "/net/model", module + "/net/metrics", module + "/net/schedule", module + "/data", module + "/cmd/internal/cli", module + "/cmd/internal/figure", module + "/layer", module + "/mnist", module + "/conv", module + "/dense", module + "/norm", module + "/pool"},
	"cmd/lenet5bench":     {module + "/kernels", module + "/layer", module + "/net", module + "/data", module + "/mnist", module + "/benchmarks", module + "/cmd/internal/cli", "github.com/klauspost/cpuid/v2", module + "/internal/texttable"},
	"layer/layertest":     {module + "/layer", module + "/net/workers", module + "/kernels"},
	"adapters/gonumblas":  {module + "/kernels", module + "/net/workers", "gonum.org/v1/gonum/blas", "gonum.org/v1/gonum/blas/gonum"},
	"adapters/gonummat":   {module + "/layer", module + "/conv", module + "/dense", module + "/net", "gonum.org/v1/gonum/mat"},
	"net/schedule":        {module + "/internal/learning", module + "/layer"},
	"activation":          {module + "/kernels", module + "/layer"},
	"cmd/internal/figure": {"codeberg.org/go-fonts/liberation/...", "golang.org/x/image/font/...", "golang.org/x/image/font", "golang.org/x/image/math/fixed", "gonum.org/v1/plot/...", "gonum.org/v1/plot"},
	"norm":                {module + "/internal/splitmix", module + "/kernels", module + "/layer"},
}

// special says which packages may import packages of the standard library that
// a library has to have a reason for: "C" is that of cgo. Where the value is
// nil, none may.
var special = map[string][]string{
	"C":       nil,
	"log":     nil,
	"os":      {"kernels", "mnist", "net/model", "net/trace", "asm", "internal/golden", "internal/fewdigits", "cmd/internal/cli", "cmd/lenet5", "cmd/lenet5bench"}, // kernels reads an environment variable
	"os/exec": {"mnist"},                                                                                                                                           // Download runs the go command
	"plugin":  nil,
	"syscall": {"cmd/lenet5", "net/model"}, // SIGTERM, EINVAL
	"unsafe":  {"kernels"},
}

// isLibrary reports whether a package is not one of the generator, the benchmarks
// and the commands. Such packages do not print.
func isLibrary(pkg string) bool {
	switch dir, _, _ := strings.Cut(pkg, "/"); dir {
	case "asm", "benchmarks", "cmd":
		return false
	}
	return true
}

// source is a file that is no test.
type source struct {
	name string // path from the root
	pkg  string // directory
	*ast.File
}

// sources parses all files of the module that are no tests, whatever their
// build constraints.
func sources(t *testing.T) (all []source) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || isModule(name)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		all = append(all, source{filepath.ToSlash(name), filepath.ToSlash(filepath.Dir(name)), f})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no files")
	}
	return all
}

// isModule reports whether a directory holds a module of its own.
func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func TestImports(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range sources(t) {
		seen[s.pkg] = true
		allowed, ok := imports[s.pkg]
		if !ok {
			t.Errorf("%s: package %s is not in the list of what packages may import", s.name, s.pkg)
		}
		for _, i := range s.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			who, isSpecial := special[path]
			switch {
			case isSpecial && !slices.Contains(who, s.pkg):
				t.Errorf("%s imports %q, which only %v may", s.name, path, who)
			case !isStandard(path) && !slices.ContainsFunc(allowed, func(pattern string) bool { return matches(pattern, path) }):
				t.Errorf("%s imports %q; package %s may import the standard library and %v", s.name, path, s.pkg, allowed)
			}
		}
	}
	for pkg := range imports {
		if !seen[pkg] {
			t.Errorf("package %s is in the list but has no files", pkg)
		}
	}
}

// isStandard reports whether a path is the standard library's: its first
// element has no dot.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// matches reports whether a path is the pattern, or begins with what precedes
// its "...".
func matches(pattern, path string) bool {
	prefix, any := strings.CutSuffix(pattern, "...")
	return path == pattern || any && strings.HasPrefix(path, prefix)
}

// TestPrinting wants no library package to print.
func TestPrinting(t *testing.T) {
	for _, s := range sources(t) {
		if !isLibrary(s.pkg) {
			continue
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				x, _ := n.X.(*ast.Ident)
				if x != nil && (x.Name == "fmt" && strings.HasPrefix(n.Sel.Name, "Print") || x.Name == "os" && (n.Sel.Name == "Stdout" || n.Sel.Name == "Stderr")) {
					t.Errorf("%s: a library uses %s.%s", s.name, x.Name, n.Sel.Name)
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "print" || f.Name == "println") {
					t.Errorf("%s: a library calls %s", s.name, f.Name)
				}
			}
			return true
		})
	}
}

// TestGoroutines wants goroutines to start in one place, and nothing to happen
// when a package is imported.
func TestGoroutines(t *testing.T) {
	started := 0
	for _, s := range sources(t) {
		ast.Inspect(s.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				started++
				if s.pkg != "net/workers" {
					t.Errorf("%s starts a goroutine, which only net/workers may", s.name)
				}
			case *ast.FuncDecl:
				if n.Name.Name == "init" && n.Recv == nil {
					t.Errorf("%s has a function init", s.name)
				}
			}
			return true
		})
	}
	if started == 0 {
		t.Error("nothing starts a goroutine: has the test gone blind?")
	}
}

// TestPackageComments wants each package documented, in one file.
func TestPackageComments(t *testing.T) {
	comments := make(map[string]int)
	for _, s := range sources(t) {
		comments[s.pkg] += 0
		if s.Doc != nil {
			comments[s.pkg]++
		}
	}
	for pkg, n := range comments {
		if n != 1 {
			t.Errorf("package %s has %d package comments, want one", pkg, n)
		}
	}
}
