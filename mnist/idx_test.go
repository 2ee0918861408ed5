package mnist

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/simdlanes/lanes/internal/testkit"
)

func TestReadImages(t *testing.T) {
	data := ramp(2 * 3 * 5)
	plain := idx(data, 2, 3, 5)
	twoMembers := append(zip(t, plain[:20]), zip(t, plain[20:])...)
	for name, r := range map[string]io.Reader{
		"plain":            bytes.NewReader(plain),
		"gzip":             bytes.NewReader(zip(t, plain)),
		"gzip members":     bytes.NewReader(twoMembers),
		"plain bytewise":   iotest.OneByteReader(bytes.NewReader(plain)),
		"gzip bytewise":    iotest.OneByteReader(bytes.NewReader(zip(t, plain))),
		"error with data":  iotest.DataErrReader(bytes.NewReader(plain)),
		"some empty reads": &stutterer{r: bytes.NewReader(plain)},
	} {
		set, err := ReadImages(r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if set.Rows != 3 || set.Cols != 5 || set.Len() != 2 || set.Labels != nil || !bytes.Equal(set.Pixels, data) {
			t.Errorf("%s: got %+v", name, set)
		}
	}
}

func TestReadImagesMany(t *testing.T) {
	data := ramp(3*chunkBytes + 1)
	set, err := ReadImages(bytes.NewReader(idx(data, uint32(len(data)), 1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(set.Pixels, data) {
		t.Error("pixels differ from the data")
	}
}

func TestReadImagesNone(t *testing.T) {
	set, err := ReadImages(bytes.NewReader(idx(nil, 0, 28, 28)))
	if err != nil {
		t.Fatal(err)
	}
	if set.Len() != 0 || set.Rows != 28 || set.Cols != 28 {
		t.Errorf("got %+v", set)
	}
	if err := set.Validate(); err != nil {
		t.Error(err)
	}
}

func TestReadLabels(t *testing.T) {
	data := []byte{7, 2, 1, 0, 255}
	for name, stream := range map[string][]byte{
		"plain": idx(data, 5),
		"gzip":  zip(t, idx(data, 5)),
	} {
		labels, err := ReadLabels(bytes.NewReader(stream))
		if err != nil || !bytes.Equal(labels, data) {
			t.Errorf("%s: got %v, %v", name, labels, err)
		}
	}
	if labels, err := ReadLabels(bytes.NewReader(idx(nil, 0))); err != nil || len(labels) != 0 {
		t.Errorf("no labels: got %v, %v", labels, err)
	}
}

func TestReadSet(t *testing.T) {
	images, labels := idx(ramp(12), 2, 2, 3), idx([]byte{4, 9}, 2)
	set, err := ReadSet(bytes.NewReader(images), bytes.NewReader(zip(t, labels)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(set.Pixels, ramp(12)) || !bytes.Equal(set.Labels, []byte{4, 9}) {
		t.Errorf("got %+v", set)
	}
	for _, c := range []struct {
		name           string
		images, labels []byte
		want           error
	}{
		{"too few labels", images, idx([]byte{4}, 1), ErrShape},
		{"no labels", images, idx(nil, 0), ErrShape},
		{"too many labels", images, idx([]byte{1, 2, 3}, 3), ErrShape},
		{"swapped", labels, images, ErrFormat},
		{"images for labels", images, images, ErrFormat},
	} {
		if set, err := ReadSet(bytes.NewReader(c.images), bytes.NewReader(c.labels)); set != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, %v, want %v", c.name, set, err, c.want)
		}
	}
}

// TestReadHostile feeds what an attacker might. Each stream has to be refused
// for the right reason, naming the detail, without a large allocation.
func TestReadHostile(t *testing.T) {
	good := idx(ramp(12), 2, 2, 3)
	packed := zip(t, good)
	bomb := zip(t, idx(make([]byte, 16<<20), 1, 28, 28))
	damage := func(data []byte, at int) []byte {
		data = bytes.Clone(data)
		data[at] ^= 0xff
		return data
	}
	for _, c := range []struct {
		name   string
		stream []byte
		want   error
		detail string
	}{
		{"empty", nil, ErrFormat, "magic number, 0 of 4"},
		{"magic cut", good[:3], ErrFormat, "magic number, 3 of 4"},
		{"labels' magic", idx(ramp(2), 2), ErrFormat, "0x00000801, want 0x00000803"},
		{"float magic", append([]byte{0, 0, 0xd, 3}, good[4:]...), ErrFormat, "0x00000d03"},
		{"text", []byte("<html>not found</html>"), ErrFormat, "0x3c68746d"},
		{"dimensions cut", good[:14], ErrFormat, "dimensions, 2 of 4"},
		{"no rows", idx(nil, 2, 0, 3), ErrFormat, "dimension 1 is 0"},
		{"no columns", idx(nil, 2, 3, 0), ErrFormat, "dimension 2 is 0"},
		{"tall", idx(nil, 1, MaxSide+1, 1), ErrTooLarge, "4097"},
		{"wide", idx(nil, 1, 1, math.MaxUint32), ErrTooLarge, "4294967295"},
		{"many", idx(nil, math.MaxUint32, 1, 1), ErrTooLarge, "4294967295 items"},
		{"all large", idx(nil, MaxBytes, MaxSide, MaxSide), ErrTooLarge, "18014398509481984"},
		{"just too large", idx(nil, MaxBytes/16+1, 4, 4), ErrTooLarge, "1073741840"},
		{"largest but absent", idx(nil, MaxBytes/16, 4, 4), ErrFormat, "data, 0 of 1073741824"},
		{"largest but short", idx(ramp(100), 1024, 1024, 1024), ErrFormat, "data, 100 of 1073741824"},
		{"data cut", good[:len(good)-1], ErrFormat, "data, 11 of 12"},
		{"data left over", append(bytes.Clone(good), 0), ErrFormat, "more data after the 12"},
		{"gzip magic only", packed[:2], ErrFormat, "gzip header"},
		{"gzip header cut", packed[:9], ErrFormat, "gzip header"},
		{"gzip method", damage(packed, 2), ErrFormat, "gzip header"},
		{"gzip cut", packed[:len(packed)-9], ErrFormat, "unexpected EOF"},
		{"gzip trailer cut", packed[:len(packed)-1], ErrFormat, "end of the 12 bytes"},
		{"gzip checksum", damage(packed, len(packed)-5), ErrFormat, "checksum"},
		{"gzip length", damage(packed, len(packed)-1), ErrFormat, "checksum"},
		{"gzip corrupt", damage(packed, 10), ErrFormat, "corrupt"},
		{"gzip left over", append(bytes.Clone(packed), "junk"...), ErrFormat, "end of the 12 bytes"},
		{"gzip in gzip", zip(t, packed), ErrFormat, "0x1f8b"},
		{"gzip of a large header", zip(t, idx(nil, MaxBytes/16, 4, 4)), ErrFormat, "data, 0 of 1073741824"},
		{"gzip bomb", bomb, ErrFormat, "more data after the 784"},
		{"gzip of nothing", zip(t, nil), ErrFormat, "magic number, 0 of 4"},
		{"endless empty gzip", bytes.Repeat(zip(t, nil), 10000), ErrFormat, "magic number, 0 of 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var set *Set
			var err error
			bytes := testkit.Allocated(func() { set, err = ReadImages(bytes.NewReader(c.stream)) })
			if set != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.detail) {
				t.Errorf("got %v, %v, want %v with %q", set, err, c.want, c.detail)
			}
			if bytes > 1<<20 {
				t.Errorf("allocated %d bytes", bytes)
			}
		})
	}
}

func TestReadLabelsHostile(t *testing.T) {
	for _, c := range []struct {
		name   string
		stream []byte
		want   error
	}{
		{"empty", nil, ErrFormat},
		{"images' magic", idx(ramp(12), 2, 2, 3), ErrFormat},
		{"cut", idx(ramp(3), 4), ErrFormat},
		{"left over", idx(ramp(5), 4), ErrFormat},
		{"too many", idx(nil, MaxBytes+1), ErrTooLarge},
		{"most but absent", idx(nil, MaxBytes), ErrFormat},
	} {
		var labels []uint8
		var err error
		bytes := testkit.Allocated(func() { labels, err = ReadLabels(bytes.NewReader(c.stream)) })
		if labels != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, %v, want %v", c.name, labels, err, c.want)
		}
		if bytes > 1<<20 {
			t.Errorf("%s: allocated %d bytes", c.name, bytes)
		}
	}
}

// TestReadMemory checks the documented bound: 64 KiB ahead of the data, and a
// second copy at the end.
func TestReadMemory(t *testing.T) {
	const size = 8 << 20
	stream := idx(make([]byte, size), size/1024, 32, 32)
	bytes := testkit.Allocated(func() {
		if _, err := ReadImages(bytes.NewReader(stream)); err != nil {
			t.Error(err)
		}
	})
	if limit := uint64(2*size + 1<<20); bytes > limit {
		t.Errorf("allocated %d bytes for %d, want at most %d", bytes, size, limit)
	}
}

// TestReadReaderError checks that an error of the reader comes through as what
// it is, wherever it strikes.
func TestReadReaderError(t *testing.T) {
	cause := errors.New("cable unplugged")
	plain := idx(ramp(12), 2, 2, 3)
	for name, stream := range map[string][]byte{"plain": plain, "gzip": zip(t, plain)} {
		for n := range stream {
			r := io.MultiReader(bytes.NewReader(stream[:n]), iotest.ErrReader(cause))
			if _, err := ReadImages(r); !errors.Is(err, cause) || errors.Is(err, ErrFormat) {
				t.Errorf("%s, error after %d bytes: got %v", name, n, err)
			}
		}
	}
}

// TestReadNoProgress checks that a reader that gives nothing, for ever, does
// not hang the caller, wherever it starts to.
func TestReadNoProgress(t *testing.T) {
	plain := idx(ramp(12), 2, 2, 3)
	var stored bytes.Buffer
	w, _ := gzip.NewWriterLevel(&stored, gzip.NoCompression)
	w.Write(plain)
	w.Close()
	for name, stream := range map[string][]byte{"plain": plain, "gzip": zip(t, plain), "stored": stored.Bytes()} {
		for n := range stream {
			r := io.MultiReader(bytes.NewReader(stream[:n]), silence{})
			if _, err := ReadImages(r); !errors.Is(err, io.ErrNoProgress) {
				t.Errorf("%s, silent after %d bytes: got %v", name, n, err)
			}
		}
	}
}

// silence never returns anything.
type silence struct{}

func (silence) Read([]byte) (int, error) { return 0, nil }

// A stutterer returns nothing at every other read, and one byte at the others.
type stutterer struct {
	r    io.Reader
	next bool
}

func (s *stutterer) Read(p []byte) (int, error) {
	if s.next = !s.next; s.next || len(p) == 0 {
		return 0, nil
	}
	return s.r.Read(p[:1])
}

func BenchmarkReadImages(b *testing.B) {
	set := test10k(b)
	stream := idx(set.Pixels, uint32(set.Len()), 28, 28)
	for name, stream := range map[string][]byte{"plain": stream, "gzip": zip(b, stream)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(set.Pixels)))
			for b.Loop() {
				if _, err := ReadImages(bytes.NewReader(stream)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
