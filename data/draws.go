package data

import "github.com/simdlanes/lanes/internal/splitmix"

// draws is a sequence of random numbers for one image, begun at a place that
// seed, epoch and index are mixed into.
type draws struct{ splitmix.Source }

func newDraws(seed, epoch, index uint64) draws {
	return draws{splitmix.Source(splitmix.Mix(splitmix.Mix(splitmix.Hash(seed)^epoch) ^ index))}
}

// within returns a number from -limit to limit.
func (d *draws) within(limit float64) float64 {
	return float64(limit * float64(int64(d.Next())>>11) / (1 << 52))
}
