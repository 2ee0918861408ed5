// Package splitmix is the generator SplitMix64 (Steele, Lea and Flood, "Fast
// Splittable Pseudorandom Number Generators", 2014). To begin a sequence costs
// nothing, where layer.Stream, which is for long sequences, sets up a cipher on the
// heap. Its numbers are part of the bits that the module promises within a release.
package splitmix

// golden is the step of the generator: 2**64 over the golden ratio, odd.
const golden = 0x9e3779b97f4a7c15

// Mix is a bijection in which every bit of z changes about half of the result's
// (Stafford's variant 13 of MurmurHash3's finaliser). Mix(0) is 0.
func Mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Hash is the first number of the sequence that begins at x.
func Hash(x uint64) uint64 { return Mix(x + golden) }

// A Source is a sequence of random numbers; its value is where that begins.
type Source uint64

// Next returns the next number.
func (s *Source) Next() uint64 {
	*s += golden
	return Mix(uint64(*s))
}
