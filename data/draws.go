package data

// draws is a sequence of random numbers for one image: SplitMix64 (Steele, Lea and
// Flood, "Fast Splittable Pseudorandom Number Generators", 2014), begun at a
// place that seed, epoch and index are mixed into. To begin one costs a few
// multiplications, where layer.Stream, which is for long sequences, sets up a cipher
// on the heap.
type draws struct{ state uint64 }

// golden is the step of the generator: 2**64 over the golden ratio, odd.
const golden = 0x9e3779b97f4a7c15

func newDraws(seed, epoch, index uint64) draws {
	return draws{mix(mix(mix(seed+golden)^epoch) ^ index)}
}

// mix is a bijection in which every bit of z changes about half of the result's
// (Stafford's variant 13 of MurmurHash3's finaliser).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (d *draws) next() uint64 {
	d.state += golden
	return mix(d.state)
}

// within returns a number from -limit to limit.
func (d *draws) within(limit float64) float64 {
	return float64(limit * float64(int64(d.next())>>11) / (1 << 52))
}
