package mnist

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

const (
	side    = 28 // rows and columns of the published images
	classes = 10
)

// Load reads the training and test images of MNIST, or of a data set published
// in its form, such as Fashion-MNIST, from the root of fsys. The files have
// the published names, or the same without ".gz":
//
//	train-images-idx3-ubyte.gz    train-labels-idx1-ubyte.gz
//	t10k-images-idx3-ubyte.gz     t10k-labels-idx1-ubyte.gz
//
// Where both forms are there, the one with ".gz" is read. What is in a file is
// recognised by its first bytes, not by its name.
//
// Images have to be 28x28 and labels 0 to 9, and there has to be a label for
// each image; there may be any number of images. The error names the file and
// wraps [ErrFormat], [ErrTooLarge], [ErrShape] or the error of fsys, which is
// [fs.ErrNotExist] for a missing file. [Verify] tells whether the files are
// the published ones.
func Load(fsys fs.FS) (train, test *Set, err error) {
	if train, err = loadHalf(fsys, "train"); err != nil {
		return nil, nil, fmt.Errorf("mnist: load: %w", err)
	}
	if test, err = loadHalf(fsys, "t10k"); err != nil {
		return nil, nil, fmt.Errorf("mnist: load: %w", err)
	}
	return train, test, nil
}

// LoadDir is [Load] from a directory of the operating system.
func LoadDir(dir string) (train, test *Set, err error) {
	return Load(os.DirFS(dir))
}

// loadHalf loads the images and labels whose files start with prefix.
func loadHalf(fsys fs.FS, prefix string) (*Set, error) {
	images, labels := prefix+"-images-idx3-ubyte", prefix+"-labels-idx1-ubyte"
	set, err := loadImages(fsys, images)
	if err != nil {
		return nil, fmt.Errorf("%s[.gz]: %w", images, err)
	}
	if set.Labels, err = loadLabels(fsys, labels); err != nil {
		return nil, fmt.Errorf("%s[.gz]: %w", labels, err)
	}
	if err := set.matchLabels(); err != nil {
		return nil, fmt.Errorf("%s[.gz]: %w", labels, err)
	}
	return set, nil
}

func loadImages(fsys fs.FS, name string) (*Set, error) {
	f, err := openEither(fsys, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	set, err := readImages(f)
	if err != nil {
		return nil, err
	}
	if set.Rows != side || set.Cols != side {
		return nil, fmt.Errorf("%w: want %dx%d images, got %dx%d", ErrShape, side, side, set.Rows, set.Cols)
	}
	return set, nil
}

func loadLabels(fsys fs.FS, name string) ([]uint8, error) {
	f, err := openEither(fsys, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	labels, err := readLabels(f)
	if err != nil {
		return nil, err
	}
	for i, label := range labels {
		if label >= classes {
			return nil, fmt.Errorf("%w: want labels below %d, got %d for image %d", ErrFormat, classes, label, i)
		}
	}
	return labels, nil
}

// openEither opens name with ".gz", or without if there is no such file.
func openEither(fsys fs.FS, name string) (fs.File, error) {
	f, err := fsys.Open(name + ".gz")
	if errors.Is(err, fs.ErrNotExist) {
		return fsys.Open(name)
	}
	return f, err
}
