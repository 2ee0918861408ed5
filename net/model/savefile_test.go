package model

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// names lists a folder.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// only fails unless a folder has one file.
func only(t *testing.T, dir, name string) {
	t.Helper()
	if all := names(t, dir); len(all) != 1 || all[0] != name {
		t.Errorf("the folder has %q, want %q alone", all, name)
	}
}

func TestSaveFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.lanes")
	for seed := range uint64(3) {
		m := checkpoint(t, seed)
		if err := m.SaveFile(path); err != nil {
			t.Fatal(err)
		}
		loaded, err := LoadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		same(t, loaded, m)
		if file, err := os.ReadFile(path); err != nil || !bytes.Equal(file, save(t, m)) {
			t.Errorf("the file has other bytes than Save writes, error %v", err)
		}
		only(t, dir, "m.lanes")
	}
}

// TestSaveFileHere saves to a name without a folder, and to a long one.
func TestSaveFileHere(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"m.lanes", strings.Repeat("x", 255)} {
		if err := small(t, 1).SaveFile(name); err != nil {
			t.Error(err)
		}
		if _, err := LoadFile(name); err != nil {
			t.Error(err)
		}
	}
}

func TestSaveFileOptions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.lanes")
	m := custom(t, square{Scale: 2})
	if err := m.SaveFile(path, allKinds); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadFile(path, allKinds)
	if err != nil {
		t.Fatal(err)
	}
	same(t, loaded, m)
	if _, err := LoadFile(path); !errors.Is(err, ErrKind) || !strings.Contains(err.Error(), path) {
		t.Errorf("without Kinds: want ErrKind and the path, have %v", err)
	}
	if err := custom(t, square{}).SaveFile(path); !errors.Is(err, ErrKind) {
		t.Errorf("want ErrKind, have %v", err)
	}
	if _, err := LoadFile(path, allKinds); err != nil {
		t.Errorf("after a failed save: %v", err)
	}
}

// TestSaveFileFails has each step fail: the old file stays, or none, and nothing
// else is left.
func TestSaveFileFails(t *testing.T) {
	size := len(save(t, checkpoint(t, 2)))
	fails := map[string]func(*steps){
		"create": func(s *steps) { // as in a folder that is read-only, which does not stop root
			s.create = func(string) (*os.File, error) { return nil, errBroken }
		},
		"sync": func(s *steps) { s.sync = func(*os.File) error { return errBroken } },
		"close": func(s *steps) {
			s.close = func(f *os.File) error { return errors.Join(f.Close(), errBroken) }
		},
		"rename": func(s *steps) { s.rename = func(string, string) error { return errBroken } },
	}
	for _, n := range []int{0, 1, size / 2, size - 1} {
		fails["write after "+strconv.Itoa(n)] = func(s *steps) {
			s.writer = func(f *os.File) io.Writer { return io.MultiWriter(f, &failingWriter{n}) }
		}
	}
	for name, fail := range fails {
		t.Run(name, func(t *testing.T) {
			do := osSteps
			fail(&do)
			dir := t.TempDir()
			path := filepath.Join(dir, "m.lanes")
			c, err := checkpoint(t, 2).contents(nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := replaceFile(path, c.write, do); !errors.Is(err, errBroken) || len(names(t, dir)) > 0 {
				t.Errorf("new: error %v, the folder has %q", err, names(t, dir))
			}
			old := checkpoint(t, 1)
			if err := old.SaveFile(path); err != nil {
				t.Fatal(err)
			}
			if err := replaceFile(path, c.write, do); !errors.Is(err, errBroken) {
				t.Errorf("error %v", err)
			}
			only(t, dir, "m.lanes")
			loaded, err := LoadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			same(t, loaded, old)
		})
	}
}

// TestSaveFileSyncs wants the file synced before it is renamed, and the folder
// after that; an error of the last one comes too late for the old file.
func TestSaveFileSyncs(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.lanes")
	var order []string
	do := steps{
		create: osSteps.create,
		writer: func(f *os.File) io.Writer { order = append(order, "write"); return f },
		sync:   func(f *os.File) error { order = append(order, "sync"); return f.Sync() },
		close:  func(f *os.File) error { order = append(order, "close"); return f.Close() },
		rename: func(from, to string) error { order = append(order, "rename"); return os.Rename(from, to) },
		syncDir: func(d string) error {
			order = append(order, "sync folder")
			if d != dir {
				t.Errorf("synced %s, want %s", d, dir)
			}
			return errBroken
		},
	}
	m := small(t, 1)
	c, err := m.contents(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(path, c.write, do); !errors.Is(err, errBroken) {
		t.Errorf("want the folder's error, have %v", err)
	}
	if have := strings.Join(order, ", "); have != "write, sync, close, rename, sync folder" {
		t.Errorf("the order is %s", have)
	}
	loaded, err := LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, loaded, m)
}

func TestSaveFileNowhere(t *testing.T) {
	dir := t.TempDir()
	m := small(t, 1)
	if err := m.SaveFile(filepath.Join(dir, "missing", "m.lanes")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if err := m.SaveFile(""); err == nil {
		t.Error("no name: want an error")
	}
	if err := m.SaveFile(dir); err == nil || !strings.Contains(err.Error(), "regular") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := LoadFile(filepath.Join(dir, "m.lanes")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("load: %v", err)
	}
	if _, err := LoadFile(dir); err == nil {
		t.Error("load a folder: want an error")
	}
	if runtime.GOOS == "linux" {
		if err := m.SaveFile(os.DevNull); err == nil || !strings.Contains(err.Error(), "regular") {
			t.Errorf("a device: %v", err)
		}
	}
	if all := names(t, dir); len(all) > 0 {
		t.Errorf("the folder has %q", all)
	}
}

func TestSaveFileReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.lanes")
	old := small(t, 1)
	if err := old.SaveFile(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o755)
	if f, err := os.Create(filepath.Join(dir, "probe")); err == nil {
		f.Close()
		t.Skip("this user may write to read-only folders")
	}
	if err := small(t, 2).SaveFile(path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("want %v, have %v", fs.ErrPermission, err)
	}
	loaded, err := LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, loaded, old)
}

func TestSaveFilePermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are Unix's")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "m.lanes")
	plain := filepath.Join(dir, "plain")
	f, err := os.Create(plain)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	mode := func(path string) fs.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}
	if err := small(t, 1).SaveFile(path); err != nil {
		t.Fatal(err)
	}
	if mode(path) != mode(plain) {
		t.Errorf("a new file has %v, others %v", mode(path), mode(plain))
	}
	for _, want := range []fs.FileMode{0, 0o600, 0o640, 0o666, 0o444} {
		if err := os.Chmod(path, want); err != nil {
			t.Fatal(err)
		}
		if err := small(t, 2).SaveFile(path); err != nil {
			t.Fatal(err)
		}
		if mode(path) != want {
			t.Errorf("permissions are %v, want %v", mode(path), want)
		}
	}
}

// TestSyncDir ignores that a folder cannot be synced, and nothing else.
func TestSyncDir(t *testing.T) {
	for _, err := range []error{nil, syscall.EINVAL, syscall.ENOTSUP, syscall.ENOSYS, syscall.EACCES, syscall.EPERM} {
		if err != nil {
			err = &fs.PathError{Op: "sync", Path: "folder", Err: err}
		}
		if got := unlessImpossible(err); got != nil {
			t.Errorf("%v: have %v, want nil", err, got)
		}
	}
	for _, err := range []error{errBroken, &fs.PathError{Op: "sync", Path: "folder", Err: syscall.EIO}, fs.ErrNotExist} {
		if got := unlessImpossible(err); got != err {
			t.Errorf("%v: have %v", err, got)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := syncDir(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if err := syncDir(t.TempDir()); err != nil {
		t.Error(err)
	}
}

// TestSaveFileUnreadableFolder saves where this user may write but not read.
func TestSaveFileUnreadableFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o333); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "m.lanes")
	err := small(t, 1).SaveFile(path)
	if err := errors.Join(err, os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	only(t, dir, "m.lanes")
	loaded, err := LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, loaded, small(t, 1))
}

// TestSaveFileThroughLink replaces what the link points to.
func TestSaveFileThroughLink(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	link, file := filepath.Join(dir, "latest"), filepath.Join(elsewhere, "m.lanes")
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	if err := small(t, 1).SaveFile(link); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link to nothing: %v", err)
	}
	if err := small(t, 1).SaveFile(file); err != nil {
		t.Fatal(err)
	}
	m := small(t, 2)
	if err := m.SaveFile(link); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, error %v", info.Mode(), err)
	}
	loaded, err := LoadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	same(t, loaded, m)
	only(t, elsewhere, "m.lanes")
}

