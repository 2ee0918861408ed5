package data

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/simdlanes/lanes/layer"
	"github.com/simdlanes/lanes/net"
)

// Files is a net.Dataset of image files, which are decoded and preprocessed when
// they are read: during training by its workers. Make it with [Folder].
type Files struct {
	fsys   fs.FS
	names  []string // of the classes
	files  []string // their paths
	labels []int
	p      Preprocess
}

// Folder returns the image files below the root of fsys as a Dataset. The files of
// each class lie in a folder of their own, at any depth; those beside the folders,
// and files and folders whose names begin with a dot, are left out. Links to files
// are followed, and those to folders in the root.
//
// The classes are numbered as their folders' names are in classes; or, if classes
// is nil, in the order of the names' bytes ("10" before "2"). For validation give
// the names of the training, [Files.Names], lest a class that has no file there
// change the numbers of others.
//
// Folder reads directories and no file. The formats are those that the program has
// registered, as for [Decode].
//
// The error wraps layer.ErrOption if p is not usable; net.ErrData if there is no
// folder, a folder without a file, or one that is not in classes; or the error of
// fsys.
func Folder(fsys fs.FS, classes []string, p Preprocess) (*Files, error) {
	f := &Files{fsys: fsys, names: slices.Clone(classes), p: p}
	if err := f.find(); err != nil {
		return nil, fmt.Errorf("data: folder: %w", err)
	}
	return f, nil
}

func (f *Files) find() error {
	if err := f.p.check(); err != nil {
		return fmt.Errorf("preprocess: %w", err)
	}
	folders, err := f.folders()
	if err != nil {
		return err
	}
	if f.names == nil {
		f.names = folders
	}
	for i, name := range f.names {
		if slices.Contains(f.names[:i], name) {
			return fmt.Errorf("%w: class %q is there twice", net.ErrData, name)
		}
	}
	for _, folder := range folders {
		label := slices.Index(f.names, folder)
		if label < 0 {
			return fmt.Errorf("%w: folder %q is none of the %d classes", net.ErrData, folder, len(f.names))
		}
		if err := f.add(folder, label); err != nil {
			return err
		}
	}
	return nil
}

// folders returns the names of the folders in the root, in order.
func (f *Files) folders() (names []string, err error) {
	entries, err := fs.ReadDir(f.fsys, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !isHidden(e.Name()) && f.isFolder(e) {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%w: want a folder for each class, have none", net.ErrData)
	}
	return names, nil
}

// isFolder reports whether an entry of the root is a folder, or a link to one.
func (f *Files) isFolder(e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := fs.Stat(f.fsys, e.Name())
	return err == nil && info.IsDir()
}

// add adds the files below a folder.
func (f *Files) add(folder string, label int) error {
	before := len(f.files)
	err := fs.WalkDir(f.fsys, folder, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case isHidden(path.Base(name)) && d.IsDir():
			return fs.SkipDir
		case isHidden(path.Base(name)) || !d.Type().IsRegular() && d.Type()&fs.ModeSymlink == 0:
			return nil
		}
		f.files = append(f.files, name)
		f.labels = append(f.labels, label)
		return nil
	})
	if err != nil {
		return err
	}
	if len(f.files) == before {
		return fmt.Errorf("%w: folder %q has no files", net.ErrData, folder)
	}
	return nil
}

func isHidden(name string) bool { return strings.HasPrefix(name, ".") }

// Len is the number of files.
func (f *Files) Len() int { return len(f.files) }

// Shape is the shape of each image once it is preprocessed.
func (f *Files) Shape() layer.Shape { return f.p.Shape() }

// Names returns the names of the classes: class k is that of folder Names()[k].
func (f *Files) Names() []string { return slices.Clone(f.names) }

// Labels returns a copy of the classes of all files.
func (f *Files) Labels() []int { return slices.Clone(f.labels) }

// Path is the path of a file, and "" if i is out of range.
func (f *Files) Path(i int) string {
	if i < 0 || i >= len(f.files) {
		return ""
	}
	return f.files[i]
}

// Read implements net.Dataset. The error names the file, and wraps what [Decode]
// says of it or the error of the file system; layer.ErrShape if x or labels have
// another length than the indices ask for; or net.ErrData if an index is out of
// range.
func (f *Files) Read(x []float32, labels []int, indices []int) error {
	if err := checkRead(x, labels, indices, f.Shape(), f.Len()); err != nil {
		return fmt.Errorf("data: folder: %w", err)
	}
	size := f.Shape().Len()
	for j, i := range indices {
		if err := f.read(x[j*size:][:size], f.files[i]); err != nil {
			return fmt.Errorf("data: folder: %s: %w", f.files[i], err)
		}
		labels[j] = f.labels[i]
	}
	return nil
}

func (f *Files) read(x []float32, name string) error {
	file, err := f.fsys.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	img, err := decode(file)
	if err != nil {
		return err
	}
	return f.p.apply(x, img)
}
