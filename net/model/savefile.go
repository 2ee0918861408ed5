package model

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// SaveFile is [Model.Save] to a file that is either as it was or whole and new,
// whatever happens meanwhile: the model is written to a temporary file in the same
// folder, which is synced, takes the file's place by one rename, and is made
// durable by syncing the folder, where the system has a way to do that and lets
// this user. On any error before that the temporary file is removed.
//
// A file that exists keeps its permissions, a symbolic link its place: the file
// that it points to is replaced, and is to exist. What exists and is not a regular
// file is not replaced.
//
// If the process is killed, its temporary file stays: the file's name between a dot
// and a random suffix, such as ".digits.lanes.x5p2m7ckq3vaw.lanes-tmp". It may be
// removed. A SaveFile to the same name removes those that are a day old.
func (m *Model) SaveFile(path string, options ...Option) error {
	c, err := m.contents(options)
	if err == nil {
		err = replaceFile(path, c.write, osSteps)
	}
	if err != nil {
		return fmt.Errorf("model: save: %w", err)
	}
	return nil
}

// steps are the steps of replacing a file that can fail, as tests have them fail.
type steps struct {
	create  func(name string) (*os.File, error)
	writer  func(*os.File) io.Writer
	sync    func(*os.File) error
	close   func(*os.File) error
	rename  func(from, to string) error
	syncDir func(dir string) error
}

var osSteps = steps{
	create: func(name string) (*os.File, error) {
		return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	},
	writer:  func(f *os.File) io.Writer { return f },
	sync:    (*os.File).Sync,
	close:   (*os.File).Close,
	rename:  os.Rename,
	syncDir: syncDir,
}

const (
	temporarySuffix = ".lanes-tmp"
	temporaryAge    = 24 * time.Hour // after which a temporary file has been left behind
)

// replaceFile has write write a file in place of path.
func replaceFile(path string, write func(io.Writer) error, do steps) error {
	path, old, err := target(path)
	if err != nil {
		return err
	}
	dir, base := filepath.Split(path)
	dir = filepath.Clean(dir) // "." if there is none
	removeLeftovers(dir, base, time.Now())
	f, err := createTemporary(dir, base, old, do)
	if err != nil {
		return err
	}
	if err := fill(f, write, do); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := do.rename(f.Name(), path); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := do.syncDir(dir); err != nil {
		return fmt.Errorf("%s is written, but a power failure may undo it: %w", path, err)
	}
	return nil
}

// target returns the path of the file that path leads to, and what it is, or nil
// if there is none.
func target(path string) (_ string, info fs.FileInfo, err error) {
	info, err = os.Lstat(path)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			info, err = os.Lstat(path)
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		return path, nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	if !info.Mode().IsRegular() {
		return "", nil, fmt.Errorf("%s is not a regular file but %v", path, info.Mode().Type())
	}
	return path, info, nil
}

// createTemporary creates a file with the permissions of an old one, or, if that is
// nil, with those that new files get.
func createTemporary(dir, base string, old fs.FileInfo, do steps) (*os.File, error) {
	name := filepath.Join(dir, temporaryPrefix(base)+strings.ToLower(rand.Text())+temporarySuffix)
	f, err := do.create(name)
	if err != nil || old == nil {
		return f, err
	}
	if err := f.Chmod(old.Mode().Perm()); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(name))
	}
	return f, nil
}

// temporaryPrefix is what the names of a file's temporary files begin with.
func temporaryPrefix(base string) string {
	const most = 200 // bytes, for file systems allow 255 in all
	return "." + base[:min(len(base), most)] + "."
}

// fill writes, syncs and closes a file.
func fill(f *os.File, write func(io.Writer) error, do steps) error {
	err := write(do.writer(f))
	if err == nil {
		err = do.sync(f)
	}
	if closed := do.close(f); err == nil {
		err = closed
	}
	return err
}

// removeLeftovers removes the old temporary files of a file. That it cannot is no
// reason not to save.
func removeLeftovers(dir, base string, now time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		middle, ok := strings.CutPrefix(e.Name(), temporaryPrefix(base))
		middle, suffixed := strings.CutSuffix(middle, temporarySuffix)
		if !ok || !suffixed || strings.Contains(middle, ".") {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && now.Sub(info.ModTime()) > temporaryAge {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// syncDir makes the names in a folder durable. Windows has no such call, nor a need
// for it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return unlessImpossible(err)
	}
	return errors.Join(unlessImpossible(d.Sync()), d.Close())
}

// unlessImpossible is nil for the errors of a folder that cannot be synced: one that
// this user may write to but not read, or one of a file system that has no such
// call. The file is in place then, and nothing is left to be done.
func unlessImpossible(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}