// TestLeftovers removes old temporary files of the same name, and no other.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	yesterday := time.Now().Add(-temporaryAge - time.Hour)
	for _, f := range []struct {
		name string
		old  bool
	}{
		{".m.lanes.abc.lanes-tmp", true},
		{".m.lanes.young.lanes-tmp", false},
		{".other.lanes.abc.lanes-tmp", true},
		{".m.lanes.old.abc.lanes-tmp", true}, // of m.lanes.old
		{".m.lanes.abc.tmp", true},
		{"m.lanes.abc.lanes-tmp", true},
	} {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if f.old {
			if err := os.Chtimes(path, yesterday, yesterday); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := small(t, 1).SaveFile(filepath.Join(dir, "m.lanes")); err != nil {
		t.Fatal(err)
	}
	have := strings.Join(names(t, dir), " ")
	want := ".m.lanes.abc.tmp .m.lanes.old.abc.lanes-tmp .m.lanes.young.lanes-tmp .other.lanes.abc.lanes-tmp m.lanes m.lanes.abc.lanes-tmp"
	if have != want {
		t.Errorf("the folder has %s, want %s", have, want)
	}
}

// saveFor is the environment variable by which the tests below have this binary
// save two models in turns, to the path in it.
const saveFor = "LANES_TEST_SAVE"

// large is a model whose file takes a while to write.
func large(t *testing.T, seed uint64) *Model {
	m := checkpoint(t, seed)
	m.Training.Fit.Callbacks[0] = bytes.Repeat([]byte{byte(seed)}, 2<<20)
	return m
}

func TestMain(m *testing.M) {
	if path := os.Getenv(saveFor); path != "" {
		saveInTurns(path)
	}
	os.Exit(m.Run())
}

// saveInTurns saves until it is killed, or a save fails. It writes to its output
// when it has begun.
func saveInTurns(path string) {
	t := new(testing.T)
	models := []*Model{large(t, 1), large(t, 2)}
	for i := 1; ; i++ {
		if err := models[i%2].SaveFile(path); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(3)
		}
		if i == 1 {
			os.Stdout.WriteString("saving")
		}
	}
}

// saver returns a command that saves in turns.
func saver(path string, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), saveFor+"="+path)
	return cmd
}

// TestKilled kills a process that saves, at random moments, and finds a whole file,
// old or new, every time.
func TestKilled(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "m.lanes")
	first, second := large(t, 1), large(t, 2)
	if err := first.SaveFile(path); err != nil {
		t.Fatal(err)
	}
	times := 10
	if *slow {
		times = 100
	}
	seen, leftovers := map[string]int{}, 0 // by the hash of what was found
	for range times {
		cmd := saver(path, exe)
		output, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(output, make([]byte, len("saving"))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(40 * time.Millisecond))))
		if err := errors.Join(cmd.Process.Kill(), ignoreExit(cmd.Wait())); err != nil {
			t.Fatal(err)
		}
		m, err := LoadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := first
		if hashOf(m) == hashOf(second) {
			want = second
		}
		same(t, m, want)
		seen[hashOf(m)]++
		for _, name := range names(t, dir) {
			if name == "m.lanes" {
				continue
			}
			leftovers++
			if !strings.HasPrefix(name, ".m.lanes.") || !strings.HasSuffix(name, temporarySuffix) {
				t.Errorf("the folder has %q", name)
			}
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d kills left %d temporary files, and the files %v", times, leftovers, seen)
}

// ignoreExit is nil for the error of a process that has been killed.
func ignoreExit(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

// TestFileSizeLimit saves where the system lets no file grow beyond 64 KiB, as on a
// disk that is full.
func TestFileSizeLimit(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "m.lanes")
	old := large(t, 3)
	if err := old.SaveFile(path); err != nil {
		t.Fatal(err)
	}
	out, err := saver(path, shell, "-c", `ulimit -f 64 && exec "$0"`, exe).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 || !strings.Contains(string(out), "too large") {
		t.Fatalf("want a save that fails, have %s, error %v", out, err)
	}
	only(t, dir, "m.lanes")
	m, err := LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, m, old)
}
