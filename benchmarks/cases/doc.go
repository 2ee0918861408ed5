// Package cases lists what lanes and its peers are measured on. The Go
// benchmarks, the programs in benchmarks/peers and their tables all read it
// here, so that they speak of the same shapes by the same names.
//
// A measurement's name is a case's key, which implementation it is of and on
// how many cores it ran:
//
//	op=conv2d/pass=fwd/shape=lenet2/batch=32/impl=onednn/workers=1
package cases

import "fmt"

// Case is one thing to measure.
type Case interface {
	// Key is the case's part of the name of a measurement.
	Key() string

	// Numbers is what a program has to know of the case beyond its key.
	Numbers() []int
}

// All returns the cases that are measured on a number of cores: all of them on
// one; on more, what is worth dividing.
func All(workers int) []Case {
	var all []Case
	for _, c := range Convs() {
		all = append(all, c)
	}
	for _, p := range Products() {
		if workers == 1 || p.FLOPs() > 10e6 {
			all = append(all, p)
		}
	}
	if workers == 1 {
		for _, m := range Elementwises() {
			all = append(all, m)
		}
	}
	return all
}

// Keys returns the keys of all that is measured on a number of cores: of [All],
// of products as users of gonum compute them, and of networks.
func Keys(workers int) (keys []string) {
	for _, c := range All(workers) {
		keys = append(keys, c.Key())
	}
	for _, p := range Blas32() {
		keys = append(keys, p.Blas32Key())
	}
	return append(keys, Networks(workers)...)
}

// Name is the name of a measurement.
func Name(key, impl string, workers int) string {
	return fmt.Sprintf("%s/impl=%s/workers=%d", key, impl, workers)
}
