package kernels

import (
	"encoding/binary"
	"math"

	"github.com/simdlanes/lanes/internal/splitmix"
)

// values is where operands come from.
type values interface {
	float() float32
	below(n int) int // an integer in [0, n)
}

// random is a sequence of random numbers: tests spend most of their time on
// drawing operands.
type random struct{ splitmix.Source }

func newRandom(seed uint64) *random { return &random{splitmix.Source(seed)} }

func (r *random) uint32() uint32 { return uint32(r.Next() >> 32) }

// below returns an integer in [0, n), nearly uniform.
func (r *random) below(n int) int { return int(uint64(r.uint32()) * uint64(n) >> 32) }

// A mixture is a distribution of float32.
type mixture struct {
	name string
	draw func(r *random) float32
}

// mixtures are what operands are drawn from. Most give results that are
// numbers: a NaN everywhere would hide any other difference.
var mixtures = []mixture{
	{"ordinary", ordinary},
	{"special 1/64", sprinkled(64)},
	{"halfway", halves},
	{"few", few},
	{"special 1/4", sprinkled(4)},
	{"any", func(r *random) float32 { return math.Float32frombits(r.uint32()) }},
}

// ordinary draws numbers of either sign between 1/16 and 16.
func ordinary(r *random) float32 {
	u := r.uint32()
	return math.Float32frombits(u&0x807fffff | (123+u>>23&7)<<23)
}

// specials are the numbers at which kernels branch, round or overflow.
var specials = func() (s []float32) {
	for _, v := range []float32{
		0, 1, 1 + 0x1p-23, 1 - 0x1p-24, 2, 3,
		0x1p-149, 0x1p-126 - 0x1p-149, 0x1p-126, 0x1p-75, 0x1p-63, // subnormal, or with subnormal products
		0x1p23, 0x1p24 + 2, 0x1p63, 0x1p64, 0x1p127, math.MaxFloat32, // without fraction, or with overflowing products
		expMax, expMax + 0x1p-17, 88.5, expMin, expMin + 0x1p-17, -103.5, ln2Hi,
		sqrtHalf, sqrtHalf + 0x1p-24, tanhSmall, tanhSmall - 0x1p-24, 9,
		float32(math.Inf(1)), quietNaN, math.Float32frombits(0x7f800001), // the last one signals
	} {
		s = append(s, v, -v)
	}
	return s
}()

// sprinkled draws one special number among n ordinary ones.
func sprinkled(n int) func(r *random) float32 {
	return func(r *random) float32 {
		if r.below(n) == 0 {
			return specials[r.below(len(specials))]
		}
		return ordinary(r)
	}
}

// halves draws numbers of 13 significant bits, whose products lie half-way
// between two float32, and tiny ones, which then decide the rounding.
func halves(r *random) float32 {
	u := r.uint32()
	tiny := (u >> 29 & 1) * (u >> 30 & 1) * 64
	return math.Float32frombits(u&0x807ff000 | 1<<11 | (125+u>>23&3-tiny)<<23)
}

// few draws from the integers -2 to 2 and -0, so that there are many ties.
func few(r *random) float32 {
	return [...]float32{-2, -1, negativeZero, 0, 1, 2}[r.below(6)]
}

var (
	quietNaN     = float32(math.NaN())
	negativeZero = math.Float32frombits(signBit)
)

// randomValues draws from a mixture.
type randomValues struct {
	*random
	draw func(r *random) float32
}

func (v randomValues) float() float32 { return v.draw(v.random) }

// byteValues takes bits from a byte string, over and over: a fuzzer's input.
type byteValues struct {
	data []byte
	next int
}

func (v *byteValues) take(n int) uint32 {
	var b [4]byte
	if len(v.data) > 0 {
		for i := range n {
			b[i] = v.data[v.next%len(v.data)]
			v.next++
		}
	}
	return binary.LittleEndian.Uint32(b[:])
}

func (v *byteValues) float() float32  { return math.Float32frombits(v.take(4)) }
func (v *byteValues) below(n int) int { return int(v.take(2)) % n }
