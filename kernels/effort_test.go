package kernels

import (
	"flag"
	"testing"
)

var slow = flag.Bool("slow", false, "run the slow sweeps")

// An effort says how much the sweeps of this package's tests do.
type effort struct {
	settings int    // settings of the other dimensions for each size of a swept one
	work     int    // multiply-adds in one setting
	also     int    // shapes of the operation's own, at most
	shapes   int    // random shapes for each operation
	fmaCases int    // random cases for fma32
	mathStep uint32 // distance of the float32 patterns that functions of one number are tried on

	portableStep int // distance of those on which the portable function is compared with the active one
	sweepStep    int // distance of the sizes of a swept dimension
}

// level returns the effort that the flags ask for. The race detector makes
// portable kernels many times slower, so it counts as -short.
func level() effort {
	switch {
	case *slow:
		return effort{settings: 5, work: 200e3, also: 99, shapes: 1000, fmaCases: 20e6, mathStep: 1, portableStep: 16, sweepStep: 1}
	case testing.Short() || raceEnabled:
		return effort{settings: 1, work: 5e3, also: 4, shapes: 20, fmaCases: 20e3, mathStep: 40993, portableStep: 1, sweepStep: 3}
	}
	return effort{settings: 4, work: 10e3, also: 99, shapes: 100, fmaCases: 200e3, mathStep: 4099, portableStep: 1, sweepStep: 1}
}
