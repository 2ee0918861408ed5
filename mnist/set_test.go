package mnist

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/simdlanes/lanes/internal/testkit"
)

// small returns 3 labelled images of 2x3 pixels, 0 to 17.
func small() *Set {
	return &Set{Rows: 2, Cols: 3, Pixels: ramp(18), Labels: []uint8{5, 6, 7}}
}

// invalid returns sets that Validate refuses, and for what.
func invalid() map[string]struct {
	set  *Set
	want error
} {
	type bad = struct {
		set  *Set
		want error
	}
	return map[string]bad{
		"no size":         {&Set{Pixels: ramp(6)}, ErrShape},
		"labels only":     {&Set{Labels: ramp(6)}, ErrShape},
		"no rows":         {&Set{Cols: 3, Pixels: ramp(6)}, ErrShape},
		"no columns":      {&Set{Rows: 3, Pixels: ramp(6)}, ErrShape},
		"negative":        {&Set{Rows: -2, Cols: -3, Pixels: ramp(6)}, ErrShape},
		"tall":            {&Set{Rows: MaxSide + 1, Cols: 1}, ErrTooLarge},
		"overflowing":     {&Set{Rows: math.MaxInt, Cols: math.MaxInt, Pixels: ramp(6)}, ErrTooLarge},
		"part of a pixel": {&Set{Rows: 2, Cols: 3, Pixels: ramp(7)}, ErrShape},
		"too few labels":  {&Set{Rows: 2, Cols: 3, Pixels: ramp(12), Labels: ramp(1)}, ErrShape},
		"too many labels": {&Set{Rows: 2, Cols: 3, Pixels: ramp(12), Labels: ramp(3)}, ErrShape},
		"labels of none":  {&Set{Rows: 2, Cols: 3, Labels: ramp(3)}, ErrShape},
	}
}

