package mnist

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"
	"testing/iotest"

	"github.com/simdlanes/lanes/internal/testkit"
)

// readAll reads a stream to its end into one set.
func readAll(s *Stream) (*Set, error) {
	rows, cols := s.Size()
	set := &Set{Rows: rows, Cols: cols}
	pixels := make([]uint8, rows*cols)
	for {
		label, err := s.Read(pixels)
		if err == io.EOF {
			return set, nil
		}
		if err != nil {
			return nil, err
		}
		set.Pixels = append(set.Pixels, pixels...)
		if label >= 0 {
			set.Labels = append(set.Labels, uint8(label))
		}
	}
}

func TestStream(t *testing.T) {
	images, labels := idx(ramp(30), 5, 2, 3), idx([]byte{7, 2, 1, 0, 255}, 5)
	for name, readers := range map[string][2]io.Reader{
		"plain":     {bytes.NewReader(images), bytes.NewReader(labels)},
		"packed":    {bytes.NewReader(zip(t, images)), bytes.NewReader(zip(t, labels))},
		"in pieces": {iotest.OneByteReader(bytes.NewReader(images)), iotest.HalfReader(bytes.NewReader(labels))},
		"unknown":   {bytes.NewReader(images), nil},
	} {
		s, err := NewStream(readers[0], readers[1])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if rows, cols := s.Size(); rows != 2 || cols != 3 || s.Len() != 5 {
			t.Errorf("%s: have %d images of %dx%d", name, s.Len(), rows, cols)
		}
		set, err := readAll(s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(set.Pixels, ramp(30)) {
			t.Errorf("%s: have pixels %v", name, set.Pixels)
		}
		if name == "unknown" && set.Labels != nil || name != "unknown" && !bytes.Equal(set.Labels, labels[8:]) {
			t.Errorf("%s: have labels %v", name, set.Labels)
		}
		for range 2 {
			if _, err := s.Read(make([]uint8, 6)); err != io.EOF {
				t.Errorf("%s: at the end: %v", name, err)
			}
		}
	}
}

func TestStreamErrors(t *testing.T) {
	images, labels := idx(ramp(12), 2, 2, 3), idx([]byte{7, 2}, 2)
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		images, labels io.Reader
		want           error
		read           int // images before the error, -1 for one of NewStream
	}{
		"no images":        {bytes.NewReader(nil), bytes.NewReader(labels), ErrFormat, -1},
		"no labels":        {bytes.NewReader(images), bytes.NewReader(nil), ErrFormat, -1},
		"exchanged":        {bytes.NewReader(labels), bytes.NewReader(images), ErrFormat, -1},
		"more labels":      {bytes.NewReader(images), bytes.NewReader(idx(ramp(3), 3)), ErrShape, -1},
		"large images":     {bytes.NewReader(idx(nil, 1, MaxSide+1, 1)), nil, ErrTooLarge, -1},
		"many images":      {bytes.NewReader(idx(nil, math.MaxUint32, 1, 1)), nil, ErrTooLarge, -1},
		"unreadable":       {iotest.ErrReader(broken), nil, broken, -1},
		"image cut":        {bytes.NewReader(images[:len(images)-1]), bytes.NewReader(labels), ErrFormat, 1},
		"image missing":    {bytes.NewReader(images[:len(images)-6]), bytes.NewReader(labels), ErrFormat, 1},
		"label missing":    {bytes.NewReader(images), bytes.NewReader(labels[:len(labels)-1]), ErrFormat, 1},
		"header lies":      {bytes.NewReader(idx(ramp(6), MaxBytes, MaxSide, MaxSide)), nil, ErrFormat, 0},
		"image left over":  {bytes.NewReader(append(bytes.Clone(images), 0)), bytes.NewReader(labels), ErrFormat, 2},
		"label left over":  {bytes.NewReader(images), bytes.NewReader(append(bytes.Clone(labels), 0)), ErrFormat, 2},
		"checksum corrupt": {bytes.NewReader(corrupt(zip(t, images))), nil, ErrFormat, 2},
		"reader breaks":    {io.MultiReader(bytes.NewReader(images[:20]), iotest.ErrReader(broken)), nil, broken, 0},
	} {
		s, err := NewStream(c.images, c.labels)
		if c.read < 0 {
			if !errors.Is(err, c.want) || s != nil {
				t.Errorf("%s: have stream %v, error %v, want %v", name, s, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rows, cols := s.Size()
		pixels := make([]uint8, rows*cols)
		for range c.read {
			if _, err := s.Read(pixels); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range 2 {
			if _, err := s.Read(pixels); !errors.Is(err, c.want) {
				t.Errorf("%s: have %v, want %v", name, err, c.want)
			}
		}
	}
}

// corrupt returns a packed stream with another checksum.
func corrupt(packed []byte) []byte {
	out := bytes.Clone(packed)
	out[len(out)-8] ^= 1
	return out
}

// TestStreamRoom wants an image only where there is room for it, and none lost.
func TestStreamRoom(t *testing.T) {
	s, err := NewStream(bytes.NewReader(idx(ramp(12), 2, 2, 3)), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 5, 7} {
		if _, err := s.Read(make([]uint8, n)); !errors.Is(err, ErrShape) {
			t.Errorf("%d bytes: have %v, want ErrShape", n, err)
		}
	}
	set, err := readAll(s)
	if err != nil || !bytes.Equal(set.Pixels, ramp(12)) {
		t.Errorf("have %v, %v", set, err)
	}
}

// TestStreamAllocates wants no memory for what a header claims, nor for images.
func TestStreamAllocates(t *testing.T) {
	stream := idx(make([]byte, 28*28*100), MaxBytes, 28, 28)
	pixels := make([]uint8, 28*28)
	var s *Stream
	bytes := testkit.Allocated(func() {
		var err error
		if s, err = NewStream(bytes.NewReader(stream), nil); err != nil {
			t.Error(err)
		}
	})
	if bytes > 64<<10 {
		t.Errorf("NewStream allocated %d bytes", bytes)
	}
	if n := testing.AllocsPerRun(50, func() { s.Read(pixels) }); n != 0 {
		t.Errorf("Read: %v allocations", n)
	}
}

func FuzzStream(f *testing.F) {
	images, labels := idx(ramp(12), 2, 2, 3), idx([]byte{7, 2}, 2)
	for _, s := range [][2][]byte{
		{images, labels}, {images, nil}, {zip(f, images), zip(f, labels)},
		{images[:len(images)-1], labels}, {images, labels[:9]}, {append(bytes.Clone(images), 1), labels},
		{idx(nil, 0, 28, 28), idx(nil, 0)}, {idx(nil, math.MaxUint32, 28, 28), labels}, {idx(ramp(12), MaxBytes/16, 4, 4), nil},
		{idx(ramp(12), MaxBytes, MaxSide, MaxSide), idx(ramp(9), MaxBytes)},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, images, labels []byte) {
		want, wantErr := ReadSet(bytes.NewReader(images), bytes.NewReader(labels))
		var set *Set
		var err error
		size := testkit.Allocated(func() {
			var s *Stream
			if s, err = NewStream(bytes.NewReader(images), bytes.NewReader(labels)); err == nil {
				set, err = readAll(s)
			}
		})
		if rest := uint64(len(unzipped(images)) + len(unzipped(labels))); size > 18<<20+8*rest {
			t.Fatalf("streams of %d bytes took %d", rest, size)
		}
		if errors.Is(wantErr, ErrTooLarge) {
			return // a stream may be larger than what is read into memory
		}
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("error %v, but %v when read at once", err, wantErr)
		}
		if err == nil && (!bytes.Equal(set.Pixels, want.Pixels) || !bytes.Equal(set.Labels, want.Labels)) {
			t.Fatalf("have %v and %v, want %v and %v", set.Pixels, set.Labels, want.Pixels, want.Labels)
		}
	})
}
