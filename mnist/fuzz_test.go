package mnist

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"testing"

	"github.com/simdlanes/lanes/internal/testkit"
)

func FuzzReadImages(f *testing.F) {
	good := idx(ramp(12), 2, 2, 3)
	addSeeds(f, good, zip(f, good),
		idx(nil, 0, 28, 28),
		idx(nil, math.MaxUint32, math.MaxUint32, math.MaxUint32),
		idx(ramp(12), MaxBytes/16, 4, 4),
		zip(f, idx(make([]byte, 1<<20), 1, 28, 28)),
		zip(f, idx(make([]byte, 1<<20), 256, 64, 64)),
		idx(ramp(5), 5))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var set *Set
		var err error
		bytes := testkit.Allocated(func() { set, err = ReadImages(bytes.NewReader(stream)) })
		checkBounded(t, stream, bytes)
		if (set == nil) != (err != nil) {
			t.Fatalf("got set %v with error %v", set, err)
		}
		if err != nil {
			return
		}
		if err := set.Validate(); err != nil {
			t.Fatal(err)
		}
		if set.Labels != nil {
			t.Fatal("images came with labels")
		}
		checkContents(t, stream, set.Pixels, set.Len(), set.Rows, set.Cols)
	})
}

func FuzzReadLabels(f *testing.F) {
	good := idx([]byte{7, 2, 1, 0}, 4)
	addSeeds(f, good, zip(f, good),
		idx(nil, 0),
		idx(nil, math.MaxUint32),
		idx(ramp(12), MaxBytes),
		zip(f, idx(make([]byte, 1<<20), 10)),
		zip(f, idx(make([]byte, 1<<20), 1<<20)),
		idx(ramp(12), 2, 2, 3))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var labels []uint8
		var err error
		bytes := testkit.Allocated(func() { labels, err = ReadLabels(bytes.NewReader(stream)) })
		checkBounded(t, stream, bytes)
		if err != nil {
			if labels != nil {
				t.Fatalf("got labels %v with error %v", labels, err)
			}
			return
		}
		checkContents(t, stream, labels, len(labels))
	})
}

// addSeeds adds streams, and each of them cut and with more at its end.
func addSeeds(f *testing.F, streams ...[]byte) {
	for _, s := range streams {
		f.Add(s)
		f.Add(s[:len(s)/2])
		f.Add(s[:len(s)-1])
		f.Add(append(bytes.Clone(s), 0))
	}
}

// checkBounded fails if reading stream allocated much more than it delivers.
func checkBounded(t *testing.T, stream []byte, allocated uint64) {
	t.Helper()
	if limit := 1<<20 + 3*uint64(len(unzipped(stream))); allocated > limit {
		t.Fatalf("reading %d bytes allocated %d, want at most %d", len(stream), allocated, limit)
	}
}

// checkContents fails unless stream is, unpacked, the header that dims make
// and data.
func checkContents(t *testing.T, stream, data []byte, dims ...int) {
	t.Helper()
	var header []uint32
	for _, d := range dims {
		header = append(header, uint32(d))
	}
	if want := idx(data, header...); !bytes.Equal(unzipped(stream), want) {
		t.Fatalf("read %d bytes with dimensions %d from a stream that says otherwise", len(data), dims)
	}
}

// unzipped returns what stream delivers before it ends or turns out corrupt.
func unzipped(stream []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(stream))
	if err != nil {
		return stream
	}
	data, _ := io.ReadAll(r)
	return data
}
