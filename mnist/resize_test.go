package mnist

import (
	"bytes"
	"math"
	"math/big"
	"testing"
)

// TestResizeGolden compares with torchvision's results, byte by byte.
func TestResizeGolden(t *testing.T) {
	in := &Set{Rows: 28, Cols: 28, Pixels: readNPY(t, "testdata/resize_in_u8.npy", "4, 28, 28")}
	want := readNPY(t, "testdata/resize_out_u8.npy", "4, 32, 32")
	got, err := in.Resize(32, 32)
	if err != nil {
		t.Fatal(err)
	}
	if got.Len() != 4 || !bytes.Equal(got.Pixels, want) {
		t.Error("resized images differ from the golden ones")
	}
	if !bytes.Equal(in.Pixels, test10k(t).Pixels[:4*28*28]) {
		t.Error("golden input is not test images 0 to 3")
	}
}

// TestResize10k compares all test images with the textbook formula. It is
// exact in float64: the weights are multiples of 1/16.
func TestResize10k(t *testing.T) {
	s := test10k(t)
	got, err := s.Resize(32, 32)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Labels, s.Labels) || &got.Labels[0] == &s.Labels[0] {
		t.Error("labels are no copy of the set's")
	}
	var lo, hi [32]int
	var weight [32]float64
	for o := range 32 {
		position := min(max(0.875*(float64(o)+0.5)-0.5, 0), 27)
		lo[o] = int(position)
		hi[o] = min(lo[o]+1, 27)
		weight[o] = position - float64(lo[o])
	}
	for i := range s.Len() {
		from, to := s.Image(i), got.Image(i)
		at := func(r, c int) float64 { return float64(from[r*28+c]) }
		for r := range 32 {
			wr := weight[r]
			for c := range 32 {
				wc := weight[c]
				above := (1-wc)*at(lo[r], lo[c]) + wc*at(lo[r], hi[c])
				below := (1-wc)*at(hi[r], lo[c]) + wc*at(hi[r], hi[c])
				want := uint8(math.RoundToEven((1-wr)*above + wr*below))
				if to[r*32+c] != want {
					t.Fatalf("image %d, row %d, column %d: got %d, want %d", i, r, c, to[r*32+c], want)
				}
			}
		}
	}
}

// TestResizeSizes compares with rational arithmetic, for many pairs of sizes.
func TestResizeSizes(t *testing.T) {
	largest := 7
	if *slow {
		largest = 24
	}
	for a := 1; a <= largest; a++ {
		for b := 1; b <= largest; b++ {
			checkResize(t, a, b, b, a)
		}
	}
	checkResize(t, 1, 2, 1, MaxSide)
	checkResize(t, 2, 1, MaxSide, 1)
	checkResize(t, 1, MaxSide, 2, 3)
}

func checkResize(t *testing.T, inRows, inCols, rows, cols int) {
	t.Helper()
	s := &Set{Rows: inRows, Cols: inCols, Pixels: noise(inRows * inCols)}
	got, err := s.Resize(rows, cols)
	if err != nil {
		t.Fatal(err)
	}
	for r := range rows {
		for c := range cols {
			if want := rationalPixel(s, rows, cols, r, c); got.Pixels[r*cols+c] != want {
				t.Fatalf("%dx%d to %dx%d, row %d, column %d: got %d, want %d",
					inRows, inCols, rows, cols, r, c, got.Pixels[r*cols+c], want)
			}
		}
	}
}

// noise returns n bytes without a pattern, 0 and 255 among them often.
func noise(n int) []uint8 {
	out := make([]uint8, n)
	state := uint32(n)
	for i := range out {
		state = state*1664525 + 1013904223
		out[i] = uint8(min(max(int(state>>23)-128, 0), 255))
	}
	return out
}

// rationalPixel returns one pixel of the first image of s, resized.
func rationalPixel(s *Set, rows, cols, r, c int) uint8 {
	r0, r1, wr := rationalTap(s.Rows, rows, r)
	c0, c1, wc := rationalTap(s.Cols, cols, c)
	at := func(r, c int) *big.Rat { return big.NewRat(int64(s.Pixels[r*s.Cols+c]), 1) }
	value := mix(mix(at(r0, c0), at(r0, c1), wc), mix(at(r1, c0), at(r1, c1), wc), wr)

	// The nearest integer is floor(value + ½), less 1 if that tie went to odd.
	value.Add(value, big.NewRat(1, 2))
	rounded := new(big.Int).Div(value.Num(), value.Denom()).Int64()
	if value.IsInt() && rounded%2 == 1 {
		rounded--
	}
	return uint8(rounded)
}

// rationalTap returns the two neighbours of output cell o and how far it lies
// from the first.
func rationalTap(in, out, o int) (lo, hi int, weight *big.Rat) {
	position := big.NewRat(int64(2*o+1), 2)
	position.Mul(position, big.NewRat(int64(in), int64(out)))
	position.Sub(position, big.NewRat(1, 2))
	if position.Sign() < 0 {
		position.SetInt64(0)
	}
	if edge := big.NewRat(int64(in-1), 1); position.Cmp(edge) > 0 {
		position = edge
	}
	lo = int(new(big.Int).Div(position.Num(), position.Denom()).Int64())
	return lo, min(lo+1, in-1), position.Sub(position, big.NewRat(int64(lo), 1))
}

// mix returns a + (b-a)*weight.
func mix(a, b, weight *big.Rat) *big.Rat {
	part := new(big.Rat).Sub(b, a)
	return part.Mul(part, weight).Add(part, a)
}

func BenchmarkResize(b *testing.B) {
	s, err := test10k(b).Slice(0, 1000)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(1000 * 32 * 32)
	for b.Loop() {
		if _, err := s.Resize(32, 32); err != nil {
			b.Fatal(err)
		}
	}
}