func TestValidate(t *testing.T) {
	for name, set := range map[string]*Set{
		"zero":       {},
		"no images":  {Rows: 2, Cols: 3},
		"labelled":   small(),
		"unlabelled": {Rows: 2, Cols: 3, Pixels: ramp(12)},
		"largest":    {Rows: MaxSide, Cols: MaxSide},
	} {
		if err := set.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range invalid() {
		if err := c.set.Validate(); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// TestInvalidSet calls every method of sets that do not fit together.
func TestInvalidSet(t *testing.T) {
	for name, c := range invalid() {
		s := c.set
		n := s.Len()
		if s.Image(-1) != nil || s.Image(n) != nil || s.Image(math.MaxInt) != nil {
			t.Errorf("%s: Image out of range is not nil", name)
		}
		if _, err := s.Slice(0, 0); !errors.Is(err, c.want) {
			t.Errorf("%s: Slice: got %v, want %v", name, err, c.want)
		}
		if _, err := s.Pad(MaxSide, MaxSide); err == nil {
			t.Errorf("%s: Pad: no error", name)
		}
		if _, err := s.Resize(4, 4); !errors.Is(err, c.want) {
			t.Errorf("%s: Resize: got %v, want %v", name, err, c.want)
		}
		e := s.Examples(Unit)
		if err := e.Read(nil, nil, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: Read: got %v, want %v", name, err, c.want)
		}
		if e.Len() != n || e.Floats() != nil || e.Labels() != nil {
			t.Errorf("%s: got Len %d, Floats %v, Labels %v", name, e.Len(), e.Floats(), e.Labels())
		}
	}
}

func TestImage(t *testing.T) {
	s := small()
	if got := s.Image(1); !bytes.Equal(got, []byte{6, 7, 8, 9, 10, 11}) || cap(got) != 6 {
		t.Errorf("got %v with capacity %d", got, cap(got))
	}
	for _, i := range []int{-1, 3, math.MinInt, math.MaxInt} {
		if got := s.Image(i); got != nil {
			t.Errorf("image %d: got %v, want nil", i, got)
		}
	}
}

func TestSlice(t *testing.T) {
	s := small()
	part, err := s.Slice(1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if part.Len() != 2 || !bytes.Equal(part.Pixels, ramp(18)[6:]) || !bytes.Equal(part.Labels, []byte{6, 7}) {
		t.Errorf("got %+v", part)
	}
	if &part.Pixels[0] != &s.Pixels[6] {
		t.Error("pixels were copied")
	}
	if err := part.Validate(); err != nil {
		t.Error(err)
	}

	first, err := s.Slice(0, 1)
	if err != nil {
		t.Fatal(err)
	}
	_ = append(first.Pixels, 99)
	_ = append(first.Labels, 99)
	if s.Pixels[6] != 6 || s.Labels[1] != 6 {
		t.Error("appending to a slice wrote into the set")
	}

	for _, c := range [][2]int{{-1, 2}, {2, 1}, {0, 4}, {4, 4}, {math.MinInt, math.MaxInt}} {
		if _, err := s.Slice(c[0], c[1]); !errors.Is(err, ErrIndex) {
			t.Errorf("slice %v: got %v, want %v", c, err, ErrIndex)
		}
	}
	for _, at := range []int{0, 3} {
		if part, err := s.Slice(at, at); err != nil || part.Len() != 0 || part.Validate() != nil {
			t.Errorf("empty slice at %d: got %+v, %v", at, part, err)
		}
	}
	if part, err := new(Set).Slice(0, 0); err != nil || part.Len() != 0 {
		t.Errorf("zero set: got %+v, %v", part, err)
	}
	if part, err := (&Set{Rows: 2, Cols: 3, Pixels: ramp(12)}).Slice(0, 1); err != nil || part.Labels != nil {
		t.Errorf("unlabelled set: got %+v, %v", part, err)
	}
}

func TestPad(t *testing.T) {
	s := small()
	padded, err := s.Pad(3, 5)
	if err != nil {
		t.Fatal(err)
	}
	want := []byte{
		0, 12, 13, 14, 0,
		0, 15, 16, 17, 0,
		0, 0, 0, 0, 0, // the odd row is at the bottom
	}
	if padded.Rows != 3 || padded.Cols != 5 || !bytes.Equal(padded.Image(2), want) {
		t.Errorf("got %+v, want last image %v", padded, want)
	}
	if !bytes.Equal(padded.Labels, s.Labels) || &padded.Labels[0] == &s.Labels[0] {
		t.Errorf("labels %v are no copy of %v", padded.Labels, s.Labels)
	}
	if same, err := s.Pad(2, 3); err != nil || !bytes.Equal(same.Pixels, s.Pixels) || &same.Pixels[0] == &s.Pixels[0] {
		t.Errorf("same size: got %+v, %v", same, err)
	}
}

func TestPad32(t *testing.T) {
	s := test10k(t)
	padded, err := s.Pad(32, 32)
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Len() {
		from, to := s.Image(i), padded.Image(i)
		for r := range 32 {
			for c := range 32 {
				var want uint8
				if r >= 2 && r < 30 && c >= 2 && c < 30 {
					want = from[(r-2)*28+c-2]
				}
				if to[r*32+c] != want {
					t.Fatalf("image %d, row %d, column %d: got %d, want %d", i, r, c, to[r*32+c], want)
				}
			}
		}
	}
}

// TestNewSizes checks the sizes that Pad and Resize refuse.
func TestNewSizes(t *testing.T) {
	s := small()
	large := &Set{Rows: 1, Cols: 1, Pixels: make([]uint8, 65)}
	for _, c := range []struct {
		name         string
		set          *Set
		rows, cols   int
		pad, resized error
	}{
		{"zero", s, 0, 3, ErrShape, ErrShape},
		{"negative", s, 2, -3, ErrShape, ErrShape},
		{"least", s, math.MinInt, math.MinInt, ErrShape, ErrShape},
		{"fewer rows", s, 1, 3, ErrShape, nil},
		{"fewer columns", s, 2, 2, ErrShape, nil},
		{"tall", s, MaxSide + 1, 3, ErrTooLarge, ErrTooLarge},
		{"wide", s, 2, MaxSide + 1, ErrTooLarge, ErrTooLarge},
		{"overflowing", s, math.MaxInt, math.MaxInt, ErrTooLarge, ErrTooLarge},
		{"too many bytes", large, MaxSide, MaxSide, ErrTooLarge, ErrTooLarge},
		{"nothing", &Set{}, 4, 4, nil, nil},
		{"nothing of a size", &Set{Rows: 2, Cols: 2}, 4, 4, nil, nil},
		{"nothing, no size", &Set{}, 0, 0, ErrShape, ErrShape},
	} {
		bytes := testkit.Allocated(func() {
			if _, err := c.set.Pad(c.rows, c.cols); !errors.Is(err, c.pad) {
				t.Errorf("%s: Pad: got %v, want %v", c.name, err, c.pad)
			}
			if _, err := c.set.Resize(c.rows, c.cols); !errors.Is(err, c.resized) {
				t.Errorf("%s: Resize: got %v, want %v", c.name, err, c.resized)
			}
		})
		if bytes > 1<<20 {
			t.Errorf("%s: allocated %d bytes", c.name, bytes)
		}
	}
}
