package mnist

import (
	archive "archive/zip"
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDownload downloads the real files, reads them, and does so again from
// the module cache.
func TestDownload(t *testing.T) {
	if !*slow {
		t.Skip("needs the network: run with -slow")
	}
	t.Chdir(t.TempDir()) // outside any module
	dir, err := Download(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	train, test, err := LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 60000 || train.Labels[0] != 5 {
		t.Errorf("got %d training images, the first labelled %d", train.Len(), train.Labels[0])
	}
	if !bytes.Equal(test.Pixels, test10k(t).Pixels) || !bytes.Equal(test.Labels, test10k(t).Labels) {
		t.Error("test images differ from the embedded ones")
	}
	t.Setenv("GOPROXY", "off")
	if again, err := Download(t.Context()); err != nil || again != dir {
		t.Errorf("second call: got %q, %v, want %q", again, err, dir)
	}
}

// offline has the go command use an empty module cache and the given proxy.
func offline(t *testing.T, proxy string) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	t.Setenv("GOPROXY", proxy)
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GONOPROXY", "none")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-modcacherw") // so that TempDir can be removed
}

// TestDownloadOtherFiles has a proxy on disk hand out other files under the
// module's name. The settings that could disturb the go command are hostile.
func TestDownloadOtherFiles(t *testing.T) {
	proxy := t.TempDir()
	writeProxy(t, proxy, map[string][]byte{
		"data/train-images-idx3-ubyte.gz": []byte("something else"),
	})
	offline(t, "file://"+filepath.ToSlash(proxy))
	t.Setenv("GO111MODULE", "off")
	t.Setenv("GOWORK", filepath.Join(proxy, "no.work"))
	t.Chdir(proxy)
	dir, err := Download(t.Context())
	if dir != "" || !errors.Is(err, ErrChecksum) {
		t.Errorf("got %q, %v, want %v", dir, err, ErrChecksum)
	}
}

// TestDownloadNoData has a module without the data.
func TestDownloadNoData(t *testing.T) {
	proxy := t.TempDir()
	writeProxy(t, proxy, map[string][]byte{"README": []byte("empty")})
	offline(t, "file://"+filepath.ToSlash(proxy))
	if _, err := Download(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want %v", err, os.ErrNotExist)
	}
}

// writeProxy writes a module proxy that has dataModule with the given files.
func writeProxy(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	name, version, _ := strings.Cut(dataModule, "@")
	var packed bytes.Buffer
	w := archive.NewWriter(&packed)
	for path, data := range files {
		f, err := w.Create(dataModule + "/" + path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "github.com", "petar", "!go!m!n!i!s!t", "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for suffix, data := range map[string][]byte{
		".info": []byte(`{"Version":"` + version + `"}`),
		".mod":  []byte("module " + name + "\n"),
		".zip":  packed.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(dir, version+suffix), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDownloadNoNetwork(t *testing.T) {
	offline(t, "off")
	_, err := Download(t.Context())
	if err == nil || !strings.Contains(err.Error(), "GOPROXY=off") {
		t.Errorf("got %v, want the go command's reason", err)
	}
}

// TestDownloadRefused has the go command fail before it replies in JSON.
func TestDownloadRefused(t *testing.T) {
	offline(t, "off")
	t.Setenv("GOFLAGS", "nonsense")
	_, err := Download(t.Context())
	if err == nil || !strings.Contains(err.Error(), "nonsense") || strings.HasSuffix(err.Error(), "\n") {
		t.Errorf("got %q, want the go command's reason, trimmed", err)
	}
}

func TestDownloadNoGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Download(t.Context()); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("got %v, want %v", err, exec.ErrNotFound)
	}
}

func TestDownloadCanceled(t *testing.T) {
	offline(t, "off")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Download(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestDownloadCanceledMidway cancels while the go command waits for a proxy
// that never answers.
func TestDownloadCanceledMidway(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	defer proxy.Close()
	offline(t, proxy.URL)
	if _, err := Download(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestParseDownload(t *testing.T) {
	if dir, err := parseDownload([]byte(`{"Dir": "/somewhere"}`)); err != nil || dir != "/somewhere" {
		t.Errorf("got %q, %v", dir, err)
	}
	for _, reply := range []string{"", "{}", "go: downloading", `{"Dir": 7}`} {
		if dir, err := parseDownload([]byte(reply)); err == nil {
			t.Errorf("reply %q: got %q", reply, dir)
		}
	}
}
