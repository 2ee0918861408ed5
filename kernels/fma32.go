package kernels

import "math"

const (
	float64SignMask = 1 << 63
	// float32MinNormal is the bit pattern, as a float64, of 2**-126, the
	// smallest normal float32.
	float32MinNormal = (1023 - 126) << 52
	// A float64 that lies half-way between two neighbouring normal float32
	// has exactly this in the 29 bits that the conversion drops.
	droppedBits = 1<<29 - 1
	halfway     = 1 << 28
)

// fma32 returns a*b + c rounded once to float32, as VFMADD231PS does.
//
// The product of two float32 is exact in float64, so s = a*b + c carries one
// rounding, to 53 bits. Converting s to float32 rounds again, which changes
// the result only if s lies half-way between two float32 (the first rounding
// may have hidden on which side the exact sum lies), or if the result is
// subnormal, where the half-way points are elsewhere.
func fma32(a, b, c float32) float32 {
	p := float64(a) * float64(b)
	s := p + float64(c)
	if needsCare(s) != 0 {
		return roundOdd(p, float64(c), s)
	}
	return float32(s)
}

// needsCare returns 1 if the conversion of s to float32 may round twice, else
// 0, without branches, so that a group of eight pays for one test only.
func needsCare(s float64) uint64 {
	b := math.Float64bits(s)
	m := b &^ float64SignMask
	isHalfway := ((b & droppedBits) ^ halfway) - 1
	isSmall := (m - float32MinNormal) &^ (m - 1) // small, and not an exact zero
	return (isHalfway | isSmall) >> 63
}

// roundOdd converts the exact sum p+c, of which s is the float64 rounding, to
// float32 with one rounding. It replaces s by the neighbour with an odd last
// bit on the exact sum's side; 53 bits rounded to odd hold enough to round
// correctly to any shorter format (Boldo and Melquiond, "Emulation of a FMA
// and correctly rounded sums: proved algorithms using rounding to odd", 2008).
func roundOdd(p, c, s float64) float32 {
	// Knuth's TwoSum: s + e is exactly p + c.
	v := s - p
	e := (p - (s - v)) + (c - v)
	b := math.Float64bits(s)
	if e != 0 && b&1 == 0 && !math.IsInf(s, 0) {
		if (e > 0) == (s > 0) {
			b++
		} else {
			b--
		}
	}
	return float32(math.Float64frombits(b))
}

// fma8 is acc[i] = fma32(x[i], y[i], acc[i]) for eight lanes, with one test for
// the rare careful rounding.
func fma8(acc, x, y *[8]float32) {
	var p, s [8]float64
	var care uint64
	for i := range acc {
		p[i] = float64(x[i]) * float64(y[i])
		s[i] = p[i] + float64(acc[i])
		care |= needsCare(s[i])
	}
	if care != 0 {
		for i := range acc {
			acc[i] = fma32(x[i], y[i], acc[i])
		}
		return
	}
	for i := range acc {
		acc[i] = float32(s[i])
	}
}

// splat returns eight lanes of v.
func splat(v float32) *[8]float32 {
	return &[8]float32{v, v, v, v, v, v, v, v}
}
